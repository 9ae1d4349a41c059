"""The charsets that SEARCH understands (RFC 9051 §6.4.4, RFC 3501 §6.4.4), by their IANA names.

Invariant: only what stands here is ever handed to a codec: Python's other codecs (`idna`, `base64`, `punycode` …) are no charsets, and some are slow
on purpose-made input.
"""

from __future__ import annotations

DEFAULT = "US-ASCII"

# IANA name: Python's codec. UTF-7 and UTF-16 are left out: the octets of a quoted string would lie about their characters.
CODECS: dict[str, str] = {
    "US-ASCII": "ascii",
    "UTF-8": "utf-8",
    **{f"ISO-8859-{part}": f"iso8859-{part}" for part in (*range(1, 12), *range(13, 17))},
    **{f"WINDOWS-{page}": f"cp{page}" for page in range(1250, 1259)},
    "KOI8-R": "koi8-r",
    "KOI8-U": "koi8-u",
    "ISO-2022-JP": "iso2022-jp",
    "SHIFT_JIS": "shift-jis",
    "EUC-JP": "euc-jp",
    "EUC-KR": "euc-kr",
    "GB2312": "gb2312",
    "GBK": "gbk",
    "GB18030": "gb18030",
    "BIG5": "big5",
    "TIS-620": "tis-620",
}


def decode(octets: bytes, charset: str | None) -> str | None:
    """The text, or None where the octets are not of that charset or the charset is not known.

    Without a charset the octets are US-ASCII in IMAP4rev1 and UTF-8 in IMAP4rev2: UTF-8 is read, which holds both.
    """
    codec = "utf-8" if charset is None else CODECS.get(charset.upper())
    if codec is None:
        return None
    try:
        return octets.decode(codec)
    except UnicodeDecodeError:
        return None
