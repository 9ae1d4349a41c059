"""A mail made ready for filing, outside any transaction: everything that takes time."""

from __future__ import annotations

import hashlib
from mmap import mmap

from bustia.message.describe import describe
from bustia.store.api import Prepared
from bustia.store.sqlite import frames


def prepare(octets: bytes | mmap) -> Prepared:
    """Facts, hash and frames of a mail of any octets; linear in its size. Call it off the event loop when the mail is large."""
    facts = describe(octets)
    ends = frames.cut(facts.size, facts.header_size)
    return Prepared(
        facts=facts, digest=hashlib.sha256(octets).digest(), frames=frames.pack(octets, ends), frame_ends=ends
    )
