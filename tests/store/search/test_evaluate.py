"""The meaning of search keys (RFC 9051 §6.4.4), and that only what decides is read."""

from __future__ import annotations

import datetime
from collections.abc import Sequence as Places
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.model.number_set import NumberSet, SequenceSet
from bustia.model.search_key import (
    All,
    And,
    DateIs,
    DateKind,
    DateSide,
    HasFlag,
    HasHeader,
    HasText,
    ModSeqSince,
    Not,
    Or,
    Recent,
    SearchKey,
    Sequence,
    SizeIs,
    TextField,
    UIDs,
    WithinSeconds,
)
from bustia.store.api import Column
from bustia.store.search import text_rounds
from bustia.store.search.evaluate import evaluate
from search_double import NOW, Index, Mailbox, Message, matches

DAY = 86_400
MIDNIGHT = NOW - NOW % DAY
TODAY = datetime.datetime.fromtimestamp(MIDNIGHT, datetime.UTC).date()


def mail(header: str, body: str = "") -> bytes:
    return (header.strip().replace("\n", "\r\n") + "\r\n\r\n" + body).encode()


def found(key: SearchKey, *messages: Message) -> list[int]:
    return evaluate(key, Mailbox(messages))


def one(octets: bytes, uid: int = 1) -> Message:
    return Message(uid, uid + 100, octets)


@pytest.mark.parametrize("key", [Recent(), Sequence(SequenceSet(((1, None),)), False)])
def test_keys_of_a_session_are_refused(key: SearchKey) -> None:
    with pytest.raises(ValueError, match="session"):
        evaluate(And((All(), Not(key))), Mailbox([]))


def test_empty_mailbox_has_no_matches() -> None:
    assert found(Or(All(), HasText(TextField.BODY, "x"))) == []


def test_and_of_nothing_is_everything() -> None:
    assert found(And(()), one(b"\r\n")) == [1]


def test_depth_costs_no_stack() -> None:
    key: SearchKey = HasFlag("\\Seen")
    for _ in range(100_000):
        key = Not(key)
    assert found(key, Message(4, 1, b"\r\n", flags=8)) == [4]


def test_unknown_keyword_is_on_no_message() -> None:
    messages = (Message(3, 1, b"\r\n", flags=63), Message(9, 2, b"\r\n"))
    assert found(HasFlag("$never"), *messages) == []
    assert found(HasFlag("$never", present=False), *messages) == [3, 9]


@pytest.mark.parametrize(
    ("offset", "side", "matching"),
    [
        (-1, DateSide.BEFORE, True),
        (0, DateSide.BEFORE, False),
        (-1, DateSide.ON, False),
        (0, DateSide.ON, True),
        (DAY - 1, DateSide.ON, True),
        (DAY, DateSide.ON, False),
        (-1, DateSide.SINCE, False),
        (0, DateSide.SINCE, True),
    ],
)
def test_internal_and_save_date_are_days_of_utc(offset: int, side: DateSide, matching: bool) -> None:
    message = replace(one(b"\r\n"), internal_date=MIDNIGHT + offset, saved=0)
    assert found(DateIs(DateKind.ARRIVED, side, TODAY), message) == [1] * matching
    message = replace(one(b"\r\n"), saved=MIDNIGHT + offset, internal_date=0)
    assert found(DateIs(DateKind.SAVED, side, TODAY), message) == [1] * matching


def test_sent_date_is_the_day_that_the_author_wrote() -> None:
    late = one(mail("Date: Tue, 02 Jan 2024 23:30:00 -0800"))  # 3 January in UTC
    assert found(DateIs(DateKind.SENT, DateSide.ON, datetime.date(2024, 1, 2)), late) == [1]
    assert found(DateIs(DateKind.SENT, DateSide.ON, datetime.date(2024, 1, 3)), late) == []


@pytest.mark.parametrize("side", DateSide)
def test_without_a_usable_date_no_sent_key_matches(side: DateSide) -> None:
    messages = (one(mail("Subject: x"), 1), one(mail("Date: soon"), 2))
    assert found(DateIs(DateKind.SENT, side, TODAY), *messages) == []


def test_older_and_younger_include_the_moment_itself() -> None:  # RFC 5032 §2
    message = replace(one(b"\r\n"), internal_date=NOW - 60)
    assert found(WithinSeconds(60, younger=True), message) == [1]
    assert found(WithinSeconds(60, younger=False), message) == [1]
    assert found(WithinSeconds(59, younger=True), message) == []
    assert found(WithinSeconds(61, younger=False), message) == []


