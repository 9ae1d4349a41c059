"""Messages as weapons (threats F1 to F4): twice the octets may take at most 2.2 times as long.

A quadratic loop gives four. Each pair is measured until it passes, at most ATTEMPTS times, in the process's own CPU time,
so that a busy machine does not fail it.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest

from bustia.message.attachments import attachments
from bustia.message.describe import describe
from bustia.message.fold import fold
from bustia.message.search_text import search_texts

RATIO = 2.2
ATTEMPTS = 8
HANG_GUARD = 3.0  # seconds, ten times the slowest: nothing is measured again after that
SMALL = 10_000  # repeats of each piece
UNMEASURABLE = 0.004  # seconds: below this the clock and the caches decide

MIXED = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
HTML = b"Content-Type: text/html\r\n\r\n"
TEXT = b"Content-Type: text/plain\r\n"
BASE64 = TEXT + b"Content-Transfer-Encoding: base64\r\n\r\n"
QUOTED = TEXT + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
UU = TEXT + b"Content-Transfer-Encoding: x-uuencode\r\n\r\n"


def numbered(piece: bytes) -> Callable[[int], bytes]:
    """Repeats of a piece whose %d counts."""
    return lambda times: b"".join(piece.replace(b"%d", b"%d" % number) for number in range(times))


def nested(times: int) -> bytes:
    """Multiparts inside each other, each with a boundary of its own that is no prefix of another."""
    return b"".join(
        b'Content-Type: multipart/mixed; boundary="b%06d"\r\n\r\n--b%06d\r\n' % (n, n) for n in range(times // 10)
    )


def siblings(times: int) -> bytes:
    """In the deepest of 99 multiparts, many more whose boundaries never come: each would be sought to the end."""
    return nested(990) + b"".join(
        b'--b000098\r\nContent-Type: multipart/mixed; boundary="c%d"\r\n\r\n' % number for number in range(times // 4)
    )


# name: (head, repeated piece, tail)
BOMBS: dict[str, tuple[bytes, bytes | Callable[[int], bytes], bytes]] = {
    "nested multiparts": (b"", nested, b""),
    "nested with one boundary": (b"", MIXED + b"--b\r\n", b""),
    "nested messages": (b"", b"Content-Type: message/rfc822\r\n\r\n", b""),
    "sibling multiparts": (b"", siblings, b""),
    "parts": (MIXED, b"--b\r\n\r\nx\r\n", b""),
    "delimiters alone": (MIXED, b"--b\r\n", b""),
    "closing delimiters": (MIXED, b"--b--\r\n", b""),
    "two hyphens": (MIXED, b"--\r\n", b""),
    "prefix of a boundary": (
        MIXED + b"--b\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n",
        b"--bb\r\n\r\n",
        b"",
    ),
    "fields": (b"", b"X: y\r\n", b"\r\n"),
    "lines that are no fields": (b"", b"a\r\n", b""),
    "addresses": (b"To: ", b"a@b.c,", b"\r\n\r\n"),
    "address fields": (b"", b"To: a@b.c\r\n", b"\r\n"),
    "comment depth": (b"To: ", b"(", b"\r\n\r\n"),
    "comments": (b"To: ", b"()", b"\r\n\r\n"),
    "quotation marks": (b"To: ", b'"', b"\r\n\r\n"),
    "escaped quotation marks": (b'To: "', b'\\"', b"\r\n\r\n"),
    "angle brackets": (b"To: ", b"<", b"\r\n\r\n"),
    "source route": (b"To: <", b"@a,", b":b@c>\r\n\r\n"),
    "groups": (b"To: ", b"a:", b"\r\n\r\n"),
    "colons behind many words": (b"To: ", lambda times: b"a " * times + b"@b" + b":" * times, b"\r\n\r\n"),
    "commas in angles": (b"To: <", b"@a,,", b"\r\n\r\n"),
    "words": (b"To: ", b"a ", b"\r\n\r\n"),
    "domain of dots": (b"To: a@", b".a ", b"\r\n\r\n"),
    "parameters": (b"Content-Type: text/plain", numbered(b";a%d=b"), b"\r\n\r\n"),
    "semicolons": (b"Content-Type: text/plain", b"; ", b"\r\n\r\n"),
    "unclosed parameters": (b"Content-Type: text/plain", b';a="', b"\r\n\r\n"),
    "parameter white space": (b"Content-Type: text/plain;", b" ", b"\r\n\r\n"),
    "continuations": (b"Content-Type: text/plain", numbered(b";a*%d*=b"), b"\r\n\r\n"),
    "references": (b"References:", numbered(b" <%d@x>"), b"\r\n\r\n"),
    "reference brackets": (b"References:", b"<", b"\r\n\r\n"),
    "encoded words": (b"Subject: ", b"=?utf-8?q?a?= ", b"\r\n\r\n"),
    "starts of encoded words": (b"Subject: ", b"=?a?q?", b"\r\n\r\n"),
    "folds": (b"Subject: a\r\n", b" \r\n", b"\r\n\r\n"),
    "white space in a subject": (b"Subject: a", b" ", b"b\r\n\r\n"),
    "languages": (b"Content-Language: ", b"en,", b"\r\n\r\n"),
    "date comments": (b"Date: ", b"(", b"\r\n\r\n"),
    "file name path": (b'Content-Type: a/b; name="', b"/", b'"\r\n\r\n'),
    "HTML tags": (HTML, b"<", b""),
    "HTML comments": (HTML, b"<!--", b""),
    "HTML scripts": (HTML, b"<script>", b""),
    "HTML styles": (HTML, b"<style></style>", b""),
    "HTML attributes": (HTML, b'<a "', b""),
    "HTML digits": (HTML + b"&#", b"9", b""),
    "HTML white space": (HTML, b" \n", b""),
    "base64 padding": (BASE64, b"=A", b""),
    "quoted-printable": (QUOTED, b"= ", b""),
    "quoted-printable white space": (QUOTED + b"=", b" ", b""),
    "uuencode": (UU + b"begin 644 a\r\n", b"M\n", b""),
    "uuencode starts": (UU, b"begin 644 ", b""),
    "UTF-7": (TEXT[:-2] + b"; charset=utf-7\r\n\r\n", b"+AAA", b""),
    "flowed": (TEXT[:-2] + b"; format=flowed\r\n\r\n", b"> \r\n", b""),
    "flowed depth": (TEXT[:-2] + b"; format=flowed\r\n\r\n", b">", b""),
    "quoted lines": (TEXT + b"\r\n", b">\n", b""),
    "carriage returns": (b"", b"\r", b""),
}


def seconds(octets: bytes) -> float:
    gc.collect()
    gc.disable()  # its passes over everything that lives in the test process are not the parser's time
    try:
        start = time.process_time()
        describe(octets)
        fold(search_texts(octets).body)
        attachments(octets)
        return time.process_time() - start
    finally:
        gc.enable()


@pytest.mark.parametrize("name", BOMBS)
def test_time_is_linear(name: str) -> None:
    head, piece, tail = BOMBS[name]

    def bomb(times: int) -> bytes:
        return head + (piece(times) if callable(piece) else piece * times) + tail

    one, two = bomb(SMALL), bomb(2 * SMALL)
    best_one, best_two = seconds(one), seconds(two)
    for _ in range(ATTEMPTS):
        if best_two <= max(RATIO * best_one, UNMEASURABLE):
            return
        if best_two > HANG_GUARD:
            break
        best_one, best_two = min(best_one, seconds(one)), min(best_two, seconds(two))
    pytest.fail(f"{name}: {best_one:.4f} s for {len(one)} octets, {best_two:.4f} s for {len(two)}")
