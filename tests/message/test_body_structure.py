"""BODY and BODYSTRUCTURE, value and wire form."""

from __future__ import annotations

from hypothesis import given

from bustia.message.body_structure import BodyStructure, body_structure_of, count_lines, write_body_structure
from bustia.message.parameters import ParameterizedValue, Parameters
from bustia.message.scanner import MAX_DEPTH, scan
from generated_mail import messages
from imap_list import Value, read_list

NILS = [None] * 4


def structure(octets: bytes) -> BodyStructure:
    return body_structure_of(octets, scan(octets))


def test_a_text_without_fields_is_plain_us_ascii_with_its_lines() -> None:
    octets = b"\r\none\r\ntwo"
    assert write_body_structure(structure(octets), extended=False) == (
        b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 8 1)'
    )
    assert write_body_structure(structure(octets)).endswith(b" 8 1 NIL NIL NIL NIL)")


def test_extension_data_are_md5_disposition_language_and_location() -> None:
    header = (
        b"Content-Type: image/png\r\nContent-ID: <1@x>\r\nContent-Description: a picture\r\n"
        b"Content-Transfer-Encoding: BASE64 (yes)\r\nContent-MD5: Q2hlY2s=\r\nContent-Disposition: Inline; FileName=a\r\n"
        b"Content-Language: ca, (es) en\r\nContent-Location: http://x.example/\r\n\r\n"
    )
    assert write_body_structure(structure(header)) == (
        b'("image" "png" NIL "<1@x>" "a picture" "base64" 0 "Q2hlY2s=" ("inline" ("filename" "a")) ("ca" "en")'
        b' "http://x.example/")'
    )


def test_a_multipart_has_its_parameters_only_in_bodystructure() -> None:
    octets = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--"
    text = b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0'
    assert write_body_structure(structure(octets), extended=False) == b"(" + text + b') "mixed")'
    assert write_body_structure(structure(octets)) == (
        b"(" + text + b' NIL NIL NIL NIL) "mixed" ("boundary" "b") NIL NIL NIL)'
    )


def test_a_multipart_without_parts_shows_an_empty_one() -> None:
    octets = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    assert write_body_structure(structure(octets), extended=False) == (
        b'(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0) "mixed")'
    )


def test_a_message_part_has_envelope_body_and_lines() -> None:
    octets = b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\na\r\n"
    assert write_body_structure(structure(octets), extended=False) == (
        b'("message" "rfc822" NIL NIL NIL "7bit" 17 (NIL "x" NIL NIL NIL NIL NIL NIL NIL NIL)'
        b' ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 1) 3)'
    )


def test_a_container_past_the_depth_limit_is_an_octet_stream() -> None:
    octets = b"Content-Type: message/rfc822\r\n\r\n" * (MAX_DEPTH + 1) + b"x"
    assert b'("application" "octet-stream" NIL NIL NIL "7bit" 1)' in write_body_structure(structure(octets), False)


def test_an_encoding_that_is_no_token_is_7bit() -> None:
    for value, expected in ((b"8 bit", b"7bit"), (b"quoted-printable;", b"quoted-printable"), (b"", b"7bit")):
        assert structure(b"Content-Transfer-Encoding: " + value + b"\r\n\r\n").encoding == expected


def test_extended_values_are_decoded_only_with_utf8() -> None:
    body = structure(b"Content-Type: a/b; name*=iso-8859-1''%E9\r\n\r\n")
    assert b'("name*" "iso-8859-1\'\'%E9")' in write_body_structure(body)
    assert b'("name*" "\xc3\xa9")' in write_body_structure(body, utf8=True)


def test_lines_of_a_bytearray_are_counted_alike() -> None:
    assert count_lines(bytearray(b"a\nb\n"), 1, 4) == count_lines(b"a\nb\n", 1, 4) == 2


def expected(body: BodyStructure) -> Value:
    """What a reader must see of a structure, built by recursion: the generated ones are shallow."""
    tail: list[Value] = [disposition(body.disposition), list(body.language) or None, body.location]
    if body.is_multipart:
        return [*map(expected, body.children), body.subtype, flat(body.parameters), *tail]
    shown: list[Value] = [body.type, body.subtype, flat(body.parameters), body.id, body.description, body.encoding]
    shown.append(body.size)
    if body.envelope is not None:
        shown += [ANY_ENVELOPE, expected(body.children[0])]
    if body.lines is not None:
        shown.append(body.lines)
    return [*shown, body.md5, *tail]


ANY_ENVELOPE: Value = [b"any envelope"]


def flat(parameters: Parameters) -> Value:
    return [word for pair in parameters for word in pair] or None


def disposition(value: ParameterizedValue | None) -> Value:
    return None if value is None else [value.value, flat(value.parameters)]


def without_envelopes(value: Value) -> Value:
    if not isinstance(value, list):
        return value
    return [
        ANY_ENVELOPE if index == 7 and value[0] == b"message" and isinstance(item, list) else without_envelopes(item)
        for index, item in enumerate(value)
    ]


@given(messages())
def test_a_reader_gets_the_structure_back(octets: bytes) -> None:
    octets = octets.replace(b"\0", b"")
    body = structure(octets)
    assert without_envelopes(read_list(write_body_structure(body))) == expected(body)
