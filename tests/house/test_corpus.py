"""The helper that reads the corpus cuts mbox files where RFC 4155 says, and changes no octet."""

from __future__ import annotations

import pytest

from corpus import split_mbox


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_mbox_is_cut_at_from_lines_after_an_empty_line(end: bytes) -> None:
    lines = [b"From a@example.org Thu Jan  1 00:00:00 1970", b"Subject: 1", b"", b"text", b"From here no cut", b"", b""]
    lines += [b"From b@example.org Thu Jan  1 00:00:00 1970", b"Subject: 2", b"", b">From quoted", b""]
    one, two = split_mbox(end.join(lines))
    assert one == end.join([b"Subject: 1", b"", b"text", b"From here no cut", b"", b""])
    assert two == end.join([b"Subject: 2", b"", b">From quoted", b""])


def test_mbox_without_from_line_holds_nothing() -> None:
    assert split_mbox(b"Subject: 1\n\ntext\n") == []
