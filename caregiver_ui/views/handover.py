"""Hand-overs as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from caregiver_ui.language import NORWAY, Speech
from caregiver_ui.plan_words import absence_kind_words
from caregiver_ui.views.devices import risk_words
from caregiver_ui.words import N_, kind_words
from server.alerting.rules import AlertStatus
from server.board.rules import Risk
from server.duty.proof import DutyView
from server.errors import HandoverError
from server.handovers.rules import (
    AwayUntil,
    HandedShift,
    HomeAtRisk,
    Listed,
    MutedKind,
    OpenAlert,
    Promise,
)
from server.handovers.service import LONGEST_NOTE, HandoverView, Names, NoteView

_FAULTS = {
    "empty": N_("Write what the next shift is to know."),
    "too_long": N_("The note is too long. At most {most} characters."),
    "signed": N_("The hand-over is signed and can not be changed. Write a new note for the next one."),
    "own": N_("You signed as leaving. Somebody who comes must sign this one."),
    "taken": N_("Somebody else has signed already."),
    "not_left": N_("Those who leave have not signed yet."),
}

_IMPLIED = frozenset({Risk.CANNOT_CALL, Risk.NOT_SEEN})
_STATUS = {
    AlertStatus.REPORTED: N_("nobody has it"),
    AlertStatus.TAKEN: N_("taken"),
    AlertStatus.ON_THE_WAY: N_("on the way"),
    AlertStatus.WITH_RESIDENT: N_("with the resident"),
    AlertStatus.CLOSED: N_("closed"),
}


@dataclass(frozen=True, slots=True)
class Note:
    """One note."""

    code: str
    text: str
    by: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is handed over. `path` is empty where the reader may not open it."""

    words: str
    path: str


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one sort. `nothing`: what is said where there are none."""

    title: str
    lines: tuple[Line, ...]
    nothing: str


@dataclass(frozen=True, slots=True)
class Situation:
    """How things stand, or stood. `shift`: what is handed over, None where nothing was planned or kept.

    `nothing`: the sorts of which there is nothing, in one line.
    """

    shift: Line | None
    groups: tuple[Group, ...]
    nothing: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One hand-over. `signed`: who has signed, and when."""

    code: str
    unit: str
    notes: tuple[Note, ...]
    situation: Situation
    signed: tuple[str, ...]
    may_sign: bool
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Panels:
    """What this shift writes, what waits for those who come, and what was signed by both."""

    notes: tuple[Note, ...]
    now: Situation
    waiting: tuple[Panel, ...]
    signed: tuple[Panel, ...]


def duty_unit(on_duty: Sequence[DutyView]) -> str | None:
    """Return the unit the reader is on duty for; None while they are not."""
    return next((one.unit for one in on_duty if one.is_mine), None)


def faults_in_words(speech: Speech, error: HandoverError) -> str:
    """Return why a hand-over could not be changed."""
    return speech.gettext(_FAULTS[error.fault]).format(most=LONGEST_NOTE)


def handover_panels(
    speech: Speech, handovers: Sequence[HandoverView], unit: str, present: Listed, names: Names, now: datetime
) -> Panels:
    """Return hand-overs as a page shows them; `unit`: the one whose present shift the reader is of."""
    written = next((one.notes for one in handovers if one.left_at is None and one.unit == unit), ())
    panels = [(one, _panel(speech, one, names, now)) for one in handovers if one.left_at is not None]
    return Panels(
        notes=_notes(speech, written, now),
        now=_Telling(speech, names, now).situation(present),
        waiting=tuple(panel for one, panel in panels if one.taken_at is None),
        signed=tuple(panel for one, panel in panels if one.taken_at is not None),
    )


def _panel(speech: Speech, one: HandoverView, names: Names, now: datetime) -> Panel:
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
        notes=_notes(speech, one.notes, now),
        situation=_Telling(speech, names, now).situation(one.listed),
        signed=tuple(signed),
        may_sign=not one.left_by_me,
        is_whole=one.is_whole,
    )


def _notes(speech: Speech, notes: Sequence[NoteView], now: datetime) -> tuple[Note, ...]:
    return tuple(
        Note(note.code, note.text, f"{note.by} {speech.moment(note.at, NORWAY, now)}", note.is_mine) for note in notes
    )


