"""`livsrytme sim play`."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from device_sims.at_terminal import folders, in_words
from device_sims.errors import SimulationError
from device_sims.scenarios.home import Performance, performance, truth_of_all
from device_sims.scenarios.play import Played, Theatre, play
from device_sims.scenarios.scenario import Scenario, Timing
from device_sims.scenarios.scenario_file import scenario_named, scenario_names
from device_sims.scenarios.showing import showing_on
from device_sims.scoring.alerts import write_alerts
from device_sims.scoring.as_json import as_json
from device_sims.scoring.figures import figures
from device_sims.scoring.matching import judge
from device_sims.scoring.page import page
from device_sims.scoring.terminal import show
from device_sims.scoring.truth import write_truth
from device_sims.sensors.kit import Thinning
from device_sims.speed import Speed
from device_sims.stopping import until_told_to_stop

_MOST_HOMES: Final = 100


@click.command("play")
@click.argument("names", metavar="SCENARIO...", nargs=-1)
@click.option("--list", "lists", is_flag=True, help="Tell which scenarios there are, and end.")
@click.option("--homes", type=click.IntRange(1, 50), default=1, show_default=True, help="Homes for each scenario.")
@click.option("--days-before", type=click.IntRange(0, 180), default=28, show_default=True, help="Days of history.")
@click.option("--seed", default="livsrytme", show_default=True, help="The same seed gives the same bytes on the air.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), default="2026-02-02", show_default="2026-02-02",
              help="First day of the scenarios.")  # fmt: skip
@click.option("--speed", type=Speed(), default="max", show_default=True, help="World seconds in a second, or max.")
@click.option(
    "--copies",
    type=click.IntRange(1, 10),
    help="Send each packet at most so often, but calls for help; without it, as sensors do.",
)
@click.option(
    "--beacons",
    type=click.IntRange(0, 30),
    default=0,
    metavar="MINUTES",
    help="Shortest pause between two beacons; without it, as sensors do.",
)
@click.option(
    "--carer/--no-carer",
    "has_carer",
    default=None,
    help="Somebody takes and closes the alerts, or nobody does; without it, somebody where a scenario lasts for days.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Empty folder for truth, alerts, report and all logs.")
def play_command(  # noqa: PLR0913 - one for each option
    *,
    names: tuple[str, ...],
    lists: bool,
    homes: int,
    days_before: int,
    seed: str,
    first: datetime,
    speed: float | None,
    copies: int | None,
    beacons: int,
    has_carer: bool | None,
    out: Path | None,
) -> None:
    """Play scenarios through the whole installation, each in homes of its own, and score what was alerted.

    SCENARIO is a name from --list or the path of a YAML file.
    """
    console = Console()
    if lists:
        console.print(_listed())
        return
    if not names:
        raise click.UsageError("name a scenario; `livsrytme sim play --list` tells which there are")
    with in_words(), folders(out) as (folder, sockets):
        if folder.exists() and any(folder.iterdir()):
            raise SimulationError(f"{folder} is not empty: choose an empty folder with --out")
        timing = Timing(first.date())
        played = [scenario_named(name) for name in names]
        all_homes = list(
            _homes(
                played, homes, seed, timing, timedelta(days=days_before), Thinning(copies, timedelta(minutes=beacons))
            )
        )
        if has_carer is None:
            has_carer = any(one.lasts > timedelta(days=1) for one in played)
        theatre = Theatre(folder, sockets, speed, seed if has_carer else None)
        with showing_on(console) as showing:
            done = asyncio.run(until_told_to_stop(play(all_homes, theatre, showing)))
        _tell(console, folder, all_homes, done)
        if out is not None:
            console.print(f"The report is {folder / 'report.html'}.", soft_wrap=True)


def _homes(
    scenarios: list[Scenario], homes: int, seed: str, timing: Timing, history: timedelta, thinning: Thinning
) -> list[Performance]:
    if len(scenarios) * homes > _MOST_HOMES:
        raise SimulationError(f"{len(scenarios) * homes} homes are too many for one machine: at most {_MOST_HOMES}")
    found = []
    for scenario in scenarios:
        for number in range(1, homes + 1):
            code = f"{scenario.code.replace('_', '-')}-{number}"
            try:
                found.append(performance(scenario, code, f"{seed}/{code}", timing, history, thinning))
            except (ValueError, LookupError) as error:
                raise SimulationError(f"{scenario.code}: {error}") from None
    return found


def _tell(console: Console, folder: Path, homes: list[Performance], done: Played) -> None:
    truth = truth_of_all(homes)
    judged = judge(truth, done.alerts)
    found = figures(truth, judged)
    write_truth(folder / "truth.jsonl", truth)
    write_alerts(folder / "alerts.json", done.alerts)
    (folder / "report.json").write_text(json.dumps(as_json(found, judged), indent=1) + "\n", encoding="utf-8")
    (folder / "report.html").write_text(page("Played scenarios", truth, judged, found), encoding="utf-8")
    show(console, found)
    console.print(
        f"{done.packets:,} packets on the air; history {done.history_s:.0f} s, scenarios {done.scenario_s:.0f} s.",
        highlight=False,
    )


def _listed() -> Table:
    table = Table("scenario", "what happens", "lasts", "alerted as")
    for name in scenario_names():
        one = scenario_named(name)
        kinds = sorted({kind for each in one.alerted for kind in each.kinds})
        table.add_row(name, one.title, f"{one.lasts / timedelta(days=1):g} d", ", ".join(kinds) or "nothing")
    return table
