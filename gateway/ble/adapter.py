"""The adapter behind a radio: whether it is there, and its power switch."""

import asyncio
from typing import Protocol

from gateway.ble.ladder import AdapterState


class Adapter(Protocol):
    """The part of a radio that can be pulled out, or be switched off."""

    can_be_cycled: bool  # it has a power switch
    can_fall_silent: bool  # False for a simulated air, which stands still when its world does

    @property
    def state(self) -> AdapterState:
        """How it stands, as far as is known."""
        ...

    @property
    def losses(self) -> int:
        """How often it has been lost: a scan that began before a loss hears nothing any more."""
        ...

    @property
    def can_listen_passively(self) -> bool:
        """Whether it can listen without making the sensors answer."""
        ...

    async def watch(self) -> None:
        """Keep `state` and `losses` true until cancelled."""
        ...

    async def looked_at(self, patience_s: float) -> None:
        """Wait until it is known how it stands, at most so long."""
        ...

    async def changed(self, patience_s: float) -> None:
        """Wait for a change, at most so long."""
        ...

    async def power(self, *, on: bool) -> None:
        """Switch it. A failure is logged only: the next look tells."""
        ...


class NoAdapter:
    """For a radio that is none of this machine's adapters: always there, and without a switch."""

    can_be_cycled = False
    can_fall_silent = False
    state = AdapterState.READY
    losses = 0
    can_listen_passively = True

    async def watch(self) -> None:
        """Nothing happens to it."""
        await asyncio.get_running_loop().create_future()

    async def looked_at(self, patience_s: float) -> None:
        """It is known."""

    async def changed(self, patience_s: float) -> None:
        """Wait."""
        await asyncio.sleep(patience_s)

    async def power(self, *, on: bool) -> None:
        """It has no switch."""
