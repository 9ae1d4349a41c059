"""The mail of the demo: conversations, attachments, newsletters, in three languages, the same at every run.

The people are invented and their addresses end in names reserved for examples (RFC 2606).
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from bustia.model.flags import ANSWERED, FLAGGED, NO_FLAGS, SEEN, Flags

CONVERSATIONS = 60  # give about 300 mails in all
NEWSLETTERS = 24

PEOPLE = (
    ("Núria Ferrer", "nuria.ferrer@example.org"),
    ("Pau Vidal", "pau@example.com"),
    ("Inés Álvarez", "ines.alvarez@example.net"),
    ("Tom Becker", "tom.becker@example.com"),
    ("Mei Tanaka", "mei@example.org"),
    ("O'Neill, Grace", "grace@example.net"),
    ("Łukasz Nowak", "lukasz@example.org"),
)

TOPICS = (
    ("Sopar de diumenge", "ca"),
    ("Claus del local i reunió de l'associació", "ca"),
    ("Factures de març", "ca"),
    ("Assaig del cor a les 20 h", "ca"),
    ("Excursión a la sierra", "es"),
    ("Presupuesto de la reforma", "es"),
    ("Cumpleaños de la abuela", "es"),
    ("Reunión de vecinos: ascensor", "es"),
    ("Quarterly budget review", "en"),
    ("Printer on the second floor", "en"),
    ("Photos from the weekend", "en"),
    ("Draft agenda for Thursday", "en"),
    ("Library cards and overdue books", "en"),
    ("東京 travel plans", "en"),
)

SENTENCES = {
    "ca": (
        "Bon dia! Us escric per confirmar l'hora.",
        "Jo hi seré a partir de les set, portaré les postres.",
        "Algú sap si el local estarà obert dissabte?",
        "Adjunto el document amb els canvis que vam parlar.",
        "Em sembla molt bé, gràcies per organitzar-ho.",
        "La Mercè no podrà venir però envia records.",
        "Recordeu de portar les claus i el comprovant de pagament.",
    ),
    "es": (
        "Hola a todos, ¿os va bien el sábado por la mañana?",
        "Yo llevo el coche, caben cuatro personas.",
        "He mirado el presupuesto y creo que falta la mano de obra.",
        "Os paso el archivo con las cifras actualizadas.",
        "Me parece perfecto, ¡nos vemos allí!",
        "Si llueve lo dejamos para la semana que viene.",
        "Por favor, contestad antes del jueves.",
    ),
    "en": (
        "Hi all, just a quick reminder about this.",
        "I can take care of the booking if nobody minds.",
        "The numbers for the last quarter are attached.",
        "Sounds good to me. Thanks for putting it together!",
        "Could we move it to half past four instead?",
        "The printer is out of toner again; a new one arrives on Monday.",
        "See the notes below and tell me what is missing.",
    ),
}

GREETING = {"ca": "Una abraçada,", "es": "Un abrazo,", "en": "Best wishes,"}


@dataclass(frozen=True, slots=True)
class DemoMail:
    """One generated mail: its octets, mailbox, flags and arrival in seconds since 1970 UTC."""

    octets: bytes
    mailbox: str
    flags: Flags
    arrived: int


def demo_mails(owner: str, until: datetime, seed: int) -> Iterator[DemoMail]:
    """A few hundred mails of a year up to `until` for the account `owner`; the same for the same arguments."""
    chance = random.Random(seed)
    mails = [*_conversations(owner, until, chance), *_newsletters(owner, until, chance)]
    yield from sorted(mails, key=lambda mail: mail.arrived)


def _conversations(owner: str, until: datetime, chance: random.Random) -> Iterator[DemoMail]:
    me = ("Casa", owner)
    for number in range(CONVERSATIONS):
        topic, language = TOPICS[number % len(TOPICS)]
        if number >= len(TOPICS):
            topic = f"{topic} ({number // len(TOPICS) + 1})"
        members = chance.sample(PEOPLE, chance.randint(1, 3))
        when = until - timedelta(days=chance.uniform(1, 360))
        references: list[str] = []
        before: tuple[str, str] | None = None
        for turn in range(chance.randint(2, 8)):
            sender = me if turn % 3 == 2 else members[turn % len(members)]
            subject = topic if turn == 0 else f"Re: {topic}"
            mail = _compose(sender, [me, *members], subject, when, f"{number}.{turn}.{seed_word(chance)}", references)
            text = _text(chance, language, sender[0], before)
            mail.set_content(text, cte="quoted-printable")
            if chance.random() < 0.3:
                mail.add_alternative(_html(text), subtype="html", cte="quoted-printable")
            if chance.random() < 0.25:
                _attach(mail, chance, language)
            references.append(str(mail["Message-ID"]))
            before = (sender[0], text)
            mine = sender is me
            flags = SEEN if mine or chance.random() < 0.75 else NO_FLAGS
            if flags and not mine and chance.random() < 0.2:
                flags = Flags(flags | ANSWERED)
            if chance.random() < 0.06:
                flags = Flags(flags | FLAGGED)
            _fix_boundaries(mail, f"{number}.{turn}")
            archived = when < until - timedelta(days=240)
            yield DemoMail(
                bytes(mail), "Sent" if mine else "Archive" if archived else "INBOX", flags, int(when.timestamp())
            )
            when = min(when + timedelta(hours=chance.uniform(0.2, 30)), until)


def _newsletters(owner: str, until: datetime, chance: random.Random) -> Iterator[DemoMail]:
    for number in range(NEWSLETTERS):
        when = until - timedelta(days=14 * number + chance.uniform(0, 1))
        sender = ("Butlletí del barri", "butlleti@lists.example.org")
        mail = _compose(
            sender, [("", owner)], f"Butlletí núm. {120 - number}: què passa al barri", when, f"news.{number}", []
        )
        mail["List-Id"] = "Butlletí del barri <barri.lists.example.org>"
        mail["List-Unsubscribe"] = "<mailto:barri-request@lists.example.org?subject=unsubscribe>"
        text = "\n\n".join(chance.sample(SENTENCES["ca"], 4))
        mail.set_content(text, cte="quoted-printable")
        mail.add_alternative(_html(text), subtype="html", cte="quoted-printable")
        html = mail.get_payload()[1]  # type: ignore[index]  # the list that add_alternative has just made
        html.add_related(_picture(chance), "image", "png", cid="<cover@lists.example.org>")  # type: ignore[union-attr]  # an EmailMessage
        _fix_boundaries(mail, f"news.{number}")
        yield DemoMail(bytes(mail), "INBOX", SEEN if number > 3 else NO_FLAGS, int(when.timestamp()))


def seed_word(chance: random.Random) -> str:
    """Eight hexadecimal digits for a Message-ID."""
    return f"{chance.getrandbits(32):08x}"


def _compose(
    sender: tuple[str, str],
    to: list[tuple[str, str]],
    subject: str,
    when: datetime,
    word: str,
    references: list[str],
) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["Date"] = format_datetime(when.astimezone(UTC))
    mail["From"] = _address(sender)
    mail["To"] = tuple(_address(person) for person in to if person[1] != sender[1]) or (_address(sender),)
    mail["Subject"] = subject
    mail["Message-ID"] = f"<{word}@{sender[1].partition('@')[2]}>"
    if references:
        mail["In-Reply-To"] = references[-1]
        mail["References"] = " ".join(references)
    return mail


def _fix_boundaries(mail: EmailMessage, word: str) -> None:
    """The email package would take them from the process's own randomness, and two runs would differ."""
    for number, part in enumerate(mail.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{word}.{number}")


def _address(person: tuple[str, str]) -> Address:
    return Address(person[0], addr_spec=person[1])


def _text(chance: random.Random, language: str, name: str, before: tuple[str, str] | None) -> str:
    lines = chance.sample(SENTENCES[language], chance.randint(2, 4))
    text = "\n\n".join(lines) + f"\n\n{GREETING[language]}\n{name}\n"
    if before:
        quoted = "\n".join(f"> {line}" for line in before[1].splitlines()[:12])
        text += f"\n{before[0]}:\n{quoted}\n"
    return text


def _html(text: str) -> str:
    paragraphs = "".join(f"<p>{block.replace('<', '&lt;')}</p>\n" for block in text.split("\n\n"))
    return f"<!DOCTYPE html>\n<html><head><style>p {{ margin: 0 0 1em }}</style></head><body>\n{paragraphs}</body></html>\n"


def _attach(mail: EmailMessage, chance: random.Random, language: str) -> None:
    kind = chance.choice(("png", "csv", "ics", "txt"))
    if kind == "png":
        mail.add_attachment(
            _picture(chance), maintype="image", subtype="png", filename="fotografia del cap de setmana.png"
        )
    elif kind == "csv":
        rows = "".join(f"2026-{month:02d};{chance.randint(10, 900)},00\r\n" for month in range(1, 13))
        mail.add_attachment(rows.encode(), maintype="text", subtype="csv", filename="comptes març.csv")
    elif kind == "ics":
        event = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Bustia//demo//EN\r\nBEGIN:VEVENT\r\nUID:demo@example.org\r\nDTSTAMP:20260101T000000Z\r\n"
        event += "DTSTART:20260314T190000Z\r\nSUMMARY:Reunió\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        mail.add_attachment(event.encode(), maintype="text", subtype="calendar", filename="reunió.ics")
    else:
        mail.add_attachment("\n".join(SENTENCES[language]), filename="notes.txt", cte="base64")


def _picture(chance: random.Random) -> bytes:
    """A small PNG of coloured stripes."""
    width, height = 160, 90
    stripes = [bytes(chance.getrandbits(8) for _ in range(3)) for _ in range(6)]
    rows = b"".join(b"\0" + stripes[y * 6 // height] * width for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
