"""`livsrytme gateway decode`: tells a technician what a packet means, by the same families as the gateway's hearing."""

import io
import json
import re
import sys
from collections.abc import Iterator
from typing import Any

import click
from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.ble.advertisement import Advertisement
from gateway.contract.codec import first_fault
from gateway.contract.observation import SensorKind
from gateway.packets import UnreadablePacketError, read_packet
from gateway.quiet import quieten
from gateway.sensors.family import Family
from gateway.sensors.reading import Reading, UndecodableAdvertisementError
from gateway.sensors.registry import families_of

_UNITS = {
    SensorKind.TEMPERATURE: "°C",
    SensorKind.HUMIDITY: "%",
    SensorKind.LIGHT: "lx",
    SensorKind.POWER: "W",
}
_KEY = re.compile(r"[0-9a-f]{32}")


class _Asked(BaseModel):
    """One packet to decode, as a line of JSON."""

    model_config = ConfigDict(extra="ignore")

    hex: str
    address: str | None = None
    key: str | None = None
    name: str | None = None


@click.command()
@click.argument("packet", metavar="HEX|-")
@click.option("--address", help="The sensor's address, where the packet does not hold it. Encrypted packets need it.")
@click.option("--key", help="The sensor's bind key, 32 hex digits.")
def decode(packet: str, address: str | None, key: str | None) -> None:
    """Say what a sensor's packet means, as a line of JSON.

    HEX is a whole LE advertising report (04 3E ...), advertising data, or service data with its number in front. With -
    the packets come on standard input, one in each line: hex, or JSON such as {"hex": "...", "address": "...", "key":
    "..."}. What cannot be read is told on standard error; the rest is decoded all the same.
    """
    quieten()
    is_all_read = True
    for place, line in _lines(packet):
        try:
            asked = _asked(line, address, key)
            for answer in answers(read_packet(asked.hex, asked.address, asked.name), asked.key):
                click.echo(json.dumps(answer, ensure_ascii=False))
        except UnreadablePacketError as fault:
            is_all_read = False
            click.echo(f"{place}{fault}.", err=True)
    if not is_all_read:
        raise SystemExit(1)


def answers(advertisement: Advertisement, key: str | None) -> Iterator[dict[str, Any]]:
    """Yield what each family reads in it, or the one answer that none does. `key` is in hex, None without one."""
    families = families_of(advertisement)
    for family in families:
        yield _answer(family, advertisement, key)
    if not families:
        yield _line(advertisement, None, None, "no sensor of a family this gateway reads, or nothing measured in it")


def _answer(family: Family, advertisement: Advertisement, key: str | None) -> dict[str, Any]:
    try:
        return _line(advertisement, family, family.decode(advertisement, key), None)
    except UndecodableAdvertisementError as fault:
        return _line(advertisement, family, None, str(fault))


def _line(
    advertisement: Advertisement, family: Family | None, reading: Reading | None, trouble: str | None
) -> dict[str, Any]:
    measures = () if reading is None else reading.measures
    return {
        "family": None if family is None else family.name,
        "title": None if reading is None else reading.title,
        "address": advertisement.address,
        "rssi_dbm": advertisement.rssi_dbm,
        "measures": [{"kind": kind, "value": value, "unit": _UNITS.get(kind)} for kind, value in measures],
        "battery_percent": None if reading is None else reading.battery_percent,
        "packet_id": None if reading is None else reading.packet_id,
        "counter": None if reading is None else reading.counter,
        "encrypted": None if reading is None else reading.is_encrypted,
        "trouble": trouble,
    }


def _lines(packet: str) -> Iterator[tuple[str, str]]:
    """Yield each packet, with what a complaint about it begins with."""
    if packet != "-":
        yield "", packet
        return
    for number, line in enumerate(_standard_input(), start=1):
        if line.strip():
            yield f"line {number}: ", line


def _asked(line: str, address: str | None, key: str | None) -> _Asked:
    """Return what a line asks; the options stand in for what it leaves open."""
    try:
        asked = _Asked.model_validate_json(line) if line.lstrip().startswith("{") else _Asked(hex=line)
    except ValidationError as fault:
        raise UnreadablePacketError(f'not a packet such as {{"hex": "..."}}: {first_fault(fault)}') from None
    bind_key = (asked.key or key or "").lower() or None
    if bind_key is not None and not _KEY.fullmatch(bind_key):
        raise UnreadablePacketError("the key is not one: it has 32 hex digits")
    return asked.model_copy(update={"address": asked.address or address, "key": bind_key})


def _standard_input() -> io.TextIOWrapper:
    # What is no text is an unreadable line like any other, not the end of the program.
    return io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
