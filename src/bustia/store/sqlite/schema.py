"""The tables of one account's `mail.db`, how they are made and how an older file becomes a newer one.

Invariants:
- `user_version` is the number of migrations that the file has seen; `MIGRATIONS[n]` takes a file from n to n + 1 and is never changed once released.
- A file from a newer program is refused, never guessed at.
- Few objects (13 tables and one index): 10,000 empty accounts cost their pages (design §2, rule 19). Rows that lists read are narrow and apart from wide ones.
- The text of a mail, its numbers and its facts are immutable; only `mail.places` and `content.mails` change.
"""

from __future__ import annotations

import apsw

from bustia.model.mailbox import INBOX, SpecialUse
from bustia.model.reason import Reason, Refused

_TABLES = """
CREATE TABLE account(               -- one row: the counters, which never fall, and the limits
  modseq INTEGER NOT NULL,          -- the last one given
  uid_validity INTEGER NOT NULL,    -- the last one given
  last_mailbox INTEGER NOT NULL,
  last_mail INTEGER NOT NULL,
  octets_limit INTEGER,             -- NULL is no limit
  messages_limit INTEGER
);
CREATE TABLE mailbox(
  id INTEGER PRIMARY KEY,
  name TEXT UNIQUE,                 -- NULL once deleted: the row stays, so that its log can still be read
  uid_validity INTEGER NOT NULL,
  uid_next INTEGER NOT NULL,
  modseq INTEGER NOT NULL,          -- of the last change in it
  special_use TEXT,
  messages INTEGER NOT NULL,
  unseen INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  octets INTEGER NOT NULL,
  deleted_octets INTEGER NOT NULL,  -- of the messages flagged as deleted
  first_recent INTEGER NOT NULL,
  copied_at INTEGER NOT NULL,       -- when a COPY last came in, so that an EXPUNGE knows where to look for it
  pruned_through INTEGER NOT NULL   -- the log of this mailbox is complete above this modseq
);
CREATE TABLE message(               -- a mail's place
  mailbox INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  flags INTEGER NOT NULL,           -- bits 0 to 62 of model.flags
  modseq INTEGER NOT NULL,
  mail INTEGER NOT NULL,
  saved INTEGER NOT NULL,
  more_flags BLOB,                  -- bits 63 and above as a big-endian number; NULL is none
  uidl TEXT,                        -- NULL is the one made of UIDVALIDITY and UID
  listed INTEGER,                   -- when POP3 first listed and first downloaded it
  downloaded INTEGER,
  PRIMARY KEY(mailbox, uid)
) WITHOUT ROWID;
CREATE TABLE mail(                  -- what lists read of a mail
  id INTEGER PRIMARY KEY,
  places INTEGER NOT NULL,          -- messages and entries of the bin that name it
  digest BLOB,                      -- SHA-256 of its octets, the key of `content`; NULL while only the header was fetched
  internal_date INTEGER NOT NULL,
  size INTEGER NOT NULL,
  pop3_size INTEGER NOT NULL,
  header_size INTEGER NOT NULL,
  has_8bit INTEGER NOT NULL,
  renderer INTEGER NOT NULL,
  sent_day INTEGER,
  envelope BLOB NOT NULL,
  body_structure BLOB NOT NULL
);
CREATE TABLE facts(                 -- what is read now and then
  mail INTEGER PRIMARY KEY,
  subject TEXT NOT NULL,
  preview TEXT NOT NULL,
  base_subject TEXT NOT NULL,
  sent INTEGER,
  message_id TEXT NOT NULL,
  reference_ids TEXT NOT NULL,      -- a JSON list
  correspondents TEXT NOT NULL,     -- first From, To and Cc: a JSON list of three
  has_attachment INTEGER NOT NULL,
  body BLOB NOT NULL,
  parts BLOB NOT NULL,
  header_cache BLOB NOT NULL
);
CREATE TABLE content(               -- octets, once for the account
  digest BLOB PRIMARY KEY,
  id INTEGER NOT NULL,              -- of the mail that brought it
  mails INTEGER NOT NULL,           -- mails that have these octets
  frame_ends BLOB NOT NULL          -- offsets in the octets where each frame ends, 8 octets each, little-endian
) WITHOUT ROWID;
CREATE TABLE frame(
  id INTEGER PRIMARY KEY,           -- content.id × 65536 + number of the frame
  octets BLOB NOT NULL              -- zstd, or plain where its length is that of the octets
);
CREATE TABLE change(                -- the log: what happened, not only what is
  mailbox INTEGER NOT NULL,         -- 0 for what belongs to no mailbox
  modseq INTEGER NOT NULL,
  kind INTEGER NOT NULL,            -- log.Kind
  origin INTEGER NOT NULL,          -- api.Origin
  at INTEGER NOT NULL,
  uids TEXT,                        -- a set as IMAP writes it: 1:3,7
  peer INTEGER,                     -- the other mailbox of COPY and MOVE, and its UIDs, pairwise in rising order
  peer_uids TEXT,
  detail TEXT,                      -- names
  PRIMARY KEY(mailbox, modseq)
) WITHOUT ROWID;
CREATE TABLE bin(                   -- expunged places, oldest first
  modseq INTEGER PRIMARY KEY,       -- of the expunge
  at INTEGER NOT NULL,
  mails BLOB NOT NULL               -- mail numbers, 8 octets each, little-endian
);
CREATE TABLE keyword(bit INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE subscription(name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE uidl(text TEXT PRIMARY KEY) WITHOUT ROWID;  -- UIDLs that imports brought: never free again
"""

