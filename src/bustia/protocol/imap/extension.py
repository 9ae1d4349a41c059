"""Data of extensions that we do not know: a client must accept and pass over them (RFC 9051 §7, tagged-ext)."""

from __future__ import annotations

import re

from bustia.protocol.imap.cursor import Cursor

_SIMPLE = re.compile(rb'[^(){ "\\\x00-\x1f\x7f-\xff]+')  # atoms, numbers and sets, with wildcards and brackets


def skip_extension(cursor: Cursor) -> None:
    """Passes one value, without recursion.

    tagged-ext-val  = tagged-ext-simple / "(" [tagged-ext-comp] ")"    ; RFC 9051 §9
    tagged-ext-comp = astring / tagged-ext-comp *(SP tagged-ext-comp) / "(" tagged-ext-comp ")"
    """
    depth = 0
    while True:
        if cursor.next_is(b"("):
            cursor.enter()
            depth += 1
            if not cursor.next_is(b")"):
                continue
        elif _SIMPLE.match(cursor.line, cursor.at):
            cursor.match(_SIMPLE, "a value")
        else:
            cursor.string()
        while depth and cursor.skip(b")"):
            cursor.leave()
            depth -= 1
        if not depth:
            return
        cursor.space()
