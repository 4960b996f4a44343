"""`livsrytme models`: what the models learn from a file of events, for people to look at."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from rich.console import Console
from rich.table import Table

from models.events_file import EventsFileError, read_home
from models.learning import learn
from models.live import Routine

_QUARTERS_AN_HOUR = 4
_HOURS_A_BAR = 12.0
_BAR_WIDTH = 30


@click.group()
def models() -> None:
    """The routine model: what it learns, from files anybody has."""


@models.command()
@click.option(
    "--events",
    required=True,
    type=click.Path(path_type=Path),
    help="CSV with the columns home,ts,location (may be .gz).",
)
@click.option("--home", required=True, help="Which home of the file.")
@click.option("--days", default=28, show_default=True, help="Learn from the first so many days.")
@click.option("--timezone", default="Europe/London", show_default=True, help="Zone of times without one.")
def line(*, events: Path, home: str, days: int, timezone: str) -> None:
    """Show how long a silence is ordinary in a home, and from when it is a finding, at each hour of the day."""
    try:
        zone = ZoneInfo(timezone)
        activities = read_home(events, home, zone)
    except ZoneInfoNotFoundError:
        raise click.ClickException(f"{timezone!r} is not a time zone such as Europe/Oslo") from None
    except EventsFileError as error:
        raise click.ClickException(str(error)) from None
    until = activities[0].at + timedelta(days=days)
    routine = learn([activity for activity in activities if activity.at < until], zone)
    Console().print(_table(routine, f"Home {home}: learned from {routine.days} days"))


def _table(routine: Routine, title: str) -> Table:
    table = Table(title=title)
    table.add_column("hour", justify="right")
    table.add_column("longest silence", justify="right")
    table.add_column("finding after", justify="right")
    table.add_column(f"0 to {_HOURS_A_BAR:.0f} hours")
    for hour in range(24):
        quarter = hour * _QUARTERS_AN_HOUR
        usual, finding = float(routine.usual_s[quarter]), float(routine.line_s[quarter])
        table.add_row(f"{hour:02d}", _span(usual), _span(finding), _bar(usual / 3600, finding / 3600))
    return table


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def _bar(usual_h: float, finding_h: float) -> str:
    filled = min(_BAR_WIDTH, round(usual_h / _HOURS_A_BAR * _BAR_WIDTH))
    mark = min(_BAR_WIDTH - 1, round(finding_h / _HOURS_A_BAR * _BAR_WIDTH))
    return "".join("┃" if place == mark else "█" if place < filled else "·" for place in range(_BAR_WIDTH))
