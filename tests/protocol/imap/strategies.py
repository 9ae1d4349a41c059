"""Hypothesis strategies for every command and every answer of IMAP.

Invariant: each value is in the form that reading gives back, so that `parse(write(x)) == x` needs no exceptions. `utf8` is the session's dialect.
"""

from __future__ import annotations

import datetime

from hypothesis import strategies as st

from bustia.message.section import Partial, Section, SectionKind, SectionText
from bustia.model import search_key as key
from bustia.model.flags import SYSTEM_FLAGS, FlagChange
from bustia.model.number_set import NumberSet, SequenceSet
from bustia.model.numbers import MAX_MODSEQ, MAX_UID
from bustia.protocol.imap import append, auth, copy, fetch, flags, general, idle, mailbox, quota, response, search
from bustia.protocol.imap import list as list_

ATOM_CHARACTERS = "".join(chr(c) for c in range(33, 127) if chr(c) not in '(){%*"\\]')
MAX_64 = 2**63 - 1

atoms = st.text(ATOM_CHARACTERS, min_size=1, max_size=12)
upper_atoms = atoms.map(lambda text: "".join(c.upper() if c.isascii() else c for c in text))
tags = st.text(ATOM_CHARACTERS.replace("+", "") + "]", min_size=1, max_size=8)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
octets = st.binary(max_size=30).map(lambda value: value.replace(b"\0", b"."))
nz_numbers = st.integers(1, MAX_UID)
numbers = st.integers(0, MAX_UID)
numbers64 = st.integers(0, MAX_64)
modseqs = st.integers(0, MAX_MODSEQ)
seconds = st.integers(-62_135_596_800, 253_402_300_799)  # years 1 to 9999
flag_names = st.sampled_from(SYSTEM_FLAGS) | atoms | atoms.map(lambda name: "\\" + name)
flag_lists = st.lists(flag_names, max_size=4).map(tuple)
permanent_flags = st.lists(flag_names | st.just("\\*"), max_size=4).map(tuple)
ends = st.none() | nz_numbers
sequence_sets = st.just(SequenceSet(saved=True)) | st.lists(
    st.tuples(ends, ends) | ends.map(lambda end: (end, end)), min_size=1, max_size=5
).map(lambda pairs: SequenceSet(tuple(pairs)))
number_sets = st.lists(st.tuples(nz_numbers, st.integers(0, 100)), min_size=1, max_size=5).map(
    lambda pairs: NumberSet.spanning((first, min(first + count, MAX_UID)) for first, count in pairs)
)
uid_lists = st.lists(st.integers(1, 50) | nz_numbers, min_size=1, max_size=12).map(tuple)

sections = st.builds(
    Section,
    st.lists(nz_numbers, max_size=3).map(tuple),
    st.none()
    | st.sampled_from([SectionText(SectionKind.HEADER), SectionText(SectionKind.TEXT)])
    | st.builds(
        SectionText,
        st.sampled_from([SectionKind.HEADER_FIELDS, SectionKind.HEADER_FIELDS_NOT]),
        st.lists(octets, min_size=1, max_size=3).map(tuple),
    ),
) | st.lists(nz_numbers, min_size=1, max_size=3).map(lambda parts: Section(tuple(parts), SectionText(SectionKind.MIME)))
partials = st.builds(Partial, numbers64, st.integers(1, MAX_64))
body_sections = st.builds(fetch.BodySection, sections, st.none() | partials, st.booleans())
fetch_items = st.sampled_from(fetch.Item) | body_sections

# fmt: off
search_leaves = st.one_of(
    st.just(key.All()),
    st.builds(key.HasFlag, st.sampled_from(SYSTEM_FLAGS) | atoms, st.booleans()),
    st.builds(key.Recent, st.booleans()),
    st.builds(key.HasText, st.sampled_from(key.TextField), texts),
    st.builds(key.HasHeader, printable, texts),
    st.builds(key.DateIs, st.sampled_from(key.DateKind), st.sampled_from(key.DateSide), st.dates(datetime.date(1, 1, 1))),
    st.builds(key.WithinSeconds, nz_numbers, st.booleans()),
    st.builds(key.SizeIs, numbers64, st.booleans()),
    st.builds(key.ModSeqSince, modseqs),
    st.builds(key.Sequence, sequence_sets, st.booleans()),
)
# fmt: on
search_keys = st.recursive(
    search_leaves,
    lambda inner: (
        st.builds(key.Not, inner)
        | st.builds(key.Or, inner, inner)
        | st.lists(inner, min_size=2, max_size=4).map(lambda keys: key.And(tuple(keys)))
    ),
    max_leaves=8,
)


