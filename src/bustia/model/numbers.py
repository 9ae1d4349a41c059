"""The numbers of mail, each a type of its own so that they are never mixed."""

from __future__ import annotations

from typing import NewType

UID = NewType("UID", int)  # 1 … 2**32 - 1, unique in one mailbox under one UIDValidity (RFC 9051 §2.3.1.1)
UIDValidity = NewType("UIDValidity", int)  # 1 … 2**32 - 1, from one rising counter per account
ModSeq = NewType("ModSeq", int)  # 0 … 2**63 - 1, from one rising counter per account (RFC 7162 §3.1.1)
MailboxID = NewType("MailboxID", int)  # our row number of a mailbox, never used again in the account
MailID = NewType("MailID", int)  # our row number of a mail, never used again in the account; shown as EMAILID
AccountID = NewType("AccountID", int)  # our row number of an account

MAX_UID = 2**32 - 1  # RFC 9051 §9, nz-number
MAX_MODSEQ = 2**63 - 1  # RFC 7162 §7, mod-sequence-value
