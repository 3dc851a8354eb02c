"""What is used of libpri (libpri.h)."""

from libc.time cimport time_t


cdef extern from "<sys/time.h>" nogil:
    struct timeval:
        time_t tv_sec
        long tv_usec


cdef extern from "libpri.h" nogil:
    enum:
        PRI_NETWORK
        PRI_CPE
        PRI_SWITCH_EUROISDN_E1
        PRI_SWITCH_QSIG
        PRI_DEBUG_Q921_STATE
        PRI_DEBUG_Q931_DUMP
        PRI_EVENT_DCHAN_UP
        PRI_EVENT_DCHAN_DOWN
        PRI_EVENT_RESTART
        PRI_EVENT_CONFIG_ERR
        PRI_EVENT_RING
        PRI_EVENT_HANGUP
        PRI_EVENT_RINGING
        PRI_EVENT_ANSWER
        PRI_EVENT_HANGUP_ACK
        PRI_EVENT_RESTART_ACK
        PRI_EVENT_INFO_RECEIVED
        PRI_EVENT_PROCEEDING
        PRI_EVENT_SETUP_ACK
        PRI_EVENT_HANGUP_REQ
        PRI_EVENT_PROGRESS
        PRI_EVENT_KEYPAD_DIGIT
        PRI_EVENT_FACILITY
        PRI_SUBCMD_TRANSFER_CALL
        PRI_PROG_INBAND_AVAILABLE
        PRI_PROG_CALL_NOT_E2E_ISDN
        PRI_PROG_CALLED_NOT_ISDN
        PRI_PRES_RESTRICTION
        PRI_PRES_NUMBER_TYPE
        PRI_NPI_UNKNOWN
        PRI_NPI_E163_E164
        PRI_NPI_PRIVATE
        PRI_CHAR_SET_ISO8859_1
        PRI_CHAR_SET_ISO10646_BMPSTRING
        PRI_CHAR_SET_ISO10646_UTF_8STRING
        PRI_TRANS_CAP_SPEECH
        PRI_TRANS_CAP_3_1K_AUDIO
        PRI_LAYER_1_ALAW
        PRI_TIMER_T309
        PRI_TIMER_T316
    struct pri
    struct pri_sr
    struct q931_call
    struct pri_party_name:
        int valid
        int presentation
        int char_set
        char str[64]
    struct pri_party_number:
        int valid
        int presentation
        int plan
        char str[64]
    struct pri_party_id:
        pri_party_name name
        pri_party_number number
    struct pri_event_error:
        char err[256]
    struct pri_event_restart:
        int channel
    struct pri_event_ringing:
        int channel
        int progressmask
        q931_call *call
    struct pri_event_ring:
        int channel
        char callednum[256]
        int calledplan
        char redirectingnum[256]
        int flexible
        int ctype
        int complete
        q931_call *call
        int progressmask
        pri_party_id calling
    struct pri_event_hangup:
        int cause
        q931_call *call
    struct pri_event_proceeding:
        int channel
        int progressmask
        int cause
        q931_call *call
    struct pri_event_setup_ack:
        int channel
        q931_call *call
        int progressmask
    struct pri_event_keypad_digit:
        q931_call *call
        char digits[64]
    struct pri_subcmd_transfer:
        q931_call *call_1
        q931_call *call_2
        int invoke_id
    union pri_subcommand_of:
        pri_subcmd_transfer transfer
    struct pri_subcommand:
        int cmd
        pri_subcommand_of u
    struct pri_subcommands:
        int counter_subcmd
        pri_subcommand subcmd[8]
    struct pri_event_facility:
        pri_subcommands *subcmds
    ctypedef union pri_event:
        int e
        pri_event_error err
        pri_event_restart restart
        pri_event_ring ring
        pri_event_hangup hangup
        pri_event_ringing ringing
        pri_event_ringing answer
        pri_event_proceeding proceeding
        pri_event_setup_ack setup_ack
        pri_event_keypad_digit digit
        pri_event_facility facility
    ctypedef int (*pri_io_cb)(pri *, void *, int) noexcept

    pri *pri_new_cb(int fd, int node, int switch, pri_io_cb read, pri_io_cb write, void *userdata)
    void *pri_get_userdata(pri *)
    void pri_set_userdata(pri *, void *)
    void pri_set_debug(pri *, int)
    void pri_set_message(void (*)(pri *, char *) noexcept)
    void pri_set_error(void (*)(pri *, char *) noexcept)
    void pri_set_overlapdial(pri *, int)
    void pri_hangup_fix_enable(pri *, int)
    void pri_facility_enable(pri *)
    void pri_transfer_enable(pri *, int)
    int pri_set_timer(pri *, int timer, int value)
    pri_event *pri_check_event(pri *)
    pri_event *pri_schedule_run(pri *)
    timeval *pri_schedule_next(pri *)
    q931_call *pri_new_call(pri *)
    void pri_destroycall(pri *, q931_call *)
    pri_sr *pri_sr_new()
    void pri_sr_free(pri_sr *)
    int pri_sr_set_channel(pri_sr *, int channel, int exclusive, int nonisdn)
    int pri_sr_set_bearer(pri_sr *, int transmode, int userl1)
    int pri_sr_set_called(pri_sr *, char *, int plan, int complete)
    void pri_sr_set_caller_party(pri_sr *, const pri_party_id *)
    int pri_sr_set_redirecting(pri_sr *, char *, int plan, int presentation, int reason)
    int pri_setup(pri *, q931_call *, pri_sr *)
    int pri_setup_ack(pri *, q931_call *, int channel, int nonisdn, int inband)
    int pri_proceeding(pri *, q931_call *, int channel, int info)
    int pri_progress(pri *, q931_call *, int channel, int info)
    int pri_progress_with_cause(pri *, q931_call *, int channel, int info, int cause)
    int pri_acknowledge(pri *, q931_call *, int channel, int info)
    int pri_answer(pri *, q931_call *, int channel, int nonisdn)
    int pri_information(pri *, q931_call *, char digit)
    int pri_hangup(pri *, q931_call *, int cause)
    int pri_reset(pri *, int channel)
    int pri_get_crv(pri *, q931_call *, int *callmode)
    int pri_transfer_rsp(pri *, q931_call *, int invoke_id, int is_successful)
    int pri_mwi_activate(
        pri *, q931_call *, char *caller, int callerplan, char *callername, int callerpres, char *called,
        int calledplan)
    int pri_mwi_deactivate(
        pri *, q931_call *, char *caller, int callerplan, char *callername, int callerpres, char *called,
        int calledplan)
