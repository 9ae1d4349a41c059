"""SELECT, EXAMINE, CLOSE, UNSELECT, CREATE, DELETE, RENAME, SUBSCRIBE, STATUS, NAMESPACE: what one does and the other sees."""

from __future__ import annotations

from pair import Client, Server, mail, paired


@paired()
async def test_select_of_a_missing_mailbox_leaves_none_selected(alice: Client, bob: Client, server: Server) -> None:
    await alice.ok("SELECT INBOX")
    assert b"[NONEXISTENT]" in await alice.no("SELECT Nowhere")
    await alice.bad("FETCH 1 FLAGS")


@paired()
async def test_select_tells_all_that_a_client_needs(alice: Client, bob: Client, server: Server) -> None:
    await bob.append(mail(1), options="(\\Seen) ")
    await bob.append(mail(2))
    untagged, tagged = await alice.command("SELECT inbox")
    text = b"\n".join(untagged)
    assert tagged.startswith(b"OK [READ-WRITE]")
    assert b"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)" in text
    assert b"[PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)]" in text
    assert b"* 2 EXISTS\n* 2 RECENT\n* OK [UNSEEN 2]" in text
    assert b"[UIDNEXT 3]" in text
    assert b"[UIDVALIDITY " in text
    assert b"[HIGHESTMODSEQ " in text


@paired()
async def test_second_select_closes_the_first(alice: Client, bob: Client, server: Server) -> None:
    await alice.ok("SELECT INBOX")
    assert (await alice.ok("SELECT Trash"))[0].startswith(b"* OK [CLOSED]")


@paired()
async def test_examine_is_read_only_everywhere(alice: Client, bob: Client, server: Server) -> None:
    await bob.append(mail())
    untagged, tagged = await alice.command("EXAMINE INBOX")
    assert tagged.startswith(b"OK [READ-ONLY]")
    assert any(b"[PERMANENTFLAGS ()]" in line for line in untagged)
    for command in ("STORE 1 +FLAGS (\\Seen)", "EXPUNGE", "UID EXPUNGE 1", "MOVE 1 Trash", "UID STORE 1 FLAGS ()"):
        assert b"[READ-ONLY]" in await alice.no(command)
    await alice.ok("FETCH 1 BODY[]")
    assert b"\\Seen" not in (await alice.ok("FETCH 1 FLAGS"))[0]
    await alice.ok("COPY 1 Trash")
    await bob.ok("SELECT INBOX")
    assert b"\\Recent" in (await bob.ok("FETCH 1 FLAGS"))[0]  # EXAMINE takes no \Recent away (RFC 9051 §6.3.3)


@paired()
async def test_recent_is_told_to_the_first_session_only(alice: Client, bob: Client, server: Server) -> None:
    await alice.append(mail())
    assert b"* 1 RECENT" in await alice.ok("SELECT INBOX")
    assert b"* 0 RECENT" in await bob.ok("SELECT INBOX")
    await bob.append(mail(2))
    assert await alice.ok("NOOP") == [b"* 2 EXISTS", b"* 1 RECENT"]
    assert await bob.ok("STATUS INBOX (RECENT)") == [b"* STATUS INBOX (RECENT 0)"]


@paired()
async def test_close_expunges_without_a_word_and_the_other_is_told(alice: Client, bob: Client, server: Server) -> None:
    await alice.append(mail(), options="(\\Deleted) ")
    await alice.ok("SELECT INBOX")
    await bob.ok("SELECT INBOX")
    assert await alice.ok("CLOSE") == []
    assert await bob.ok("NOOP") == [b"* 1 EXPUNGE"]
    await alice.bad("CLOSE")


@paired()
async def test_close_after_examine_and_unselect_expunge_nothing(alice: Client, bob: Client, server: Server) -> None:
    await alice.append(mail(), options="(\\Deleted) ")
    await alice.ok("EXAMINE INBOX")
    await alice.ok("CLOSE")
    await alice.ok("SELECT INBOX")
    await alice.ok("UNSELECT")
    assert await bob.ok("STATUS INBOX (MESSAGES DELETED)") == [b"* STATUS INBOX (MESSAGES 1 DELETED 1)"]


@paired()
async def test_created_mailbox_is_seen_by_the_other(alice: Client, bob: Client, server: Server) -> None:
    await alice.ok("CREATE Work/2023/")
    assert b"[ALREADYEXISTS]" in await bob.no("CREATE Work/2023")
    assert await bob.ok('LIST "" Work*') == [
        b'* LIST (\\NonExistent \\Noselect \\HasChildren) "/" Work',
        b'* LIST (\\HasNoChildren) "/" Work/2023',
    ]
    assert b"[NONEXISTENT]" in await bob.no("SELECT Work")


@paired()
async def test_create_with_a_special_use(alice: Client, bob: Client, server: Server) -> None:
    assert b"[USEATTR]" in await alice.no("CREATE Everything (USE (\\Bogus))")
    assert b"[USEATTR]" in await alice.no("CREATE Sent2 (USE (\\Sent))")
    for shown_elsewhere in ("\\All", "\\Flagged"):  # RFC 6154 §2: such a mailbox shows what others hold
        assert b"[USEATTR]" in await alice.no(f"CREATE Everything (USE ({shown_elsewhere}))")
    await alice.ok("DELETE Archive")
    await alice.ok("CREATE Arxiu (USE (\\Archive))")
    assert await bob.ok('LIST (SPECIAL-USE) "" Ar*') == [b'* LIST (\\HasNoChildren \\Archive) "/" Arxiu']


