from native.libpri cimport pri_party_id

cdef int one_of(dict values, str value, str field) except -1
cdef bytes dialable(str number, str field)
cdef int plan_code(str kind, str plan) except -1
cdef tuple plan_names(int code)
cdef str plain(const char* raw)
cdef Party_of(const pri_party_id* who)
cdef int fill_party(pri_party_id* who, party) except -1
