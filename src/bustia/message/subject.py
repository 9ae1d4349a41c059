"""The base subject: what is left of a subject for sorting and threading (RFC 5256 §2.1).

Invariant: each round removes something, and a blob at the front is looked at once: linear for the sizes that are kept.
"""

from __future__ import annotations

import re

MAX_SUBJECT = 2_000  # characters that are kept and compared; RFC 5322 §2.1.1 allows lines of 998 octets

# RFC 5256 §5
_SPACES = re.compile(r"[ \t\r\n]+")
_TRAILER = re.compile(r"(?:\(fwd\)|\s)+\Z", re.IGNORECASE)  # subj-trailer
_REFWD = re.compile(r"\s*+(?:re|fwd?)\s*+(?:\[[^\[\]]*+\]\s*+)?:", re.IGNORECASE)  # subj-refwd, with leading WSP
_BLOB = re.compile(r"\s*+\[[^\[\]]*+\]\s*+")  # subj-blob
_FORWARD = re.compile(r"\[fwd:(.*)\]\Z", re.IGNORECASE | re.DOTALL)  # subj-fwd-hdr … subj-fwd-trl


def base_subject(subject: str) -> str:
    """The subject without reply and forward marks and without list names in brackets; it may be empty.

    `subject` is decoded (step 1); case is kept, since comparing folds it.
    """
    text = _SPACES.sub(" ", subject[:MAX_SUBJECT])
    while True:
        text = _without_trailer(text)  # step 2
        text = _without_leaders(text)  # steps 3 to 5
        forward = _FORWARD.match(text)
        if forward is None:
            return text
        text = forward[1]  # step 6


def _without_trailer(text: str) -> str:
    """Without subj-trailer: "(fwd)" or white space, repeatedly."""
    while True:
        shorter = text.rstrip()
        if shorter[-5:].lower() == "(fwd)":
            shorter = shorter[:-5]
        if shorter == text:
            return text
        text = shorter


def _without_leaders(text: str) -> str:
    """Without subj-leader = (*subj-blob subj-refwd) / WSP, and without blobs that leave something."""
    position = 0
    while True:
        ahead = position
        while (blob := _BLOB.match(text, ahead)) is not None:
            ahead = blob.end()
        leader = _REFWD.match(text, ahead)
        if leader is not None:
            position = leader.end()
            continue
        while position < len(text) and text[position].isspace():
            position += 1
        blob = _BLOB.match(text, position)
        if blob is None or blob.end() == len(text):
            return text[position:]
        position = blob.end()
