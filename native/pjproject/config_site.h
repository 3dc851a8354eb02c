/* How pjproject is built for the gateway: many calls, IPv6, no video, no sound device. */
#define PJSUA_MAX_CALLS                 1024
#define PJSUA_MAX_ACC                   256
#define PJSUA_MAX_PLAYERS               64
#define PJSUA_MAX_RECORDERS             64
#define PJSUA_MAX_CONF_PORTS            8192
#define PJ_IOQUEUE_MAX_HANDLES          8192
#define PJSIP_MAX_TSX_COUNT             16383
#define PJSIP_MAX_DIALOG_COUNT          16383
#define PJSIP_MAX_PKT_LEN               16000
#define PJSIP_UDP_SO_RCVBUF_SIZE        4000000
#define PJSIP_UDP_SO_SNDBUF_SIZE        4000000
/* One thread waits on each epoll handle. Exclusive waiting, the default, is for several, and takes every socket off and
   onto the handle for each packet. */
#define PJ_IOQUEUE_DEFAULT_EPOLL_FLAGS  0
#define PJ_HAS_IPV6                     1
#define PJMEDIA_HAS_VIDEO               0
#define PJSUA_HAS_VIDEO                 0
/* A telephone event is repeated by its sender; a caller's digit must never be lost in a burst. */
#define PJMEDIA_STREAM_ENABLE_KA        0
#define PJSIP_HAS_RESOLVER              1
#define PJ_LOG_MAX_LEVEL                4
