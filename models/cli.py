"""`livsrytme models`: what the models learn from a file of events and would have told, and how well they do it."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from models.alerts import Alert
from models.evaluation.agitation import agitation, table_of
from models.evaluation.figures import figures
from models.evaluation.fitting import fit_priors, many_homes
from models.evaluation.measuring import Build, Replay, evaluate
from models.evaluation.page import page
from models.evaluation.protocol import LINES
from models.evaluation.relived import Relived
from models.evaluation.setting import is_eligible
from models.evaluation.table import show
from models.evaluation.tihm import SETTING, read_tihm
from models.events_file import EventsFileError, read_traces
from models.learning import Before, Wishes, lesson
from models.nights import Settings
from models.portrait import Hour, portrait
from models.prior import shipped
from models.replay import replay
from models.store import to_bytes
from models.trace import Trace

_HOURS_A_BAR: Final = 12.0
_BAR_WIDTH: Final = 30
_AGITATION: Final = "agitation"
_PARTS: Final = (*(one.name for one in LINES), _AGITATION)
# How priors are made: those that are shipped, and by the other homes those that a home is judged by.
_FIT_SEED: Final = 1
_FIT_COPIES: Final = 6


def _zone(_context: click.Context, _option: click.Parameter, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise click.BadParameter(f"{name!r} is not a time zone such as Europe/Oslo") from None


_EVENTS: Final = click.option(
    "--events",
    required=True,
    type=click.Path(path_type=Path),
    help="CSV with the columns home,ts,location or home,ts,kind,location,value (may be .gz).",
)
_ZONE: Final = click.option(
    "--timezone",
    default="Europe/London",
    show_default=True,
    callback=_zone,
    help="Zone of the homes, and of times without one.",
)


@click.group()
def models() -> None:
    """The routine model: what it learns and finds, from files anybody has."""


@models.command()
@_EVENTS
@click.option("--home", required=True, help="Which home of the file.")
@click.option("--days", default=28, show_default=True, help="Learn from the first so many days.")
@click.option("--budget", default=0.5, show_default=True, help="False alerts a home-week, over all person kinds.")
@_ZONE
def line(*, events: Path, home: str, days: int, budget: float, timezone: ZoneInfo) -> None:
    """Show how long a silence is ordinary in a home, and from when it is a finding, at each hour of the day."""
    traces = {trace.home: trace for trace in _read(events, timezone)}
    if home not in traces:
        raise click.ClickException(f"{events}: there is no home {home!r}; there are: {', '.join(traces)}")
    trace = traces[home]
    part = trace.between(0, float(trace.at[0]) + timedelta(days=days).total_seconds())
    past = replace(trace, at=trace.at[part], channel=trace.channel[part], value=trace.value[part])
    until = datetime.fromtimestamp(int(past.at[-1]), UTC)
    learned = lesson(past, timezone, until, Before(), Wishes(budget), shipped())
    hours = portrait(learned.routine, shipped(), timezone, until.date())
    Console().print(_table(hours, f"Home {home}: learned from {learned.routine.days} days"))


@models.command("replay")
@_EVENTS
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Where to write the alerts, one JSON a line."
)
@click.option("--learn-days", default=21, show_default=True, help="Say nothing of a home's first so many days.")
@click.option("--budget", default=0.5, show_default=True, help="False alerts a home-week, over all person kinds.")
@_ZONE
def replay_file(*, events: Path, out: Path, learn_days: int, budget: float, timezone: ZoneInfo) -> None:
    """Look at each home of a file as if it were happening, and write what would have been alerted."""
    traces = _read(events, timezone)
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("Homes", total=len(traces))
        alerts = replay(
            traces, timezone, learn_days, budget, lambda done, of: bar.update(task, completed=done, total=of)
        )
    _write(out, (json.dumps(alert.as_json(), ensure_ascii=False) + "\n" for alert in alerts))
    Console().print(_summary(traces, alerts), f"{len(alerts)} alerts written to {out}", highlight=False)


@models.command("evaluate")
@click.option(
    "--tihm", required=True, type=click.Path(path_type=Path), help="Folder of the TIHM data, or a file of events."
)
@click.option("--budget", default=1.0, show_default=True, help="False alerts a home-week the models may spend.")
@click.option("--html", type=click.Path(path_type=Path), help="Write a page with plots here.")
@click.option("--json", "as_json", type=click.Path(path_type=Path), help="Write every trial and figure here.")
@click.option("--homes", multiple=True, help="Only this home; may be given again.")
@click.option("--part", "parts", multiple=True, type=click.Choice(_PARTS), help="Only this; may be given again.")
@click.option("--quick", "is_quick", is_flag=True, help="Replay copies one by one, from the night before they differ.")
@click.option("--seed", default=1, show_default=True, help="Another one puts everything elsewhere.")
@click.option("--per-home", default=1, show_default=True, help="Copies of each home for each line.")
def evaluate_models(  # noqa: PLR0913 - one for each option
    *,
    tihm: Path,
    budget: float,
    html: Path | None,
    as_json: Path | None,
    homes: tuple[str, ...],
    parts: tuple[str, ...],
    seed: int,
    per_home: int,
    is_quick: bool,
) -> None:
    """Put what can go wrong into real traces, and tell how much is found, how soon and at what price."""
    traces = [one for one in _tihm(tihm) if not homes or one.home in homes]
    lines = [one for one in LINES if not parts or one.name in parts]
    if _AGITATION in parts or (not parts and tihm.is_dir()):
        _show_agitation(tihm)
    if not lines:
        return
    build = _build(budget, is_quick=is_quick)
    with Console(stderr=True).status("Reading") as status:
        found = evaluate(traces, SETTING, build, lines=lines, per_home=per_home, seed=seed, told=status.update)
    if not found.untouched:
        raise click.ClickException("no home has 42 whole days and 150 events a day")
    show(Console(), found)
    if html:
        _write(html, [page(f"The routine model, measured at a budget of {budget:g} a home-week", found)])
    if as_json:
        _write(as_json, [json.dumps(figures(found), indent=1) + "\n"])


@models.command("fit")
@click.option("--tihm", required=True, type=click.Path(path_type=Path), help="Folder of the TIHM data.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder for priors.json and many_homes.npz."
)
@click.option("--seed", default=_FIT_SEED, show_default=True, help="Another one puts everything elsewhere.")
@click.option("--copies", default=_FIT_COPIES, show_default=True, help="Of each home, for each thing put in.")
def fit_models(*, tihm: Path, out: Path, seed: int, copies: int) -> None:
    """Learn what holds for all homes: the weights of every figure, and the middle of their routines."""
    traces = [one for one in _tihm(tihm) if is_eligible(one, SETTING.zone)]
    if not out.is_dir():
        raise click.ClickException(f"{out}: there is no such folder")
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("Homes", total=len(traces))
        priors = fit_priors(traces, SETTING, seed, copies, lambda done, of: bar.update(task, completed=done, total=of))
    told = {
        "fitted_on": f"{len(traces)} homes of TIHM (Palermo et al. 2023, CC BY 4.0), seed {seed}, {copies} copies",
        "concerns": {name: prior.as_json() for name, prior in priors.items()},
    }
    _write(out / "priors.json", [json.dumps(told, indent=1) + "\n"])
    (out / "many_homes.npz").write_bytes(to_bytes(many_homes(traces, SETTING)))
    Console().print(f"What {len(traces)} homes taught is in {out}", highlight=False)


def _show_agitation(tihm: Path) -> None:
    try:
        Console().print(table_of(agitation(tihm, authors=())))
    except EventsFileError as error:
        raise click.ClickException(str(error)) from None


def _build(budget: float, *, is_quick: bool) -> Build:
    def built(tuning: Sequence[Trace]) -> Replay:
        priors = fit_priors(tuning, SETTING, _FIT_SEED, _FIT_COPIES)
        relived = Relived(Settings(SETTING.zone, SETTING.learn_days, budget), priors)
        return relived if is_quick else relived.__call__

    return built


def _read(events: Path, zone: ZoneInfo) -> list[Trace]:
    try:
        return read_traces(events, zone)
    except EventsFileError as error:
        raise click.ClickException(str(error)) from None


def _tihm(path: Path) -> list[Trace]:
    try:
        return read_tihm(path)
    except EventsFileError as error:
        raise click.ClickException(str(error)) from None


def _write(path: Path, parts: Iterable[str]) -> None:
    """Write a file that is whole or not there."""
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            file.writelines(parts)
        unfinished.replace(path)
    except OSError as error:
        raise click.ClickException(f"{path}: it cannot be written ({error})") from None


def _summary(traces: Sequence[Trace], alerts: Sequence[Alert]) -> Table:
    counts = Counter((alert.cls, alert.kind) for alert in alerts)
    weeks = (
        sum(float(trace.at[-1] - trace.at[0]) for trace in traces if trace.at.size) / timedelta(weeks=1).total_seconds()
    )
    table = Table("class", "kind", "alerts", "a home-week", title=f"{len(traces)} homes, {weeks:.1f} home-weeks")
    for column in table.columns[2:]:
        column.justify = "right"
    for (cls, kind), count in sorted(counts.items()):
        table.add_row(cls, kind.replace("_", " "), str(count), f"{count / weeks:.2f}")
    return table


def _table(hours: Sequence[Hour], title: str) -> Table:
    table = Table(title=title)
    table.add_column("hour", justify="right")
    table.add_column("longest silence", justify="right")
    table.add_column("finding after", justify="right")
    table.add_column(f"0 to {_HOURS_A_BAR:.0f} hours")
    for one in hours:
        told = one.told_after
        bar = _bar(one.longest / 60, _HOURS_A_BAR if told is None else told / 60)
        table.add_row(f"{one.hour:02d}", _span(one.longest), "–" if told is None else _span(told), bar)
    return table


def _span(minutes: float) -> str:
    minutes = round(minutes)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def _bar(usual_h: float, finding_h: float) -> str:
    filled = min(_BAR_WIDTH, round(usual_h / _HOURS_A_BAR * _BAR_WIDTH))
    mark = min(_BAR_WIDTH - 1, round(finding_h / _HOURS_A_BAR * _BAR_WIDTH))
    return "".join("┃" if place == mark else "█" if place < filled else "·" for place in range(_BAR_WIDTH))
