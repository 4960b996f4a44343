"""Simulated homes as a tester sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

from caregiver_ui.charts.floor_plan import Shown, draw_floor_plan
from caregiver_ui.charts.truth_strip import StripMark, draw_truth_strip
from caregiver_ui.language import Speech
from caregiver_ui.levels import Badge, Level
from caregiver_ui.simulation_words import (
    being_kind,
    being_name,
    being_sentence,
    choice_words,
    profile_words,
    title_words,
    verdict_words,
)
from caregiver_ui.words import kind_words, room_name
from server.alerting.rules import AlertClass
from server.alerting.views import AlertView
from server.simulations.messages import Being, BeingKind, Choice, HomeState, LastPacket, watched_since
from server.simulations.rules import Compared, OrderOutcome, RaisedAlert, Verb, Verdict, compare
from server.simulations.service import SimulationView
from server.simulations.tables import OrderRow

SPEEDS = (1, 10, 60, 300)
# A sensor is lit for as long as an eye needs, in real seconds.
_LIT_S = 3.0
_MINUTE_S = 60
_STRIP_SHOWS = timedelta(hours=24)
_LIES = "lying_on_floor"
_ORDER = tuple(BeingKind)

_TONES = {
    Verdict.IN_TIME: ("good", Level.NORMAL),
    Verdict.ALREADY: ("good", Level.NORMAL),
    Verdict.AWAITED: ("waits", Level.LEARNING),
    Verdict.OVER: ("waits", Level.NOTICE),
    Verdict.LATE: ("bad", Level.IMPORTANT),
    Verdict.MISSED: ("bad", Level.IMPORTANT),
    Verdict.UNEXPECTED: ("bad", Level.UNKNOWN),
    Verdict.FORBIDDEN: ("bad", Level.IMPORTANT),
}


@dataclass(frozen=True, slots=True)
class SimulationCard:
    """A home at a glance. `clock` is its world's time of day; empty before its first word."""

    home: str
    resident: str
    address: str
    profile: str
    badge: Badge
    sentences: tuple[str, ...]
    is_alarm: bool
    clock: str
    speed: str
    last_alert: str
    plan: Markup


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: what is sent, what it says, and whether it is pressed already."""

    order: str
    words: str
    is_on: bool = False


@dataclass(frozen=True, slots=True)
class ResultLine:
    """What came of an order."""

    clock: str
    words: str
    outcome: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class BeingRow:
    """Somebody in the table beside the plan."""

    name: str
    kind: str
    sentence: str


@dataclass(frozen=True, slots=True)
class PacketRow:
    """A sensor in the table beside the plan."""

    sensor: str
    place: str
    told: str
    value: str


@dataclass(frozen=True, slots=True)
class TruthRow:
    """Something that happened, or an alert about nothing."""

    what: str
    happened: str
    alerted: str
    after: str
    alert_id: str
    badge: Badge
    reason: str


@dataclass(frozen=True, slots=True)
class SimulatedHome:
    """Everything on a home's page."""

    card: SimulationCard
    beings: tuple[BeingRow, ...]
    packets: tuple[PacketRow, ...]
    is_running: bool
    is_connected: bool
    speeds: tuple[Button, ...]
    scenarios: tuple[Button, ...]
    faults: tuple[Button, ...]
    results: tuple[ResultLine, ...]
    truth: tuple[TruthRow, ...]
    strip: Markup
    counts: str


def simulation_cards(
    speech: Speech, homes: Sequence[SimulationView], alerts: Sequence[AlertView], now: datetime
) -> tuple[SimulationCard, ...]:
    """Return the homes for the list; `alerts` are all of the unit."""
    return tuple(_card(speech, home, alerts, now) for home in homes)


