"""The benchmark's mail is what it says it is, and its table says who is faster."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

import pytest

from bench import mail
from bench.lines import AHEAD, LINES, NEAR, Figures, Line
from bench.mail import Mailbag
from bench.run import table


def test_same_seed_makes_the_same_octets() -> None:
    assert [mail.octets(3, number) for number in range(20)] == [mail.octets(3, number) for number in range(20)]
    assert mail.octets(3, 1) != mail.octets(4, 1)


def test_marked_words_are_in_the_marked_messages_only() -> None:
    for number in range(2 * mail.RARE_EVERY):
        message = email.message_from_bytes(mail.octets(1, number), policy=email.policy.default)
        texts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
        assert any(mail.RARE_WORD in text for text in texts) == mail.is_rare(number)
        assert (mail.SUBJECT_WORD in message["Subject"]) == mail.is_quarterly(number)
        assert not any(part.defects for part in message.walk())


def test_mailbag_gives_each_message_whole(tmp_path: Path) -> None:
    bag = Mailbag(tmp_path / "mail", 12, seed=1)
    assert [bytes(message) for message in bag] == [mail.octets(1, number) for number in range(12)]
    assert bag.total(12) == sum(map(len, bag))
    assert all(len(bag.small_message(number)) <= mail.SMALL for number in range(30))


@pytest.mark.parametrize(
    ("line", "ours", "theirs", "missed"),
    [
        (Line("x", "ms", AHEAD), 10.0, 10.0, False),
        (Line("x", "ms", AHEAD), 10.1, 10.0, True),
        (Line("x", "ms", NEAR), 29.0, 10.0, False),
        (Line("x", "ms", NEAR), 31.0, 10.0, True),
        (Line("x", "per s", AHEAD, more_is_better=True), 9.0, 10.0, True),
        (Line("x", "per s", NEAR, more_is_better=True), 4.0, 10.0, False),
        (Line("x", "ms", AHEAD, bound=5.0), 6.0, 400.0, True),
        (Line("x", "ms", AHEAD, bound=5.0), 4.9, None, False),
    ],
)
def test_goal_is_missed_when_slower_than_wanted(line: Line, ours: float, theirs: float | None, missed: bool) -> None:
    assert line.missed(ours, theirs) == missed


def test_table_has_a_ratio_a_line_and_marks_what_falls_short() -> None:
    first, second = LINES[2], LINES[3]
    ours, theirs = {first.name: 10.0, second.name: 30.0}, {first.name: 20.0, second.name: 15.0}
    rows = table({"bustia": ours, "peer": theirs})
    assert len(rows) == len(LINES) + 1
    assert rows[3].split()[-2:] == ["2.00", "1.00"]
    assert rows[4].split()[-3:] == ["0.50", "1.00", "<"]


def test_median_of_the_samples_counts() -> None:
    figures = Figures()
    for value in (9.0, 1.0, 2.0):
        figures.add("SELECT", value)
    assert figures.medians() == {"SELECT": 2.0}
    with pytest.raises(KeyError):
        figures.add("no such line", 1.0)
