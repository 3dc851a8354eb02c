"""What the gateway's event loop needs of pjsip and pjsua2 does not give, or gives at a high price.

Its epoll handle; a guard at the door; what a call has come to in a few words, where pjsua2 copies all that is known.

The guard stands before pjsip's own layers. A request from anyone but the edge is dropped unanswered; of the edge's,
only the methods a telephone call is made of go on (unasked, pjsua would accept strangers' messages and subscriptions).
INFO and REFER within a call are answered by the guard itself and kept for `asked()`: pjsua knows only one of the two
kinds of digit INFO and never answers the other, and it would carry out a REFER by dialling where the party points.
OPTIONS within a call asks whether the call is still there; pjsip would answer 500 either way.
"""

cdef extern from *:
    """
    #include <pjsua-lib/pjsua.h>
    #include <pjsua-lib/pjsua_internal.h>

    #define BH_DOORS 8
    #define BH_NAME 40
    #define BH_ASKED 256                         /* taken by the loop after each batch of packets, so never near full */

    static struct { char host[PJ_INET6_ADDRSTRLEN]; int port; } bh_doors[BH_DOORS];      /* port 0: any */
    static int bh_door_count;
    static struct bh_request { int call; unsigned dialog; int cseq; char method[8]; char type[40]; char text[512]; } bh_asked[BH_ASKED];
    static unsigned bh_asked_head, bh_asked_tail;
    static unsigned long bh_strangers, bh_refused;

    static void bh_answer(pjsip_rx_data *rdata, int code)
    {
        pjsip_hdr headers;
        pj_list_init(&headers);
        if (code == PJSIP_SC_METHOD_NOT_ALLOWED) {                                       /* RFC 3261 21.4.6 */
            pj_str_t name = pj_str("Allow");
            pj_str_t value = pj_str("INVITE, ACK, CANCEL, OPTIONS, BYE, UPDATE, INFO, REFER, NOTIFY, PRACK");
            pj_list_push_back(&headers, pjsip_generic_string_hdr_create(rdata->tp_info.pool, &name, &value));
        }
        if (code >= 300)
            bh_refused++;
        pjsip_endpt_respond_stateless(pjsua_get_pjsip_endpt(), rdata, code, NULL, &headers, NULL);
    }

    static pj_bool_t bh_is(const pj_str_t *method, const char **names, int count)
    {
        for (int i = 0; i < count; i++)
            if (pj_strcmp2(method, names[i]) == 0)
                return PJ_TRUE;
        return PJ_FALSE;
    }

    static void bh_copy(char *to, size_t room, const char *from, pj_ssize_t length)
    {
        size_t taken = length < 0 ? 0 : (size_t)length < room - 1 ? (size_t)length : room - 1;
        memcpy(to, from, taken);
        to[taken] = 0;
    }

    static pjsua_call *bh_call(pjsip_rx_data *rdata)
    {
        pjsip_dialog *dialog = pjsip_ua_find_dialog(&rdata->msg_info.cid->id, &rdata->msg_info.to->tag,
                                                    &rdata->msg_info.from->tag, PJ_FALSE);
        pjsua_call *call = dialog ? (pjsua_call*)dialog->mod_data[pjsua_var.mod.id] : NULL;
        return call && call->inv && call->inv->dlg == dialog ? call : NULL;    /* a dialog outlives its call by seconds */
    }

    /* Keeps what the party asks for and returns the status to answer with. */
    static int bh_ask(pjsip_rx_data *rdata)
    {
        pjsip_msg *msg = rdata->msg_info.msg;
        const pj_str_t *method = &msg->line.req.method.name;
        struct bh_request *kept = &bh_asked[bh_asked_head % BH_ASKED];
        pjsua_call *call = bh_call(rdata);
        unsigned dialog = pj_hash_calc(0, rdata->msg_info.cid->id.ptr, (unsigned)rdata->msg_info.cid->id.slen);

        if (!call)
            return PJSIP_SC_CALL_TSX_DOES_NOT_EXIST;
        if (bh_asked_head - bh_asked_tail == BH_ASKED)
            return PJSIP_SC_SERVICE_UNAVAILABLE;
        for (unsigned i = 0; i < BH_ASKED; i++)                                           /* a retransmission */
            if (bh_asked[i].call == (int)call->index && bh_asked[i].dialog == dialog &&      /* indexes are used again */
                bh_asked[i].cseq == rdata->msg_info.cseq->cseq &&
                pj_strcmp2(method, bh_asked[i].method) == 0)
                return pj_strcmp2(method, "REFER") == 0 ? PJSIP_SC_ACCEPTED : PJSIP_SC_OK;
        kept->type[0] = 0;
        if (pj_strcmp2(method, "REFER") == 0) {
            pj_str_t name = pj_str("Refer-To"), compact = pj_str("r");
            pjsip_generic_string_hdr *to = (pjsip_generic_string_hdr*)
                pjsip_msg_find_hdr_by_names(msg, &name, &compact, NULL);
            if (!to || to->hvalue.slen >= (pj_ssize_t)sizeof(kept->text))  /* part of a Replaces would be another one */
                return PJSIP_SC_BAD_REQUEST;
            bh_copy(kept->text, sizeof(kept->text), to->hvalue.ptr, to->hvalue.slen);
        } else if (!msg->body || msg->body->len == 0) {
            return PJSIP_SC_OK;                              /* RFC 6086 4.2.2: nothing but a sign of life */
        } else {
            const pj_str_t *subtype = &msg->body->content_type.subtype;
            if (pj_stricmp2(&msg->body->content_type.type, "application") != 0 ||
                (pj_stricmp2(subtype, "dtmf") != 0 && pj_stricmp2(subtype, "dtmf-relay") != 0))
                return PJSIP_SC_UNSUPPORTED_MEDIA_TYPE;
            bh_copy(kept->type, sizeof(kept->type), subtype->ptr, subtype->slen);
            bh_copy(kept->text, sizeof(kept->text), (const char*)msg->body->data, msg->body->len);
        }
        kept->call = call->index;
        kept->dialog = dialog;
        kept->cseq = rdata->msg_info.cseq->cseq;
        bh_copy(kept->method, sizeof(kept->method), method->ptr, method->slen);
        bh_asked_head++;
        return pj_strcmp2(method, "REFER") == 0 ? PJSIP_SC_ACCEPTED : PJSIP_SC_OK;
    }

    static pj_bool_t bh_guard_request(pjsip_rx_data *rdata)
    {
        static const char *anywhere[] = {"INVITE", "ACK", "CANCEL", "OPTIONS", "BYE"};
        static const char *in_dialog[] = {"UPDATE", "NOTIFY", "PRACK"};
        static const char *ours[] = {"INFO", "REFER"};
        const pj_str_t *method = &rdata->msg_info.msg->line.req.method.name;
        int i;

        for (i = 0; i < bh_door_count; i++)
            if (strcmp(rdata->pkt_info.src_name, bh_doors[i].host) == 0 &&
                (bh_doors[i].port == 0 || bh_doors[i].port == rdata->pkt_info.src_port))
                break;
        if (i == bh_door_count) {
            bh_strangers++;
            return PJ_TRUE;
        }
        if (rdata->msg_info.to->tag.slen && pj_strcmp2(method, "OPTIONS") == 0) {     /* is this call still there? */
            bh_answer(rdata, bh_call(rdata) ? PJSIP_SC_OK : PJSIP_SC_CALL_TSX_DOES_NOT_EXIST);
            return PJ_TRUE;
        }
        if (bh_is(method, anywhere, PJ_ARRAY_SIZE(anywhere)))
            return PJ_FALSE;
        if (rdata->msg_info.to->tag.slen && bh_is(method, in_dialog, PJ_ARRAY_SIZE(in_dialog)))
            return PJ_FALSE;
        bh_answer(rdata, bh_is(method, ours, PJ_ARRAY_SIZE(ours)) ? bh_ask(rdata) : PJSIP_SC_METHOD_NOT_ALLOWED);
        return PJ_TRUE;
    }

    static pjsip_module bh_guard_module = {
        NULL, NULL, {"mod-busyhour-guard", 18}, -1, PJSIP_MOD_PRIORITY_TRANSPORT_LAYER + 1, NULL, NULL, NULL, NULL,
        &bh_guard_request, NULL, NULL, NULL, NULL
    };

    /* What we tell peers of ourselves must not name what the guard refuses. */
    static void bh_disclaim(int type, const char **names, int count)
    {
        pjsip_generic_array_hdr *held = (pjsip_generic_array_hdr*)
            pjsip_endpt_get_capability(pjsua_get_pjsip_endpt(), type, NULL);
        unsigned kept = 0;
        for (unsigned i = 0; held && i < held->count; i++)
            if (!bh_is(&held->values[i], names, count))
                held->values[kept++] = held->values[i];
        if (held)
            held->count = kept;
    }

    /* pjsua takes what a call's media are like from its account, the same for all calls: hence before each call. */
    static void bh_next_media(int account, int srtp, int ipv6)
    {
        pjsua_acc *acc = &pjsua_var.acc[account];
        if (!pjsua_acc_is_valid(account))
            return;
        acc->cfg.use_srtp = (pjmedia_srtp_use)srtp;
        acc->cfg.ipv6_media_use = ipv6 ? PJSUA_IPV6_ENABLED_USE_IPV6_ONLY : PJSUA_IPV6_DISABLED;
        acc->cfg.rtp_cfg.public_addr = pj_str(ipv6 ? "::1" : "127.0.0.1");
    }

    static char bh_names[PJSUA_MAX_ACC][BH_NAME];                                   /* of trunks, by account; "" for none */

    static int bh_name(int account, const char *name)
    {
        if (!pjsua_acc_is_valid(account) || strlen(name) >= BH_NAME)
            return -1;
        strcpy(bh_names[account], name);
        return 0;
    }

    /* The account of the trunk that the edge says a call is from, the first of several; the one pjsua found where none is. */
    static pjsua_acc_id bh_account_of(pjsip_msg *msg, pjsua_acc_id found)
    {
        pj_str_t header = pj_str("X-Busyhour-Source"), name;
        pjsip_generic_string_hdr *source = (pjsip_generic_string_hdr*)pjsip_msg_find_hdr_by_name(msg, &header, NULL);
        if (!source || pj_strncmp2(&source->hvalue, "trunk:", 6) != 0)
            return found;
        for (name.ptr = source->hvalue.ptr + 6, name.slen = 0; name.ptr + name.slen < source->hvalue.ptr + source->hvalue.slen
             && name.ptr[name.slen] != ','; name.slen++);
        for (int i = 0; i < PJSUA_MAX_ACC; i++)
            if (pjsua_acc_is_valid(i) && bh_names[i][0] && pj_strcmp2(&name, bh_names[i]) == 0)
                return i;
        return found;
    }

    /* A call comes in, and its account is found: its media are of the IP version that it offers, else that of its peer. */
    static void bh_found(const pjsip_rx_data *rdata, pjsua_acc_id *account)
    {
        static const char connection[] = "c=IN IP";
        pjsip_msg *msg = rdata->msg_info.msg;
        pj_str_t name = pj_str("X-Busyhour-Peer"), wanted = pj_str((char*)connection), body;
        int ipv6 = 0;
        *account = bh_account_of(msg, *account);
        if (msg->body && msg->body->len) {
            char *found;
            pj_strset(&body, (char*)msg->body->data, msg->body->len);
            found = pj_strstr(&body, &wanted);
            ipv6 = found && found + wanted.slen < body.ptr + body.slen && found[wanted.slen] == '6';
        } else {
            pjsip_generic_string_hdr *peer = (pjsip_generic_string_hdr*)pjsip_msg_find_hdr_by_name(msg, &name, NULL);
            ipv6 = peer && pj_strchr(&peer->hvalue, ':') != NULL;
        }
        bh_next_media(*account, PJMEDIA_SRTP_OPTIONAL, ipv6);
    }

    static int bh_guard_start(void)
    {
        static const char *methods[] = {"MESSAGE", "SUBSCRIBE", "PUBLISH"}, *extensions[] = {"replaces"};
        bh_disclaim(PJSIP_H_ALLOW, methods, PJ_ARRAY_SIZE(methods));
        bh_disclaim(PJSIP_H_SUPPORTED, extensions, PJ_ARRAY_SIZE(extensions));
        for (unsigned i = 0; i < BH_ASKED; i++)
            bh_asked[i].call = -1;
        pjsua_var.ua_cfg.cb.on_acc_find_for_incoming = &bh_found;
        return pjsip_endpt_register_module(pjsua_get_pjsip_endpt(), &bh_guard_module);
    }

    static int bh_guard_admit(const char *host, int port)
    {
        if (bh_door_count == BH_DOORS || strlen(host) >= sizeof(bh_doors[0].host))
            return -1;
        strcpy(bh_doors[bh_door_count].host, host);
        bh_doors[bh_door_count++].port = port;
        return 0;
    }

    static struct bh_request *bh_take(void)
    {
        return bh_asked_tail == bh_asked_head ? NULL : &bh_asked[bh_asked_tail++ % BH_ASKED];
    }

    static int bh_progress(int call, int *status, char *phrase, size_t room)
    {
        pjsua_call_info info;
        if (pjsua_call_get_info(call, &info) != PJ_SUCCESS)
            return -1;
        *status = info.last_status;
        bh_copy(phrase, room, info.last_status_text.ptr, info.last_status_text.slen);
        return info.state;
    }

    static int bh_voice(int call, int *slot, int *active)
    {
        pjsua_call_info info;
        if (pjsua_call_get_info(call, &info) != PJ_SUCCESS)
            return -1;
        for (unsigned i = 0; i < info.media_cnt; i++)
            if (info.media[i].type == PJMEDIA_TYPE_AUDIO) {
                *slot = info.media[i].stream.aud.conf_slot;
                *active = info.media[i].status == PJSUA_CALL_MEDIA_ACTIVE;
                return info.media[i].index;
            }
        return -1;
    }

    static int bh_key_payload(int call, int media)
    {
        pjsua_stream_info info;
        if (pjsua_call_get_stream_info(call, media, &info) != PJ_SUCCESS || info.type != PJMEDIA_TYPE_AUDIO)
            return -1;
        return info.info.aud.tx_event_pt;
    }

    static void bh_next_rtp_port(int account, int port)
    {
        if (pjsua_acc_is_valid(account))
            pjsua_var.acc[account].next_rtp_port = (pj_uint16_t)port;
    }

    static int bh_sip_handle(void)
    {
        pj_oshandle_t handle = pj_ioqueue_get_os_handle(pjsip_endpt_get_ioqueue(pjsua_get_pjsip_endpt()));
        return handle ? *(int*)handle : -1;                      /* of epoll it is where the descriptor is kept */
    }
    """
    struct bh_request:
        int call
        int cseq
        char method[8]
        char type[40]
        char text[512]
    int bh_door_count
    unsigned long bh_strangers
    unsigned long bh_refused
    int bh_guard_start()
    int bh_guard_admit(const char *host, int port)
    bh_request *bh_take()
    int bh_sip_handle()
    int bh_progress(int call, int *status, char *phrase, size_t room)
    int bh_voice(int call, int *slot, int *active)
    int bh_key_payload(int call, int media)
    void bh_next_rtp_port(int account, int port)
    void bh_next_media(int account, int srtp, int ipv6)
    int bh_name(int account, const char *name)
    void pj_log_set_level(int level)


