"""LIST with its options, and LSUB."""

from __future__ import annotations

from pair import Client, Server, mail, paired


async def made(alice: Client, *names: str) -> None:
    for name in names:
        await alice.ok(f"CREATE {name}")


@paired()
async def test_bad_options_are_bad(alice: Client, bob: Client, server: Server) -> None:
    for command in (
        'LIST (NONSENSE) "" *',
        'LIST (RECURSIVEMATCH) "" *',
        'LIST (RECURSIVEMATCH SPECIAL-USE) "" *',
        'LIST "" * RETURN (NONSENSE)',
        'LIST ""',
    ):
        await alice.bad(command)


@paired()
async def test_pattern_longer_than_the_limit_is_refused(alice: Client, bob: Client, server: Server) -> None:
    assert b"[LIMIT]" in await alice.no('LIST "" ' + "a" * 5_000)


@paired()
async def test_empty_pattern_asks_for_the_separator(alice: Client, bob: Client, server: Server) -> None:
    assert await alice.ok('LIST "" ""') == [b'* LIST (\\Noselect) "/" ""']


@paired()
async def test_reference_is_put_before_the_pattern(alice: Client, bob: Client, server: Server) -> None:
    await made(alice, "Lists/a", "Lists/b", "Other")
    assert await bob.ok('LIST "Lists/" %') == [
        b'* LIST (\\HasNoChildren) "/" Lists/a',
        b'* LIST (\\HasNoChildren) "/" Lists/b',
    ]
    assert await bob.ok('LIST "" (Lists/a Oth*)') == [
        b'* LIST (\\HasNoChildren) "/" Lists/a',
        b'* LIST (\\HasNoChildren) "/" Other',
    ]


@paired()
async def test_parent_stands_before_its_children(alice: Client, bob: Client, server: Server) -> None:
    await made(alice, "a", "a/b", "a-c")
    assert [line.split()[-1] for line in await bob.ok('LIST "" a*')] == [b"a", b"a/b", b"a-c"]


@paired()
async def test_role_and_children_are_told(alice: Client, bob: Client, server: Server) -> None:
    await made(alice, "Sent/2023")
    assert await bob.ok('LIST "" Sent') == [b'* LIST (\\HasChildren \\Sent) "/" Sent']
    roles = await bob.ok('LIST (SPECIAL-USE) "" * RETURN (SPECIAL-USE)')
    assert {line.split()[-1] for line in roles} == {b"Archive", b"Drafts", b"Junk", b"Sent", b"Trash"}


@paired()
async def test_recursive_match_finds_what_is_above_subscribed_ones(alice: Client, bob: Client, server: Server) -> None:
    await made(alice, "Deep/er/est")
    await alice.ok("SUBSCRIBE Deep/er/est")
    assert await bob.ok('LIST (SUBSCRIBED) "" Deep') == []
    assert await bob.ok('LIST (SUBSCRIBED RECURSIVEMATCH) "" Deep') == [
        b'* LIST (\\NonExistent \\Noselect \\HasChildren) "/" Deep ("CHILDINFO" ("SUBSCRIBED"))'
    ]
    assert await bob.ok(
        'LIST (SUBSCRIBED RECURSIVEMATCH) "" Deep*'
    ) == [  # none whose reason is shown itself, RFC 5258 §3.5
        b'* LIST (\\HasNoChildren \\Subscribed) "/" Deep/er/est'
    ]
    await alice.ok("SUBSCRIBE Sent")
    assert await bob.ok('LIST (SUBSCRIBED SPECIAL-USE RECURSIVEMATCH) "" (Deep% Sent)') == [
        b'* LIST (\\HasNoChildren \\Sent \\Subscribed) "/" Sent'
    ]
    assert await bob.ok('LIST "" Deep/er/est RETURN (SUBSCRIBED)') == [
        b'* LIST (\\HasNoChildren \\Subscribed) "/" Deep/er/est'
    ]


@paired()
async def test_status_comes_with_each_mailbox_that_exists(alice: Client, bob: Client, server: Server) -> None:
    await made(alice, "Up/down")
    await alice.append(mail(), "Up/down")
    assert await bob.ok('LIST "" Up* RETURN (STATUS (MESSAGES UNSEEN))') == [
        b'* LIST (\\NonExistent \\Noselect \\HasChildren) "/" Up',
        b'* LIST (\\HasNoChildren) "/" Up/down',
        b"* STATUS Up/down (MESSAGES 1 UNSEEN 1)",
    ]


@paired()
async def test_lsub_shows_what_is_above_for_a_percent(alice: Client, bob: Client, server: Server) -> None:
    await made(alice, "Way/down")
    await alice.ok("SUBSCRIBE Way/down")
    assert await bob.ok('LSUB "" Way*') == [b'* LSUB () "/" Way/down']
    assert await bob.ok('LSUB "" Wa%') == [b'* LSUB (\\Noselect) "/" Way']
