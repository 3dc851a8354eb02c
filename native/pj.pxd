# What of pjproject 2.17 the media core uses: the conference bridge through pjsua, ports, pools, threads and the log.

from libc.stdint cimport int16_t, uint32_t, uint64_t


cdef extern from "pjsua-lib/pjsua.h" nogil:
    ctypedef int pj_status_t
    ctypedef int pjsua_conf_port_id
    ctypedef long pj_thread_desc[64]

    int PJ_SUCCESS
    int PJ_EEXISTS
    int PJ_EINVAL
    int PJ_ERR_MSG_SIZE

    ctypedef struct pj_str_t:
        char* ptr
        long slen

    ctypedef struct pj_pool_t:
        pass

    ctypedef struct pj_thread_t:
        pass

    ctypedef struct pj_ioqueue_t:
        pass

    ctypedef struct pj_time_val:
        long sec
        long msec

    ctypedef union pj_timestamp:
        uint64_t u64

    ctypedef enum pjmedia_frame_type:
        PJMEDIA_FRAME_TYPE_NONE
        PJMEDIA_FRAME_TYPE_AUDIO

    ctypedef struct pjmedia_frame:
        pjmedia_frame_type type
        void* buf
        size_t size
        pj_timestamp timestamp
        uint32_t bit_info

    ctypedef struct pjmedia_port_info:
        pass

    ctypedef struct pjmedia_port:
        pjmedia_port_info info
        pj_status_t (*put_frame)(pjmedia_port* port, pjmedia_frame* frame) noexcept nogil
        pj_status_t (*get_frame)(pjmedia_port* port, pjmedia_frame* frame) noexcept nogil
        pj_status_t (*on_destroy)(pjmedia_port* port) noexcept nogil

    ctypedef enum pjmedia_conf_op_type:
        PJMEDIA_CONF_OP_REMOVE_PORT
        PJMEDIA_CONF_OP_CONNECT_PORTS

    ctypedef struct pjmedia_conf_op_remove:
        unsigned port

    ctypedef struct pjmedia_conf_op_connect:
        unsigned src
        unsigned sink

    ctypedef union pjmedia_conf_op_param:
        pjmedia_conf_op_remove remove_port
        pjmedia_conf_op_connect connect_ports

    ctypedef struct pjmedia_conf_op_info:
        pjmedia_conf_op_type op_type
        pj_status_t status
        pjmedia_conf_op_param op_param

    ctypedef void (*pjmedia_conf_op_cb)(const pjmedia_conf_op_info* info) noexcept nogil
    ctypedef void pj_log_func(int level, const char* text, int length) noexcept nogil

    pj_str_t pj_str(char* text)
    pj_str_t pj_strerror(pj_status_t status, char* buffer, size_t size)
    void* pj_pool_zalloc(pj_pool_t* pool, size_t size)
    void pj_pool_release(pj_pool_t* pool)
    int pj_thread_is_registered()
    pj_status_t pj_thread_register(const char* name, long* description, pj_thread_t** thread)
    int pj_ioqueue_poll(pj_ioqueue_t* queue, const pj_time_val* longest)
    pj_log_func* pj_log_get_log_func()
    void pj_log_set_log_func(pj_log_func* function)

    ctypedef struct pjmedia_endpt:
        pass

    ctypedef struct pjmedia_conf:
        pass

    ctypedef struct pjmedia_conf_port_info:
        unsigned signature

    ctypedef struct pjsua_on_stream_created_param:
        pjmedia_port* port

    unsigned PJMEDIA_RESAMPLE_DONT_DESTROY_DN

    unsigned PJMEDIA_PIA_SRATE(pjmedia_port_info* info)
    unsigned PJMEDIA_PIA_CCNT(pjmedia_port_info* info)
    unsigned PJMEDIA_PIA_SPF(pjmedia_port_info* info)
    pj_status_t pjmedia_port_info_init(
        pjmedia_port_info* info, const pj_str_t* name, unsigned signature, unsigned clock_rate, unsigned channel_count,
        unsigned bits_per_sample, unsigned samples_per_frame)
    pj_status_t pjmedia_port_get_frame(pjmedia_port* port, pjmedia_frame* frame)
    pj_status_t pjmedia_port_put_frame(pjmedia_port* port, pjmedia_frame* frame)
    pj_status_t pjmedia_port_init_grp_lock(pjmedia_port* port, pj_pool_t* pool, void* lock)
    pj_status_t pjmedia_port_add_ref(pjmedia_port* port)
    pj_status_t pjmedia_port_dec_ref(pjmedia_port* port)
    pj_status_t pjmedia_port_destroy(pjmedia_port* port)
    pj_status_t pjmedia_resample_port_create(
        pj_pool_t* pool, pjmedia_port* downstream, unsigned clock_rate, unsigned options, pjmedia_port** port)
    pj_status_t pjmedia_conf_get_port_info(pjmedia_conf* bridge, unsigned slot, pjmedia_conf_port_info* info)

    pj_ioqueue_t* pjmedia_endpt_get_ioqueue(pjmedia_endpt* endpoint)
    pj_status_t pjmedia_endpt_stop_threads(pjmedia_endpt* endpoint)

    int PJSUA_STATE_RUNNING
    int pjsua_get_state()
    pjmedia_endpt* pjsua_get_pjmedia_endpt()
    pj_pool_t* pjsua_pool_create(const char* name, size_t initial, size_t increment)
    pjmedia_port* pjsua_set_no_snd_dev()
    unsigned pjsua_conf_get_max_ports()
    pj_status_t pjsua_conf_add_port(pj_pool_t* pool, pjmedia_port* port, pjsua_conf_port_id* slot)
    pj_status_t pjsua_conf_remove_port(pjsua_conf_port_id slot)
    pj_status_t pjsua_conf_connect(pjsua_conf_port_id source, pjsua_conf_port_id sink)
    pj_status_t pjsua_conf_disconnect(pjsua_conf_port_id source, pjsua_conf_port_id sink)


cdef extern from *:
    """
    /* libpjsua has it, its header does not. */
    pj_status_t pjsua_conf_set_op_cb(pjmedia_conf_op_cb callback);
    """
    pj_status_t pjsua_conf_set_op_cb(pjmedia_conf_op_cb callback) nogil


ctypedef void (*stream_created_function)(int call_id, pjsua_on_stream_created_param* created) noexcept nogil


# pjsua takes its callbacks once, from pjsua2, which hands none of the media ones on without Python; they are changed
# where it keeps them. The layout is that of the libraries: same header, same config_site.h.
cdef extern from "pjsua-lib/pjsua_internal.h" nogil:
    ctypedef struct pjsua_callback:
        stream_created_function on_stream_created2

    ctypedef struct pjsua_config:
        pjsua_callback cb

    struct pjsua_data:
        pjsua_config ua_cfg
        pjmedia_conf* mconf

    pjsua_data pjsua_var
