"""What a running gateway knows, in a small file beside its outbox, for whoever stands before the machine."""

import asyncio
import logging
import os
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from gateway.contract.codec import ContractError, from_json, to_json
from gateway.contract.heartbeat import Heartbeat
from gateway.contract.observation import SensorId, UtcDatetime
from gateway.heartbeat import Pulse

_LOGGER = logging.getLogger(__name__)
_FILE: Final = "status.json"
_EVERY_S: Final = 30.0
_OWNER_ONLY: Final = 0o600


class Status(BaseModel):
    """How things stand with the gateway. `broker`: the one it is connected to, None when it is connected to none.

    `home_assistant`: whether the home's own is reached, None where there is none. `proven`: by sensor, when the newest
    of its facts happened that the server has confirmed; kept over restarts.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    written_at: UtcDatetime
    broker: str | None = None
    home_assistant: bool | None = None
    proven: dict[SensorId, UtcDatetime] = Field(default_factory=dict)
    heartbeat: Heartbeat


class StatusFile:
    """Writes the file every half minute, and whenever the link or the radio comes or goes.

    Args:
        folder: where it lies.
        pulse: says how things stand.
        proven: by sensor, what was proven since the program started.
    """

    def __init__(self, folder: Path, pulse: Pulse, proven: Mapping[str, datetime]) -> None:
        earlier = read_status(folder)
        self._proven_before = {} if earlier is None else earlier.proven
        self._proven = proven
        self._path = folder / _FILE
        self._pulse = pulse
        self._broker: str | None = None
        self._home_assistant: bool | None = None
        self._changed = asyncio.Event()

    def link_stands(self, broker: str | None) -> None:
        """Note which broker the gateway is connected to; None: none."""
        if broker != self._broker:
            self._broker = broker
            self._changed.set()

    def home_assistant_stands(self, is_reached: bool) -> None:  # noqa: FBT001 - the only thing it says
        """Note whether the home's own Home Assistant is reached."""
        if is_reached is not self._home_assistant:
            self._home_assistant = is_reached
            self._changed.set()

    def hurry(self) -> None:
        """Write soon: something has changed that whoever looks would want to see."""
        self._changed.set()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            self._changed.clear()
            self._write()
            try:
                async with asyncio.timeout(_EVERY_S):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _write(self) -> None:
        unfinished = self._path.with_suffix(".new")
        try:
            heartbeat = self._pulse.heartbeat()
            status = Status(
                written_at=heartbeat.sent_at,
                broker=self._broker,
                home_assistant=self._home_assistant,
                proven={**self._proven_before, **self._proven},
                heartbeat=heartbeat,
            )
            file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
            with os.fdopen(file, "wb") as stream:
                stream.write(to_json(status))
            unfinished.replace(self._path)
        except (OSError, sqlite3.Error) as fault:  # an ill disk must not end the gateway; the heartbeat tells of it
            _LOGGER.debug("the status cannot be written: %s", fault)


def read_status(folder: Path) -> Status | None:
    """Return what the gateway of a folder last wrote, None when there is nothing that can be read."""
    try:
        return from_json(Status, (folder / _FILE).read_bytes())
    except (OSError, ContractError):
        return None
