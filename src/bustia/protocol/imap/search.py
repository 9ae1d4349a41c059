"""SEARCH and UID SEARCH, and their two forms of data."""

from __future__ import annotations

from dataclasses import dataclass

from bustia.model.number_set import NumberSet
from bustia.model.search_key import SearchKey
from bustia.protocol.imap import charsets
from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.extension import skip_extension
from bustia.protocol.imap.search_key import SearchReader, write_search_key
from bustia.protocol.imap.sequence_set import parse_number_set, write_number_set
from bustia.protocol.imap.writer import Writer

RETURN_OPTIONS = frozenset({"MIN", "MAX", "ALL", "COUNT", "SAVE"})  # RFC 4731 §3.1, RFC 5182 §2.1


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


def parse_search(cursor: Cursor) -> Search:
    """Reads a SEARCH by sequence number.

    search             = "SEARCH" [search-return-opts] SP search-program
    search-return-opts = SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"
    search-return-opt  = "MIN" / "MAX" / "ALL" / "COUNT" / "SAVE"
    search-program     = ["CHARSET" SP charset SP] search-key *(SP search-key)
    charset            = astring                ; RFC 3501 §9; RFC 9051 §9 writes atom / quoted
    """
    return _parse(cursor, by_uid=False)


def parse_uid_search(cursor: Cursor) -> Search:
    """uid = "UID" SP search"""
    return _parse(cursor, by_uid=True)


def _parse(cursor: Cursor, *, by_uid: bool) -> Search:
    cursor.space()
    returns: frozenset[str] | None = None
    if cursor.skip_word(b"RETURN "):
        returns = frozenset(cursor.list(lambda: _parse_return(cursor))) or frozenset({"ALL"})
        cursor.space()
    charset = None
    if cursor.skip_word(b"CHARSET "):
        charset = cursor.astring().decode("ascii", "replace")
        if cursor.utf8:
            cursor.fail("No CHARSET in a UTF-8 session")  # RFC 6855 §3
        cursor.space()
    bad_charset = charset is not None and charset.upper() not in charsets.CODECS
    key = SearchReader(cursor, charset).program()
    cursor.end()
    return Search(key, charset, returns, by_uid, bad_charset)


def _parse_return(cursor: Cursor) -> str:
    option = cursor.keyword().decode("ascii")
    if option not in RETURN_OPTIONS:
        cursor.fail("Unknown return option")
    return option


def write_search(command: Search, writer: Writer) -> None:
    """The reverse of `parse_search` and `parse_uid_search`.

    Raises ValueError for text that its charset does not have; without charset it must be US-ASCII, in a UTF-8 session any text.
    """
    writer.raw(b"UID SEARCH " if command.by_uid else b"SEARCH ")
    if command.returns is not None:
        writer.raw(b"RETURN (" + " ".join(sorted(command.returns)).encode("ascii") + b") ")
    charset = command.charset
    if charset is not None:
        writer.raw(b"CHARSET ")
        writer.astring(charset.encode("ascii"))
        writer.raw(b" ")
    elif not writer.utf8:
        charset = charsets.DEFAULT
    write_search_key(command.key, charset, writer)


def parse_search_data(cursor: Cursor) -> SearchData:
    """mailbox-data = "SEARCH" *(SP nz-number) [SP "(" "MODSEQ" SP mod-sequence-value ")"] (RFC 3501 §9, RFC 7162 §7)"""
    numbers: list[int] = []
    while cursor.skip(b" "):
        if cursor.done:
            break  # some servers end the line with a space
        if cursor.skip(b"("):
            if cursor.keyword() != b"MODSEQ":
                cursor.fail("Expected MODSEQ")
            cursor.space()
            modseq = cursor.modseq()
            cursor.expect(b")")
            return SearchData(tuple(numbers), modseq)
        numbers.append(cursor.nz_number())
    return SearchData(tuple(numbers))


def write_search_data(data: SearchData, writer: Writer) -> None:
    """The reverse of `parse_search_data`."""
    writer.raw(b"SEARCH" + b"".join([b" %d" % number for number in data.numbers]))
    if data.modseq is not None:
        writer.raw(b" (MODSEQ %d)" % data.modseq)


def parse_esearch_data(cursor: Cursor) -> ESearchData:
    """Reads an ESEARCH; data that we do not know are passed over.

    esearch-response   = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)
    search-correlator  = SP "(" "TAG" SP tag-string ")"
    search-return-data = "MIN" SP nz-number / "MAX" SP nz-number / "ALL" SP sequence-set / "COUNT" SP number /
                         "MODSEQ" SP mod-sequence-value / search-modifier-name SP search-return-value
    """
    tag = None
    by_uid = False
    values: dict[str, int] = {}
    found: NumberSet | None = None
    while cursor.skip(b" "):
        if cursor.skip(b"("):
            if cursor.keyword() != b"TAG":
                cursor.fail("Expected TAG")
            cursor.space()
            tag = cursor.astring().decode("ascii", "replace")
            cursor.expect(b")")
            continue
        match cursor.keyword():
            case b"UID":
                by_uid = True
            case b"ALL":
                cursor.space()
                found = parse_number_set(cursor)
            case b"MIN" | b"MAX" | b"COUNT" | b"MODSEQ" as word:
                cursor.space()
                values[word.decode("ascii")] = cursor.number64()
            case _:
                cursor.space()
                skip_extension(cursor)
    return ESearchData(
        tag, by_uid, values.get("MIN"), values.get("MAX"), found, values.get("COUNT"), values.get("MODSEQ")
    )


def write_esearch_data(data: ESearchData, writer: Writer) -> None:
    """The reverse of `parse_esearch_data`. An empty `all` is left out: an empty set has no wire form (RFC 4731 §3.1)."""
    writer.raw(b"ESEARCH")
    if data.tag is not None:
        writer.raw(b" (TAG ")
        writer.string(data.tag.encode("ascii"))
        writer.raw(b")")
    if data.by_uid:
        writer.raw(b" UID")
    if data.minimum is not None:
        writer.raw(b" MIN %d" % data.minimum)
    if data.maximum is not None:
        writer.raw(b" MAX %d" % data.maximum)
    if data.all:
        writer.raw(b" ALL " + write_number_set(data.all))
    if data.count is not None:
        writer.raw(b" COUNT %d" % data.count)
    if data.modseq is not None:
        writer.raw(b" MODSEQ %d" % data.modseq)
