"""The standard library's imaplib as a peer, over a real socket: in the clear on loopback, and under TLS by STARTTLS and from the first octet."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import imaplib
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pair import HANG, PASSWORD, USER, mail, run, running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of 127.0.0.1 with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server.example.org")])
    begin = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        built.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@contextlib.asynccontextmanager
async def listening(root: Path, certificate: Path, *, implicit: bool) -> AsyncIterator[int]:
    """A server on a free port of 127.0.0.1, under TLS from the first octet if `implicit`; the port."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    async with running(root, tls=tls) as server:
        door = socket.create_server(("127.0.0.1", 0))
        await server.listener.listen(door, tls if implicit else None)
        yield door.getsockname()[1]


def with_server(root: Path, certificate: Path, talk: Callable[[int], None], *, implicit: bool = False) -> None:
    """Runs the blocking `talk(port)` in a thread beside the server."""

    async def test() -> None:
        async with listening(root, certificate, implicit=implicit) as port:
            await asyncio.get_running_loop().run_in_executor(None, talk, port)

    run(test())


def whole_session(client: imaplib.IMAP4) -> None:
    """From login to logout by imaplib's own commands, each of which must succeed."""
    client.login(USER, PASSWORD)
    assert client.create("Work")[0] == "OK"
    stamp = imaplib.Time2Internaldate(datetime.datetime(2023, 11, 14, tzinfo=datetime.UTC))
    assert client.append("Work", "(\\Flagged)", stamp, mail(1))[0] == "OK"
    assert client.append("Work", None, None, mail(2))[0] == "OK"
    assert client.select("Work") == ("OK", [b"2"])
    assert client.search(None, "SUBJECT", '"number 2"') == ("OK", [b"2"])
    fetched = client.fetch("1", "(BODY.PEEK[] FLAGS)")[1][0]
    assert isinstance(fetched, tuple)
    assert fetched[1] == mail(1)
    assert client.store("1", "+FLAGS", "\\Deleted")[0] == "OK"
    assert client.copy("2", "Trash")[0] == "OK"
    assert client.expunge() == ("OK", [b"1"])
    assert client.uid("FETCH", "2", "(UID)")[1] == [b"1 (UID 2)"]
    assert client.status("Trash", "(MESSAGES)")[1] == [b"Trash (MESSAGES 1)"]
    assert b'(\\HasNoChildren \\Trash) "/" Trash' in client.list()[1]
    assert client.namespace()[0] == "OK"
    assert client.getquotaroot("INBOX")[0] == "OK"
    assert client.close()[0] == "OK"
    with pytest.raises(imaplib.IMAP4.error):
        client.fetch("1", "(FLAGS)")
    assert client.logout()[0] == "BYE"


def test_imaplib_in_the_clear(tmp_path: Path, certificate: Path) -> None:
    with_server(tmp_path, certificate, lambda port: whole_session(imaplib.IMAP4("127.0.0.1", port, timeout=HANG)))


def test_imaplib_with_starttls(tmp_path: Path, certificate: Path) -> None:
    def talk(port: int) -> None:
        client = imaplib.IMAP4("127.0.0.1", port, timeout=HANG)
        client.starttls(ssl.create_default_context(cafile=str(certificate)))
        whole_session(client)

    with_server(tmp_path, certificate, talk)


def test_imaplib_under_tls_from_the_first_octet(tmp_path: Path, certificate: Path) -> None:
    def talk(port: int) -> None:
        context = ssl.create_default_context(cafile=str(certificate))
        whole_session(imaplib.IMAP4_SSL("127.0.0.1", port, ssl_context=context, timeout=HANG))

    with_server(tmp_path, certificate, talk, implicit=True)


def test_imaplib_authenticates_by_plain(tmp_path: Path, certificate: Path) -> None:
    def talk(port: int) -> None:
        client = imaplib.IMAP4("127.0.0.1", port, timeout=HANG)
        with pytest.raises(imaplib.IMAP4.error):
            client.authenticate("PLAIN", lambda _: b"\0nobody\0wrong")
        client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        assert client.noop()[0] == "OK"
        client.logout()

    with_server(tmp_path, certificate, talk)
