"""Strategies for whole messages: MIME that is right, nearly right, and wrong, made of the pieces that matter."""

from __future__ import annotations

from hypothesis import strategies as st

_LINES = [
    b"",
    b"text",
    b"--a",
    b"--a--",
    b"--ab",
    b"--ab--",
    b"--",
    b"Content-Type: multipart/mixed; boundary=a",
    b"Content-Type: multipart/digest; boundary=ab",
    b'Content-Type: multipart/mixed; boundary="a',
    b"Content-Type: multipart/mixed",
    b"Content-Type: message/rfc822",
    b"Content-Type: message/global",
    b"Content-Type: text/plain; charset=utf-8; format=flowed",
    b"Content-Type: text/html; charset*=utf-8''latin%2D1",
    b"Content-Type: image/png; name*0=a; name*1*=%20b",
    b"Content-Transfer-Encoding: base64",
    b"Content-Transfer-Encoding: quoted-printable",
    b"Content-Disposition: attachment; filename*=utf-8''%E2%82%AC.txt",
    b"Subject: =?utf-8?q?=C3=A9t=C3=A9?= Re: [x] y",
    b'From: J. "Doe" (x) <a@b.example>, g: c@d.example;',
    b"Date: Mon, 1 Jan 2024 10:00:00 +0100",
    b"Message-ID: <1@a.example>",
    b"References: <0@a.example> <00@a.example>",
    b" folded",
    b"w6k=",
    b"=C3=A9=",
    b"<p>html &amp; more</p>",
    b"\xc3\xa9\xff",
    b"nul \x00 nul",
]

lines = st.one_of(st.sampled_from(_LINES), st.binary(max_size=12))
ends = st.sampled_from([b"\r\n", b"\r\n", b"\n", b"\r"])


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """Octets of a message of up to forty lines that often nest, close and break off."""
    return b"".join(line + draw(ends) for line in draw(st.lists(lines, max_size=40)))
