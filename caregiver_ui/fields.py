"""Reads what people type into forms; what cannot be read is None, and the rules say what is wrong."""

import secrets
from datetime import date, time


def clock_field(typed: str) -> int | None:
    """Return minutes after midnight of what looks like 07:30 or 7.30."""
    try:
        at = time.fromisoformat(typed.strip().replace(".", ":").zfill(5))
    except ValueError:
        return None
    return at.hour * 60 + at.minute


def clock_text(minutes: int | None) -> str:
    """Return minutes after midnight as a field for a time takes them."""
    return "" if minutes is None else f"{minutes // 60:02d}:{minutes % 60:02d}"


def day_field(typed: str) -> date | None:
    """Return the day of what a field for a date sends."""
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None


def number_field(typed: str) -> float | None:
    """Return a number, with a comma or a point."""
    try:
        return float(typed.strip().replace(",", "."))
    except ValueError:
        return None


def once() -> str:
    """Return a name for what a form makes: sent twice it is made once."""
    return secrets.token_hex(8)