def simulated_home(speech: Speech, home: SimulationView, alerts: Sequence[AlertView], now: datetime) -> SimulatedHome:
    """Return one home for its page; `alerts` are all of the unit."""
    zone = ZoneInfo(home.time_zone)
    state = home.state
    raised = [_raised(alert) for alert in alerts if alert.resident_id == home.resident_id]
    kinds = {alert.id: kind_words(speech, alert.kind) for alert in alerts}
    compared = compare(home.truth, raised, now)
    since = max(watched_since(home.truth) or now, now - _STRIP_SHOWS)
    return SimulatedHome(
        card=_card(speech, home, alerts, now),
        beings=tuple(_being_row(speech, being) for being in (state.beings if state else ())),
        packets=tuple(_packet_rows(speech, home, zone, now)),
        is_running=state is not None and state.is_running,
        is_connected=home.is_connected,
        speeds=_speeds(state),
        scenarios=tuple(
            Button(f"{Verb.SCENARIO}:{one.code}", choice_words(speech, one)) for one in home.plan.scenarios
        ),
        faults=tuple(_fault(speech, one, state) for one in home.plan.faults),
        results=tuple(_result(speech, order, home, zone) for order in home.orders),
        truth=tuple(_truth_row(speech, row, kinds, zone, now) for row in compared),
        strip=draw_truth_strip(speech, [_mark(row) for row in compared if row.at >= since], since, now, zone),
        counts=_counts(speech, compared),
    )


def _card(speech: Speech, home: SimulationView, alerts: Sequence[AlertView], now: datetime) -> SimulationCard:
    zone = ZoneInfo(home.time_zone)
    state = home.state
    own = [alert for alert in alerts if alert.resident_id == home.resident_id]
    last = max(own, key=lambda alert: alert.raised_at, default=None)
    never = speech.gettext("None yet")
    return SimulationCard(
        home=home.home,
        resident=home.resident,
        address=home.address,
        profile=speech.gettext("Recording") if home.plan.is_recording else profile_words(speech, home.plan.profile),
        badge=_badge(speech, home),
        sentences=_sentences(speech, home),
        is_alarm=state is not None and any(being.doing == _LIES for being in state.beings),
        clock=speech.moment(state.at, zone, now) if state else "",
        speed=_times(speech, state.speed) if state else "–",
        last_alert=f"{kind_words(speech, last.kind)} {speech.moment(last.raised_at, zone, now)}" if last else never,
        plan=draw_floor_plan(home.plan, _shown(speech, home), prefix=f"{home.home}-"),
    )


def _sentences(speech: Speech, home: SimulationView) -> tuple[str, ...]:
    if home.plan.is_recording:
        return (
            speech.gettext(
                "What sensors told in a real home is played again. Nobody recorded its plan or who was where: "
                "each tile is a place of which a sensor tells."
            ),
        )
    return tuple(being_sentence(speech, being) for being in _first_residents(home.state))


def _badge(speech: Speech, home: SimulationView) -> Badge:
    if not home.is_connected or home.state is None:
        return Badge(Level.UNKNOWN, speech.gettext("No simulator runs it"))
    if home.state.is_running:
        return Badge(Level.NORMAL, speech.gettext("Running"))
    return Badge(Level.NOTICE, speech.gettext("Stands still"))


def _first_residents(state: HomeState | None) -> list[Being]:
    """Return everybody, those who are looked after first."""
    return sorted(state.beings, key=lambda being: _ORDER.index(being.kind)) if state else []


def _shown(speech: Speech, home: SimulationView) -> Shown:
    names = {room.name: room_name(speech, room.name) for room in home.plan.rooms}
    state = home.state
    if state is None:
        return Shown((), frozenset(), names, {})
    lit = timedelta(seconds=_LIT_S * state.speed)
    speaking = {packet.sensor for packet in state.packets if timedelta(0) <= state.at - packet.at <= lit}
    initials = {being.name: being_name(speech, being).removeprefix("The ")[:1].upper() for being in state.beings}
    return Shown(state.beings, frozenset(speaking), names, initials)


def _times(speech: Speech, speed: float) -> str:
    return speech.gettext("{speed} × speed").format(speed=f"{speed:g}")


def _speeds(state: HomeState | None) -> tuple[Button, ...]:
    present = state.speed if state else None
    offered = sorted({*SPEEDS, *([present] if present else [])})
    return tuple(Button(f"{Verb.SPEED}:{speed:g}", f"{speed:g} ×", speed == present) for speed in offered)


def _fault(speech: Speech, fault: Choice, state: HomeState | None) -> Button:
    is_on = state is not None and fault.code in state.faults
    verb = Verb.MEND if is_on else Verb.FAULT
    return Button(f"{verb}:{fault.code}", choice_words(speech, fault), is_on)


