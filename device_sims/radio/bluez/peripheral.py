"""A device one can connect to: its services, its characteristics, and how it behaves when somebody calls."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from typing_extensions import override

# What a characteristic answers to a write, given what was written.
OnWrite = Callable[[bytes], None]


@dataclass(slots=True, eq=False)
class Characteristic:
    """One value of a device. `flags` are BlueZ's words: read, write, notify, indicate."""

    number: int  # 16-bit number of the Bluetooth SIG
    flags: tuple[str, ...]
    value: bytes = b""
    on_write: OnWrite | None = None
    on_subscribe: Callable[[], None] | None = None
    is_subscribed: bool = False
    # Set while a central listens: it puts a new value on D-Bus.
    tell: Callable[[bytes], None] | None = None
    pipe: socket.socket | None = None

    def notify(self, value: bytes) -> None:
        """Send a value to the central that has subscribed; to nobody where none has."""
        self.value = value
        if self.pipe is not None:
            self.pipe.send(value)
        elif self.is_subscribed and self.tell is not None:
            self.tell(value)

    def release(self) -> None:
        """Forget the central."""
        self.is_subscribed = False
        if self.pipe is not None:
            self.pipe.close()
            self.pipe = None


@dataclass(slots=True)
class Peripheral:
    """A device with services. The faults are knobs: turn them before the central calls."""

    address: str  # AA:BB:CC:DD:EE:FF
    services: dict[int, tuple[Characteristic, ...]] = field(default_factory=dict)
    connect_errors: list[str] = field(default_factory=list)  # the next connections fail with these, in this order
    is_silent: bool = False  # a connection is neither made nor refused
    connections: int = 0  # tried so far

    @property
    def characteristics(self) -> tuple[Characteristic, ...]:
        """All of them."""
        return tuple(one for members in self.services.values() for one in members)

    def characteristic(self, number: int) -> Characteristic:
        """Return one by its number.

        Raises:
            KeyError: the device has none of this number.
        """
        for one in self.characteristics:
            if one.number == number:
                return one
        raise KeyError(number)

    @override
    def __repr__(self) -> str:
        return f"Peripheral({self.address})"
