"""How a score is said: spans, times, shares and the sentences above the charts."""

from datetime import datetime, timedelta

from device_sims.scoring.figures import Figures, KindFigures, Rate


def span(length: timedelta | None) -> str:
    """Return a span as people say it: `45 s`, `12 min`, `3 h 05`, `2 d 4 h`; a dash without one."""
    if length is None:
        return "–"
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    if minutes < 1:
        return f"{seconds} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 1:
        return f"{minutes} min"
    days, hours = divmod(hours, 24)
    return f"{hours} h {minutes:02d}" if days < 1 else f"{days} d {hours} h"


def moment(at: datetime) -> str:
    """Return a moment in UTC."""
    return f"{at:%Y-%m-%d %H:%M}"


def kind(name: str) -> str:
    """Return a kind without underlines."""
    return name.replace("_", " ")


def kinds(names: tuple[str, ...]) -> str:
    """Return what counts as an alert for it."""
    return " or ".join(kind(name) for name in names)


def rate(one: Rate) -> str:
    """Return a rate with its interval."""
    return f"{one.rate:.2f} a home-week (95 % interval {one.low:.2f} to {one.high:.2f})"


def otherwise(one: KindFigures) -> str:
    """Return how often a kind of happening was not alerted in time, and what came instead."""
    counts = ((one.late, "late"), (one.wrong_kind, "wrong kind"), (one.missed, "missed"))
    return ", ".join(f"{count} {name}" for count, name in counts if count) or "–"


def recall_sentence(of_kinds: tuple[KindFigures, ...]) -> str:
    """Say how much was alerted in time, and what was not."""
    expected, in_time = sum(one.expected for one in of_kinds), sum(one.in_time for one in of_kinds)
    if not expected:
        return "Nothing happened that should have been alerted."
    rest = [
        f"{count} {words}"
        for count, words in (
            (sum(one.late for one in of_kinds), "late"),
            (sum(one.wrong_kind for one in of_kinds), "taken for something else"),
            (sum(one.missed for one in of_kinds), "missed"),
        )
        if count
    ]
    said = f"{in_time} of {expected} that should be alerted were alerted in time"
    return f"{said}; {_listed(rest)}." if rest else f"{said}."


def false_sentence(found: Figures) -> str:
    """Say how often nobody needed to be disturbed."""
    weeks, technical = f"{found.home_weeks:.1f} home-weeks", found.false_technical
    of_devices = (
        f" {_times(technical.count)} an alert about a device was false: {technical.rate:.2f} a home-week."
        if technical.count
        else ""
    )
    if not found.false_all.count:
        most = found.false_merged.high
        return f"No false alert about a person in {weeks}: at most {most:.2f} a home-week (95 %).{of_devices}"
    times = _times(found.false_merged.count).lower()
    return f"Somebody was disturbed for nothing {times} in {weeks}: {rate(found.false_merged)}.{of_devices}"


def guard_sentence(found: Figures) -> str:
    """Say whether a fault was taken for a person, and whether what was forbidden was done."""
    human = found.technical_taken_for_human
    first = (
        "No fault of a device was taken for a person"
        if not human
        else f"{_times(human)} a fault of a device was taken for a person"
    )
    if not found.forbidden:
        return f"{first}."
    kept = found.forbidden - found.forbidden_violated
    return f"{first}; {kept} of {found.forbidden} times that had to stay quiet did."


def rest_sentence(found: Figures) -> str:
    """Say which alerts are neither right nor false; empty where there are none."""
    parts = [
        f"{count} {words}"
        for count, words in (
            (found.again, "told again what was known"),
            (found.left_out, "came while their home was not watched and do not count"),
        )
        if count
    ]
    return f"Of the other alerts {_listed(parts)}." if parts else ""


def _times(count: int) -> str:
    return "Once" if count == 1 else f"{count} times"


def _listed(parts: list[str]) -> str:
    return ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
