"""An adapter that bluetoothd serves: what happens to it is told by D-Bus at once, and it can be switched."""

import asyncio
import logging
from contextlib import suppress
from typing import Any, Final

from dbus_fast import AuthError, BusType, DBusError, InvalidAddressError, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from gateway.ble.ladder import AdapterState

_LOGGER = logging.getLogger(__name__)

_BLUEZ: Final = "org.bluez"
_ADAPTER: Final = "org.bluez.Adapter1"
_MONITORS: Final = "org.bluez.AdvertisementMonitorManager1"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_OBJECTS: Final = "org.freedesktop.DBus.ObjectManager"
_DBUS: Final = "org.freedesktop.DBus"
_RULES: Final = (
    f"type='signal',sender='{_DBUS}',interface='{_DBUS}',member='NameOwnerChanged',arg0='{_BLUEZ}'",
    f"type='signal',sender='{_BLUEZ}',interface='{_OBJECTS}'",
    f"type='signal',sender='{_BLUEZ}',interface='{_PROPERTIES}',member='PropertiesChanged',arg0='{_ADAPTER}'",
)
_BUS_FAULTS: Final = (OSError, EOFError, TimeoutError, AuthError, DBusError, InvalidAddressError)

# A hung bluetoothd answers no call.
_PATIENCE_S: Final = 10.0
_FIRST_WAIT_S: Final = 1.0
_LONGEST_WAIT_S: Final = 30.0


class BluezAdapter:
    """An adapter that bluetoothd serves; without a name the first that is switched on, as bleak chooses."""

    can_be_cycled = True
    can_fall_silent = True

    def __init__(self, name: str) -> None:
        self.losses = 0
        self._path = f"/org/bluez/{name}" if name else ""
        self._adapters: dict[str, dict[str, Any]] = {}  # by path, with interface names as keys
        self._is_answering = True
        self._change = asyncio.Event()
        self._bus: MessageBus | None = None
        self._refreshing: asyncio.Task[None] | None = None

    @property
    def state(self) -> AdapterState:
        """How it stands. One whose bluetoothd does not answer is taken for ready: the scan's own failure will tell."""
        if not self._is_answering:
            return AdapterState.READY
        adapters = self._mine()
        if not adapters:
            return AdapterState.GONE
        return AdapterState.READY if any(one[_ADAPTER] for one in adapters) else AdapterState.OFF

    @property
    def can_listen_passively(self) -> bool:
        """Whether bluetoothd offers advertisement monitors; assumed while it has not been heard."""
        adapters = self._mine()
        return not adapters or all(one[_MONITORS] for one in adapters)

    async def watch(self) -> None:
        """Keep the state true until cancelled; a lost D-Bus is looked for again."""
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                await self._watch_bus()
                wait_s = _FIRST_WAIT_S
            except _BUS_FAULTS as fault:
                _LOGGER.debug("no D-Bus: %s", fault)
            self._forget()
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    async def looked_at(self, patience_s: float) -> None:
        """Wait until bluetoothd has told what it has, at most so long."""
        await self.changed(patience_s)

    async def changed(self, patience_s: float) -> None:
        """Wait for a change, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._change.wait()
        self._change.clear()

    async def power(self, *, on: bool) -> None:
        """Switch it on or off."""
        path = self._path or next(iter(self._adapters), "")
        if self._bus is None or not path:
            return
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._ask(path, _PROPERTIES, "Set", "ssv", [_ADAPTER, "Powered", Variant("b", on)])
        except _BUS_FAULTS as fault:
            _LOGGER.warning("the adapter cannot be switched %s: %s", "on" if on else "off", fault)

    def _mine(self) -> list[dict[str, Any]]:
        if not self._path:
            return list(self._adapters.values())
        return [self._adapters[self._path]] if self._path in self._adapters else []

    async def _watch_bus(self) -> None:
        bus = MessageBus(bus_type=BusType.SYSTEM)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await bus.connect()
            self._bus = bus
            bus.add_message_handler(self._take)
            for rule in _RULES:
                await self._ask("/org/freedesktop/DBus", _DBUS, "AddMatch", "s", [rule], _DBUS)
            await self._refresh()
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        finally:
            self._bus = None
            bus.disconnect()
            if self._refreshing is not None:
                self._refreshing.cancel()

    async def _ask(
        self, path: str, interface: str, member: str, signature: str, body: list[Any], destination: str = _BLUEZ
    ) -> list[Any]:
        if self._bus is None:
            raise ConnectionError("the D-Bus is gone")
        reply = await self._bus.call(
            Message(
                destination=destination,
                path=path,
                interface=interface,
                member=member,
                signature=signature,
                body=body,
            )
        )
        if reply.message_type is MessageType.ERROR:
            raise DBusError(reply.error_name or _DBUS, str(reply.body[0] if reply.body else ""), reply)
        return reply.body

    async def _refresh(self) -> None:
        """Ask for all there is."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                (objects,) = await self._ask("/", _OBJECTS, "GetManagedObjects", "", [])
        except DBusError:  # nobody has the name
            objects = {}
        except TimeoutError:
            self._is_answering = False
            self._change.set()
            return
        was = self.state
        self._is_answering = True
        self._adapters = {path: _shown(interfaces) for path, interfaces in objects.items() if _ADAPTER in interfaces}
        self._note(was)

    async def _refresh_later(self) -> None:
        with suppress(*_BUS_FAULTS):  # the bus has gone meanwhile: `watch` sees that too
            await self._refresh()

    def _take(self, message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL:
            return
        was = self.state
        match message.member:
            case "NameOwnerChanged" if message.body[2]:
                self._refreshing = asyncio.ensure_future(self._refresh_later())
            case "NameOwnerChanged":
                self._adapters = {}
            case "InterfacesAdded" if _ADAPTER in message.body[1]:
                self._adapters[message.body[0]] = _shown(message.body[1])
            case "InterfacesRemoved" if _ADAPTER in message.body[1]:
                self._adapters.pop(message.body[0], None)
            case "PropertiesChanged" if message.path in self._adapters and "Powered" in message.body[1]:
                self._adapters[str(message.path)][_ADAPTER] = message.body[1]["Powered"].value
            case _:
                return
        self._note(was)

    def _forget(self) -> None:
        was = self.state
        self._is_answering = True
        self._adapters = {}
        self._note(was)

    def _note(self, was: AdapterState) -> None:
        if self.state is was:
            return
        if was is AdapterState.READY:
            self.losses += 1
        self._change.set()


def _shown(interfaces: dict[str, dict[str, Variant]]) -> dict[str, bool]:
    powered = interfaces[_ADAPTER].get("Powered")
    return {_ADAPTER: bool(powered is not None and powered.value), _MONITORS: _MONITORS in interfaces}
