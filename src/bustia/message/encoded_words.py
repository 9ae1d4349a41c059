"""Encoded words: text in header fields that is not ASCII (RFC 2047), and 8-bit text that should have been encoded.

Invariants: linear in the length of the field; broken words stay as they stand; nothing raises.
"""

from __future__ import annotations

import re
from binascii import a2b_qp

from bustia.message.charsets import codec_name, decode_text
from bustia.message.fields import unfold
from bustia.message.transfer import decode_base64

# RFC 2047 §2: encoded-word = "=?" charset ["*" language] "?" encoding "?" encoded-text "?="   (language: RFC 2231 §5)
_WORD = re.compile(rb"=\?([^?*\s]{1,60})(?:\*[^?\s]{0,60})?\?([bBqQ])\?([^?\n]*+)\?=")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def decode_words(body: bytes) -> str:
    """Text of an unstructured field body: unfolded, encoded words decoded, control characters shown as one space."""
    value = unfold(body)
    if b"=?" not in value:
        return plain(decode_text(value, None))
    texts: list[str] = []
    run: list[bytes] = []  # words in one charset: real mailers cut multi-octet characters between words
    run_charset: bytes | None = None
    position = 0
    for match in _WORD.finditer(value):
        charset = match[1].lower()
        between = value[position : match.start()]
        if run and not between.strip():
            between = b""  # RFC 2047 §6.2: white space between two encoded words is not shown
        if between or charset != run_charset:
            texts.append(_decode_run(run, run_charset))
            texts.append(decode_text(between, None))
            run, run_charset = [], charset
        run.append(decode_base64(match[3]) if match[2] in b"bB" else a2b_qp(match[3], header=True))
        position = match.end()
    texts.append(_decode_run(run, run_charset))
    texts.append(decode_text(value[position:], None))
    return plain("".join(texts))


def _decode_run(words: list[bytes], charset: bytes | None) -> str:
    """Text of adjacent words; each alone when together they do not fit (stateful charsets such as ISO-2022-JP reset)."""
    if charset is None:
        return ""
    name = charset.decode("ascii", "replace")
    codec = codec_name(name)
    if codec is not None and codec.startswith("iso2022"):
        return "".join(decode_text(word, name) for word in words)
    return decode_text(b"".join(words), name)


def plain(text: str) -> str:
    """The text with each run of control characters as one space, so that it stays on one line everywhere."""
    return _CONTROL.sub(" ", text)
