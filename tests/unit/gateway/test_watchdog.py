"""What systemd hears of the gateway."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.watchdog import keep_alive, tell


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The service manager's end of the line."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield line


async def test_it_says_that_it_is_ready_then_that_it_turns_then_that_it_stops(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "20000")
    telling = asyncio.create_task(keep_alive())

    heard = [await asyncio.to_thread(manager.recv, 100) for _ in range(4)]
    telling.cancel()
    with suppress(asyncio.CancelledError):
        await telling
    while (last := manager.recv(100)) == b"WATCHDOG=1":
        pass

    assert heard == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1", b"WATCHDOG=1"]
    assert last == b"STOPPING=1"


def test_without_a_manager_nothing_is_told_and_nothing_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)

    assert tell("READY=1") is False


def test_a_manager_that_is_gone_breaks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))

    assert tell("WATCHDOG=1") is False
