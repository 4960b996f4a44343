"""A packet as a technician has it at hand, in hex, made into an advertisement as a radio would hand it over. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bluetooth_data_tools import parse_advertisement_data_bytes

from gateway.ble.advertisement import Advertisement
from gateway.errors import GatewayError
from gateway.sensors.library import uuid
from gateway.sensors.registry import WAKING_SERVICES

# What a packet means does not depend on when it was heard.
_WHENEVER = datetime(2000, 1, 1, tzinfo=UTC)
_NOBODY = "00:00:00:00:00:00"
_ADDRESS_DIGITS = 12

# Source: Bluetooth Core Specification 5.4, volume 4, part E, 7.7.65.2 and 7.7.65.13.
_LE_META_EVENT = b"\x04\x3e"
_HEAD_LENGTH = 3  # packet type, event, length of what follows
_REPORT, _EXTENDED_REPORT = 0x02, 0x0D

# Source: Bluetooth Assigned Numbers, 2.3, "common data types".
_LAST_COMMON_TYPE = 0x3D
_MANUFACTURER_DATA = 0xFF


class UnreadablePacketError(GatewayError):
    """What was given is not a packet in any form we know. The text says which forms there are."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where an advertising report keeps its parts, counted from the start of the packet."""

    address: int
    data_length: int
    rssi: int | None  # None: behind the data


_LAYOUTS = {
    _REPORT: _Layout(address=7, data_length=13, rssi=None),
    _EXTENDED_REPORT: _Layout(address=8, data_length=28, rssi=18),
}


def read_packet(digits: str, address: str | None = None, name: str | None = None) -> Advertisement:
    """Return the advertisement that these hex digits are.

    They are a whole LE advertising report (04 3E ...), advertising data (a row of length, type, content), or service
    data with its 16-bit number in front, in either order or as `fcd2:...`. `address` and `name` are the sender's; None
    where the packet tells them, or nobody knows. Blanks, colons and dashes between digits are skipped.

    Raises:
        UnreadablePacketError: it is none of these, or breaks off.
    """
    sender = None if address is None else read_address(address)
    packet = _bytes_of(digits)
    if packet.startswith(_LE_META_EVENT):
        return _from_report(packet, sender, name)
    if _is_advertising_data(packet):
        return _from_advertising_data(packet, sender or _NOBODY, name, None)
    return _from_service_data(packet, sender or _NOBODY, name)


def read_address(text: str) -> str:
    """Return a sender's address as the radio writes it, whether it came with colons or without.

    Raises:
        UnreadablePacketError: it is no address.
    """
    digits = text.replace(":", "").replace("-", "").strip().upper()
    if len(digits) != _ADDRESS_DIGITS or not set(digits) <= set("0123456789ABCDEF"):
        raise UnreadablePacketError("the address is not one: write it as A4:C1:38:00:00:01")
    return ":".join(digits[place : place + 2] for place in range(0, _ADDRESS_DIGITS, 2))


def _bytes_of(digits: str) -> bytes:
    try:
        packet = bytes.fromhex("".join(digits.split()).replace(":", "").replace("-", ""))
    except ValueError:
        raise UnreadablePacketError("not hex digits, two for each byte") from None
    if not packet:
        raise UnreadablePacketError("there is nothing to read")
    return packet


def _from_report(packet: bytes, sender: str | None, name: str | None) -> Advertisement:
    layout = _LAYOUTS.get(packet[_HEAD_LENGTH]) if len(packet) > _HEAD_LENGTH + 1 else None
    if layout is None:
        raise UnreadablePacketError(
            "a Bluetooth event (04 3E), but not an advertising report (02 or 0D behind its length)"
        )
    if packet[_HEAD_LENGTH + 1] != 1:
        raise UnreadablePacketError("an event with several advertising reports; give each of them by itself")
    start = layout.data_length + 1
    end = start + packet[layout.data_length] if len(packet) >= start else len(packet) + 1
    if len(packet) < end:
        raise UnreadablePacketError("an advertising report of which a part is missing")
    rssi_at = end if layout.rssi is None else layout.rssi
    rssi = int.from_bytes(packet[rssi_at : rssi_at + 1], "little", signed=True) if len(packet) > rssi_at else None
    told = ":".join(f"{byte:02X}" for byte in reversed(packet[layout.address : layout.address + 6]))
    return _from_advertising_data(packet[start:end], sender or told, name, rssi)


def _is_advertising_data(packet: bytes) -> bool:
    """Tell whether it is a row of parts that fills the packet exactly; no service data looks like that by chance."""
    place = 0
    while place < len(packet):
        length = packet[place]
        if length == 0:
            return place > 0 and not any(packet[place:])  # zeros fill up a packet
        if place + length >= len(packet) or not _is_common_type(packet[place + 1]):
            return False
        place += 1 + length
    return True


def _is_common_type(kind: int) -> bool:
    return 0 < kind <= _LAST_COMMON_TYPE or kind == _MANUFACTURER_DATA


def _from_advertising_data(data: bytes, sender: str, name: str | None, rssi: int | None) -> Advertisement:
    told_name, services, service_data, manufacturer_data, _ = parse_advertisement_data_bytes(data)
    return Advertisement(
        sender, name or told_name, service_data, manufacturer_data, rssi, _WHENEVER, services=tuple(services)
    )


def _from_service_data(packet: bytes, sender: str, name: str | None) -> Advertisement:
    """Read service data by the number in front of it, which in the air stands with its low byte first."""
    for service in (int.from_bytes(packet[:2], "little"), int.from_bytes(packet[:2], "big")):
        if service in WAKING_SERVICES:
            return Advertisement(sender, name, {uuid(service): packet[2:]}, {}, None, _WHENEVER)
    known = ", ".join(f"{service:04x}" for service in WAKING_SERVICES)
    raise UnreadablePacketError(
        "neither an advertising report (04 3E ...) nor advertising data nor service data with its number in front "
        f"(one of {known})"
    )
