"""The commands of the simulated homes."""

import asyncio
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from device_sims import tihm
from device_sims.at_terminal import folders, in_words
from device_sims.demo import DemoStage
from device_sims.demo import demo as run_demo
from device_sims.errors import StoppedError
from device_sims.fit.command import fit_command
from device_sims.fleet.command import fleet_command
from device_sims.neighbourhood import OSLO, Era, Neighbour, era_from, from_tihm, simulated
from device_sims.ports import make_sure_is_free
from device_sims.progress import progress_on
from device_sims.replay import Outcome, Stage, replay
from device_sims.scenarios.command import play_command
from device_sims.scoring.command import score_command
from device_sims.speed import Speed
from device_sims.stopping import until_told_to_stop
from device_sims.tihm import Activation
from gateway.contract.clock import SystemClock


@click.group()
def sim() -> None:
    """Simulated homes: residents, sensors and radio without hardware."""


sim.add_command(fit_command)
sim.add_command(fleet_command)
sim.add_command(play_command)
sim.add_command(score_command)


@sim.command("replay")
@click.option(
    "--tihm", "path", required=True, type=click.Path(path_type=Path), help="TIHM folder, or its activity file."
)
@click.option("--home", required=True, help="The home's id in that file.")
@click.option("--speed", type=Speed(), default="max", show_default=True, help="World seconds in a second, or max.")
@click.option("--days", type=click.IntRange(min=1), help="How many days; without it, to the end.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day; without it, the home's first.")
@click.option("--data", type=click.Path(path_type=Path), help="Empty folder to keep everything in.")
def replay_command(
    path: Path, home: str, speed: float | None, days: int | None, first: datetime | None, data: Path | None
) -> None:
    """Play a real home's events through the whole chain and count whether every one of them was stored."""
    console = Console()
    with in_words():
        rows = tihm.part_of(tihm.load(path, home), first.date() if first else None, days)
        with folders(data) as (folder, sockets), progress_on(console) as view:
            outcome = asyncio.run(until_told_to_stop(replay(home, rows, Stage(folder, sockets, speed), view)))
    console.print(_table(outcome))
    if outcome.stored != outcome.in_file:
        raise click.ClickException(f"{outcome.stored} events are stored, {outcome.in_file} are in the file.")


@click.command()
@click.option("--tihm", "path", type=click.Path(path_type=Path), help="TIHM folder: adds one real home to the world.")
@click.option("--home", help="Which home of it; without it, the one with most events.")
@click.option("--headless", is_flag=True, help="Nobody looks: print plain lines.")
@click.option("--until-alert", is_flag=True, help="End with the first alert, and print its time line.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Port of the pages.")
@click.option("--speed", type=click.FloatRange(min=1, max=3600), default=60, show_default=True, help="Times real time.")
@click.option("--days", type=click.IntRange(1, 90), default=21, show_default=True, help="Days of history.")
@click.option("--data", type=click.Path(path_type=Path), help="Empty folder to keep everything in.")
def demo(  # noqa: PLR0913 - one for each option
    *,
    path: Path | None,
    home: str | None,
    headless: bool,
    until_alert: bool,
    port: int,
    speed: float,
    days: int,
    data: Path | None,
) -> None:
    """Start a small world of simulated homes with a past, and a server to look at it."""
    console = Console(force_terminal=False) if headless else Console()
    with in_words():
        make_sure_is_free(port, "--port")
        real = _real_home(path, home)
        era = era_from(SystemClock().now().astimezone(OSLO).date(), days)
        with folders(data) as (folder, sockets):
            neighbours = _neighbours(era, real, sockets)
            stage = DemoStage(folder, port, speed, until_alert)
            try:
                asyncio.run(until_told_to_stop(run_demo(neighbours, era, stage, console)))
            except StoppedError:
                if until_alert:  # what was waited for has not come
                    raise
                console.print("Stopped.")


def _real_home(path: Path | None, home: str | None) -> tuple[str, list[Activation]] | None:
    if path is None:
        return None
    if home is None:
        rows_of = tihm.homes_in(path)
        home = max(rows_of, key=lambda one: rows_of[one], default="")
    return home, tihm.load(path, home)


def _neighbours(era: Era, real: tuple[str, list[Activation]] | None, sockets: Path) -> list[Neighbour]:
    invented = simulated(era, sockets)
    return invented if real is None else [*invented, from_tihm(*real, era, sockets)]


def _table(outcome: Outcome) -> Table:
    table = Table("what", "count", title="Replay")
    table.columns[1].justify = "right"
    table.add_row("events in the file", str(outcome.in_file))
    table.add_row("on the air", str(outcome.on_air))
    table.add_row("stored", str(outcome.stored))
    table.add_row("messages in quarantine", str(outcome.quarantined))
    table.add_row("alerts", str(outcome.alerts))
    table.add_row("restarts of a part", str(outcome.restarts))
    table.add_row("seconds", f"{outcome.seconds:.1f}")
    table.add_row("events a second", f"{outcome.stored / outcome.seconds:,.0f}")
    return table
