"""A simulated bluetoothd: what programs that use BlueZ see on D-Bus, and the ways in which a real one fails them."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, Final

from dbus_fast import Message, MessageType, RequestNameReply
from dbus_fast.aio import MessageBus

from device_sims.errors import SimulationError
from device_sims.radio.bluez.adapter import Adapter, Heard
from device_sims.radio.bluez.connections import Connections
from device_sims.radio.bluez.objects import ADAPTER, ObjectTree, as_variant, as_variants
from device_sims.radio.bluez.peripheral import Peripheral

_NAME: Final = "org.bluez"
_MONITOR: Final = "org.bluez.AdvertisementMonitor1"
# The real one (5.66) writes past a buffer and dies of more. Source: bluez/src/adv_monitor.c, `uint8_t cp_len`.
_DEADLY_PATTERNS: Final = 7
_DBUS: Final = "org.freedesktop.DBus"
_UNKNOWN_OBJECT: Final = "org.freedesktop.DBus.Error.UnknownObject"
_UNKNOWN_METHOD: Final = "org.freedesktop.DBus.Error.UnknownMethod"
_NOT_READY: Final = "org.bluez.Error.NotReady"
_IN_PROGRESS: Final = "org.bluez.Error.InProgress"
_FAILED: Final = "org.bluez.Error.Failed"
_DOES_NOT_EXIST: Final = "org.bluez.Error.DoesNotExist"

Answer = Message | None | Coroutine[Any, Any, Message | None]


class Bluetoothd:
    """One BlueZ with its adapters, on the bus at `bus_address`.

    Args:
        bus_address: of a D-Bus on which the name org.bluez is free.
        adapters: their names, hci0 and so on.
        can_listen_passively: False for a BlueZ that was started without its experimental interfaces.
    """

    def __init__(
        self, bus_address: str, adapters: Iterable[str] = ("hci0",), *, can_listen_passively: bool = True
    ) -> None:
        self.adapters: dict[str, Adapter] = {}
        self.is_hung = False
        self.refuses_monitors = False  # offers passive listening, and fails when it is asked for
        self._address = bus_address
        self._names = tuple(adapters)
        self._can_listen_passively = can_listen_passively
        self._bus: MessageBus | None = None
        self._peripherals: list[Peripheral] = []
        self._works: set[asyncio.Task[None]] = set()
        self._begin_anew()

    async def start(self) -> None:
        """Take the name org.bluez, with the adapters switched on and no device known.

        Raises:
            SimulationError: another bluetoothd has the name.
        """
        self._begin_anew()
        self._bus = await MessageBus(bus_address=self._address, negotiate_unix_fd=True).connect()
        self._bus.add_message_handler(self._take)
        if await self._bus.request_name(_NAME) is not RequestNameReply.PRIMARY_OWNER:
            raise SimulationError("another bluetoothd already serves this bus")
        rule = f"type='signal',sender='{_DBUS}',interface='{_DBUS}',member='NameOwnerChanged'"
        await self._bus.call(
            Message(destination=_DBUS, path="/org/freedesktop/DBus", interface=_DBUS, member="AddMatch",
                    signature="s", body=[rule])
        )  # fmt: skip
        for name in self._names:
            self.plug(name)

    async def kill(self) -> None:
        """End it without a word, as SIGKILL does. A repeat is harmless."""
        bus, self._bus = self._bus, None
        for work in self._works:
            work.cancel()
        self._connections.release_all()
        if bus is not None:
            bus.disconnect()
            with suppress(Exception):  # the reader's last words
                await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]

    def plug(self, name: str) -> None:
        """Put an adapter in."""
        self.adapters[name] = Adapter(name, self._tree, can_listen_passively=self._can_listen_passively)

    def unplug(self, name: str) -> None:
        """Pull an adapter out."""
        self._tree.remove(self.adapters.pop(name).path)

    def bring(self, peripheral: Peripheral) -> None:
        """Put a device one can connect to in reach; it must be heard before somebody can connect."""
        self._peripherals.append(peripheral)
        self._connections.bring(peripheral)

    def drop(self, peripheral: Peripheral) -> None:
        """Let the device end its connection."""
        for adapter in self.adapters.values():
            self._connections.drop(adapter.device_path(peripheral.address))

    def hear(self, heard: Heard, *names: str) -> None:
        """Let adapters hear a packet: those named, else all. Nothing happens while nobody scans."""
        if self.is_hung or self._bus is None:
            return
        for name in names or tuple(self.adapters):
            self.adapters[name].hear(heard)

    def _begin_anew(self) -> None:
        self._tree = ObjectTree(self._send)
        self._connections = Connections(self._tree)
        for peripheral in self._peripherals:
            self._connections.bring(peripheral)
        self.adapters = {}
        self._calls: dict[str, Callable[[Message], Answer]] = {
            "GetManagedObjects": lambda call: Message.new_method_return(call, "a{oa{sa{sv}}}", [self._tree.all()]),
            "Get": self._get,
            "GetAll": self._get_all,
            "Set": self._set,
            "SetDiscoveryFilter": self._set_filter,
            "StartDiscovery": self._start_discovery,
            "StopDiscovery": self._stop_discovery,
            "RegisterMonitor": self._register_monitor,
            "UnregisterMonitor": self._unregister_monitor,
            "RemoveDevice": self._remove_device,
            "Connect": lambda call: self._connections.connect(call, self._send),
            "Disconnect": self._connections.disconnect,
            "Pair": self._connections.pair,
            "ReadValue": self._connections.read,
            "WriteValue": self._connections.write,
            "StartNotify": self._connections.start_notify,
            "StopNotify": self._connections.stop_notify,
            "AcquireNotify": lambda call: self._connections.acquire_notify(call, self._send),
        }

    def _send(self, message: Message) -> None:
        if self._bus is not None and not self.is_hung:
            self._bus.send(message).add_done_callback(_look_away)

    def _take(self, message: Message) -> Message | bool | None:
        if message.message_type is MessageType.SIGNAL:
            self._note_departure(message)
        if message.message_type is not MessageType.METHOD_CALL:
            return None
        return self.is_hung or self._answer(message)  # a call taken and not answered: the caller waits for ever

    def _answer(self, call: Message) -> Message | bool:
        if call.path != "/" and str(call.path) not in self._tree:
            return Message.new_error(call, _UNKNOWN_OBJECT, f"no object {call.path}")
        method = self._calls.get(str(call.member))
        if method is None:
            return Message.new_error(call, _UNKNOWN_METHOD, f"no method {call.member}")
        answer = method(call)
        if isinstance(answer, Coroutine):
            self._run(self._answer_later(answer))
            return True
        return answer or True

    def _note_departure(self, message: Message) -> None:
        if message.member == "NameOwnerChanged" and message.body[0].startswith(":") and not message.body[2]:
            for adapter in self.adapters.values():
                adapter.forget(message.body[0])

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._works.add(task)
        task.add_done_callback(self._works.discard)

    async def _answer_later(self, answer: Coroutine[Any, Any, Message | None]) -> None:
        message = await answer
        if message is not None:
            self._send(message)

    def _adapter(self, call: Message) -> Adapter:
        return next(adapter for adapter in self.adapters.values() if adapter.path == call.path)

    def _get(self, call: Message) -> Message:
        interface, name = call.body
        return Message.new_method_return(call, "v", [as_variant(name, self._tree.of(str(call.path), interface)[name])])

    def _get_all(self, call: Message) -> Message:
        return Message.new_method_return(call, "a{sv}", [as_variants(self._tree.of(str(call.path), call.body[0]))])

    def _set(self, call: Message) -> Message:
        interface, name, value = call.body
        if (interface, name) == (ADAPTER, "Powered"):
            self._adapter(call).power(on=value.value)
        else:
            self._tree.change(str(call.path), interface, {name: value.value})
        return Message.new_method_return(call)

    def _set_filter(self, call: Message) -> Message:
        self._adapter(call).filters[str(call.sender)] = {name: value.value for name, value in call.body[0].items()}
        return Message.new_method_return(call)

    def _start_discovery(self, call: Message) -> Message:
        adapter, program = self._adapter(call), str(call.sender)
        if not adapter.is_powered:
            return Message.new_error(call, _NOT_READY, "Resource Not Ready")
        if program in adapter.discoveries:
            return Message.new_error(call, _IN_PROGRESS, "Operation already in progress")
        adapter.discover(program, on=True)
        return Message.new_method_return(call)

    def _stop_discovery(self, call: Message) -> Message:
        adapter, program = self._adapter(call), str(call.sender)
        if program not in adapter.discoveries:
            return Message.new_error(call, _FAILED, "No discovery started")
        adapter.discover(program, on=False)
        return Message.new_method_return(call)

    def _register_monitor(self, call: Message) -> Message:
        adapter = self._adapter(call)
        if not self._can_listen_passively:
            return Message.new_error(call, _UNKNOWN_METHOD, "no such interface")
        if self.refuses_monitors:
            return Message.new_error(call, _FAILED, "no room for another monitor")
        self._run(self._read_monitor(adapter, str(call.sender), call.body[0]))
        return Message.new_method_return(call)

    async def _read_monitor(self, adapter: Adapter, program: str, path: str) -> None:
        """Ask the program what it waits for, as bluetoothd does, once it has exported the object."""
        while self._bus is not None:
            await asyncio.sleep(0.01)
            reply = await self._bus.call(
                Message(destination=program, path=path, interface="org.freedesktop.DBus.Properties", member="GetAll",
                        signature="s", body=[_MONITOR])
            )  # fmt: skip
            if reply.message_type is MessageType.METHOD_RETURN:
                patterns = reply.body[0]["Patterns"].value
                if len(patterns) > _DEADLY_PATTERNS:
                    await self.kill()
                    return
                adapter.monitors[program, path] = [(place, kind, bytes(content)) for place, kind, content in patterns]
                adapter.begin()
                return

    def _unregister_monitor(self, call: Message) -> Message:
        if self._adapter(call).monitors.pop((str(call.sender), call.body[0]), None) is None:
            return Message.new_error(call, _DOES_NOT_EXIST, "Does Not Exist")
        return Message.new_method_return(call)

    def _remove_device(self, call: Message) -> Message:
        self._connections.drop(call.body[0])
        self._tree.remove(call.body[0])
        return Message.new_method_return(call)


def _look_away(sent: asyncio.Future[Any]) -> None:
    """A bus that was killed takes nothing more; a real bluetoothd does not mind either."""
    if not sent.cancelled():
        sent.exception()
