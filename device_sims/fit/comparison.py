"""Lets simulated homes live a month and puts their rhythm beside that of the TIHM homes."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from rich.table import Table

from device_sims import tihm
from device_sims.fit.likeness import Comparison, Row, comparable, compared, rhythm_of, rows_of
from device_sims.life.homes import home_of
from device_sims.life.noticing import noticed
from gateway.contract.observation import SensorKind

# The TIHM homes' season.
_FIRST: Final = date(2026, 4, 10)


def compare(path: Path, homes: int, days: int, seed: str) -> list[Comparison]:
    """Return how that many simulated homes lie among the real ones, in the sensors that both have.

    Args:
        path: the TIHM folder, or its activity file.
        homes: how many simulated homes; their kinds and plans are drawn.
        days: how many whole days each lives.
        seed: the same seed gives the same homes.

    Raises:
        TihmError: the file cannot be used.
    """
    real = comparable({home: rows_of(rows) for home, rows in tihm.load_all(path).items()})
    return compared(map(rhythm_of, real.values()), (rhythm_of(month(f"{seed}{n}", days)) for n in range(homes)))


def month(seed: str, days: int) -> list[Row]:
    """Return what rooms-and-doors sensors tell of a simulated home, as rows by its wall clock."""
    life = home_of(seed)
    life = replace(life, plan=life.plan.only(SensorKind.MOTION, SensorKind.DOOR))
    told = noticed(life, _FIRST, _FIRST + timedelta(days=days))
    return [(one.at.astimezone(life.zone).replace(tzinfo=None), one.room) for one in told if one.value]


def table_of(comparisons: list[Comparison]) -> Table:
    """Return the comparison as people read it."""
    columns = ("", "real", "10-90 %", "least-most", "simulated", "inside", "like")
    table = Table(*columns, title="Simulated homes among the TIHM homes")
    for column in table.columns:
        column.no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    for one in comparisons:
        band = one.band
        spans = (f"{_told(band.low)}-{_told(band.high)}", f"{_told(band.least)}-{_told(band.most)}")
        like = "yes" if one.is_like else "[bold]NO[/bold]"
        table.add_row(one.name, _told(band.middle), *spans, _told(one.middle), f"{one.inside:.0%}", like)
    return table


def _told(value: float) -> str:
    return f"{value:.3f}" if value < 1 else f"{value:.3g}"
