"""Lists of text out of a pickle whose instructions are read one by one and never carried out.

A pickle is a program. One that only puts texts into one list uses a handful of instructions that build nothing else;
any other instruction (a name to import, a call, a number, a second list) ends the reading.
"""

from __future__ import annotations

import pickletools

MAX_PICKLE_BYTES = 2**20

_TEXTS = frozenset({"UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"})
_FRAMING = frozenset({"PROTO", "FRAME", "MARK", "PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE", "APPEND", "APPENDS", "STOP"})
_CONTAINERS = frozenset({"EMPTY_LIST", "LIST", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"})


def pickled_texts(pickled: bytes) -> tuple[str, ...] | None:
    """The texts of a pickled list or tuple of text, in order; None for a pickle that is or does anything else."""
    if len(pickled) > MAX_PICKLE_BYTES:
        return None
    texts: list[str] = []
    n_containers = 0
    try:
        for code, argument, _ in pickletools.genops(pickled):
            if code.name in _TEXTS:
                texts.append(str(argument))
            elif code.name in _CONTAINERS:
                n_containers += 1
            elif code.name not in _FRAMING:
                return None
    except ValueError:
        return None
    return tuple(texts) if n_containers == 1 else None
