"""What a bluetoothd shows on D-Bus: objects with interfaces and properties, and the signals that tell their changes."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from dbus_fast import Message, MessageType, Variant

ADAPTER: Final = "org.bluez.Adapter1"
MONITORS: Final = "org.bluez.AdvertisementMonitorManager1"
DEVICE: Final = "org.bluez.Device1"
SERVICE: Final = "org.bluez.GattService1"
CHARACTERISTIC: Final = "org.bluez.GattCharacteristic1"
PROPERTIES: Final = "org.freedesktop.DBus.Properties"
OBJECTS: Final = "org.freedesktop.DBus.ObjectManager"

Properties = dict[str, Any]
Interfaces = dict[str, Properties]

_BLUETOOTH_BASE: Final = "0000{:04x}-0000-1000-8000-00805f9b34fb"

# Source: the D-Bus signatures in bluez/doc/org.bluez.*.rst.
_SIGNATURE_OF: Final[Mapping[str, str]] = {
    **dict.fromkeys(("Address", "AddressType", "Name", "Alias", "Modalias", "UUID"), "s"),
    **dict.fromkeys(("Adapter", "Device", "Service"), "o"),
    **dict.fromkeys(("UUIDs", "Roles", "Flags", "SupportedMonitorTypes", "SupportedFeatures"), "as"),
    **dict.fromkeys(("RSSI", "TxPower"), "n"),
    **dict.fromkeys(("MTU", "Handle"), "q"),
    **dict.fromkeys(("Powered", "Discovering", "Discoverable", "Pairable", "Connected", "Paired", "Trusted"), "b"),
    **dict.fromkeys(("Blocked", "LegacyPairing", "ServicesResolved", "Primary", "Notifying", "NotifyAcquired"), "b"),
    "Class": "u",
    "Includes": "ao",
    "Value": "ay",
}
_DATA_SIGNATURE_OF: Final = {"ServiceData": "a{sv}", "ManufacturerData": "a{qv}"}


def uuid128(number: int) -> str:
    """Return a 16-bit number of the Bluetooth SIG as the UUID that D-Bus shows."""
    return _BLUETOOTH_BASE.format(number)


def as_variants(properties: Mapping[str, Any]) -> dict[str, Variant]:
    """Return properties as they travel."""
    return {name: as_variant(name, value) for name, value in properties.items()}


def as_variant(name: str, value: object) -> Variant:
    """Return one property as it travels."""
    if name in _DATA_SIGNATURE_OF and isinstance(value, dict):
        return Variant(_DATA_SIGNATURE_OF[name], {key: Variant("ay", data) for key, data in value.items()})
    return Variant(_SIGNATURE_OF[name], value)


class ObjectTree:
    """Paths with their interfaces and properties. Every change is told with the signal that BlueZ would send."""

    def __init__(self, send: Callable[[Message], object]) -> None:
        self._send = send
        self._objects: dict[str, Interfaces] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._objects

    def of(self, path: str, interface: str) -> Properties:
        """Return the properties; empty where there is no such interface."""
        return self._objects.get(path, {}).get(interface, {})

    def interfaces(self, path: str) -> Interfaces:
        """Return all that is known of an object; empty where there is none."""
        return self._objects.get(path, {})

    def all(self) -> dict[str, dict[str, dict[str, Variant]]]:
        """Return everything, as GetManagedObjects does."""
        return {path: _travelling(interfaces) for path, interfaces in self._objects.items()}

    def add(self, path: str, interfaces: Interfaces) -> None:
        """Let an object appear."""
        self._objects[path] = interfaces
        self._tell("/", OBJECTS, "InterfacesAdded", "oa{sa{sv}}", [path, _travelling(interfaces)])

    def remove(self, path: str) -> None:
        """Let an object and everything beneath it disappear. A repeat is harmless."""
        gone = [found for found in self._objects if found == path or found.startswith(f"{path}/")]
        for found in reversed(gone):
            names = list(self._objects.pop(found))
            self._tell("/", OBJECTS, "InterfacesRemoved", "oas", [found, names])

    def change(self, path: str, interface: str, changes: Mapping[str, Any]) -> None:
        """Give properties new values."""
        self._objects[path][interface].update(changes)
        self._tell(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, as_variants(changes), []])

    def invalidate(self, path: str, interface: str, *names: str) -> None:
        """Let properties be unknown from now on; those that are unknown already are not told."""
        properties = self.of(path, interface)
        gone = [name for name in names if properties.pop(name, None) is not None]
        if gone:
            self._tell(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, {}, gone])

    def _tell(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        self._send(
            Message(
                message_type=MessageType.SIGNAL,
                path=path,
                interface=interface,
                member=member,
                signature=signature,
                body=body,
            )
        )


def _travelling(interfaces: Interfaces) -> dict[str, dict[str, Variant]]:
    return {interface: as_variants(properties) for interface, properties in interfaces.items()}
