"""Octets in frames."""

from __future__ import annotations

import mmap
import random
import tempfile
from array import array

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.model.number_set import NumberSet
from bustia.model.numbers import MAX_UID
from bustia.model.reason import Reason, Refused
from bustia.store.sqlite import frames, schema, sql
from bustia.store.sqlite.contents import StoredContent, file_content
from bustia.store.sqlite.prepare import prepare


@pytest.mark.parametrize("frame", [b"", b"not zstd", b"\x28\xb5\x2f\xfd"])
def test_damaged_frame_does_not_open(frame: bytes) -> None:
    with pytest.raises(ValueError, match="frame"):
        frames.unpack(frame, 1000)


def test_frame_that_opens_to_another_size_is_damaged() -> None:
    (frame,) = frames.pack(b"a" * 5000, (5000,))
    for size in (4999, 5001):
        with pytest.raises(ValueError, match="frame"):
            frames.unpack(frame, size)


def test_numbers_of_a_wrong_length_are_refused() -> None:
    with pytest.raises(ValueError, match="multiple"):
        frames.read_numbers(b"1234567")


@given(st.lists(st.integers(0, 2**63 - 1)))
def test_numbers_round_trip(numbers: list[int]) -> None:
    assert list(frames.read_numbers(frames.write_numbers(numbers))) == numbers


@given(st.integers(0, 2_000_000), st.integers(0, 400_000))
def test_cut_covers_the_octets_in_bounded_pieces(size: int, header_size: int) -> None:
    ends = frames.cut(size, min(header_size, size))
    assert ends[-1:] == ((size,) if size else ())
    pieces = [end - start for start, end in zip((0, *ends), ends, strict=False)]
    assert all(0 < piece <= frames.FRAME_SIZE for piece in pieces)


def test_header_of_a_large_message_is_its_own_frame() -> None:
    assert frames.cut(frames.SPLIT_FROM + 1, 700)[0] == 700
    assert frames.cut(frames.SPLIT_FROM, 700) == (frames.SPLIT_FROM,)


@given(st.binary(max_size=3000), st.integers(1, 400))
def test_frames_open_to_what_went_in(octets: bytes, times: int) -> None:
    source = octets * times
    ends = frames.cut(len(source), min(len(source), 900))
    opened = [
        frames.unpack(frame, end - start)
        for frame, start, end in zip(frames.pack(source, ends), (0, *ends), ends, strict=False)
    ]
    assert b"".join(opened) == source


def test_text_shrinks_and_what_is_compressed_already_stays_plain() -> None:
    text = b"some words of a letter\r\n" * 20_000
    noise = random.Random(1).randbytes(300_000)
    ends = frames.cut(len(text), 0)
    assert sum(map(len, frames.pack(text, ends))) < len(text) / 10
    ends = frames.cut(len(noise), 0)
    assert frames.pack(noise, ends)[0] == noise[: ends[0]]


def test_mail_in_a_memory_map_is_prepared_like_its_octets() -> None:
    octets = b"Subject: one\r\n\r\nline\nbare\r\n" * 60_000
    with tempfile.TemporaryFile() as file:
        file.write(octets)
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            assert prepare(mapped) == prepare(octets)


def test_partial_read_opens_only_its_frames() -> None:
    """Frames that are not needed may even be gone."""
    connection = apsw.Connection(":memory:")
    schema.create(connection, 1)
    prepared = prepare(b"Subject: s\r\n\r\n" + random.Random(2).randbytes(1_000_000))
    file_content(connection, 7, prepared)
    content = StoredContent(connection, 7, array("q", prepared.frame_ends))
    ends = prepared.frame_ends
    second = content.read(ends[0], ends[1])
    connection.execute("DELETE FROM frame WHERE id <> 7 * 65536 + 1")
    fresh = StoredContent(connection, 7, array("q", ends))
    assert fresh.read(ends[0], ends[1]) == second
    with pytest.raises(Refused) as refused:
        fresh.read(ends[0], ends[1] + 1)
    assert refused.value.reason is Reason.DAMAGED


def test_scattered_set_is_asked_for_by_uid_and_a_wide_one_never() -> None:
    scattered = NumberSet.of(range(1, 200, 2))
    assert sql.wanted(scattered).condition == "uid = wanted.value"
    wide = NumberSet((*scattered.ranges, (300, MAX_UID)))
    assert "BETWEEN" in sql.wanted(wide).condition
