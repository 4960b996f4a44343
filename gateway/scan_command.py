"""`livsrytme gateway scan`: shows a technician what the radio hears, while it hears it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table

from gateway.ble.advertisement import Advertisement
from gateway.ble.air_book import AirBook, OnAir
from gateway.ble.radio import Radio, open_radios
from gateway.ble.scanner import Scanner
from gateway.ble.wake import wake_patterns
from gateway.connected.profile import ADVERTISED
from gateway.connected.profile import uuid as service_uuid
from gateway.enrolment import read_enrolment
from gateway.errors import GatewayError
from gateway.home import Home
from gateway.quiet import quieten
from gateway.sensors.registry import WAKING_COMPANIES, WAKING_SERVICES, families_of
from gateway.troubles import Troubles

_REDRAW_S = 0.5
_WITHOUT_TERMINAL_S = 15.0
_COLUMNS = ("Address", "Name", "Family", "dBm", "Last heard", "Packets", "In this home")
_NEAR_DBM, _FAR_DBM = -70, -85
_CONNECTED = frozenset(service_uuid(service) for service in ADVERTISED)


@click.command(short_help="Show what is on the air, live.")
@click.option("--seconds", type=click.FloatRange(min=0.1), help="How long to listen. In a terminal: until Ctrl+C.")
@click.option("--radio", default="bluez", envvar="LIVSRYTME_GATEWAY_RADIO", help="As for run.", show_default=True)
@click.option("--id", "gateway_id", envvar="LIVSRYTME_GATEWAY_ID", help="This gateway's name, if not enrolled.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="LIVSRYTME_GATEWAY_DATA",
    help="The gateway's folder: tells the home's own sensors.",
)
def scan(seconds: float | None, radio: str, gateway_id: str | None, data: Path | None) -> None:
    """Show what is on the air: a live table in a terminal, else one line for each device at the end.

    Columns: address, name, family, signal in dBm, seconds since it was last heard, packets, room. A device whose family
    is named and that has no room can be given one on the server.
    """
    quieten("gateway.ble")
    console = Console()
    patient_s = seconds if seconds is not None or console.is_terminal else _WITHOUT_TERMINAL_S
    try:
        book = AirBook(_family_of, _rooms(gateway_id, data))
        radios = open_radios(radio)
        with suppress(KeyboardInterrupt):
            asyncio.run(_listen(console, book, radios, patient_s))
    except GatewayError as error:
        raise click.ClickException(str(error)) from None
    if not console.is_terminal:
        for one in book.rows():
            click.echo("\t".join(_cells(one, radios[0].clock.now())))


async def _listen(console: Console, book: AirBook, radios: tuple[Radio, ...], seconds: float | None) -> None:
    scanner = Scanner(radios, book.take, wake_patterns(WAKING_SERVICES, WAKING_COMPANIES, ADVERTISED))
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            if console.is_terminal:
                await asyncio.gather(scanner.run(), _show(console, book, scanner, radios[0]))
            else:
                await scanner.run()
    if scanner.deaf_since is not None:
        click.echo(f"Not listening: {', '.join(scanner.deaf_radios)}. Is the adapter there, and switched on?", err=True)


async def _show(console: Console, book: AirBook, scanner: Scanner, radio: Radio) -> None:
    with Live(console=console, auto_refresh=False) as live:
        while True:
            live.update(_table(book.rows(), radio.clock.now(), tuple(scanner.deaf_radios)), refresh=True)
            await asyncio.sleep(_REDRAW_S)


def _table(rows: list[OnAir], now: datetime, deaf: tuple[str, ...]) -> Table:
    caption = f"not listening: {', '.join(deaf)}" if deaf else f"{len(rows)} devices; Ctrl+C ends"
    table = Table(*_COLUMNS, caption=caption)
    for row in rows:
        table.add_row(*_cells(row, now), style=_style(row))
    return table


def _cells(row: OnAir, now: datetime) -> tuple[str, ...]:
    return (
        row.address,
        row.name or "-",
        row.family or "-",
        "-" if row.rssi_dbm is None else str(row.rssi_dbm),
        f"{max(0.0, (now - row.heard_at).total_seconds()):.0f} s",
        str(row.packets),
        row.room or "unknown",
    )


def _style(row: OnAir) -> str:
    if row.room is None:
        return "dim" if not row.family else ""
    rssi = row.rssi_dbm if row.rssi_dbm is not None else _FAR_DBM
    return "green" if rssi >= _NEAR_DBM else "yellow" if rssi >= _FAR_DBM else "red"


def _family_of(advertisement: Advertisement) -> str:
    names = [family.name for family in families_of(advertisement)]
    if not _CONNECTED.isdisjoint(advertisement.services):
        names.append("by connection")
    return ", ".join(names)


def _rooms(gateway_id: str | None, data: Path | None) -> Callable[[str], str | None]:
    enrolment = read_enrolment(data) if gateway_id is None and data is not None else None
    who = gateway_id if enrolment is None else enrolment.gateway_id
    if who is None or data is None:
        return lambda _: None
    home = Home(data, who, Troubles())

    def room_of(sensor_id: str) -> str | None:
        sensor = home.sensor(sensor_id)
        return None if sensor is None else sensor.room

    return room_of