def log_errors_only():
    """Keep pjlib from telling of its start; for the time before pjsua2 is given its log's level."""
    pj_log_set_level(1)


def progress(int call):
    """Return a call's state as pjsip numbers it, -1 when there is no such call; its last status and that one's phrase."""
    cdef char phrase[128]
    cdef int status = 0
    phrase[0] = 0
    state = bh_progress(call, &status, phrase, sizeof(phrase))
    return state, status, phrase.decode("utf-8", "replace")


def voice(int call):
    """Return which of a call's media is the first voice, its slot on the bridge (-1: none), and whether it goes both ways.

    The first is -1 where the call has no voice.
    """
    cdef int slot = -1, active = 0
    index = bh_voice(call, &slot, &active)
    return index, slot, bool(active)


def key_payload(int call, int media):
    """Return the RTP payload type in which the party takes keys (RFC 4733), -1 if it does not, or has no stream."""
    return bh_key_payload(call, media)


def name_trunk(int account, str name):
    """Let calls that the edge says are this trunk's be its account's, and go by its settings; "" for no trunk's.

    Raises ValueError where there is no such account, or the name is longer than 39 bytes.
    """
    if bh_name(account, name.encode()):
        raise ValueError(f"{account}: no account, or {name} is too long")


def sip_handle():
    """Return the descriptor that is readable when pjsip has something to do; pjsua must have been created.

    Raises RuntimeError where pjproject was built without epoll.
    """
    cdef int handle = bh_sip_handle()
    if handle < 0:
        raise RuntimeError("pjproject was built without epoll")
    return handle


