"""Two servers on one directory, each in a process of its own: what happens through one is seen through the other, in order."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
from multiprocessing.synchronize import Event
from pathlib import Path

from bustia.net.socket import SocketStream
from bustia.net.stream import StreamLimits
from pair import HANG, PASSWORD, USER, Client, mail, run, running


def serve_there(root: Path, port: int, ready: Event, end: Event) -> None:
    """The other process: serves until it is told to end."""

    async def there() -> None:
        async with running(root) as server:
            door = socket.create_server(("127.0.0.1", port))
            await server.listener.listen(door)
            ready.set()
            await asyncio.get_running_loop().run_in_executor(None, end.wait, 3 * HANG)

    asyncio.run(there())


async def connected(port: int) -> Client:
    """A client of the other process, logged in."""
    loop = asyncio.get_running_loop()
    _, stream = await loop.create_connection(lambda: SocketStream(StreamLimits()), "127.0.0.1", port)
    client = Client(stream, "B")
    await client.response()
    await client.ok(f'LOGIN {USER} "{PASSWORD}"')
    return client


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def test_what_happens_in_one_process_is_seen_in_the_other_in_order(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    ready, end = spawn.Event(), spawn.Event()
    port = free_port()

    async def test() -> None:
        async with running(tmp_path) as server:
            other.start()
            assert await asyncio.get_running_loop().run_in_executor(None, ready.wait, HANG)
            alice, bob = await server.client("A"), await connected(port)
            await alice.ok("SELECT INBOX")
            await bob.ok("SELECT INBOX")
            for number in range(1, 6):
                await (alice if number % 2 else bob).append(mail(number))
            assert await bob.ok("STATUS INBOX (UIDNEXT)") != []
            await bob.ok("NOOP")
            await alice.ok("NOOP")
            everything = "FETCH 1:5 (UID BODY.PEEK[HEADER.FIELDS (Subject)])"
            assert await alice.ok(everything) == await bob.ok(everything)
            await alice.ok("STORE 2 +FLAGS.SILENT (\\Deleted)")
            assert any(b"\\Deleted" in line for line in await bob.ok("NOOP"))
            await bob.ok("EXPUNGE")
            assert (await alice.ok("NOOP"))[0] == b"* 2 EXPUNGE"
            bob.send(b"i IDLE\r\n")
            assert (await bob.response()).startswith(b"+")
            await alice.append(mail(6))
            assert await bob.response() == b"* 5 EXISTS\r\n"
            bob.stream.close()

    other = spawn.Process(target=serve_there, args=(tmp_path, port, ready, end))
    try:
        run(test())
    finally:
        end.set()
        other.join(HANG)
    assert other.exitcode == 0
