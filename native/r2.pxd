"""What is used of openr2 (openr2.h), and what stands in for the device it asks with ioctl and read."""


cdef extern from "openr2.h" nogil:
    ctypedef enum openr2_variant_t:
        OR2_VAR_UNKNOWN
    ctypedef enum openr2_log_level_t:
        OR2_LOG_NOTHING
        OR2_LOG_ERROR
        OR2_LOG_WARNING
        OR2_LOG_NOTICE
        OR2_LOG_MF_TRACE
        OR2_LOG_CAS_TRACE
    ctypedef enum openr2_call_mode_t:
        OR2_CALL_WITH_CHARGE
    ctypedef enum openr2_protocol_error_t:
        OR2_SEIZE_TIMEOUT
    ctypedef enum openr2_call_disconnect_cause_t:
        OR2_CAUSE_BUSY_NUMBER
        OR2_CAUSE_NETWORK_CONGESTION
        OR2_CAUSE_UNALLOCATED_NUMBER
        OR2_CAUSE_OUT_OF_ORDER
        OR2_CAUSE_UNSPECIFIED
        OR2_CAUSE_NO_ANSWER
        OR2_CAUSE_NORMAL_CLEARING
        OR2_CAUSE_COLLECT_CALL_REJECTED
        OR2_CAUSE_FORCED_RELEASE
        OR2_CAUSE_NUMBER_CHANGED
    ctypedef enum openr2_calling_party_category_t:
        OR2_CALLING_PARTY_CATEGORY_NATIONAL_SUBSCRIBER
        OR2_CALLING_PARTY_CATEGORY_NATIONAL_PRIORITY_SUBSCRIBER
        OR2_CALLING_PARTY_CATEGORY_INTERNATIONAL_SUBSCRIBER
        OR2_CALLING_PARTY_CATEGORY_INTERNATIONAL_PRIORITY_SUBSCRIBER
        OR2_CALLING_PARTY_CATEGORY_COLLECT_CALL
        OR2_CALLING_PARTY_CATEGORY_UNKNOWN
        OR2_CALLING_PARTY_CATEGORY_TEST_EQUIPMENT
    ctypedef struct openr2_chan_t:
        pass
    ctypedef struct openr2_context_t:
        pass
    ctypedef struct openr2_mflib_interface_t:
        void *(*mf_read_init)(void *, int forward) noexcept
        void *(*mf_write_init)(void *, int forward) noexcept
        int (*mf_detect_tone)(void *, const short *, int) noexcept
        int (*mf_generate_tone)(void *, short *, int) noexcept
        int (*mf_select_tone)(void *, char) noexcept
        int (*mf_want_generate)(void *, int) noexcept
    ctypedef struct openr2_event_interface_t:
        void (*on_call_init)(openr2_chan_t *) noexcept
        void (*on_call_offered)(openr2_chan_t *, const char *ani, const char *dnis,
                                openr2_calling_party_category_t) noexcept
        void (*on_call_accepted)(openr2_chan_t *, openr2_call_mode_t) noexcept
        void (*on_call_answered)(openr2_chan_t *) noexcept
        void (*on_call_disconnect)(openr2_chan_t *, openr2_call_disconnect_cause_t) noexcept
        void (*on_call_end)(openr2_chan_t *) noexcept
        void (*on_call_read)(openr2_chan_t *, const unsigned char *, int) noexcept
        void (*on_hardware_alarm)(openr2_chan_t *, int) noexcept
        void (*on_os_error)(openr2_chan_t *, int) noexcept
        void (*on_protocol_error)(openr2_chan_t *, openr2_protocol_error_t) noexcept
        void (*on_line_blocked)(openr2_chan_t *) noexcept
        void (*on_line_idle)(openr2_chan_t *) noexcept
        int (*on_dnis_digit_received)(openr2_chan_t *, char) noexcept
        void (*on_ani_digit_received)(openr2_chan_t *, char) noexcept
        void (*on_billing_pulse_received)(openr2_chan_t *) noexcept

    openr2_variant_t openr2_proto_get_variant(const char *)
    const char *openr2_proto_get_error(openr2_protocol_error_t)
    openr2_context_t *openr2_context_new(openr2_mflib_interface_t *, openr2_event_interface_t *, void *,
                                         openr2_variant_t, int max_ani, int max_dnis)
    openr2_log_level_t openr2_context_set_log_level(openr2_context_t *, openr2_log_level_t)
    void openr2_context_delete(openr2_context_t *)
    int openr2_context_configure_from_advanced_file(openr2_context_t *, const char *)
    void openr2_context_set_ani_first(openr2_context_t *, int)
    void openr2_context_set_skip_category_request(openr2_context_t *, int)
    void openr2_context_set_double_answer(openr2_context_t *, int)
    openr2_chan_t *openr2_chan_new_from_fd(openr2_context_t *, int, void *mf_write, void *mf_read)
    void openr2_chan_set_client_data(openr2_chan_t *, void *)
    void *openr2_chan_get_client_data(openr2_chan_t *)
    openr2_log_level_t openr2_chan_set_log_level(openr2_chan_t *, openr2_log_level_t)
    const char *openr2_chan_get_ani(openr2_chan_t *)
    int openr2_chan_process_event(openr2_chan_t *)
    int openr2_chan_get_time_to_next_event(openr2_chan_t *)
    int openr2_chan_handle_cas(openr2_chan_t *)
    int openr2_chan_make_call(openr2_chan_t *, const char *ani, const char *dnis, openr2_calling_party_category_t)
    int openr2_chan_accept_call(openr2_chan_t *, openr2_call_mode_t)
    int openr2_chan_answer_call(openr2_chan_t *)
    int openr2_chan_disconnect_call(openr2_chan_t *, openr2_call_disconnect_cause_t)
    int openr2_chan_set_idle(openr2_chan_t *)
    int openr2_chan_set_blocked(openr2_chan_t *)


