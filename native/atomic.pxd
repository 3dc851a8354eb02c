# What two threads may touch at once without a lock: single words, and a stack that one side fills and the other empties.

from libc.stdint cimport int64_t, uint32_t, uint64_t


cdef extern from * nogil:
    """
    #ifndef BUSYHOUR_ATOMIC
    #define BUSYHOUR_ATOMIC
    #include <stdint.h>
    #define bh_load(place)         __atomic_load_n((place), __ATOMIC_ACQUIRE)
    #define bh_store(place, value) __atomic_store_n((place), (value), __ATOMIC_RELEASE)
    #define bh_add(place, value)   __atomic_add_fetch((place), (value), __ATOMIC_ACQ_REL)
    static inline void* bh_swap(void* place, void* value) {
        return __atomic_exchange_n((void**)place, value, __ATOMIC_ACQ_REL);
    }
    static inline uint32_t bh_swap_word(uint32_t* place, uint32_t value) {
        return __atomic_exchange_n(place, value, __ATOMIC_ACQ_REL);
    }
    /* `item` begins with the pointer to the next one. */
    static inline void bh_stack_push(void* top, void* item) {
        void* old = __atomic_load_n((void**)top, __ATOMIC_RELAXED);
        do *(void**)item = old;
        while (!__atomic_compare_exchange_n((void**)top, &old, item, 1, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
    }
    /* Has memory brought near, which may be NULL, and does not wait for it. */
    static inline void bh_fetch(const void* place, size_t size) {
        for (size_t at = 0; at < size; at += 64) __builtin_prefetch((const char*)place + at);
        __asm__ volatile("");  /* else GCC 12 finds that this does nothing, and leaves it out */
    }
    #endif
    """
    uint32_t load_word "bh_load"(uint32_t* place)
    void store_word "bh_store"(uint32_t* place, uint32_t value)
    uint32_t swap_word "bh_swap_word"(uint32_t* place, uint32_t value)
    uint32_t add_word "bh_add"(uint32_t* place, int value)
    uint64_t load_long "bh_load"(uint64_t* place)
    void store_long "bh_store"(uint64_t* place, uint64_t value)
    void* swap_pointer "bh_swap"(void* place, void* value)
    void fetch "bh_fetch"(const void* place, size_t size)
    void stack_push "bh_stack_push"(void* top, void* item)
