"""Octets to text by a named charset, never failing (RFC 2978 names, and the names that mail really carries)."""

from __future__ import annotations

import codecs
import functools
from collections.abc import Callable

GuessCharset = Callable[[bytes], str | None]
"""Names the likely charset of octets that are not what they say, or None; injected, since guessing needs a library."""

_ALIASES = {
    "iso-8859-1": "cp1252",  # as the WHATWG Encoding Standard: octets 80-9F are letters and quotation marks in real mail
    "latin1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",  # RFC 1556: the same octets, another direction
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "iso-8859-6-e": "iso-8859-6",
    "gb2312": "gb18030",  # its supersets decode what mailers put under the older name
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "big5": "big5hkscs",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "unicode-1-1-utf-7": "utf-7",
    "utf8": "utf-8",
    "tis-620": "cp874",
    "windows-874": "cp874",
}
_ASCII_COMPATIBLE = frozenset(
    (None, "ascii", "cp1252", "utf-8", "iso8859-1", "iso8859-15", "cp1250", "cp1251", "koi8-r")
)
_BYTE_TRANSFORMS = frozenset(
    (
        "base64",
        "bz2",
        "hex",
        "quopri",
        "rot13",
        "uu",
        "zlib",
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "undefined",
    )
)  # codecs of Python that are no charsets, or take quadratic time


@functools.lru_cache(maxsize=256)
def codec_name(charset: str) -> str | None:
    """Name of Python's codec for a mail charset, None if there is none that is safe to use."""
    name = charset.strip().strip("\"'").lower()
    name = _ALIASES.get(name, name)
    if len(name) > 40 or not name.isascii() or "\0" in name:
        return None
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    usable = found.name.replace("-", "_") not in _BYTE_TRANSFORMS and getattr(found, "_is_text_encoding", True)
    return found.name if usable else None


def decode_text(octets: bytes, charset: str | None, guess: GuessCharset | None = None, *, complete: bool = True) -> str:
    """Octets as text: the declared charset, else UTF-8, else the guessed one, at last Windows-1252. Never raises.

    A declared charset that does not fit its octets lies; one that fits is believed, but a single-octet one fits
    everything, so UTF-8 goes before Windows-1252. `complete=False` allows a cut inside the last character.
    """
    declared = codec_name(charset) if charset else None
    if octets.isascii() and declared in _ASCII_COMPATIBLE:
        return octets.decode("ascii")
    names = ["utf-8", declared] if declared == "cp1252" else [declared, "utf-8"]
    for name in names:
        text = _try(octets, name, complete)
        if text is not None:
            return text
    guessed = guess(octets) if guess is not None else None
    text = _try(octets, codec_name(guessed) if guessed else None, complete)
    if text is not None:
        return text
    text = _try(octets, "cp1252", complete)
    return text if text is not None else octets.decode("latin-1")


def _try(octets: bytes, name: str | None, complete: bool) -> str | None:
    """The octets in that codec, None if they do not fit."""
    if name is None:
        return None
    try:
        if complete:
            return octets.decode(name)
        return codecs.getincrementaldecoder(name)().decode(octets, False)
    except (UnicodeError, ValueError, LookupError):
        return None
