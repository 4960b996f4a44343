"""Keeps a learned routine as parameters: a small npz file, never a pickle."""

import io

import numpy as np
from numpy.typing import NDArray

from models.calendar import QUARTERS_A_DAY
from models.live import Routine

# Raised whenever what the numbers mean changes; an older file is then refused and the home is learned anew.
_FEATURES = 1
_LARGEST_BYTES = 64 * 1024


class RoutineUnreadableError(Exception):
    """Stored parameters cannot be used; the text says why. The safe routine applies until the next fit."""


def to_bytes(routine: Routine) -> bytes:
    """Return a routine as it is stored."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        features=np.array(_FEATURES),
        days=np.array(routine.days),
        line_s=routine.line_s.astype(np.float32),
        usual_s=routine.usual_s.astype(np.float32),
    )
    return buffer.getvalue()


def from_bytes(stored: bytes) -> Routine:
    """Read a stored routine.

    Raises:
        RoutineUnreadableError: it is damaged, too large, or of another version.
    """
    if len(stored) > _LARGEST_BYTES:
        raise RoutineUnreadableError(f"it is larger than {_LARGEST_BYTES} bytes")
    try:
        features, days, lines = _read(stored)
    except Exception as error:  # noqa: BLE001 - a damaged archive makes numpy, zipfile and zlib raise whatever they like
        raise RoutineUnreadableError(f"it is damaged ({type(error).__name__})") from None
    if features != _FEATURES:
        raise RoutineUnreadableError(f"it was learned by version {features} of the features")
    if any(line.shape != (QUARTERS_A_DAY,) or not np.all(np.isfinite(line) & (line >= 0)) for line in lines):
        raise RoutineUnreadableError("it has not one length of time for each quarter-hour")
    return Routine(lines[0], lines[1], days)


def _read(stored: bytes) -> tuple[int, int, list[NDArray[np.float64]]]:
    with np.load(io.BytesIO(stored), allow_pickle=False) as file:
        lines = [file[name].astype(np.float64) for name in ("line_s", "usual_s")]
        return int(file["features"]), int(file["days"]), lines
