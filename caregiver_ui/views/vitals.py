"""What was measured on a resident's body: the latest of each, how it goes, and all of it as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from markupsafe import Markup

from caregiver_ui.charts.trend import draw_trend
from caregiver_ui.language import Speech
from caregiver_ui.vital_words import doubt_words, meal_words, vital_figure, vital_name, vital_unit
from gateway.contract.doubt import Doubt
from gateway.contract.observation import SensorKind
from server.overview.service import VITALS_SHOWN
from server.vitals.service import StoredVital

# Of each a card, in this order; blood pressure is told as the pair it is.
_CARDS = (
    SensorKind.SYSTOLIC, SensorKind.HEART_RATE, SensorKind.OXYGEN_SATURATION, SensorKind.BODY_TEMPERATURE,
    SensorKind.GLUCOSE, SensorKind.WEIGHT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class VitalCard:
    """The latest of one kind. `doubts`: what the reader must know before trusting it; `notes`: what else there is."""

    name: str
    figure: str
    unit: str
    when: str
    doubts: tuple[str, ...]
    notes: tuple[str, ...]
    sentence: str
    trend: Markup


@dataclass(frozen=True, slots=True)
class VitalRow:
    """One measurement in the table."""

    when: str
    name: str
    figure: str
    remarks: str


@dataclass(frozen=True, slots=True)
class VitalsPanel:
    """Everything measured in the last 30 days; rows newest first."""

    cards: tuple[VitalCard, ...]
    rows: tuple[VitalRow, ...]


@dataclass(frozen=True, slots=True)
class _Measured:
    """One measurement: a blood pressure is several values with the same moment. `main` is what it is shown under."""

    main: StoredVital
    kind: SensorKind
    others: dict[SensorKind, float]

    @property
    def has_value(self) -> bool:
        """Whether a value came of it, and of a person."""
        return self.main.kind is self.kind and Doubt.NOT_A_PERSON not in self.main.doubts


def vitals_panel(speech: Speech, vitals: Sequence[StoredVital], zone: tzinfo, now: datetime) -> VitalsPanel | None:
    """Return the panel, None where nothing was measured. `vitals`: oldest first, `zone`: the home's."""
    measured = _together(vitals)
    if not measured:
        return None
    teller = _Teller(speech, zone, now, several_users=len({one.main.device_user for one in measured} - {None}) > 1)
    cards = (teller.card([one for one in measured if one.kind is kind]) for kind in _CARDS)
    return VitalsPanel(tuple(card for card in cards if card), tuple(teller.row(one) for one in reversed(measured)))


def _together(vitals: Sequence[StoredVital]) -> list[_Measured]:
    found: dict[tuple[object, ...], _Measured] = {}
    pressures: dict[tuple[object, ...], dict[SensorKind, float]] = {}
    for one in vitals:
        moment = (one.sensor_id, one.measured_at, one.device_user)
        if one.kind in {SensorKind.DIASTOLIC, SensorKind.MEAN_ARTERIAL}:
            pressures.setdefault(moment, {})[one.kind] = one.value
            continue
        kind = one.missed or one.kind
        others = pressures.setdefault(moment, {}) if kind is SensorKind.SYSTOLIC else {}
        # Two values without a time of their own were fetched at the same moment: the later one counts.
        found[*moment, one.kind, kind] = _Measured(one, kind, others)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Teller:
    """Puts measurements into words."""

    speech: Speech
    zone: tzinfo
    now: datetime
    several_users: bool

    def card(self, measured: Sequence[_Measured]) -> VitalCard | None:
        """Return the card of one kind, None where nobody's was measured."""
        known = [one for one in measured if one.has_value]
        if not known:
            return None
        last = known[-1]
        doubts = [doubt_words(self.speech, doubt) for doubt in last.main.doubts]
        newest = measured[-1]
        if newest.main.kind is SensorKind.MEASURED_NOTHING:
            doubts.append(self.speech.gettext("A later try gave no value: {moment}").format(moment=self._when(newest)))
        return VitalCard(
            name=vital_name(self.speech, last.kind),
            figure=self._figure(last),
            unit=vital_unit(self.speech, last.kind),
            when=self._when(last),
            doubts=tuple(doubts),
            notes=tuple(self._notes(last)),
            sentence=self._sentence(known),
            trend=self._trend(known),
        )

    def row(self, one: _Measured) -> VitalRow:
        """Return a line of the table."""
        remarks = [*(doubt_words(self.speech, doubt) for doubt in one.main.doubts), *self._notes(one)]
        if SensorKind.MEAN_ARTERIAL in one.others:
            mean = self.speech.gettext("mean {figure}")
            remarks.append(mean.format(figure=f"{one.others[SensorKind.MEAN_ARTERIAL]:.0f}"))
        figure = self.speech.gettext("no value")
        if one.main.kind is not SensorKind.MEASURED_NOTHING:
            figure = f"{self._figure(one)} {vital_unit(self.speech, one.kind)}"
        return VitalRow(
            when=self._when(one),
            name=vital_name(self.speech, one.kind),
            figure=figure,
            remarks=" · ".join(remarks),
        )

    def _when(self, one: _Measured) -> str:
        return self.speech.moment(one.main.measured_at, self.zone, self.now)

    def _figure(self, one: _Measured) -> str:
        figure = vital_figure(self.speech, one.kind, one.main.value)
        if one.kind is not SensorKind.SYSTOLIC:
            return figure
        lower = one.others.get(SensorKind.DIASTOLIC)
        return f"{figure}/{'–' if lower is None else f'{lower:.0f}'}"

    def _notes(self, one: _Measured) -> list[str]:
        notes = []
        if one.main.meal is not None:
            notes.append(meal_words(self.speech, one.main.meal))
        if self.several_users and one.main.device_user is not None:
            notes.append(self.speech.gettext("Person {number} on the device").format(number=one.main.device_user))
        if not one.main.by_device_clock:
            notes.append(self.speech.gettext("The time is when it was fetched"))
        return notes

    def _sentence(self, known: Sequence[_Measured]) -> str:
        if len(known) == 1:
            return self.speech.gettext("Only this one in the last 30 days.")
        low, high = min(known, key=lambda one: one.main.value), max(known, key=lambda one: one.main.value)
        text = self.speech.gettext("{n} in the last 30 days, from {low} to {high}.")
        return text.format(n=len(known), low=self._figure(low), high=self._figure(high))

    def _trend(self, known: Sequence[_Measured]) -> Markup:
        if len(known) == 1:
            return Markup("")
        lines = [[(one.main.measured_at, one.main.value) for one in known]]
        lower = SensorKind.DIASTOLIC
        lines.append([(one.main.measured_at, one.others[lower]) for one in known if lower in one.others])
        return draw_trend(lines, self.now - VITALS_SHOWN, self.now)
