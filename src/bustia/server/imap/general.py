"""CAPABILITY, NOOP, CHECK, ID, ENABLE, LOGOUT."""

from __future__ import annotations

from bustia.protocol.imap.general import (
    ID,
    Capability,
    CapabilityData,
    Check,
    Enable,
    EnabledData,
    IDData,
    Logout,
    Noop,
)
from bustia.protocol.imap.response import Condition, Status
from bustia.server.imap.context import Context
from bustia.server.imap.done import Done


async def capability(context: Context, command: Capability) -> Done:
    """CAPABILITY (RFC 9051 §6.1.1)."""
    context.say(CapabilityData(context.capabilities()))
    return Done("CAPABILITY completed")


async def noop(context: Context, command: Noop | Check) -> Done:
    """NOOP (RFC 9051 §6.1.2) and CHECK (RFC 3501 §6.4.1): looks into the log itself, should a notice have been lost."""
    if context.selected_or_none is not None:
        await context.look()
    return Done("NOOP completed" if isinstance(command, Noop) else "CHECK completed")


async def identify(context: Context, command: ID) -> Done:
    """ID: our name only, for a version helps mostly those who look for old ones (RFC 2971 §3.2, §4)."""
    context.say(IDData((("name", "Bustia"),)))
    return Done("ID completed")


async def enable(context: Context, command: Enable) -> Done:
    """ENABLE: unknown names are passed over, and what was enabled is told (RFC 9051 §6.3.1)."""
    enabled = tuple(name for name in command.names if name == "CONDSTORE")
    if enabled:
        context.enable_condstore()
    context.say(EnabledData(enabled))
    return Done("ENABLE completed")


async def logout(context: Context, command: Logout) -> Done:
    """LOGOUT: BYE comes before the tagged OK (RFC 9051 §6.1.3)."""
    context.unselect()
    context.end(Status(None, Condition.BYE, "Logging out"))
    return Done("LOGOUT completed")
