"""The one folding of text for search: what two texts must share to match.

SEARCH compares as RFC 5051 i;unicode-casemap does (titlecase, then compatibility decomposition), and here marks are
dropped besides and letters casefolded, so that `uber` finds `Über` and `STRASSE` finds `Straße`. The index and the scan
both use this function: a change means that every index is stale (FOLDING is raised).
"""

from __future__ import annotations

import re
import unicodedata

FOLDING = 1  # kept with each index; raised whenever `fold` would give another text

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def fold(text: str) -> str:
    """The text casefolded, compatibility-decomposed, without combining marks, runs of white space as one; idempotent.

    RFC 5051 §2 has the case and the decomposition; the white space lets a phrase be found across a line end.
    """
    folded = text.lower() if text.isascii() else _NOT_ASCII.sub(_fold_run, text.lower())
    words = " ".join(folded.split())
    return (" " if folded[:1].isspace() else "") + words + (" " if words and folded[-1:].isspace() else "")


def _fold_run(match: re.Match[str]) -> str:
    decomposed = unicodedata.normalize("NFKD", match.group()).casefold()
    again = unicodedata.normalize("NFKD", decomposed).casefold()
    return "".join(sign for sign in again if not unicodedata.combining(sign))
