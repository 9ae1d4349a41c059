"""The one form in which texts are compared, of what is searched and of what is looked for alike.

Invariant: if `a` is a substring of `b`, `comparable(a)` is one of `comparable(b)`; so the form finds all that RFC 9051 §6.4.4
wants found. It finds more: letters are folded (`message.fold`), and a run of white space is one space, so that a phrase is
found across line ends (flexible matching is allowed there for BODY and TEXT). There is no NUL and no LF in it, for the index
ends a text at NUL and a header has its lines by LF.
"""

from __future__ import annotations

from bustia.message.fold import FOLDING, fold

COMPARABLE_FORM = (
    1_000 * FOLDING + 1
)  # kept with each index; raised whenever this form or what goes into it would change


def comparable(text: str) -> bytes:
    """The comparable form, UTF-8."""
    folded = fold(text)
    if "\0" in folded:
        folded = fold(folded.replace("\0", " "))
    return folded.encode("utf-8", "replace")
