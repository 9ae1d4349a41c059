"""The demo's mail: enough of it, all well-formed, and the same at every run."""

from __future__ import annotations

from datetime import UTC, datetime

from bustia.cli.demo_mail import demo_mails
from bustia.message.attachments import attachments
from bustia.message.describe import describe

UNTIL = datetime(2026, 3, 1, tzinfo=UTC)


def test_two_runs_give_the_same_octets() -> None:
    assert list(demo_mails("a@bustia.test", UNTIL, 1)) == list(demo_mails("a@bustia.test", UNTIL, 1))


def test_a_few_hundred_mails_with_conversations_and_attachments() -> None:
    mails = list(demo_mails("a@bustia.test", UNTIL, 1))
    facts = [describe(mail.octets) for mail in mails]
    assert 200 <= len(mails) <= 500
    assert {mail.mailbox for mail in mails} == {"INBOX", "Sent", "Archive"}
    known = {fact.message_id for fact in facts}
    assert len(known) == len(mails)
    replies = [fact for fact in facts if fact.references]
    assert len(replies) > 100
    assert all(set(fact.references) <= known for fact in replies)
    named = {attachment.name for mail in mails for attachment in attachments(mail.octets)}
    assert {"comptes març.csv", "reunió.ics"} <= named


def test_mail_is_of_the_year_before_and_in_the_order_of_arrival() -> None:
    arrived = [mail.arrived for mail in demo_mails("a@bustia.test", UNTIL, 2)]
    assert arrived == sorted(arrived)
    assert arrived[-1] <= UNTIL.timestamp()


def test_lines_end_in_crlf_and_headers_are_seven_bit() -> None:
    for mail in demo_mails("a@bustia.test", UNTIL, 3):
        assert b"\n" not in mail.octets.replace(b"\r\n", b"")
        assert mail.octets.partition(b"\r\n\r\n")[0].isascii()
