"""How long an alert took on its way, step by step."""

from datetime import datetime
from typing import Any, Final

from rich.table import Table

# What took longer was no step on the way: a silence is observed long after the last message was received.
_LONGEST_STEP_MS: Final = 10_000.0

_STEPS: Final = (
    ("observed", "observed_at"),
    ("received", "received_at"),
    ("raised", "raised_at"),
    ("notified", "notified_at"),
)


def timeline_of(alert: dict[str, Any], speed: float) -> Table:
    """Return the time line of an alert as the API gives it.

    Args:
        alert: with its times in ISO 8601; a step whose time is None is left out.
        speed: world seconds in a real second, to tell how long people would really have waited.
    """
    table = Table(
        "step", "the world's time (UTC)", "real ms after the step before", title=f"First alert: {alert['kind']}"
    )
    table.columns[2].justify = "right"
    before: datetime | None = None
    for name, key in _STEPS:
        if alert[key] is None:
            continue
        at = datetime.fromisoformat(alert[key])
        real_ms = None if before is None else (at - before).total_seconds() / speed * 1_000
        table.add_row(name, f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}", _told(real_ms))
        before = at
    return table


def _told(real_ms: float | None) -> str:
    return f"{real_ms:.0f}" if real_ms is not None and 0 <= real_ms <= _LONGEST_STEP_MS else ""
