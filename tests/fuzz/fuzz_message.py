"""Any octets give facts, texts and attachments without an exception, and every part that BODYSTRUCTURE names is fetchable and as long as it says."""

from __future__ import annotations

from addressable import check_addressable
from bustia.message.addresses import parse_addresses
from bustia.message.attachments import attachments
from bustia.message.dates import parse_date
from bustia.message.describe import describe, write_utf8
from bustia.message.encoded_words import decode_words
from bustia.message.flowed import flowed_to_paragraphs
from bustia.message.html_text import html_to_text
from bustia.message.parameters import parse_content_type
from bustia.message.pop3_form import pop3_form
from bustia.message.search_text import search_texts
from bustia.message.transfer import KNOWN, decode_transfer


def check(data: bytes) -> None:
    """Hold the invariant for the data as a message, and as the body of each kind of field and encoding."""
    facts = describe(data)
    assert facts.size == len(data)
    assert facts.pop3_size == len(pop3_form(data))
    assert len(facts.preview) <= 256
    check_addressable(data)
    write_utf8(data)
    search_texts(data)
    assert all(found.name for found in attachments(data))
    parse_addresses([data])
    parse_date(data)
    parse_content_type(b"a/b;" + data)
    decode_words(data)
    text = data.decode("latin-1")
    html_to_text(text)
    flowed_to_paragraphs(text)
    for encoding in KNOWN:
        assert len(decode_transfer(data, encoding)) <= len(data)


def seeds() -> list[bytes]:
    """Messages that have one of everything."""
    return [
        b'Content-Type: multipart/mixed; boundary="b"\r\nMIME-Version: 1.0\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n'
        b"Content-Type: message/rfc822\r\n\r\nSubject: =?utf-8?b?w6k=?=\r\n\r\ninner\r\n--b--\r\n",
        b'Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nFrom: "A, B" <a@b.example>, g: c@d.example;\r\n'
        b"Date: Mon, 1 Jan 2024 10:00:00 EST\r\nReferences: <1@x> <2@x>\r\n\r\n--b--",
        b"Content-Type: text/html; charset*0*=utf-8''; charset*1=x\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        b"<p class=3D'x'>=C3=A9 &amp;<!-- x --></p>=\r\n",
        b"Content-Type: text/plain; format=flowed; delsp=yes\r\nContent-Disposition: attachment;\r\n"
        b" filename*=utf-8''%E2%82%AC.txt\r\nContent-Transfer-Encoding: base64\r\n\r\nYSAKYg==\r\n",
        b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n#86)C\n`\nend\n",
    ]