MIGRATIONS: tuple[str, ...] = (_TABLES,)
SCHEMA_VERSION = len(MIGRATIONS)

# What a user of other mail programs expects to find (RFC 6154 §2); all are subscribed.
FIRST_MAILBOXES: tuple[tuple[str, SpecialUse | None], ...] = (
    (INBOX, None),
    ("Archive", SpecialUse.ARCHIVE),
    ("Drafts", SpecialUse.DRAFTS),
    ("Junk", SpecialUse.JUNK),
    ("Sent", SpecialUse.SENT),
    ("Trash", SpecialUse.TRASH),
)
FIRST_MODSEQ = 1  # an empty mailbox has HIGHESTMODSEQ 1: 0 would say that it keeps none (RFC 7162 §3.1.2.2)


def version(connection: apsw.Connection) -> int:
    """Number of migrations the file has seen; 0 for an empty file."""
    return int(connection.pragma("user_version"))


def migrate(connection: apsw.Connection) -> None:
    """Brings the file to `SCHEMA_VERSION`, each step in a transaction of its own. Raises Refused(DAMAGED) for a file from a newer program."""
    found = version(connection)
    if found > SCHEMA_VERSION:
        raise Refused(Reason.DAMAGED, f"The store has the newer format {found}; this program knows {SCHEMA_VERSION}")
    for number in range(found, SCHEMA_VERSION):
        with connection:
            connection.execute(MIGRATIONS[number])
            connection.pragma("user_version", number + 1)


def create(connection: apsw.Connection, now: int) -> None:
    """Makes a new account in an empty file: tables, counters, and the first mailboxes, whole or not at all.

    `now` is seconds since 1970 UTC; UIDVALIDITYs begin there, so that an account which is made again after it was lost does not repeat them.
    """
    with connection:
        migrate(connection)
        first = max(1, now)
        connection.execute(
            "INSERT INTO account(modseq, uid_validity, last_mailbox, last_mail) VALUES(?, ?, ?, 0)",
            (FIRST_MODSEQ, first + len(FIRST_MAILBOXES) - 1, len(FIRST_MAILBOXES)),
        )
        for place, (name, role) in enumerate(FIRST_MAILBOXES):
            connection.execute(
                "INSERT INTO mailbox VALUES(?, ?, ?, 1, ?, ?, 0, 0, 0, 0, 0, 1, 0, 0)",
                (place + 1, name, first + place, FIRST_MODSEQ, None if role is None else role.value),
            )
            connection.execute("INSERT INTO subscription VALUES(?)", (name,))