def _result(speech: Speech, order: OrderRow, home: SimulationView, zone: ZoneInfo) -> ResultLine:
    outcomes = {
        None: speech.gettext("sent"),
        OrderOutcome.DONE: speech.gettext("done"),
        OrderOutcome.REFUSED: speech.gettext("refused: {reason}").format(reason=order.said),
        OrderOutcome.MISSED: speech.gettext("not done: no simulator ran the home"),
    }
    words = _order_words(speech, order, home)
    clock = speech.precise_clock(order.asked_at, zone)
    return ResultLine(clock, words, outcomes[order.outcome], order.outcome is OrderOutcome.DONE)


def _order_words(speech: Speech, order: OrderRow, home: SimulationView) -> str:
    titles = {one.code: choice_words(speech, one) for one in (*home.plan.scenarios, *home.plan.faults)}
    title = titles.get(order.argument, order.argument)
    match order.verb:
        case Verb.START:
            return speech.gettext("Start")
        case Verb.STOP:
            return speech.gettext("Stop")
        case Verb.SPEED:
            return speech.gettext("{speed} × speed").format(speed=order.argument)
        case Verb.MEND:
            return speech.gettext("Mended: {fault}").format(fault=title)
        case _:
            return title


def _being_row(speech: Speech, being: Being) -> BeingRow:
    return BeingRow(being_name(speech, being), being_kind(speech, being.kind), being_sentence(speech, being))


def _packet_rows(speech: Speech, home: SimulationView, zone: ZoneInfo, now: datetime) -> list[PacketRow]:
    told = {packet.sensor: packet for packet in (home.state.packets if home.state else ())}
    return [
        PacketRow(
            sensor=sensor.name.replace("_", " "),
            place=room_name(speech, sensor.room),
            told=_told_at(speech, told.get(sensor.name), zone, now),
            value=f"{told[sensor.name].value:g}" if sensor.name in told else "–",
        )
        for sensor in home.plan.sensors
    ]


def _told_at(speech: Speech, packet: LastPacket | None, zone: ZoneInfo, now: datetime) -> str:
    if packet is None:
        return speech.gettext("nothing yet")
    is_today = packet.at.astimezone(zone).date() == now.astimezone(zone).date()
    return speech.precise_clock(packet.at, zone) if is_today else speech.moment(packet.at, zone, now)


def _raised(alert: AlertView) -> RaisedAlert:
    is_technical = alert.alert_class is AlertClass.TECHNICAL
    return RaisedAlert(alert.id, alert.kind.value, alert.raised_at, alert.closed_at, is_technical)


def _truth_row(speech: Speech, row: Compared, kinds: dict[str, str], zone: ZoneInfo, now: datetime) -> TruthRow:
    alert = row.alert
    after = ""
    if alert is not None and row.label is not None and row.verdict is not Verdict.ALREADY:
        seconds = int((alert.raised_at - row.at).total_seconds())
        in_seconds = speech.gettext("{seconds} s").format(seconds=seconds)
        span = in_seconds if seconds < _MINUTE_S else speech.span(seconds // _MINUTE_S)
        after = speech.gettext("after {span}").format(span=span)
    elif row.verdict is Verdict.AWAITED and row.due_at is not None:
        after = speech.gettext("by {clock}").format(clock=speech.clock(row.due_at, zone))
    return TruthRow(
        what=title_words(speech, row.label) if row.label is not None else speech.gettext("Nothing we know of"),
        happened=speech.moment(row.at, zone, now) if row.label is not None else "–",
        alerted=f"{kinds.get(alert.id, alert.kind)} {speech.moment(alert.raised_at, zone, now)}" if alert else "–",
        after=after,
        alert_id=alert.id if alert else "",
        badge=Badge(_TONES[row.verdict][1], verdict_words(speech, row.verdict)),
        reason=row.reason,
    )


def _mark(row: Compared) -> StripMark:
    happened = row.at if row.label is not None else None
    alerted = row.alert.raised_at if row.alert is not None and row.verdict is not Verdict.ALREADY else None
    return StripMark(happened, alerted, _TONES[row.verdict][0])


def _counts(speech: Speech, rows: Sequence[Compared]) -> str:
    happened = [row for row in rows if row.label is not None]
    told = sum(row.verdict in {Verdict.IN_TIME, Verdict.ALREADY} for row in happened)
    false = sum(row.label is None for row in rows)
    return speech.gettext("{told} of {happened} alerted in time. Alerts about nothing we know of: {false}.").format(
        told=told, happened=len(happened), false=false
    )
