"""Octets of IMAP and what they mean, from the RFCs' examples and from clients in the wild.

COMMANDS run both ways: `written` is what our writer says, other spellings are only read.
"""

from __future__ import annotations

import datetime

from bustia.message.section import Partial, Section, SectionKind, SectionText
from bustia.model import search_key as key
from bustia.model.flags import FlagChange
from bustia.model.number_set import NumberSet, SequenceSet
from bustia.protocol.imap.auth import Authenticate, Login
from bustia.protocol.imap.commands import Command
from bustia.protocol.imap.copy import Copy, Expunge, ExpungeData, Move
from bustia.protocol.imap.fetch import BodySection, Fetch, Item
from bustia.protocol.imap.flags import Store
from bustia.protocol.imap.general import ID, CapabilityData, Enable
from bustia.protocol.imap.list import List, ListData, LsubData
from bustia.protocol.imap.mailbox import (
    Create,
    ExistsData,
    NamespaceData,
    RecentData,
    Rename,
    Select,
    Status,
    StatusData,
    StatusItem,
)
from bustia.protocol.imap.quota import GetQuota, GetQuotaRoot, QuotaData, QuotaRootData
from bustia.protocol.imap.response import AppendUID, AtomCode, Condition, CopyUID, Modified, NamesCode, NumberCode
from bustia.protocol.imap.response import Status as StatusLine
from bustia.protocol.imap.responses import Answer
from bustia.protocol.imap.search import ESearchData, Search, SearchData


def numbers(*pairs: tuple[int | None, int | None]) -> SequenceSet:
    return SequenceSet(pairs)


ONE = numbers((1, 1))
ALL = numbers((1, None))
HEADER_FIELDS = Section((), SectionText(SectionKind.HEADER_FIELDS, (b"DATE", b"FROM")))

COMMANDS: list[tuple[bytes, Command]] = [
    (b"LOGIN SMITH SESAME", Login("SMITH", "SESAME")),
    (b'LOGIN "" "a \\"b\\" \\\\"', Login("", 'a "b" \\')),
    (b'LOGIN "NIL" x]', Login("NIL", "x]")),
    (b"AUTHENTICATE PLAIN =", Authenticate("PLAIN", b"")),
    (b"AUTHENTICATE PLAIN AHRlc3QAdGVzdA==", Authenticate("PLAIN", b"\0test\0test")),
    (b'ID ("name" "sodr" "support-url" NIL)', ID((("name", "sodr"), ("support-url", None)))),
    (b"ID NIL", ID()),
    (b"ENABLE CONDSTORE X-GOOD-IDEA", Enable(("CONDSTORE", "X-GOOD-IDEA"))),
    (b"SELECT INBOX (CONDSTORE)", Select("INBOX", condstore=True)),
    (b"EXAMINE &ZeVnLIqe-", Select("日本語", read_only=True)),
    (b"SELECT &Jjo-!", Select("☺!")),
    (b"SELECT Entw&APw-rfe", Select("Entwürfe")),
    (b'SELECT "Tom &- Jerry"', Select("Tom & Jerry")),
    (b"CREATE MySpecial (USE (\\Drafts \\Sent))", Create("MySpecial", ("\\Drafts", "\\Sent"))),
    (b'RENAME blurdybloop "sarasoop 2"', Rename("blurdybloop", "sarasoop 2")),
    (
        b"STATUS blurdybloop (UIDNEXT MESSAGES SIZE)",
        Status("blurdybloop", (StatusItem.UIDNEXT, StatusItem.MESSAGES, StatusItem.SIZE)),
    ),
    (b'LIST "" *', List("", ("*",))),
    (b"LIST ~/Mail/ %", List("~/Mail/", ("%",))),
    (
        b'LIST (RECURSIVEMATCH SUBSCRIBED) "" (INBOX "a b*") RETURN (CHILDREN STATUS (MESSAGES UNSEEN))',
        List(
            "",
            ("INBOX", "a b*"),
            frozenset({"SUBSCRIBED", "RECURSIVEMATCH"}),
            frozenset({"CHILDREN"}),
            (StatusItem.MESSAGES, StatusItem.UNSEEN),
            extended=True,
        ),
    ),
    (b"COPY 2:4 MEETING", Copy(numbers((2, 4)), "MEETING")),
    (b"UID MOVE 42:69,* foo", Move(numbers((42, 69), (None, None)), "foo", by_uid=True)),
    (b"UID EXPUNGE 3000:3002", Expunge(numbers((3000, 3002)))),
    (
        b"FETCH 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])",
        Fetch(numbers((2, 4)), (Item.FLAGS, BodySection(HEADER_FIELDS))),
    ),
    (
        b"UID FETCH 1:* (BODY.PEEK[1.2.MIME]<0.2048>) (CHANGEDSINCE 12345)",
        Fetch(
            ALL,
            (BodySection(Section((1, 2), SectionText(SectionKind.MIME)), Partial(0, 2048), peek=True),),
            by_uid=True,
            changed_since=12345,
        ),
    ),
    (b"STORE 2:4 +FLAGS (\\Deleted)", Store(numbers((2, 4)), FlagChange.ADD, ("\\Deleted",))),
    (
        b"UID STORE 6,4,8 (UNCHANGEDSINCE 12121230045) -FLAGS.SILENT ()",
        Store(numbers((6, 6), (4, 4), (8, 8)), FlagChange.REMOVE, (), True, True, 12121230045),
    ),
    (
        b"SEARCH (FLAGGED SINCE 1-Feb-1994 NOT FROM Smith)",
        Search(
            key.And(
                (
                    key.HasFlag("\\Flagged"),
                    key.DateIs(key.DateKind.ARRIVED, key.DateSide.SINCE, datetime.date(1994, 2, 1)),
                    key.Not(key.HasText(key.TextField.FROM, "Smith")),
                )
            )
        ),
    ),
    (
        b'UID SEARCH RETURN (COUNT MIN) OR HEADER X-A "" $',
        Search(
            key.Or(key.HasHeader("X-A", ""), key.Sequence(SequenceSet(saved=True), by_uid=False)),
            returns=frozenset({"MIN", "COUNT"}),
            by_uid=True,
        ),
    ),
    (b"SEARCH MODSEQ 620162338", Search(key.ModSeqSince(620162338))),
    (
        b"SEARCH (OLDER 60 UNKEYWORD $Junk SAVEDBEFORE 2-Mar-2024 LARGER 4294967296)",
        Search(
            key.And(
                (
                    key.WithinSeconds(60, younger=False),
                    key.HasFlag("$Junk", present=False),
                    key.DateIs(key.DateKind.SAVED, key.DateSide.BEFORE, datetime.date(2024, 3, 2)),
                    key.SizeIs(2**32, larger=True),
                )
            )
        ),
    ),
    (b'GETQUOTA ""', GetQuota("")),
    (b"GETQUOTAROOT INBOX", GetQuotaRoot("INBOX")),
]

