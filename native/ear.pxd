# What is listened for, in Python's words, as the tap's detectors.

from libc.stdint cimport int64_t

from native.pump cimport Pump
from native.tap cimport Detectors

cdef Detectors* detectors_for(
    Pump* pump, int64_t token, bint digits, dict tones, bint caller_id, str mf) except NULL
