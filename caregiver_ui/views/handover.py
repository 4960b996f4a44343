"""Hand-overs as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from caregiver_ui.language import NORWAY, Speech
from caregiver_ui.words import N_, kind_words
from server.alerting.rules import AlertKind
from server.alerting.views import AlertView
from server.duty.handover import LONGEST_NOTE, HandoverView
from server.duty.proof import DutyView
from server.errors import HandoverError

_FAULTS = {
    "empty": N_("Write what the next shift is to know."),
    "too_long": N_("The note is too long. At most {most} characters."),
    "signed": N_("The hand-over is signed and can not be changed. Write a new note for the next one."),
    "own": N_("You signed as leaving. Somebody who comes must sign this one."),
    "taken": N_("Somebody else has signed already."),
    "not_left": N_("Those who leave have not signed yet."),
}


@dataclass(frozen=True, slots=True)
class Note:
    """One note."""

    code: str
    text: str
    by: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert that is handed over. `path` is empty where the reader may not open it."""

    words: str
    path: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One hand-over. `signed`: who has signed, and when."""

    code: str
    unit: str
    notes: tuple[Note, ...]
    alerts: tuple[OpenAlert, ...]
    signed: tuple[str, ...]
    may_sign: bool
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Panels:
    """What this shift writes, what waits for those who come, and what was signed by both."""

    present: Panel | None
    waiting: tuple[Panel, ...]
    signed: tuple[Panel, ...]
    alerts: tuple[OpenAlert, ...]


def duty_unit(on_duty: Sequence[DutyView]) -> str | None:
    """Return the unit the reader is on duty for; None while they are not."""
    return next((one.unit for one in on_duty if one.is_mine), None)


def faults_in_words(speech: Speech, error: HandoverError) -> str:
    """Return why a hand-over could not be changed."""
    return speech.gettext(_FAULTS[error.fault]).format(most=LONGEST_NOTE)


def handover_panels(
    speech: Speech, handovers: Sequence[HandoverView], unit: str, alerts: Sequence[AlertView], now: datetime
) -> Panels:
    """Return hand-overs as a page shows them; `unit`: the one whose present shift the reader is of."""
    known = {alert.id: alert for alert in alerts}
    panels = [(one, _panel(speech, one, known, now)) for one in handovers]
    return Panels(
        present=next((panel for one, panel in panels if one.left_at is None and one.unit == unit), None),
        waiting=tuple(panel for one, panel in panels if one.left_at is not None and one.taken_at is None),
        signed=tuple(panel for one, panel in panels if one.taken_at is not None),
        alerts=tuple(_open(speech, alert.kind, alert) for alert in alerts),
    )


def _panel(speech: Speech, one: HandoverView, known: dict[str, AlertView], now: datetime) -> Panel:
    signed = []
    if one.left_at is not None:
        text = speech.gettext("Leaving: {name}, {moment}")
        signed.append(text.format(name=one.left_by, moment=speech.moment(one.left_at, NORWAY, now)))
    if one.taken_at is not None:
        text = speech.gettext("Coming: {name}, {moment}")
        signed.append(text.format(name=one.taken_by, moment=speech.moment(one.taken_at, NORWAY, now)))
    return Panel(
        code=one.code,
        unit=one.unit_name,
        notes=tuple(
            Note(note.code, note.text, f"{note.by} {speech.moment(note.at, NORWAY, now)}", note.is_mine)
            for note in one.notes
        ),
        alerts=tuple(
            _open(speech, AlertKind(alert["kind"]), known.get(alert["alert"])) for alert in one.listed["alerts"]
        ),
        signed=tuple(signed),
        may_sign=not one.left_by_me,
        is_whole=one.is_whole,
    )


def _open(speech: Speech, kind: AlertKind, alert: AlertView | None) -> OpenAlert:
    words = kind_words(speech, kind)
    if alert is None:
        return OpenAlert(words, "")
    return OpenAlert(f"{words}: {alert.resident_name}" if alert.resident_name else words, f"/alerts/{alert.id}")