def test_larger_and_smaller_exclude_the_size_itself() -> None:
    message = one(b"a" * 10)
    assert found(SizeIs(10, larger=True), message) == found(SizeIs(10, larger=False), message) == []
    assert found(SizeIs(9, larger=True), message) == found(SizeIs(11, larger=False), message) == [1]


def test_header_with_empty_text_asks_for_the_field() -> None:
    with_empty, without = one(mail("X-Tag:"), 1), one(mail("X-Tags: y\nSubject: x-tag"), 2)
    assert found(HasHeader("x-tag", ""), with_empty, without) == [1]
    assert found(HasText(TextField.SUBJECT, ""), with_empty, without) == [2]


@pytest.mark.parametrize("name", ["subject: a", "", "subject:", "x\ny"])
def test_header_name_that_is_none_matches_nothing(name: str) -> None:
    assert found(HasHeader(name, ""), one(mail("Subject: a:b"))) == []


def test_header_looks_at_every_field_of_that_name_and_at_no_other() -> None:
    message = one(mail("Received: from alpha\nReceived: from\n beta\nX-Other: gamma"))
    assert found(HasHeader("Received", "beta"), message) == [1]
    assert found(HasHeader("Received", "gamma"), message) == []


def test_from_looks_at_names_and_addresses_decoded() -> None:
    message = one(mail("From: =?iso-8859-1?Q?Bj=F6rn?= <b@example.org>\nTo: carla@example.org"))
    for text in ("björn", "Bjorn <B@", "example"):
        assert found(HasText(TextField.FROM, text), message) == [1]
    assert found(HasText(TextField.FROM, "carla"), message) == []
    assert found(HasText(TextField.TO, "carla"), message) == [1]
    assert found(HasText(TextField.BCC, "carla"), message) == []


NESTED = mail(
    "Subject: outer\nContent-Type: multipart/mixed; boundary=b",
    "--b\r\nContent-Type: text/plain\r\nContent-Description: wrapping\r\n\r\nwords\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ndeep\r\n--b--\r\n",
)


@pytest.mark.parametrize(
    ("text", "in_body", "in_text"),
    [
        ("words", True, True),
        ("deep", True, True),
        ("inner", True, True),
        ("outer", False, True),
        ("wrapping", False, True),  # a MIME header field
        ("multipart/mixed", False, True),
        ("absent", False, False),
    ],
)
def test_body_has_no_header_but_those_of_messages_inside(text: str, in_body: bool, in_text: bool) -> None:
    assert found(HasText(TextField.BODY, text), one(NESTED)) == [1] * in_body
    assert found(HasText(TextField.TEXT, text), one(NESTED)) == [1] * in_text


def test_report_parts_are_searched() -> None:
    report = mail(
        "Content-Type: multipart/report; boundary=b",
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n--b--\r\n",
    )
    assert found(HasText(TextField.BODY, "mx.example.org"), one(report)) == [1]


def test_mail_without_content_is_searched_by_its_kept_fields() -> None:
    message = replace(one(mail("From: ada@example.org", "secret")), here=False)
    assert found(HasText(TextField.TEXT, "ada@"), message) == [1]
    assert found(HasText(TextField.BODY, "secret"), message) == []


@pytest.mark.parametrize("where", [TextField.FROM, TextField.TEXT])
def test_long_kept_fields_are_read_one_mail_at_a_time(where: TextField, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_rounds, "OCTETS_AT_ONCE", 1)
    messages = [Message(uid, uid, mail(f"From: a{uid % 3}@example.org")) for uid in range(1, 10)]
    mailbox = Mailbox(messages, None)
    read: list[int] = []

    def rows(positions: Places[int], columns: Places[Column], most: int | None = None) -> list[tuple[object, ...]]:
        found = Mailbox.rows(mailbox, positions, columns, most)
        if Column.HEADER_CACHE in columns:
            read.append(len(found))
        return found

    monkeypatch.setattr(mailbox, "rows", rows)
    assert evaluate(HasText(where, "a1@"), mailbox) == [1, 4, 7]
    assert read == [1] * 9


def test_one_mail_at_two_places_is_found_at_both() -> None:
    octets = mail("Subject: x", "twice")
    messages = [Message(1, 7, octets), Message(2, 8, mail("Subject: y")), Message(3, 7, octets)]
    for index in (None, Index(messages, frozenset({7})), Index(messages, frozenset({7, 8}))):
        assert evaluate(HasText(TextField.BODY, "twice"), Mailbox(messages, index)) == [1, 3]


def test_flags_need_no_rows() -> None:
    mailbox = Mailbox([Message(1, 1, b"\r\n", flags=8)], Index([], frozenset()))
    assert evaluate(And((HasFlag("\\Seen"), UIDs(NumberSet(((1, 5),))))), mailbox) == [1]
    assert mailbox.rows_read == 0


