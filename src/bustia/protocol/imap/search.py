"""SEARCH and UID SEARCH, and their two forms of data."""

from __future__ import annotations

from dataclasses import dataclass

from bustia.model.number_set import NumberSet
from bustia.model.search_key import SearchKey


@dataclass(frozen=True, slots=True)
class Search:
    """SEARCH or UID SEARCH (RFC 9051 §6.4.4); texts of the key are already decoded from `charset`.

    `returns` is None for the old form, else the options MIN, MAX, ALL, COUNT, SAVE (RFC 4731 §3.1); `RETURN ()` means ALL. An unknown charset is kept in
    `charset` and answered NO [BADCHARSET] by the server; then `key` is not to be used.
    """

    key: SearchKey
    charset: str | None = None
    returns: frozenset[str] | None = None
    by_uid: bool = False
    bad_charset: bool = False


@dataclass(frozen=True, slots=True)
class SearchData:
    """`* SEARCH n n n (MODSEQ m)`, to IMAP4rev1 clients (RFC 3501 §7.2.5, RFC 7162 §3.1.5)."""

    numbers: tuple[int, ...]
    modseq: int | None = None


@dataclass(frozen=True, slots=True)
class ESearchData:
    """`* ESEARCH (TAG "…") UID MIN n MAX n ALL set COUNT n MODSEQ m` (RFC 9051 §7.3.4, RFC 4731 §3.1)."""

    tag: str | None
    by_uid: bool
    minimum: int | None = None
    maximum: int | None = None
    all: NumberSet | None = None
    count: int | None = None
    modseq: int | None = None