class _Telling:
    """Puts what is handed over into words, with the names the reader may know."""

    def __init__(self, speech: Speech, names: Names, now: datetime) -> None:
        self._speech, self._names, self._now = speech, names, now

    def situation(self, listed: Listed) -> Situation:
        _ = self._speech.gettext
        groups = (
            Group(_("Open alerts"), tuple(map(self._alert, listed.alerts)), _("no open alerts")),
            Group(_("Told to wait for a visit"), tuple(map(self._promise, listed.promised)), _("nothing promised")),
            Group(_("At risk by a fault"), tuple(map(self._risk, listed.at_risk)), _("nobody at risk by a fault")),
            Group(_("Away or paused"), tuple(map(self._away, listed.away)), _("nobody away")),
            Group(_("Muted"), tuple(map(self._muted, listed.muted)), _("nothing muted")),
        )
        nothing = ", ".join(one.nothing for one in groups if not one.lines)
        return Situation(
            shift=None if listed.shift is None else self._shift(listed.shift),
            groups=tuple(one for one in groups if one.lines),
            nothing=f"{nothing[:1].upper()}{nothing[1:]}." if nothing else "",
        )

    def _alert(self, one: OpenAlert) -> Line:
        words = kind_words(self._speech, one.kind)
        if one.resident is not None:
            words = f"{self._name(one.resident)}: {words}"
        status = self._speech.gettext(_STATUS[one.status])
        return Line(f"{words} ({status})", f"/alerts/{one.alert}")

    def _promise(self, one: Promise) -> Line:
        who, what = self._name(one.resident), kind_words(self._speech, one.kind)
        if one.visit is None:
            text = self._speech.gettext("{who}: {what} {since}. No visit is planned.")
        else:
            text = self._speech.gettext("{who}: {what} {since}. Visit planned {visit}.")
        visit = "" if one.visit is None else self._moment(one.visit)
        return Line(text.format(who=who, what=what, since=self._moment(one.since), visit=visit), f"/alerts/{one.alert}")

    def _risk(self, one: HomeAtRisk) -> Line:
        where = self._names.homes.get(one.home, one.home)
        # Where nothing is heard at all, what else is missing goes without saying.
        told = [risk for risk in one.risks if risk not in _IMPLIED] if Risk.NOBODY_LISTENS in one.risks else one.risks
        risks = "; ".join(risk_words(self._speech, risk) for risk in told)
        return Line(f"{where}: {risks}", f"/devices/homes/{one.home}")

    def _away(self, one: AwayUntil) -> Line:
        text = self._speech.gettext("{who}: {what} until {moment}")
        what, until = absence_kind_words(self._speech, one.kind), self._moment(one.until)
        who = self._name(one.resident)
        return Line(text.format(who=who, what=what, moment=until), f"/residents/{one.resident}/plans")

    def _muted(self, one: MutedKind) -> Line:
        text = self._speech.gettext("{who}: {what} until {moment}")
        who = self._names.homes.get(one.home, one.home) if one.resident is None else self._name(one.resident)
        what, until = kind_words(self._speech, one.kind), self._moment(one.until)
        page = "" if one.resident is None else f"/residents/{one.resident}/rules"
        return Line(text.format(who=who, what=what, moment=until), page)

    def _shift(self, one: HandedShift) -> Line:
        day = one.from_at.astimezone(NORWAY).date()
        hours = f"{self._speech.clock(one.from_at, NORWAY)}–{self._speech.clock(one.to_at, NORWAY)}"
        planned, kept = self._speech.gettext("Shift {day} {hours}"), self._speech.gettext("On duty {day} {hours}")
        text = planned if one.code else kept
        path = f"/duty/rota?week={day}#shift-{one.code}" if one.code else ""
        return Line(text.format(day=self._speech.short_day(day), hours=hours), path)

    def _name(self, resident: str) -> str:
        return self._names.residents.get(resident, resident)

    def _moment(self, at: datetime) -> str:
        return self._speech.moment(at, NORWAY, self._now)
