"""The demo's certificate: made once, for loopback, its key for the owner only."""

from __future__ import annotations

import ssl
import stat
from datetime import UTC, datetime
from pathlib import Path

from bustia.cli.certificate import ensure_certificate

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_it_is_made_once_and_tls_takes_it(tmp_path: Path) -> None:
    made = ensure_certificate(tmp_path, NOW)
    octets = [path.read_bytes() for path in made]
    assert ensure_certificate(tmp_path, NOW) == made
    assert [path.read_bytes() for path in made] == octets
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*made)


def test_the_key_is_the_owners_alone(tmp_path: Path) -> None:
    _, key = ensure_certificate(tmp_path, NOW)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