cdef extern from * nogil:
    """
    #include <dahdi/user.h>
    #include <math.h>
    #include <openr2.h>
    #include <stdarg.h>
    #include <stdio.h>
    #include <string.h>
    #include <sys/time.h>
    #include <unistd.h>

    /* What openr2 takes for its device: the bits of one timeslot both ways, and a tone that was heard. */
    struct r2_device {
        int received, sent;     /* ABCD */
        int heard;              /* a tone's character, 0: silence */
        int waiting;            /* to be taken by the next read */
    };

    /* Of the line that is in openr2 now: all lines are of one thread. */
    static struct r2_device *r2_device;
    static double r2_now_s;
    static void (*r2_say)(openr2_chan_t *, const char *);

    int __wrap_ioctl(int fd, unsigned long request, ...);
    int __wrap_ioctl(int fd, unsigned long request, ...)
    {
        va_list arguments;
        va_start(arguments, request);
        void *argument = va_arg(arguments, void *);
        va_end(arguments);
        (void) fd;
        switch (request) {
        case DAHDI_GET_PARAMS:
            memset(argument, 0, sizeof(struct dahdi_params));
            ((struct dahdi_params *) argument)->sigtype = DAHDI_SIG_CAS;
            break;
        case DAHDI_GET_BUFINFO:
            memset(argument, 0, sizeof(struct dahdi_bufferinfo));
            break;
        case DAHDI_CHANNO:
            *(int *) argument = 0;
            break;
        case DAHDI_GETRXBITS:
            *(int *) argument = r2_device->received;
            break;
        case DAHDI_SETTXBITS:
            r2_device->sent = *(int *) argument;
            break;
        case DAHDI_IOMUX:
            *(int *) argument = r2_device->waiting ? DAHDI_IOMUX_READ : 0;
            break;
        }
        return 0;   /* gains, law, buffers: our media core's */
    }

    ssize_t __wrap_read(int fd, void *buffer, size_t size);
    ssize_t __wrap_read(int fd, void *buffer, size_t size)
    {
        (void) fd, (void) size;
        *(char *) buffer = 0;   /* the sound was listened to elsewhere */
        r2_device->waiting = 0;
        return 1;
    }

    /* openr2's only clock: the caller's, so that no step of the wall clock stops its timers. */
    int __wrap_gettimeofday(struct timeval *now, void *zone);
    int __wrap_gettimeofday(struct timeval *now, void *zone)
    {
        (void) zone;
        long long us = llround(r2_now_s * 1e6);
        now->tv_sec = (time_t) (us / 1000000);
        now->tv_usec = (suseconds_t) (us % 1000000);
        return 0;
    }

    static void r2_log(openr2_chan_t *line, openr2_log_level_t level, const char *format, va_list arguments)
    {
        char text[512];
        (void) level;
        vsnprintf(text, sizeof(text), format, arguments);
        r2_say(line, text);
    }
    /* Debian's archive is made for programs: a shared object may not have another's variables. Nothing prints there. */
    __attribute__((visibility("hidden"))) FILE *__wrap_stdout, *__wrap_stderr;

    static void r2_log_by(openr2_chan_t *line) { openr2_chan_set_logging_func(line, r2_log); }
    static void r2_in(struct r2_device *device, double now_s) { r2_device = device; r2_now_s = now_s; }
    """
    struct r2_device:
        int received
        int sent
        int heard
        int waiting
    void (*r2_say)(openr2_chan_t *, const char *) noexcept
    void r2_in(r2_device *, double now_s)
    void r2_log_by(openr2_chan_t *)
