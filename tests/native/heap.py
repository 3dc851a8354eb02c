"""How much of this process's heap is in use: what the pages it holds hide, since freed memory stays with it."""

import ctypes
import re

_libc = ctypes.CDLL(None)
_libc.open_memstream.restype = ctypes.c_void_p
_libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
_libc.fclose.argtypes = [ctypes.c_void_p]
_libc.free.argtypes = [ctypes.c_void_p]


def allocated_bytes() -> int:
    """Return what malloc has given out in all arenas and not yet got back (malloc_info(3), its last part)."""
    text, size = ctypes.c_void_p(), ctypes.c_size_t()
    stream = _libc.open_memstream(ctypes.byref(text), ctypes.byref(size))
    _libc.malloc_info(0, stream)
    _libc.fclose(stream)
    assert text.value is not None
    total = ctypes.string_at(text.value, size.value).decode().rpartition("</heap>")[2]
    _libc.free(text)

    def of(element: str) -> int:
        found = re.search(rf'<{element} .*?size="(\d+)"', total)
        assert found is not None, total
        return int(found[1])

    free = of('total type="fast"') + of('total type="rest"')
    return of('system type="current"') + of('total type="mmap"') - free