def search_texts(value: key.SearchKey) -> str:
    """All texts of a key, joined."""
    match value:
        case key.HasText() | key.HasHeader():
            return value.text
        case key.Not():
            return search_texts(value.key)
        case key.Or():
            return search_texts(value.left) + search_texts(value.right)
        case key.And():
            return "".join(map(search_texts, value.keys))
        case _:
            return ""


@st.composite
def searches(draw: st.DrawFn, utf8: bool = False) -> search.Search:
    """Searches with a charset that has their texts."""
    wanted = draw(search_keys)
    charset = None
    if not utf8:
        ascii_only = search_texts(wanted).isascii()
        charset = draw(st.sampled_from([None, "US-ASCII", "UTF-8"] if ascii_only else ["UTF-8", "utf-8", "GB18030"]))
    options = st.sets(st.sampled_from(sorted(search.RETURN_OPTIONS)), min_size=1).map(frozenset)
    return search.Search(wanted, charset, draw(st.none() | options), draw(st.booleans()))


status_items = st.lists(st.sampled_from(mailbox.StatusItem), min_size=1, max_size=4).map(tuple)
plain_lists = st.builds(lambda reference, pattern: list_.List(reference, (pattern,)), texts, texts)
extended_lists = st.builds(
    list_.List,
    texts,
    st.lists(texts, min_size=1, max_size=3).map(tuple),
    st.sets(st.sampled_from(sorted(list_.SELECT_OPTIONS))).map(
        lambda chosen: frozenset(chosen | ({"SUBSCRIBED"} if "RECURSIVEMATCH" in chosen else set()))
    ),
    st.sets(st.sampled_from(sorted(list_.RETURN_OPTIONS))).map(frozenset),
    st.just(()) | status_items,
    st.just(True),
)
id_fields = st.lists(st.tuples(texts, st.none() | texts), max_size=4).map(tuple)


def commands(utf8: bool = False) -> st.SearchStrategy[object]:
    """Any command but APPEND, whose message is not a part of its value."""
    return st.one_of(
        st.sampled_from(
            [
                general.Capability(),
                general.Noop(),
                general.Logout(),
                general.Check(),
                auth.StartTLS(),
                mailbox.Namespace(),
                mailbox.Close(),
                mailbox.Unselect(),
                idle.Idle(),
            ]
        ),
        st.builds(general.ID, id_fields),
        st.builds(general.Enable, st.lists(upper_atoms, min_size=1, max_size=3).map(tuple)),
        st.builds(auth.Login, texts, texts),
        st.builds(auth.Authenticate, upper_atoms, st.none() | st.binary(max_size=20)),
        st.builds(mailbox.Select, texts, st.booleans(), st.booleans()),
        st.builds(mailbox.Create, texts, flag_lists),
        st.builds(mailbox.Delete, texts),
        st.builds(mailbox.Rename, texts, texts),
        st.builds(mailbox.Subscribe, texts),
        st.builds(mailbox.Unsubscribe, texts),
        st.builds(mailbox.Status, texts, status_items),
        plain_lists,
        extended_lists,
        st.builds(list_.Lsub, texts, texts),
        st.builds(copy.Copy, sequence_sets, texts, st.booleans()),
        st.builds(copy.Move, sequence_sets, texts, st.booleans()),
        st.builds(copy.Expunge, st.none() | sequence_sets),
        st.builds(
            fetch.Fetch,
            sequence_sets,
            st.lists(fetch_items, min_size=1, max_size=4).map(tuple),
            st.booleans(),
            st.none() | modseqs,
        ),
        st.builds(
            flags.Store,
            sequence_sets,
            st.sampled_from(FlagChange),
            flag_lists,
            st.booleans(),
            st.booleans(),
            st.none() | modseqs,
        ),
        searches(utf8),
        st.builds(quota.GetQuota, texts),
        st.builds(quota.GetQuotaRoot, texts),
    )