def test_texts_are_read_only_where_cheaper_keys_leave_it_open() -> None:
    messages = [Message(uid, uid, mail("Subject: x", "word"), flags=8 * (uid == 2)) for uid in range(1, 30)]
    mailbox = Mailbox(messages)
    assert evaluate(And((HasText(TextField.BODY, "word"), HasFlag("\\Seen"))), mailbox) == [2]
    assert mailbox.opened == 1
    mailbox = Mailbox(messages)
    assert len(evaluate(Or(HasText(TextField.BODY, "word"), HasFlag("\\Seen", False)), mailbox)) == 29
    assert mailbox.opened == 1
    mailbox = Mailbox(messages)
    assert evaluate(And((HasText(TextField.BODY, "word"), HasText(TextField.SUBJECT, "none"))), mailbox) == []
    assert mailbox.opened == 0


def test_indexed_mails_are_not_opened() -> None:
    messages = [Message(uid, uid, mail("Subject: x", f"word{uid}")) for uid in range(1, 9)]
    mailbox = Mailbox(messages, Index(messages, frozenset(range(1, 8))))
    assert evaluate(HasText(TextField.BODY, "word8"), mailbox) == [8]
    assert mailbox.opened == 1


words = st.sampled_from(
    ["ab", "abc", "bca", "é", "É", "e", "Straße", "STRASSE", "日本", "x y", "a\nb", "", '"', "c*", "bc ab"]
)
texts = st.lists(words, max_size=4).map(" ".join)


@st.composite
def messages_of(draw: st.DrawFn) -> list[Message]:
    count = draw(st.integers(0, 8))
    made: list[Message] = []
    for uid in range(1, count + 1):
        fields = "".join(
            f"{name}: {draw(texts).replace(chr(10), ' ')}\r\n"
            for name in draw(st.lists(st.sampled_from(["Subject", "From", "To", "X-Tag", "Received"]), max_size=4))
        )
        date = draw(st.sampled_from(["", "Date: Tue, 14 Nov 2023 23:30:00 -0500\r\n", "Date: nonsense\r\n"]))
        octets = (fields + date + "\r\n" + draw(texts)).encode()
        mail_id = draw(st.integers(1, 4)) * 10 + len(made) if draw(st.booleans()) else uid
        made.append(
            Message(
                uid * 3,
                1000 * uid + mail_id,
                octets,
                flags=draw(st.integers(0, 63)),
                modseq=draw(st.integers(1, 5)),
                internal_date=MIDNIGHT + draw(st.sampled_from([-DAY - 1, -1, 0, 1, DAY])),
                saved=MIDNIGHT + draw(st.sampled_from([-1, 0, DAY])),
            )
        )
    return made


leaves = st.one_of(
    st.just(All()),
    st.builds(HasFlag, st.sampled_from(["\\Seen", "\\flagged", "$work", "$none"]), st.booleans()),
    st.builds(HasText, st.sampled_from(TextField), texts | words),
    st.builds(HasHeader, st.sampled_from(["subject", "X-TAG", "Received", "Date"]), words),
    st.builds(
        DateIs, st.sampled_from(DateKind), st.sampled_from(DateSide), st.dates(TODAY - datetime.timedelta(2), TODAY)
    ),
    st.builds(WithinSeconds, st.integers(1, 3 * DAY), st.booleans()),
    st.builds(SizeIs, st.integers(0, 80), st.booleans()),
    st.builds(ModSeqSince, st.integers(1, 6)),
    st.builds(UIDs, st.lists(st.integers(1, 25), max_size=5).map(NumberSet.of)),
)
keys = st.recursive(
    leaves,
    lambda inner: (
        st.builds(Not, inner) | st.builds(Or, inner, inner) | st.builds(And, st.lists(inner, max_size=3).map(tuple))
    ),
    max_leaves=6,
)


@given(messages_of(), keys, st.data())
def test_agrees_with_the_naive_reading_whatever_is_indexed(
    messages: list[Message], key: SearchKey, data: st.DataObject
) -> None:
    expected = [one.uid for one in messages if matches(key, one)]
    mails = [one.mail for one in messages]
    known = frozenset(data.draw(st.sets(st.sampled_from(mails)))) if mails else frozenset()
    assert evaluate(key, Mailbox(messages)) == expected
    assert evaluate(key, Mailbox(messages, Index(messages, known))) == expected
    assert evaluate(key, Mailbox(messages, Index(messages, frozenset(mails)))) == expected
