"""The one folding of text for search: what two texts must share to match.

SEARCH compares as RFC 5051 i;unicode-casemap does (titlecase, then compatibility decomposition), and here marks are
dropped besides and letters casefolded, so that `uber` finds `Über` and `STRASSE` finds `Straße`. The index and the scan
both use this function: a change means that every index is stale (FOLDING is raised).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

FOLDING = 1  # kept with each index; raised whenever `fold` would give another text

SHORT = 12  # characters; the accented letters and words of a language come again and again
CACHED = 8192  # of these are remembered

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def fold(text: str) -> str:
    """The text casefolded, compatibility-decomposed, without combining marks, runs of white space as one; idempotent.

    RFC 5051 §2 has the case and the decomposition; the white space lets a phrase be found across a line end.
    """
    folded = text.lower() if text.isascii() else _NOT_ASCII.sub(_fold_run, text.lower())
    words = " ".join(folded.split())
    return (" " if folded[:1].isspace() else "") + words + (" " if words and folded[-1:].isspace() else "")


def _fold_run(match: re.Match[str]) -> str:
    run = match[0]
    return _folded_word(run) if len(run) <= SHORT else _folded(run)


@lru_cache(maxsize=CACHED)
def _folded_word(run: str) -> str:
    return _folded(run)


def _folded(run: str) -> str:
    decomposed = unicodedata.normalize("NFKD", run).casefold()
    again = unicodedata.normalize("NFKD", decomposed).casefold()
    return "".join(sign for sign in again if not unicodedata.combining(sign))