@paired()
async def test_inbox_cannot_be_made_or_deleted(alice: Client, bob: Client, server: Server) -> None:
    assert b"[ALREADYEXISTS]" in await alice.no("CREATE inbox")
    assert b"[CANNOT]" in await alice.no("DELETE Inbox")


@paired()
async def test_delete_of_a_mailbox_selected_elsewhere_ends_that_session(
    alice: Client, bob: Client, server: Server
) -> None:
    await alice.ok("CREATE Old")
    await bob.ok("SELECT Old")
    await alice.ok("DELETE Old")
    assert b"[NONEXISTENT]" in await alice.no("DELETE Old")
    bob.send(b"x NOOP\r\n")
    assert any(line.startswith(b"* BYE") for line in await bob.closed())


@paired()
async def test_delete_of_the_own_selected_mailbox_closes_it(alice: Client, bob: Client, server: Server) -> None:
    await alice.ok("CREATE Old")
    await alice.ok("SELECT Old")
    await alice.ok("DELETE Old")
    await alice.bad("FETCH 1 FLAGS")
    await alice.ok("NOOP")


@paired()
async def test_deleted_and_made_again_is_another_mailbox(alice: Client, bob: Client, server: Server) -> None:
    await alice.ok("CREATE Again")
    before = await bob.ok("STATUS Again (UIDVALIDITY)")
    await alice.ok("DELETE Again")
    await alice.ok("CREATE Again")
    assert await bob.ok("STATUS Again (UIDVALIDITY)") != before


@paired()
async def test_rename_takes_what_is_below_and_keeps_messages(alice: Client, bob: Client, server: Server) -> None:
    await alice.ok("CREATE One/Two")
    await alice.append(mail(), "One/Two")
    assert b"[NONEXISTENT]" in await alice.no("RENAME Nothing Other")
    assert b"[ALREADYEXISTS]" in await alice.no("RENAME One/Two Trash")
    await alice.ok("RENAME One Uno")
    assert await bob.ok("STATUS Uno/Two (MESSAGES)") == [b"* STATUS Uno/Two (MESSAGES 1)"]


@paired()
async def test_rename_of_inbox_moves_its_messages(alice: Client, bob: Client, server: Server) -> None:
    await alice.append(mail())
    await bob.ok("SELECT INBOX")
    await alice.ok("RENAME INBOX Then")
    assert (await bob.ok("NOOP"))[0] == b"* 1 EXPUNGE"
    assert await bob.ok("STATUS Then (MESSAGES)") == [b"* STATUS Then (MESSAGES 1)"]


@paired()
async def test_subscriptions_outlive_their_mailbox(alice: Client, bob: Client, server: Server) -> None:
    assert b"[NONEXISTENT]" in await alice.no("SUBSCRIBE Nowhere")
    await alice.ok("CREATE News")
    await alice.ok("SUBSCRIBE News")
    await alice.ok("DELETE News")
    assert await bob.ok('LIST (SUBSCRIBED) "" News') == [
        b'* LIST (\\NonExistent \\Noselect \\HasNoChildren \\Subscribed) "/" News'
    ]
    await bob.ok("UNSUBSCRIBE News")
    assert b"[NONEXISTENT]" in await alice.no("UNSUBSCRIBE News")


@paired()
async def test_status_tells_every_item(alice: Client, bob: Client, server: Server) -> None:
    await alice.append(mail(), options="(\\Deleted) ")
    line = (await bob.ok("STATUS INBOX (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE HIGHESTMODSEQ)"))[-1]
    words = line.split(b"(")[1].rstrip(b")").split()
    values = dict(zip(words[::2], map(int, words[1::2]), strict=True))
    assert values.pop(b"UIDVALIDITY") > 0
    assert values.pop(b"HIGHESTMODSEQ") > 1
    assert values == {
        b"MESSAGES": 1, b"RECENT": 1, b"UIDNEXT": 2, b"UNSEEN": 1, b"DELETED": 1, b"SIZE": len(mail()),
    }  # fmt: skip
    assert b"[NONEXISTENT]" in await bob.no("STATUS Nowhere (MESSAGES)")


@paired()
async def test_namespace_is_one_personal_tree(alice: Client, bob: Client, server: Server) -> None:
    assert await alice.ok("NAMESPACE") == [b'* NAMESPACE (("" "/")) NIL NIL']


@paired()
async def test_name_beyond_ascii_is_modified_utf7_on_the_wire(alice: Client, bob: Client, server: Server) -> None:
    await alice.ok('CREATE "Bob&APMA7Q-"')
    assert await bob.ok('LIST "" Bob*') == [b'* LIST (\\HasNoChildren) "/" Bob&APMA7Q-']
    await bob.ok('SELECT "Bob&APMA7Q-"')