appends = st.builds(
    lambda name, names, date, message, binary: (append.Append(name, names, date, len(message), binary), message),
    texts,
    flag_lists,
    st.none() | seconds,
    st.binary(max_size=60),
    st.booleans(),
)

KNOWN_CODES = frozenset(
    [
        "UIDNEXT",
        "UIDVALIDITY",
        "UNSEEN",
        "HIGHESTMODSEQ",
        "PERMANENTFLAGS",
        "CAPABILITY",
        "BADCHARSET",
        "APPENDUID",
        "COPYUID",
        "MODIFIED",
    ]
)
code_texts = printable.map(lambda text: text.replace("]", ")")).filter(bool)
codes = st.one_of(
    st.builds(
        response.AtomCode,
        st.sampled_from(["TRYCREATE", "ALERT", "READ-ONLY"]) | upper_atoms.filter(lambda name: name not in KNOWN_CODES),
        st.none() | code_texts,
    ),
    st.builds(response.NumberCode, st.sampled_from(["UIDNEXT", "UIDVALIDITY", "UNSEEN", "HIGHESTMODSEQ"]), numbers64),
    st.builds(response.NamesCode, st.just("PERMANENTFLAGS"), permanent_flags),
    st.builds(
        response.NamesCode, st.sampled_from(["CAPABILITY", "BADCHARSET"]), st.lists(atoms, max_size=3).map(tuple)
    ),
    st.builds(response.AppendUID, nz_numbers, number_sets),
    st.builds(response.CopyUID, nz_numbers, uid_lists, uid_lists),
    st.builds(response.Modified, number_sets),
)
lines = printable.filter(lambda text: bool(text) and not text.startswith("["))
statuses = st.builds(response.Status, st.none(), st.sampled_from(response.Condition), lines, st.none() | codes)
separators = st.none() | st.sampled_from(list('/.\\"'))


def answers() -> st.SearchStrategy[object]:
    """Any untagged answer but FETCH, whose written and read values differ."""
    return st.one_of(
        statuses,
        st.builds(response.Continuation, printable),
        st.builds(general.CapabilityData, st.lists(atoms, max_size=4).map(tuple)),
        st.builds(general.EnabledData, st.lists(atoms, max_size=4).map(tuple)),
        st.builds(general.IDData, id_fields),
        st.builds(mailbox.FlagsData, permanent_flags),
        st.builds(mailbox.ExistsData, numbers),
        st.builds(mailbox.RecentData, numbers),
        st.builds(
            mailbox.StatusData,
            texts,
            st.lists(st.tuples(st.sampled_from(mailbox.StatusItem), numbers64), max_size=4).map(tuple),
        ),
        st.builds(
            mailbox.NamespaceData,
            *[st.lists(st.tuples(texts, st.sampled_from(["", *'/.\\"'])), max_size=2).map(tuple)] * 3,
        ),
        st.builds(
            list_.ListData, flag_lists, separators, texts, st.lists(atoms, max_size=2).map(tuple), st.none() | texts
        ),
        st.builds(list_.LsubData, flag_lists, separators, texts),
        st.builds(search.SearchData, st.lists(nz_numbers, max_size=5).map(tuple), st.none() | modseqs),
        st.builds(
            search.ESearchData,
            st.none() | tags,
            st.booleans(),
            st.none() | nz_numbers,
            st.none() | nz_numbers,
            st.none() | number_sets,
            st.none() | numbers,
            st.none() | modseqs,
        ),
        st.builds(copy.ExpungeData, nz_numbers),
        st.builds(
            quota.QuotaData, texts, st.lists(st.tuples(upper_atoms, numbers64, numbers64), max_size=3).map(tuple)
        ),
        st.builds(quota.QuotaRootData, texts, st.lists(texts, max_size=3).map(tuple)),
    )
