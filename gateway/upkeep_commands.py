"""What a technician asks of a gateway: take it into service, look at it, prove it."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import click

from gateway.ble.radio import Radio, open_radios
from gateway.contract.clock import SystemClock
from gateway.contract.heartbeat import SensorHealth
from gateway.enrolment import enrol as exchange
from gateway.errors import GatewayError
from gateway.quiet import quieten
from gateway.selftest import prove
from gateway.setting_up import settings_from
from gateway.settings import GatewaySettings
from gateway.status import Status, read_status
from gateway.trouble_words import TROUBLE_WORDS

_DATA = click.option("--data", required=True, envvar="LIVSRYTME_GATEWAY_DATA", type=click.Path(path_type=Path))
# The status is written every half minute; older than this, nobody writes it.
_STOPPED_AFTER = timedelta(minutes=3)


@click.command(short_help="Take this gateway into service with a one-time code.")
@click.argument("code")
@click.option("--server", required=True, help="Address of the service, https://name.")
@click.option(
    "--ca-file", type=click.Path(path_type=Path), help="Who vouches for the service, if not a known authority."
)
@_DATA
def enrol(code: str, server: str, ca_file: Path | None, data: Path) -> None:
    """Take this gateway into service with a one-time CODE from the server (livsrytme server enrol-code)."""
    try:
        enrolment = exchange(code, server, data, ca_file)
    except GatewayError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"This gateway is {enrolment.gateway_id}. Start it: sudo systemctl restart livsrytme-gateway")
    click.echo(f"Without a service: livsrytme gateway run --data {data}")
    if not enrolment.brokers:
        click.echo("The server named no message broker: give the gateway one with --broker.")


@click.command()
@_DATA
def status(data: Path) -> None:
    """Tell what the gateway of this machine knows. Ends with 1 when it does not run."""
    found = read_status(data)
    if found is None:
        raise click.ClickException(f"No gateway has run with the folder {data} yet.")
    for line in _lines(found):
        click.echo(line)
    if SystemClock().now() - found.written_at > _STOPPED_AFTER:
        click.echo("This is old: the gateway does not seem to run.")
        sys.exit(1)


@click.command()
@click.option("--id", "gateway_id", help="This gateway's name at the server.")
@click.option("--broker", help="The message broker.")
@click.option("--radio", help="bluez, bluez:hci1, virtual:ADDRESS; several with commas.")
@_DATA
def selftest(gateway_id: str | None, broker: str | None, radio: str | None, data: Path) -> None:
    """Prove every part of this gateway and say what is wrong. Ends with 1 when something is."""
    quieten("gateway")  # the verdicts say it in better words
    settings = settings_from({"id": gateway_id, "broker": broker, "radio": radio, "data": str(data)})
    try:
        radios = open_radios(settings.radio)
    except GatewayError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(0 if asyncio.run(_prove_aloud(settings, radios)) else 1)


async def _prove_aloud(settings: GatewaySettings, radios: Sequence[Radio]) -> bool:
    is_well = True
    async for verdict in prove(settings, radios):
        click.echo(f"{'ok   ' if verdict.is_well else 'WRONG'} {verdict.part}: {verdict.words}")
        is_well = is_well and verdict.is_well
    return is_well


def _lines(found: Status) -> list[str]:
    beat = found.heartbeat
    waiting = sum(head.waiting for head in beat.heads)
    lines = [
        f"gateway        {beat.gateway_id}, version {beat.software}, started {beat.started_at:%Y-%m-%d %H:%M} UTC",
        f"starts         {beat.starts} since its outbox was begun",
        f"as of          {found.written_at:%Y-%m-%d %H:%M:%S} UTC",
        f"broker         {found.broker or 'none reachable; facts are kept'}",
        f"waiting        {waiting}"
        + (f", the oldest since {beat.oldest_waiting_at:%Y-%m-%d %H:%M}" if waiting else ""),
        f"radio          {'listens' if beat.deaf_since is None else f'DEAF since {beat.deaf_since:%Y-%m-%d %H:%M}'}"
        + "".join(f", {step.replace('_', ' ')} {count} x" for step, count in sorted(beat.radio_steps.items())),
        f"clock          {'right' if beat.clock_synced else 'NOT SET by a time server'}, {beat.clock_jumps} jumps",
        f"disk           {beat.disk_free_mb} MB free",
        f"configuration  version {beat.config_version}",
    ]
    if found.home_assistant is not None:
        lines.append(f"home assistant {'reached' if found.home_assistant else 'not reached; nothing else suffers'}")
    lines += [f"let go         {kind}: {count}" for kind, count in sorted(beat.dropped.items())]
    lines += [f"deaf radio     {one.name}, since {one.since:%Y-%m-%d %H:%M}" for one in beat.deaf_radios]
    lines += [f"trouble        {count} x {TROUBLE_WORDS[trouble]}" for trouble, count in sorted(beat.troubles.items())]
    return lines + [
        f"sensor         {_sensor_line(sensor, found.proven.get(sensor.sensor_id))}" for sensor in beat.sensors
    ]


def _sensor_line(sensor: SensorHealth, proven_at: datetime | None) -> str:
    at = sensor.last_heard_at
    parts = [
        f"{sensor.sensor_id} " + ("NOTHING OF IT COULD BE USED" if at is None else f"heard {at:%Y-%m-%d %H:%M:%S}"),
        "signal ?" if sensor.rssi_dbm is None else f"{sensor.rssi_dbm} dBm",
        f"battery {'?' if sensor.battery_percent is None else f'{sensor.battery_percent:.0f} %'}",
        "NOT PROVEN YET: press it, or walk past" if proven_at is None else f"proven {proven_at:%Y-%m-%d %H:%M:%S}",
        *(f"{count} x {TROUBLE_WORDS[trouble]}" for trouble, count in sorted(sensor.troubles.items())),
    ]
    return ", ".join(parts)
