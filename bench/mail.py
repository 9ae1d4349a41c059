"""Mail for the benchmark: the same octets for the same seed, in a mix like a real mailbox's.

60 % plain text of 1 to 4 KB, 30 % multipart/alternative of 8 to 40 KB, 10 % with attachments of 100 to 500 KB; replies that refer
to earlier mail, header fields of mailing lists and of the way through the net, UTF-8 subjects, three transfer encodings.

Invariant: message `number` depends on the seed and the number alone.
"""

from __future__ import annotations

import base64
import datetime
import mmap
import quopri
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RARE_WORD = "xylographer"  # in the body of one message in RARE_EVERY
RARE_EVERY = 200
SUBJECT_WORD = "quarterly"  # in the subject of one message in SUBJECT_EVERY
SUBJECT_EVERY = 100
SMALL = 4096  # octets; LITERAL- servers take this much without asking (RFC 7888 §5)

VOCABULARY = """
the of and to in is that for it as was with be by on not this are from at but have an they which one you were all her
she there would their we him been has when who will no more if out so up said what its about than into them can other
some time could these two may then do first any my now such like our over man me even most made after also did meeting
report project schedule invoice budget contract review draft agenda proposal deadline server client network database
release patch branch commit deploy backup archive mailbox message customer support ticket payment delivery account
update notice request approve confirm travel flight hotel booking weekend dinner lunch family photo garden music
concert library museum reunió pressupost demà gödel naïve café straße über año señor 東京 会議 привет отчёт συνάντηση
"""
WORDS = VOCABULARY.split()
PEOPLE = (
    "Anna Becker",
    "Björn Costa",
    "Carla Dubois",
    "Dmitri Petrov",
    "Núria Puig",
    "Jörg Weiss",
    "Søren Hansen",
    "Rosa Silva",
)
DOMAINS = ("example.org", "example.com", "lists.example.org", "mail.example.com")
START = datetime.datetime(2022, 1, 1, tzinfo=datetime.UTC)
BETWEEN = datetime.timedelta(hours=2)  # from one message to the next


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME part: header fields, and the body already in its transfer encoding."""

    fields: tuple[str, ...]
    body: bytes

    def octets(self) -> bytes:
        """The part as it stands between boundaries."""
        return "".join(field + "\r\n" for field in self.fields).encode() + b"\r\n" + self.body


def date(number: int) -> datetime.datetime:
    """When message `number` was sent."""
    return START + number * BETWEEN


def message_id(number: int) -> str:
    """The Message-ID of message `number`."""
    return f"<{number}.bench@{DOMAINS[number % len(DOMAINS)]}>"


def flags(number: int) -> str:
    """The flags with which message `number` is appended."""
    mixed = number * 2654435761 & 0xFFFF
    marks = [(mixed % 10 < 7, "\\Seen"), (mixed % 37 == 0, "\\Flagged"), (mixed % 11 == 0, "\\Answered")]
    return " ".join(flag for on, flag in marks if on)


def is_rare(number: int) -> bool:
    """Whether RARE_WORD is in the body of message `number`."""
    return number % RARE_EVERY == 11


def is_quarterly(number: int) -> bool:
    """Whether SUBJECT_WORD is in the subject of message `number`."""
    return number % SUBJECT_EVERY == 7


def octets(seed: int, number: int) -> bytes:
    """Message `number`, lines ending in CRLF."""
    rng = random.Random(f"{seed}/{number}")
    rare = f"\nOur {RARE_WORD} signed it.\n" if is_rare(number) else ""
    kind = rng.random()
    if kind < 0.6:
        content = text_part(rng, "plain", text(rng, rng.randint(700, 3000)) + rare)
    elif kind < 0.9:
        content = alternative(rng, rng.randint(8_000, 36_000), rare)
    else:
        files = rng.randint(1, 3)
        size = rng.randint(100_000, 480_000) // files
        attached = [attachment(rng, f"file-{number}-{index}", size) for index in range(files)]
        content = multipart(rng, "mixed", [alternative(rng, rng.randint(2_000, 9_000), rare), *attached])
    fields = header(rng, number)
    return Part((*fields, "MIME-Version: 1.0", *content.fields), content.body).octets()


def header(rng: random.Random, number: int) -> list[str]:
    """The header fields of a message, but for its MIME ones."""
    stamp = date(number).strftime("%a, %d %b %Y %H:%M:%S +0000")
    hops = [
        f"Received: from relay{hop}.{rng.choice(DOMAINS)} ([192.0.2.{rng.randint(1, 254)}])\r\n"
        f"\tby mx.example.org with ESMTPS id {rng.getrandbits(40):010X}\r\n\tfor <me@bench.test>; {stamp}"
        for hop in range(rng.randint(2, 4))
    ]
    signature = base64.b64encode(rng.randbytes(192)).decode()
    folded = "\r\n\t ".join(signature[start : start + 64] for start in range(0, len(signature), 64))
    fields = [
        *hops,
        f"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=k1;\r\n\th=from:to:subject:date:message-id;\r\n\tb={folded}",
        f"Date: {stamp}",
        f"From: {person(rng)}",
        "To: Bench <me@bench.test>",
    ]
    if rng.random() < 0.3:
        fields.append("Cc: " + ",\r\n\t".join(person(rng) for _ in range(rng.randint(1, 6))))
    subject = " ".join(rng.choices(WORDS, k=rng.randint(3, 8)))
    if is_quarterly(number):
        subject = f"{SUBJECT_WORD} {subject}"
    fields += [f"Subject: {encoded(subject)}", f"Message-ID: {message_id(number)}"]
    if number and rng.random() < 0.5:
        parents = sorted(rng.randrange(max(0, number - 150), number) for _ in range(rng.randint(1, 5)))
        fields += ["References: " + "\r\n\t".join(map(message_id, parents)), f"In-Reply-To: {message_id(parents[-1])}"]
    if rng.random() < 0.25:
        fields += ["List-Id: Bench <bench.lists.example.org>", "List-Unsubscribe: <mailto:leave@lists.example.org>"]
    return fields


def person(rng: random.Random) -> str:
    """An address with a display name."""
    return f"{encoded(rng.choice(PEOPLE))} <p{rng.randint(1, 99)}@{rng.choice(DOMAINS)}>"


def encoded(words: str) -> str:
    """Header text: words beyond ASCII as encoded words of one line each (RFC 2047 §2)."""
    if words.isascii():
        return words
    pieces = [words[start : start + 12] for start in range(0, len(words), 12)]
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(piece.encode()).decode()}?=" for piece in pieces)


def text(rng: random.Random, size: int) -> str:
    """About `size` octets of paragraphs, lines of up to 72 characters."""
    lines: list[str] = []
    total = 0
    while total < size:
        line = " ".join(rng.choices(WORDS, k=rng.randint(6, 11)))[:72].rstrip()
        lines.append(line if rng.random() < 0.85 else line + ".\n")
        total += len(lines[-1].encode()) + 1
    return "\n".join(lines) + "\n"


def text_part(rng: random.Random, subtype: str, content: str) -> Part:
    """A text part in one of the three usual transfer encodings."""
    encoding = rng.choice(("8bit", "8bit", "quoted-printable", "base64"))
    raw = content.encode()
    if encoding == "quoted-printable":
        body = quopri.encodestring(raw).replace(b"\n", b"\r\n")
    elif encoding == "base64":
        body = base64.encodebytes(raw.replace(b"\n", b"\r\n")).replace(b"\n", b"\r\n")
    else:
        body = raw.replace(b"\n", b"\r\n")
    return Part((f"Content-Type: text/{subtype}; charset=utf-8", f"Content-Transfer-Encoding: {encoding}"), body)


def alternative(rng: random.Random, size: int, rare: str) -> Part:
    """A multipart/alternative of about `size` octets, most of it HTML; `rare` ends the plain text."""
    rows = (f'<p style="color:#{rng.getrandbits(24):06x}">{line}</p>' for line in text(rng, size * 5 // 8).splitlines())
    page = "<html><body>\n" + "\n".join(rows) + "\n</body></html>\n"
    plain = text(rng, size // 6) + rare
    return multipart(rng, "alternative", [text_part(rng, "plain", plain), text_part(rng, "html", page)])


def attachment(rng: random.Random, name: str, size: int) -> Part:
    """An attachment of about `size` octets once encoded."""
    kind, suffix = rng.choice((("application/pdf", "pdf"), ("image/jpeg", "jpg"), ("application/zip", "zip")))
    fields = (
        f'Content-Type: {kind}; name="{name}.{suffix}"',
        f'Content-Disposition: attachment; filename="{name}.{suffix}"',
        "Content-Transfer-Encoding: base64",
    )
    return Part(fields, base64.encodebytes(rng.randbytes(size * 3 // 4)).replace(b"\n", b"\r\n"))


def multipart(rng: random.Random, subtype: str, parts: list[Part]) -> Part:
    """The parts in one multipart."""
    boundary = f"=_{rng.getrandbits(96):024x}"
    body = b"".join(b"--%b\r\n%b\r\n" % (boundary.encode(), part.octets()) for part in parts)
    return Part((f'Content-Type: multipart/{subtype}; boundary="{boundary}"',), body + f"--{boundary}--\r\n".encode())


class Mailbag:
    """`count` messages in one mapped file, so that making mail costs nothing while the clock runs.

    `small` are the numbers of the messages of up to SMALL octets.
    """

    def __init__(self, path: Path, count: int, seed: int) -> None:
        self._ends = [0]
        with path.open("wb") as file:
            for number in range(count):
                self._ends.append(self._ends[-1] + file.write(octets(seed, number)))
        with path.open("rb") as file:
            self._view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        self.small = [number for number in range(count) if self.size(number) <= SMALL]

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> memoryview:
        return self._view[self._ends[number] : self._ends[number + 1]]

    def __iter__(self) -> Iterator[memoryview]:
        return (self[number] for number in range(len(self)))

    def size(self, number: int) -> int:
        """Octets of one message."""
        return self._ends[number + 1] - self._ends[number]

    def total(self, count: int) -> int:
        """Octets of the first `count` messages together."""
        return self._ends[count]

    def small_message(self, number: int) -> bytes:
        """A small message; `number` may be any, they come round again."""
        return bytes(self[self.small[number % len(self.small)]])