OTHER_SPELLINGS: list[tuple[bytes, Command]] = [
    (b'login {3+}\r\nFOO "bar"', Login("FOO", "bar")),
    (b"uid fetch 4,4 full", Fetch(numbers((4, 4), (4, 4)), (Item.FLAGS, Item.INTERNALDATE, Item.RFC822_SIZE, Item.ENVELOPE, Item.BODY), True)),
    (b"FETCH 1 FAST", Fetch(ONE, (Item.FLAGS, Item.INTERNALDATE, Item.RFC822_SIZE))),
    (b"FETCH 1 all", Fetch(ONE, (Item.FLAGS, Item.INTERNALDATE, Item.RFC822_SIZE, Item.ENVELOPE))),
    (b"FETCH 1 body[]", Fetch(ONE, (BodySection(Section()),))),
    (b"FETCH 1 RFC822.HEADER", Fetch(ONE, (Item.RFC822_HEADER,))),
    (b"store 1 flags \\Seen $X", Store(ONE, FlagChange.REPLACE, ("\\Seen", "$X"))),
    (b'LIST () "" %', List("", ("%",), extended=True)),
    (b'LIST "" % RETURN ()', List("", ("%",), extended=True)),
    (b"SEARCH NEW", Search(key.And((key.Recent(), key.HasFlag("\\Seen", present=False))))),
    (b"SEARCH RETURN () 1:*", Search(key.Sequence(ALL, by_uid=False), returns=frozenset({"ALL"}))),
    (b'SEARCH ON "1-feb-1994"', Search(key.DateIs(key.DateKind.ARRIVED, key.DateSide.ON, datetime.date(1994, 2, 1)))),
    (b"SEARCH charset iso-8859-1 TEXT {1+}\r\n\xe9", Search(key.HasText(key.TextField.TEXT, "é"), "iso-8859-1")),
    (b"SEARCH CHARSET KLINGON TEXT {1+}\r\n\xe9", Search(key.HasText(key.TextField.TEXT, ""), "KLINGON", bad_charset=True)),
    (b"SEARCH TEXT {2+}\r\n\xc3\xa9", Search(key.HasText(key.TextField.TEXT, "é"))),
    (b'SEARCH MODSEQ "/flags/\\\\draft" all 620162338', Search(key.ModSeqSince(620162338))),
    (b"SEARCH ((ALL))", Search(key.All())),
]  # fmt: skip

