"""Keeps a learned routine as parameters: a small npz file of two arrays, never a pickle."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Self

import numpy as np
import scipy

from models.finding import FindingKind
from models.routine import CONCERNS, Limit, Routine
from models.stays.routine import DEFAULT_RATES, Limits, StayRoutine

# Raised whenever what the numbers mean changes; an older file is then refused and the home is learned anew.
FEATURES: Final = 3
_LARGEST_BYTES: Final = 64 * 1024
# What the smoothing and sorting of the tables depends on, by its first number: a new one may count otherwise.
_LIBRARIES: Final = {"numpy": np.__version__.split(".")[0], "scipy": scipy.__version__.split(".")[0]}


class RoutineUnreadableError(Exception):
    """Stored parameters cannot be used; the text says why. The safe routine applies until the next fit."""


@dataclass(frozen=True)
class Learned:
    """What was learned of one home. `routine`: of its rhythm; `stays`: from when on what lasts in it is too long."""

    routine: Routine
    stays: Limits

    @classmethod
    def of_nobody(cls) -> Self:
        """Return what holds for a home of which nothing was learned yet."""
        return cls(of_many_homes(), StayRoutine.default().limits())


def to_bytes(
    routine: Routine, stays: StayRoutine | None = None, rates: Mapping[FindingKind, float] = DEFAULT_RATES
) -> bytes:
    """Return what was learned as it is stored, at most 64 KiB. `rates`: how often a week a stay may be told wrongly."""
    names = [(concern, name) for concern, tables in routine.tables.items() for name in tables]
    header = {
        "features": FEATURES,
        "libraries": _LIBRARIES,
        "days": routine.days,
        "tables": [[concern, name, list(routine.tables[concern][name].shape)] for concern, name in names],
        "limits": {name: [limit.shift, limit.threshold] for name, limit in routine.limits.items()},
        "unheard": sorted(routine.unheard),
        "stays": (stays or StayRoutine.default()).as_json(),
        "rates": dict(rates),
    }
    values = [routine.tables[concern][name].ravel() for concern, name in names]
    numbers = np.concatenate(values).astype(np.float16) if values else np.empty(0, np.float16)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, header=np.frombuffer(json.dumps(header).encode(), np.uint8), numbers=numbers)
    return buffer.getvalue()


def from_bytes(stored: bytes) -> Learned:
    """Read what was learned.

    Raises:
        RoutineUnreadableError: it is damaged, too large, or of another version.
    """
    if len(stored) > _LARGEST_BYTES:
        raise RoutineUnreadableError(f"it is larger than {_LARGEST_BYTES} bytes")
    try:
        header, numbers = _read(stored)
    except Exception as error:  # noqa: BLE001 - a damaged archive makes numpy, zipfile and zlib raise whatever they like
        raise RoutineUnreadableError(f"it is damaged ({type(error).__name__})") from None
    if header.get("features") != FEATURES:
        raise RoutineUnreadableError(
            f"it was learned by version {header.get('features')} of the features, this is {FEATURES}"
        )
    if header.get("libraries") != _LIBRARIES:
        raise RoutineUnreadableError(f"it was learned with {header.get('libraries')}, these are {_LIBRARIES}")
    if not np.all(np.isfinite(numbers)):
        raise RoutineUnreadableError("some of its numbers are none")
    try:
        learned = Learned(_routine(header, numbers), _limits(header))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise RoutineUnreadableError("something is missing in it, or is not what it should be") from None
    # What comes with this version was learned by the present concerns: what differs from it, they could not read.
    if _shapes(learned.routine) != _shapes(of_many_homes()):
        raise RoutineUnreadableError("its tables are not of the shapes they should have")
    return learned


@cache
def of_many_homes() -> Routine:
    """Return the routine that holds until a home's own is learned; it comes with this version."""
    return _routine(*_read(files("models").joinpath("many_homes.npz").read_bytes()))


def _read(stored: bytes) -> tuple[dict[str, Any], np.ndarray[tuple[int], np.dtype[np.float32]]]:
    with np.load(io.BytesIO(stored), allow_pickle=False) as file:
        return dict(json.loads(file["header"].tobytes())), file["numbers"].astype(np.float32)


def _limits(header: Mapping[str, Any]) -> Limits:
    rates = {FindingKind(kind): rate for kind, rate in header["rates"].items()}
    return StayRoutine.from_json(header["stays"]).limits(rates)


def _routine(header: Mapping[str, Any], numbers: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Routine:
    tables: dict[str, dict[str, Any]] = {concern.name: {} for concern in CONCERNS}
    place = 0
    for concern, name, shape in header["tables"]:
        size = int(np.prod(shape))
        tables[concern][name] = numbers[place : place + size].reshape(shape)
        place += size
    if place != numbers.size:
        raise ValueError
    limits = {name: Limit(float(shift), float(threshold)) for name, (shift, threshold) in header["limits"].items()}
    return Routine(int(header["days"]), tables, limits, frozenset(header["unheard"]))


def _shapes(routine: Routine) -> dict[tuple[str, str], tuple[int, ...]]:
    return {(concern, name): table.shape for concern, of in routine.tables.items() for name, table in of.items()}
