"""Octets cut into frames that open independently of each other, so that a part of a big message costs its own frames only (design §2, rule 16).

Invariants:
- `frame_ends` rise strictly and the last is the size; octets of size 0 have no frame.
- A frame is plain exactly when its length is that of the octets it holds: a compressed one is kept only if it is shorter.
- Frames follow from the octets and the compressor alone; equal octets always open to equal octets.
"""

from __future__ import annotations

import sys
import threading
from array import array
from collections.abc import Sequence
from mmap import mmap

import zstandard

FRAME_SIZE = 262_144  # octets; a partial FETCH opens at least one frame, and opening one takes about 0.2 ms
SPLIT_FROM = (
    16_384  # octets; in a larger message the header is a frame of its own, so that reading headers opens little
)
LEVEL = 1  # zstd; higher ones gain a few percent on mail and cost several times the time at delivery
WORTH_NUMERATOR, WORTH_DENOMINATOR = (
    2,
    3,
)  # kept compressed if it shrinks below two thirds: base64 of what is compressed already goes plain
LEAST_FRAME = 512  # octets; below this nothing is gained: SQLite's rows would not become fewer pages

_tools = threading.local()  # zstd contexts are not safe to share between threads and costly to make


def cut(size: int, header_size: int) -> tuple[int, ...]:
    """Where each frame of a message of `size` octets ends."""
    first = header_size if size > SPLIT_FROM and 0 < header_size < min(size, FRAME_SIZE) else 0
    ends = list(range(first + FRAME_SIZE, size, FRAME_SIZE))
    return tuple(([first] if first else []) + ends + ([size] if size else []))


def pack(octets: bytes | mmap, ends: Sequence[int]) -> tuple[bytes, ...]:
    """The frames of the octets, compressed where that is worth it."""
    compressor = getattr(_tools, "compressor", None)
    if compressor is None:
        compressor = _tools.compressor = zstandard.ZstdCompressor(level=LEVEL, write_content_size=True)
    frames = []
    start = 0
    for end in ends:
        plain = octets[start:end]
        start = end
        if len(plain) >= LEAST_FRAME:
            packed = compressor.compress(plain)
            if len(packed) * WORTH_DENOMINATOR < len(plain) * WORTH_NUMERATOR:
                frames.append(packed)
                continue
        frames.append(plain)
    return tuple(frames)


def unpack(frame: bytes, size: int) -> bytes:
    """The `size` octets that a frame holds. Raises ValueError when the frame is damaged."""
    if len(frame) == size:
        return frame
    decompressor = getattr(_tools, "decompressor", None)
    if decompressor is None:
        decompressor = _tools.decompressor = zstandard.ZstdDecompressor()
    try:
        octets: bytes = decompressor.decompress(frame, max_output_size=size)
    except zstandard.ZstdError as error:
        raise ValueError(f"a frame does not open: {error}") from error
    if len(octets) != size:
        raise ValueError(f"a frame opens to {len(octets)} octets instead of {size}")
    return octets


def write_numbers(numbers: Sequence[int]) -> bytes:
    """Whole numbers below 2**63 as 8 octets each, little-endian: the form of `content.frame_ends` and `bin.mails`."""
    packed = array("q", numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def read_numbers(octets: bytes) -> array[int]:
    """The inverse of `write_numbers`. Raises ValueError when the length is no multiple of 8."""
    numbers = array("q")
    numbers.frombytes(octets)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