BAD_COMMANDS: list[bytes] = [
    b"",
    b" NOOP",
    b"NOPE",
    b"NOOP ",
    b"NOOP x",
    b"UID",
    b"UID NOOP",
    b"UID  FETCH 1 UID",
    b"LOGIN a",
    b"LOGIN  a b",
    b"LOGIN a b c",
    b'LOGIN "a\\b" c',
    b'LOGIN "a" "b',
    b'LOGIN "\xc3\xa9" b',
    b"LOGIN a\tb c",
    b"LOGIN {1+}\r\n\0 b",
    b"LOGIN ~{1+}\r\na b",
    b"LOGIN {1+}\r\n\xff b",
    b"LOGIN a%b c",
    b"AUTHENTICATE PLAIN a",
    b"AUTHENTICATE PLAIN ====",
    b"AUTHENTICATE",
    b"SELECT",
    b"SELECT (",
    b"SELECT x (QRESYNC)",
    b"SELECT x (CONDSTORE",
    b'SELECT "&"',
    b"SELECT a&-b&",
    b"SELECT &AGE-",
    b"SELECT &2AA-",
    b"SELECT &Jjo-&Jjo-",
    b"SELECT &Jjp-",
    b"SELECT {2+}\r\n\xc3\xa9",
    b"CREATE x (USE \\Sent)",
    b"STATUS x ()",
    b"STATUS x (MESSAGES FOO)",
    b"STATUS x MESSAGES",
    b'LIST ""',
    b'LIST "" ()',
    b'LIST (RECURSIVEMATCH) "" *',
    b'LIST (FOO) "" *',
    b'LIST "" * RETURN (FOO)',
    b'LIST "" * FOO ()',
    b"COPY 0 x",
    b"COPY 1: x",
    b"COPY :1 x",
    b"COPY 1,,2 x",
    b"COPY 1,$ x",
    b"COPY 4294967296 x",
    b"COPY 01 x",
    b"COPY -1 x",
    b"COPY 1:2:3 x",
    b"EXPUNGE 1",
    b"UID EXPUNGE",
    b"FETCH 1",
    b"FETCH 1 ()",
    b"FETCH 1 (FAST)",
    b"FETCH 1 (UID  FLAGS)",
    b"FETCH 1 (UID",
    b"FETCH 1 BODY[MIME]",
    b"FETCH 1 BODY[0]",
    b"FETCH 1 BODY[1.]",
    b"FETCH 1 BODY[HEADER.FIELDS]",
    b"FETCH 1 BODY[HEADER.FIELDS ()]",
    b"FETCH 1 BODY[FOO]",
    b"FETCH 1 BODY[]<1>",
    b"FETCH 1 BODY[]<1.0>",
    b"FETCH 1 BODY[]<9223372036854775808.1>",
    b"FETCH 1 BODY[" + b"1." * 101 + b"1]",
    b"FETCH 1 BINARY[]",
    b"FETCH 1 UID (CHANGEDSINCE x)",
    b"FETCH 1 UID (VANISHED)",
    b"STORE 1 FLAGS",
    b"STORE 1 FLAGS (\\*)",
    b"STORE 1 FLAGS (a b",
    b"STORE 1 FLAG (a)",
    b"STORE 1 (UNCHANGEDSINCE) FLAGS ()",
    b"STORE 1 (UNCHANGEDSINCE 9223372036854775808) FLAGS ()",
    b"SEARCH",
    b"SEARCH ()",
    b"SEARCH FOO",
    b"SEARCH RETURN (FOO) ALL",
    b"SEARCH RETURN () ",
    b"SEARCH CHARSET UTF-8",
    b"SEARCH CHARSET UTF-8 TEXT {1+}\r\n\xff",
    b"SEARCH TEXT",
    b"SEARCH ON 31-Feb-2020",
    b"SEARCH ON 1-Foo-2020",
    b"SEARCH ON 1-Jan-0000",
    b"SEARCH OR ALL",
    b"SEARCH NOT",
    b"SEARCH YOUNGER 0",
    b"SEARCH LARGER -1",
    b'SEARCH MODSEQ "/other/x" all 1',
    b"SEARCH " + b"(" * 51 + b"ALL" + b")" * 51,
    b"SEARCH " + b"NOT " * 51 + b"ALL",
    b"SEARCH " + b"OR ALL " * 51 + b"ALL",
    b"SEARCH " + b"(" * 60_000,
    b"SEARCH " + b"ALL " * 2_001 + b"ALL",
    b"APPEND x",
    b"APPEND x (\\Seen)",
    b'APPEND x "32-Jan-2020 00:00:00 +0000" {0+}\r\n',
    b'APPEND x " 1-Jan-2020 24:00:00 +0000" {0+}\r\n',
    b"APPEND x (\\Seen {0+}\r\n)",
    b"APPEND x {1+}\r\nab",
    b"APPEND x {1+}\r\na {1+}\r\nb",
    b"APPEND {1+}\r\nx",
    b"ID (a b)",
    b'ID ("a")',
    b"ID (" + b" ".join([b'"a" NIL'] * 31) + b")",
    b"ENABLE",
    b"GETQUOTA",
]

