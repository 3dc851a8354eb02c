"""Numbers and names between libpri's structs and our words (ITU-T Q.931 §4.5.8, §4.5.10; ECMA-164)."""

from libc.string cimport memcpy, memset, strlen
from native.libpri cimport *

from native.isdn import Party, PriError

NAME_BYTES = 50     # ECMA-164: a name is no longer

KINDS = {"unknown": 0, "international": 1, "national": 2, "network": 3, "subscriber": 4, "abbreviated": 6}
PLANS = {"unknown": PRI_NPI_UNKNOWN, "public": PRI_NPI_E163_E164, "private": PRI_NPI_PRIVATE}
PRESENTATIONS = {"allowed": 0x00, "restricted": 0x20, "unavailable": 0x40}
SCREENINGS = {"user": 0, "passed": 1, "failed": 2, "network": 3}
KIND_OF = {code: name for name, code in KINDS.items()}
PLAN_OF = {code: name for name, code in PLANS.items()}
PRESENTATION_OF = {code: name for name, code in PRESENTATIONS.items()}
SCREENING_OF = {code: name for name, code in SCREENINGS.items()}


cdef int one_of(dict values, str value, str field) except -1:
    if value not in values:
        raise PriError(f"{field} {value!r} is none of {', '.join(values)}")
    return values[value]


cdef bytes dialable(str number, str field):
    """Return a number as libpri takes it; it keeps 63 characters, and drops the rest without a word."""
    if len(number) > 63 or not set(number) <= set("0123456789*#ABCD+"):
        raise PriError(f"{field} {number!r} is no number of at most 63 of 0-9 * #")
    return number.encode("ascii")


cdef int plan_code(str kind, str plan) except -1:
    return one_of(KINDS, kind, "kind of number") << 4 | one_of(PLANS, plan, "numbering plan")


cdef tuple plan_names(int code):
    return KIND_OF.get(code >> 4 & 7, "unknown"), PLAN_OF.get(code & 0xF, "unknown")


cdef str plain(const char* raw):
    """Return a number as it came; what no number has is left out."""
    return "".join(c for c in raw.decode("latin-1") if c.isascii() and c.isprintable())


cdef str name_of(bytes raw, int char_set):
    """Return a name; one that is UTF-8 is hardly ever anything else, whatever is said of it."""
    try:
        said = raw.decode("utf-16-be" if char_set == PRI_CHAR_SET_ISO10646_BMPSTRING else "utf-8")
    except UnicodeDecodeError:
        said = raw.decode("latin-1")
    return "".join(c for c in said if c.isprintable()).strip()


cdef Party_of(const pri_party_id* who):
    name, number = "", ""
    kind, plan = plan_names(who.number.plan)
    presentation, screening = "unavailable", "user"
    if who.number.valid:
        number = plain(who.number.str)
        presentation = PRESENTATION_OF.get(who.number.presentation & PRI_PRES_RESTRICTION, "unavailable")
        screening = SCREENING_OF[who.number.presentation & PRI_PRES_NUMBER_TYPE]
    if who.name.valid:
        name = name_of(<bytes>who.name.str[:strlen(who.name.str)], who.name.char_set)
        if who.name.presentation & PRI_PRES_RESTRICTION == 0x20:
            presentation = "restricted"
    return Party(number, name, presentation, screening, kind, plan)


cdef int fill_party(pri_party_id* who, party) except -1:
    memset(who, 0, sizeof(who[0]))
    cdef int presentation = one_of(PRESENTATIONS, party.presentation, "presentation")
    presentation |= one_of(SCREENINGS, party.screening, "screening")
    cdef bytes number = dialable(party.number, "calling number")
    who.number.valid = 1
    who.number.presentation = presentation
    who.number.plan = plan_code(party.kind, party.plan)
    memcpy(who.number.str, <const char*>number, len(number))
    if not party.name:
        return 0
    who.name.valid = 1
    who.name.presentation = presentation & PRI_PRES_RESTRICTION
    encoding = "latin-1" if all(ord(c) < 256 for c in party.name) else "utf-8"
    who.name.char_set = PRI_CHAR_SET_ISO8859_1 if encoding == "latin-1" else PRI_CHAR_SET_ISO10646_UTF_8STRING
    cut = party.name.replace("\0", "").encode(encoding)[:NAME_BYTES]
    cdef bytes name = cut.decode(encoding, "ignore").encode(encoding)   # no half character at the end
    memcpy(who.name.str, <const char*>name, len(name))
    return 0
