"""Reads what the TIHM authors' test of agitation needs: by the clock on the wall, one home at a time."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.setting import DAY
from models.evaluation.tihm import ZONE, read_tihm
from models.events_file import EventsFileError
from models.trace import Times, Trace

# The authors count the two outer doors as one.
PLACES: Final = ("bathroom", "bedroom", "fridge_door", "hallway", "kitchen", "lounge", "door")
VITALS: Final = (
    "Body Temperature",
    "Body weight",
    "Diastolic blood pressure",
    "Heart rate",
    "O/E - muscle mass",
    "Skin Temperature",
    "Systolic blood pressure",
    "Total body water",
)

_NAMES: Final = {"front_door": "door", "back_door": "door"}
_QUARTER_S: Final = 900


@dataclass(frozen=True, eq=False)
class AgitationHome:
    """One home. Days are numbers since 1970-01-01 of the local calendar.

    `wall_s`: when somebody was noticed, ascending, in seconds since 1970 as the clock on the wall shows them.
    `place`: where, of `PLACES`. `vitals`: the day's highest value, by day and then kind of `VITALS`.
    `agitated`: days for which the study's nurses confirmed agitation.
    """

    name: str
    wall_s: Times
    place: NDArray[np.int64]
    vitals: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    agitated: frozenset[int] = frozenset()


def read_agitation_homes(path: Path) -> list[AgitationHome]:
    """Return the homes of the folder of the data, by name.

    Raises:
        EventsFileError: one of its three files is not there, or not of that form.
    """
    folder = path if path.is_dir() else path.parent
    agitated: dict[str, set[int]] = defaultdict(set)
    for row, day in _rows(folder / "labels.csv.gz"):
        if row["type"] == "Agitation":
            agitated[row["home"]].add(day)
    vitals: dict[str, dict[int, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for row, day in _rows(folder / "physiology.csv.gz"):
        of_day, value = vitals[row["home"]][day], float(row["value"])
        of_day[row["type"]] = max(value, of_day.get(row["type"], value))
    traces = {trace.home: trace for trace in read_tihm(path)}
    return [
        _home(name, traces.get(name), vitals[name], frozenset(agitated[name])) for name in sorted({*traces, *vitals})
    ]


def _home(
    name: str, trace: Trace | None, vitals: Mapping[int, Mapping[str, float]], agitated: frozenset[int]
) -> AgitationHome:
    if trace is None:
        nothing = np.empty(0, np.int64)
        return AgitationHome(name, nothing, nothing, vitals, agitated)
    rooms = [_NAMES.get(channel.room, channel.room) for channel in trace.channels]
    place = np.array([PLACES.index(room) if room in PLACES else -1 for room in rooms])[trace.channel]
    return AgitationHome(name, _wall(trace.at)[place >= 0], place[place >= 0], vitals, agitated)


def _wall(at: Times) -> Times:
    """Return seconds since 1970 UTC as the homes' wall clocks show them. Offsets change on whole quarter-hours."""
    quarters, which = np.unique(at // _QUARTER_S, return_inverse=True)
    local = (datetime.fromtimestamp(int(quarter) * _QUARTER_S, UTC).astimezone(ZONE) for quarter in quarters)
    shown = np.array([int(one.replace(tzinfo=UTC).timestamp()) for one in local], dtype=np.int64)
    return np.asarray((shown - quarters * _QUARTER_S)[which] + at)


def _rows(path: Path) -> Iterator[tuple[dict[str, str], int]]:
    """Give each row and its local day."""
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield row, int(datetime.fromisoformat(row["ts"]).replace(tzinfo=UTC).timestamp()) // DAY
    except FileNotFoundError:
        raise EventsFileError(f"{path}: there is no such file") from None
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, KeyError, TypeError, ValueError) as error:
        raise EventsFileError(f"{path}: it is not of the form home,ts,type ({error})") from None
