"""Keeps a home's last weeks as people look at them, and reads them back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from sqlmodel import Session

from models.days.kept import FIGURES, QUARTERS, Change, DaysKept, Metric, changes
from server.detection.tables import KeptDays

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).date()
_FIGURE = np.dtype("<f4")


def keep_days(db: Session, home_id: int, days: DaysKept) -> None:
    """Write a home's last weeks in the place of those of the night before. A repeat changes nothing."""
    row = db.get(KeptDays, home_id) or KeptDays(home_id=home_id, first_day=_EPOCH, figures=b"", quarters=b"", ok=b"")
    row.first_day = _EPOCH + timedelta(days=days.first_day)
    row.figures = days.figures.astype(_FIGURE).tobytes()
    row.quarters, row.ok = days.quarters.tobytes(), days.ok.astype(np.uint8).tobytes()
    row.changes = {metric: asdict(change) for metric, change in changes(days).items()}
    db.add(row)


def days_kept(first_day: date, figures: bytes, quarters: bytes, ok: bytes) -> DaysKept:
    """Read what `keep_days` wrote."""
    return DaysKept(
        (first_day - _EPOCH).days,
        np.frombuffer(figures, _FIGURE).reshape(-1, FIGURES),
        np.frombuffer(quarters, np.uint8).reshape(-1, QUARTERS),
        np.frombuffer(ok, np.uint8).astype(np.bool_),
    )


def changes_kept(stored: Mapping[str, Any]) -> dict[Metric, Change]:
    """Read the changes of a row."""
    return {Metric(metric): Change(**change) for metric, change in stored.items()}
