"""`livsrytme sim fleet`."""

import asyncio
import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from device_sims.at_terminal import Address, NewFile, Positive, folders, in_words
from device_sims.fleet.fleet import Delay, Elsewhere, Order, Outcome, drive, drive_elsewhere, provisioning_of
from device_sims.fleet.homes import USUAL_URGENT
from device_sims.fleet.progress import FleetView, fleet_view_on
from device_sims.fleet.traffic import Terms
from device_sims.provisioning import PASSWORD, TESTER
from device_sims.stopping import until_told_to_stop

_MOST_EVENTS: Final = 1_000_000.0


@click.command("fleet")
@click.option("--homes", type=click.IntRange(1, 1_000_000), default=1000, show_default=True, help="How many homes.")
@click.option(
    "--speed", type=click.FloatRange(1, 3600), default=1, show_default=True, help="World seconds in a second."
)
@click.option("--minutes", type=Positive(), default=2, show_default=True, help="Real minutes of it.")
@click.option(
    "--events", type=Positive(_MOST_EVENTS), default=400, show_default=True, help="Events in a home's day, on average."
)
@click.option(
    "--urgent", type=click.FloatRange(0, 1), default=USUAL_URGENT, show_default=True, help="Share of presses in them."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed lives the same lives.")
@click.option("--connections", type=click.IntRange(1, 1000), default=8, show_default=True, help="That send.")
@click.option("--rate", type=Positive(), default=2000, show_default=True, help="Messages a second at most.")
@click.option("--window", type=click.IntRange(min=1), default=200, show_default=True, help="Homes without a receipt.")
@click.option("--patience", type=Positive(), default=2, show_default=True, help="Seconds until a batch is sent again.")
@click.option("--heartbeat", type=Positive(), default=60, show_default=True, help="Real seconds between a home's two.")
@click.option("--database", help="PostgreSQL URL for an installation of its own; without it, SQLite.")
@click.option("--data", type=click.Path(path_type=Path), help="Empty folder to keep an installation of its own in.")
@click.option(
    "--broker", type=Address("mqtt"), help="Of an installation that runs already: mqtt://host:port; needs --server."
)
@click.option("--server", type=Address("http", "https"), help="Of that installation, in real time: http://host:port.")
@click.option("--username", default=TESTER, show_default=True, help="Who may look there.")
@click.option("--password", default=PASSWORD, envvar="LIVSRYTME_SIM_PASSWORD", help="Theirs; better by environment.")
@click.option("--json", "as_json", type=NewFile(), help="Write the counts here.")
@click.option(
    "--write-homes",
    type=NewFile(),
    help="Only write the homes as a file for `livsrytme server provision`.",
)
def fleet_command(  # noqa: PLR0913 - one for each option
    *,
    homes: int,
    speed: float,
    minutes: float,
    events: float,
    urgent: float,
    seed: int,
    connections: int,
    rate: float,
    window: int,
    patience: float,
    heartbeat: float,
    database: str | None,
    data: Path | None,
    broker: str | None,
    server: str | None,
    username: str,
    password: str,
    as_json: Path | None,
    write_homes: Path | None,
) -> None:
    """Drive many homes straight at the broker, and count whether the server has every fact of them."""
    if write_homes is not None:
        with in_words():
            write_homes.write_text(json.dumps(provisioning_of(homes), ensure_ascii=False), encoding="utf-8")
        return
    elsewhere = _elsewhere(broker, server, username, password)
    if elsewhere is not None and speed != 1:
        raise click.UsageError("--speed needs an installation of its own: another server's clock is the real one")
    terms = Terms(connections, rate, window, heartbeat)
    order = Order(homes, timedelta(minutes=minutes) * speed, speed, events, seed, patience, terms, urgent)
    console = Console()
    with in_words(), fleet_view_on(console) as view:
        outcome = _driven(order, elsewhere, view, data, database)
    console.print(_table(outcome))
    if as_json is not None:
        as_json.write_text(json.dumps({**asdict(outcome), "lost": outcome.lost}, indent=1) + "\n", encoding="utf-8")
    if outcome.lost or outcome.receipted != outcome.heard:
        hint = "" if outcome.receipted else "; does it listen to this broker, and may this log-in hear its receipts?"
        raise click.ClickException(
            f"of {outcome.heard:,} facts the server has {outcome.stored + outcome.quarantined:,} "
            f"and gave receipts for {outcome.receipted:,}{hint}"
        )


def _elsewhere(broker: str | None, server: str | None, username: str, password: str) -> Elsewhere | None:
    if broker is None and server is None:
        return None
    if broker is None or server is None:
        raise click.UsageError("--broker and --server belong together: one takes the facts, the other tells of them")
    return Elsewhere(broker, server, username, password)


def _driven(
    order: Order, elsewhere: Elsewhere | None, view: FleetView, data: Path | None, database: str | None
) -> Outcome:
    if elsewhere is not None:
        return asyncio.run(until_told_to_stop(drive_elsewhere(order, elsewhere, view)))
    with folders(data) as (folder, _):
        return asyncio.run(until_told_to_stop(drive(order, folder, view, database)))


def _table(outcome: Outcome) -> Table:
    table = Table("what", "count", title=f"Fleet of {outcome.homes:,} homes")
    table.columns[1].justify = "right"
    rows = [
        ("facts heard", f"{outcome.heard:,}"),
        ("with a receipt", f"{outcome.receipted:,}"),
        ("stored", f"{outcome.stored:,}"),
        ("in quarantine", f"{outcome.quarantined:,}"),
        ("lost", f"{outcome.lost:,}"),
        ("batches sent again", f"{outcome.resent:,}"),
        ("messages, of them heartbeats", f"{outcome.messages:,} · {outcome.heartbeats:,}"),
        ("alerts", f"{outcome.alerts:,}"),
        ("sensor to receipt, routine", _delay(outcome.routine)),
        ("the same in the second half", _delay(outcome.routine_later)),
        ("sensor to receipt, urgent", _delay(outcome.urgent)),
        ("the same in the second half", _delay(outcome.urgent_later)),
        ("facts a second", f"{outcome.stored / outcome.seconds:,.0f}"),
        ("messages a second", f"{outcome.messages / outcome.seconds:,.0f}"),
        ("seconds, of them setting up before", f"{outcome.seconds:,.0f} · {outcome.setting_up_s:,.0f}"),
        ("server: processors in use", f"{outcome.server_cpu_s / outcome.seconds:.2f}"),
        ("server: memory", _memory(outcome.server_mb_half, outcome.server_mb)),
        ("fleet: memory", _memory(outcome.fleet_mb_half, outcome.fleet_mb)),
        ("restarts of a part", f"{outcome.server_restarts:,}"),
    ]
    for row in rows:
        table.add_row(*row)
    return table


def _memory(half_mb: float, most_mb: float) -> str:
    return f"{most_mb:,.0f} MB, at half time {half_mb:,.0f}" if most_mb else "not seen"


def _delay(delay: Delay) -> str:
    if not delay.facts:
        return "none"
    return f"p50 {delay.p50_ms:,.0f} · p95 {delay.p95_ms:,.0f} · p99 {delay.p99_ms:,.0f} ms ({delay.facts:,})"
