# The conference bridge in Python's words: slots of its own numbers, and errors that say why.

from native.party cimport Party

cdef int put_on(Party* party) except -1
cdef int take_off(int slot) except -1
cdef int link(int source, int sink) except -1
cdef int unlink(int source, int sink) except -1
