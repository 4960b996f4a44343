"""The half of a simulated bluetoothd that connects: devices, their services and their values."""

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Final

from dbus_fast import Message

from device_sims.radio.bluez.objects import CHARACTERISTIC, DEVICE, SERVICE, ObjectTree, uuid128
from device_sims.radio.bluez.peripheral import Characteristic, Peripheral

_MTU: Final = 247
_FAILED: Final = "org.bluez.Error.Failed"
_NOT_SUPPORTED: Final = "org.bluez.Error.NotSupported"
_CONNECT_S: Final = 0.02  # a real connection takes a hundred times as long


class Connections:
    """Peripherals in reach of one bluetoothd."""

    def __init__(self, tree: ObjectTree) -> None:
        self._tree = tree
        self._peripherals: dict[str, Peripheral] = {}
        self._at: dict[str, Characteristic] = {}  # by D-Bus path

    def bring(self, peripheral: Peripheral) -> None:
        """Put a device in reach."""
        self._peripherals[peripheral.address] = peripheral

    def drop(self, device_path: str) -> None:
        """End a connection from the device's side. A repeat is harmless."""
        if not self._tree.of(device_path, DEVICE).get("Connected"):
            return
        for path, characteristic in self._at.items():
            if path.startswith(f"{device_path}/"):
                characteristic.release()
        self._tree.change(device_path, DEVICE, {"ServicesResolved": False})
        self._tree.change(device_path, DEVICE, {"Connected": False})

    def release_all(self) -> None:
        """Let go of every pipe."""
        for characteristic in self._at.values():
            characteristic.release()

    async def connect(self, call: Message, send: Callable[[Message], object]) -> Message | None:
        """Connect to the device at the path of the call. None: the answer has been sent already."""
        path = call.path or ""
        peripheral = self._peripherals.get(str(self._tree.of(path, DEVICE).get("Address")))
        if peripheral is None:
            return Message.new_error(call, _FAILED, "br-connection-unknown")
        peripheral.connections += 1
        await asyncio.sleep(_CONNECT_S)
        if peripheral.is_silent:
            return None
        if peripheral.connect_errors:
            return Message.new_error(call, _FAILED, peripheral.connect_errors.pop(0))
        self._tree.change(path, DEVICE, {"Connected": True})
        send(Message.new_method_return(call))
        await asyncio.sleep(_CONNECT_S)
        if path in self._tree:
            self._show_services(path, peripheral)
            self._tree.change(path, DEVICE, {"ServicesResolved": True})
        return None

    def disconnect(self, call: Message) -> Message:
        """End a connection from the central's side."""
        self.drop(call.path or "")
        return Message.new_method_return(call)

    def pair(self, call: Message) -> Message:
        """Bond with the device, asking nothing."""
        self._tree.change(call.path or "", DEVICE, {"Paired": True})
        return Message.new_method_return(call)

    def read(self, call: Message) -> Message:
        """Read a value."""
        return Message.new_method_return(call, "ay", [self._called(call).value])

    def write(self, call: Message) -> Message:
        """Write a value. What the device does of it happens after the answer, as on the air."""
        characteristic = self._called(call)
        written = bytes(call.body[0])
        if characteristic.on_write is not None:
            asyncio.get_running_loop().call_soon(characteristic.on_write, written)
        return Message.new_method_return(call)

    def start_notify(self, call: Message) -> Message:
        """Subscribe: values come as changes of a property."""
        characteristic = self._called(call)
        if not {"notify", "indicate"} & set(characteristic.flags):
            return Message.new_error(call, _NOT_SUPPORTED, "Operation is not supported")
        characteristic.is_subscribed = True
        if characteristic.on_subscribe is not None:
            asyncio.get_running_loop().call_soon(characteristic.on_subscribe)
        return Message.new_method_return(call)

    def stop_notify(self, call: Message) -> Message:
        """End a subscription."""
        self._called(call).is_subscribed = False
        return Message.new_method_return(call)

    def acquire_notify(self, call: Message, send: Callable[[Message], object]) -> None:
        """Subscribe: values come through a pipe."""
        characteristic = self._called(call)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(0)
        characteristic.pipe = ours
        characteristic.is_subscribed = True
        number = theirs.detach()
        send(Message.new_method_return(call, "hq", [0, _MTU], unix_fds=[number]))
        asyncio.get_running_loop().call_later(1, os.close, number)  # by then the bus has passed it on
        if characteristic.on_subscribe is not None:
            asyncio.get_running_loop().call_soon(characteristic.on_subscribe)

    def _called(self, call: Message) -> Characteristic:
        return self._at[call.path or ""]

    def _show_services(self, device: str, peripheral: Peripheral) -> None:
        handle = 1
        for number, characteristics in peripheral.services.items():
            path = f"{device}/service{handle:04x}"
            handle += 1
            if path not in self._tree:
                service = {"UUID": uuid128(number), "Primary": True, "Device": device, "Includes": []}
                self._tree.add(path, {SERVICE: service})
            for characteristic in characteristics:
                self._show(f"{path}/char{handle:04x}", path, characteristic)
                handle += 2

    def _show(self, path: str, service: str, characteristic: Characteristic) -> None:
        self._at[path] = characteristic
        characteristic.tell = lambda value: self._tree.change(path, CHARACTERISTIC, {"Value": value})
        if path in self._tree:
            return
        shown = {
            "UUID": uuid128(characteristic.number),
            "Service": service,
            "Flags": list(characteristic.flags),
            "Value": b"",
            "Notifying": False,
            "MTU": _MTU,
        }
        if "notify" in characteristic.flags:
            shown["NotifyAcquired"] = False
        self._tree.add(path, {CHARACTERISTIC: shown})