ANSWERS: list[tuple[bytes, Answer]] = [
    (b"* OK [PERMANENTFLAGS (\\Deleted \\*)] Limited", StatusLine(None, Condition.OK, "Limited", NamesCode("PERMANENTFLAGS", ("\\Deleted", "\\*")))),
    (b"* OK [UIDVALIDITY 3857529045] valid", StatusLine(None, Condition.OK, "valid", NumberCode("UIDVALIDITY", 3857529045))),
    (b"* NO [BADCHARSET (US-ASCII UTF-8)] no", StatusLine(None, Condition.NO, "no", NamesCode("BADCHARSET", ("US-ASCII", "UTF-8")))),
    (b"* NO [BADCHARSET] no", StatusLine(None, Condition.NO, "no", NamesCode("BADCHARSET"))),
    (b"* BYE bye", StatusLine(None, Condition.BYE, "bye")),
    (b"* PREAUTH [CAPABILITY IMAP4rev1 ID] hi", StatusLine(None, Condition.PREAUTH, "hi", NamesCode("CAPABILITY", ("IMAP4rev1", "ID")))),
    (b"* OK [APPENDUID 38505 3955] done", StatusLine(None, Condition.OK, "done", AppendUID(38505, NumberSet(((3955, 3955),))))),
    (b"* OK [COPYUID 38505 304,319:320 3956:3958] Done", StatusLine(None, Condition.OK, "Done", CopyUID(38505, (304, 319, 320), (3956, 3957, 3958)))),
    (b"* OK [MODIFIED 7,9] failed", StatusLine(None, Condition.OK, "failed", Modified(NumberSet(((7, 7), (9, 9)))))),
    (b"* NO [TRYCREATE] none", StatusLine(None, Condition.NO, "none", AtomCode("TRYCREATE"))),
    (b"* CAPABILITY IMAP4rev1 AUTH=PLAIN", CapabilityData(("IMAP4rev1", "AUTH=PLAIN"))),
    (b"* 172 EXISTS", ExistsData(172)),
    (b"* 1 RECENT", RecentData(1)),
    (b"* 3 EXPUNGE", ExpungeData(3)),
    (b"* STATUS &Jjo- (MESSAGES 231 UIDNEXT 44292)", StatusData("☺", ((StatusItem.MESSAGES, 231), (StatusItem.UIDNEXT, 44292)))),
    (b'* NAMESPACE (("" "/")) NIL (("Shared/" "/")("x" NIL))', NamespaceData((("", "/"),), (), (("Shared/", "/"), ("x", "")))),
    (b'* LIST (\\Marked) "/" foo ("CHILDINFO" ("SUBSCRIBED") "OLDNAME" (bar))', ListData(("\\Marked",), "/", "foo", ("SUBSCRIBED",), "bar")),
    (b'* LIST () NIL "a b"', ListData((), None, "a b")),
    (b'* LSUB () "." INBOX', LsubData((), ".", "INBOX")),
    (b"* SEARCH 2 5 6 (MODSEQ 917162500)", SearchData((2, 5, 6), 917162500)),
    (b"* SEARCH", SearchData(())),
    (b'* ESEARCH (TAG "A282") UID MIN 2 MAX 9 ALL 2,4:9 COUNT 3 MODSEQ 7', ESearchData("A282", True, 2, 9, NumberSet(((2, 2), (4, 9))), 3, 7)),
    (b'* QUOTA "" (STORAGE 10 512)', QuotaData("", (("STORAGE", 10, 512),))),
    (b'* QUOTAROOT INBOX ""', QuotaRootData("INBOX", ("",))),
]  # fmt: skip