def guard(doors):
    """Take requests only from these (address, port) pairs, port 0 meaning any; pjsua must have been created.

    Raises ValueError for more than 8 pairs or an address of more than 45 characters, RuntimeError if pjsip refuses.
    """
    global bh_door_count
    bh_door_count = 0
    for host, port in doors:
        if bh_guard_admit(host.encode(), port):
            raise ValueError(f"{host}:{port}: more than 8 doors, or no address")
    status = bh_guard_start()
    if status:
        raise RuntimeError(f"pjsip took no guard: status {status}")


def next_rtp_port(int account, int port):
    """Let the account's next call try this port first; by itself pjsua tries the next hundred pairs and gives up."""
    bh_next_rtp_port(account, port)


def next_media(int account, int srtp, bint ipv6):
    """Let the account's next call out have media of this pjmedia_srtp_use and IP version.

    A call that comes in has those of its own offer, whatever was said here.
    """
    bh_next_media(account, srtp, ipv6)


def asked():
    """Return what parties asked for within calls since the last time, as (pjsua call index, method, type, text, CSeq).

    INFO has type `dtmf` or `dtmf-relay` and its body as text; REFER has its Refer-To. Both were answered already.
    """
    requests = []
    cdef bh_request *request = bh_take()
    while request != NULL:
        requests.append((request.call, request.method.decode("ascii", "replace"),
                         request.type.decode("ascii", "replace").lower(), request.text.decode("utf-8", "replace"),
                         request.cseq))
        request = bh_take()
    return requests


def turned_away():
    """Return how many requests came from strangers, and how many of the edge's were refused."""
    return bh_strangers, bh_refused
