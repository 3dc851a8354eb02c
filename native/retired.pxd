# What real-time threads have let go of, freed in Python's thread.

from native.pump cimport Pump

cdef int sweep(Pump* pump) except -1
