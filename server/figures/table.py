"""The figures as rows for a spreadsheet: codes and numbers, no names."""

import csv
import io
from collections.abc import Iterator

from server.figures.rules import Share, Waits
from server.figures.service import Figures, Silent

Row = tuple[str, str, float | int | None, float | int | None]


def rows_of(figures: Figures) -> Iterator[Row]:
    """Give (figure, part of it, value, of how many). A value of None is not known."""
    alerts = figures.alerts
    for alert_class, count in sorted(alerts.raised.items()):
        yield "alerts_raised", alert_class, count, None
    yield from _waits(alerts.waits, "")
    yield "repeats", "", alerts.repeats, None
    yield _share("false_share", "", alerts.false)
    for kind, share in alerts.false_by_kind.items():
        yield _share("false_share_of_kind", kind, share)
    for one in alerts.false_by_place:
        yield _share("false_share_of_sensor", f"{one.kind} {one.place}", one.false)
    yield _share("waiting_for_visit_share", "", alerts.waiting_for_visit)
    yield "alerts_a_home_week", "", _rounded(figures.alerts_a_home_week), _rounded(figures.home_weeks)
    yield "budget_a_home_week", "", _rounded(figures.budget), None
    yield _silent("silent_gateway_hours", figures.silent_gateways)
    yield _silent("silent_sensor_hours", figures.silent_sensors)
    rounds = figures.rounds
    yield "rounds_signed", "", *((None, None) if rounds is None else (rounds.signed, rounds.planned))
    yield "visits_saved", "", figures.visits_saved, None
    for day, waits in alerts.waits_by_day.items():
        yield from _waits(waits, f"{day} ")


def as_csv(figures: Figures) -> str:
    """Return the rows as a file that spreadsheets in Norway open: semicolons, decimal commas, a byte order mark.

    `of` is empty where a figure rests on no number of things.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(("unit", "month", "figure", "part", "value", "of"))
    for figure, part, value, of in rows_of(figures):
        rests_on = "" if of is None and value is not None else _number(of)
        writer.writerow((_plain(figures.unit), figures.month, figure, _plain(part), _number(value), rests_on))
    return "\ufeff" + out.getvalue()


def _waits(waits: Waits, of: str) -> Iterator[Row]:
    for name, times in (
        ("time_to_send_s", waits.to_send),
        ("time_to_take_s", waits.to_take),
        ("time_to_arrive_s", waits.to_arrive),
    ):
        if times.count or not of:
            yield name, f"{of}p50", _rounded(times.p50_s), times.count
            yield name, f"{of}p95", _rounded(times.p95_s), times.count


def _share(name: str, part: str, share: Share) -> Row:
    return name, part, _rounded(share.share), share.of


def _silent(name: str, silent: Silent | None) -> Row:
    return name, "", *((None, None) if silent is None else (_rounded(silent.hours), _rounded(silent.of_hours)))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.10g}".replace(".", ",")


def _plain(text: str) -> str:
    """Keep a spreadsheet from taking a name for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t"} else text
