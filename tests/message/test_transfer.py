"""Transfer encodings undone."""

from __future__ import annotations

import base64
import binascii
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.message.transfer import decode_transfer


@pytest.mark.parametrize(
    ("encoding", "body", "octets"),
    [
        (b"x-unknown", b"=41", b"=41"),
        (b"8bit", b"=41", b"=41"),
        (b" Base64 ", b"QUJ\r\nD", b"ABC"),
        (b"base64", b"QUI", b"AB"),
        (b"base64", b"Q!U?I=", b"AB"),
        (b"base64", b"QUI=QUI=", b"ABAB"),
        (b"base64", b"Q", b""),
        (b"base64", b"", b""),
        (b"quoted-printable", b"a=3D=\r\nb =\r\n", b"a=b "),
        (b"quoted-printable", b"a=  \r\nb", b"ab"),
        (b"quoted-printable", b"a=ZZ=", b"a=ZZ"),
        (b"uuencode", b"begin 644 a\r\n#86)C\r\n`\r\nend\r\n", b"abc"),
        (b"x-uuencode", b"text\nbegin 644 a\n#86)C@@\n#\x7f\x7f\nend\nmore", b"abc"),
        (b"uuencode", b"begin 644 a\nM86)C\nend\n", b"abc"),
        (b"uuencode", b"begin 644 a\nM\n_\nend\n", b""),
        (b"x-uue", b"no file", b"no file"),
    ],
)
def test_broken_encodings_give_what_is_there(encoding: bytes, body: bytes, octets: bytes) -> None:
    assert decode_transfer(body, encoding) == octets


@given(st.binary(max_size=200))
def test_encoded_octets_come_back(octets: bytes) -> None:
    assert decode_transfer(base64.encodebytes(octets), b"base64") == octets
    assert decode_transfer(quopri.encodestring(octets), b"quoted-printable").rstrip(b"\n") == octets.rstrip(b"\n")
    lines = b"".join(binascii.b2a_uu(octets[at : at + 45]) for at in range(0, len(octets), 45))
    assert decode_transfer(b"begin 644 a\n" + lines + b"`\nend\n", b"uuencode") == octets


@given(st.binary(max_size=100), st.sampled_from([b"base64", b"quoted-printable", b"uuencode"]))
def test_the_output_is_never_larger(body: bytes, encoding: bytes) -> None:
    assert len(decode_transfer(body, encoding)) <= len(body)
    assert len(decode_transfer(b"begin 644 a\n" + body, b"uuencode")) <= len(body)
