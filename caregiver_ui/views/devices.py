"""The board of devices in words: who is at risk by what, since when, who answers for it; and the links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from caregiver_ui.language import NORWAY, Speech
from caregiver_ui.levels import Badge, Level
from caregiver_ui.views.sensors import kind_name, lasts_words
from caregiver_ui.words import N_, room_name
from server.board.devices import BatteryView, DeviceBoard, DeviceView, FaultView, HomeBoard
from server.board.links import LinkKind, LinkView
from server.board.rules import Fault, Mark, MarkKind, Risk

FAULTS = MappingProxyType(
    {
        Fault.GATEWAY_SILENT: N_("The gateway is not heard"),
        Fault.GATEWAY_DEAF: N_("The radio hears nothing"),
        Fault.SENSOR_SILENT: N_("Not heard"),
        Fault.SEES_NOTHING: N_("Heard, but sees nothing"),
        Fault.BABBLES: N_("Fires by itself"),
        Fault.BATTERY_LOW: N_("Change the battery"),
        Fault.CLOCK_UNSET: N_("The clock is not set"),
        Fault.WEAK_SIGNAL: N_("Weak signal"),
        Fault.UNPROVEN: N_("Not proven: try it"),
    }
)
_RISKS = MappingProxyType(
    {
        Risk.NOBODY_LISTENS: N_("Nothing is heard from the home"),
        Risk.CANNOT_CALL: N_("Cannot call for help"),
        Risk.NOT_SEEN: N_("No sensor would notice movement"),
        Risk.FELL: N_("Fell within the last year"),
    }
)
# Few faults make somebody unsafe now; the others are work for the day.
_GRAVE = frozenset({Fault.GATEWAY_SILENT, Fault.GATEWAY_DEAF, Fault.SENSOR_SILENT, Fault.SEES_NOTHING, Fault.BABBLES})
_CHANNELS = MappingProxyType(
    {
        "app": N_("Messages in the app"),
        "push": N_("Push to phones"),
        "email": N_("E-mail"),
        "sms": N_("Text messages"),
        "call": N_("Automatic calls"),
    }
)
PAGE = 30


@dataclass(frozen=True, slots=True)
class FaultLine:
    """One fault. `marks`: what people say of it, each with its name and end."""

    code: str
    badge: Badge
    since: str
    marks: tuple[str, ...]
    is_snoozed: bool


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """A device with its faults. `proven` is empty where its way was never proven: a fault says so."""

    id: str
    title: str
    proven: str
    faults: tuple[FaultLine, ...]
    is_snoozed: bool


@dataclass(frozen=True, slots=True)
class HomeCard:
    """A home on the board. `risks`: in words, the gravest first."""

    home: str
    address: str
    residents: str
    risks: tuple[str, ...]
    devices: tuple[DeviceLine, ...]
    is_snoozed: bool


@dataclass(frozen=True, slots=True)
class LinkLine:
    """One link between a home and a person."""

    name: str
    badge: Badge
    proven: str


@dataclass(frozen=True, slots=True)
class DevicesPage:
    """The board, page by page."""

    sentence: str
    links: tuple[LinkLine, ...]
    homes: tuple[HomeCard, ...]
    batteries: tuple[tuple[str, str, str, str], ...]
    page: int
    pages: int


def devices_page(
    speech: Speech, board: DeviceBoard, links: Sequence[LinkView], now: datetime, page: int
) -> DevicesPage:
    """Return a page of the board: who is at risk stands on the first."""
    pages = max(1, -(-len(board.homes) // PAGE))
    page = min(max(page, 1), pages)
    shown = board.homes[(page - 1) * PAGE : page * PAGE]
    return DevicesPage(
        sentence=_sentence(speech, board),
        links=tuple(_link(speech, one, now) for one in links),
        homes=tuple(home_card(speech, one, now) for one in shown),
        batteries=tuple(_battery(speech, one) for one in board.batteries),
        page=page,
        pages=pages,
    )


def _sentence(speech: Speech, board: DeviceBoard) -> str:
    well = board.homes_in_all - len(board.homes)
    if not board.homes:
        text = speech.gettext("All {n} devices in {homes} homes are in contact and proven.")
        return text.format(n=board.devices_in_all, homes=board.homes_in_all)
    at_risk = sum(bool(one.risks) for one in board.homes)
    first = speech.ngettext("Somebody is at risk in {n} home.", "Somebody is at risk in {n} homes.", at_risk).format(
        n=at_risk
    )
    text = speech.gettext("{n} of {of} devices want something; {well} of {homes} homes want nothing.")
    said = {"n": board.devices_at_fault, "of": board.devices_in_all, "well": well, "homes": board.homes_in_all}
    return f"{first} {text.format(**said)}" if at_risk else text.format(**said)


def risk_words(speech: Speech, risk: Risk) -> str:
    """Return why somebody is at risk."""
    return speech.gettext(_RISKS[risk])


def home_card(speech: Speech, one: HomeBoard, now: datetime) -> HomeCard:
    """Return a home of the board."""
    zone = ZoneInfo(one.time_zone)
    return HomeCard(
        home=one.home,
        address=one.address,
        residents=", ".join(one.residents),
        risks=tuple(risk_words(speech, risk) for risk in one.risks),
        devices=tuple(device_line(speech, device, zone, now) for device in one.devices),
        is_snoozed=one.is_snoozed,
    )


def device_line(speech: Speech, device: DeviceView, zone: ZoneInfo, now: datetime) -> DeviceLine:
    """Return a device with its faults."""
    kinds = ", ".join(kind_name(speech, kind) for kind in device.kinds)
    title = f"{room_name(speech, device.room)}: {kinds}" if device.kinds else speech.gettext("Gateway")
    proven = device.proven_at
    return DeviceLine(
        id=device.id,
        title=title,
        proven="" if proven is None else speech.moment(proven, zone, now),
        faults=tuple(_fault(speech, fault, zone, now) for fault in device.faults),
        is_snoozed=all(fault.is_snoozed for fault in device.faults),
    )


def _fault(speech: Speech, one: FaultView, zone: ZoneInfo, now: datetime) -> FaultLine:
    level = Level.TECHNICAL if one.fault in _GRAVE else Level.UNKNOWN
    since = (
        "" if one.since is None else speech.gettext("since {moment}").format(moment=speech.moment(one.since, zone, now))
    )
    marks = tuple(_mark(speech, mark, zone, now) for mark in one.marks)
    return FaultLine(one.fault, Badge(level, speech.gettext(FAULTS[one.fault])), since, marks, one.is_snoozed)


def _mark(speech: Speech, mark: Mark, zone: ZoneInfo, now: datetime) -> str:
    said = {"name": mark.who, "why": mark.why, "until": speech.moment(mark.until, zone, now)}
    if mark.kind is MarkKind.SNOOZE:
        return speech.gettext("{name} answers for it until {until}: {why}").format(**said)
    return speech.gettext("{name}: {why} (stands until {until})").format(**said)


def _battery(speech: Speech, one: BatteryView) -> tuple[str, str, str, str]:
    kinds = ", ".join(kind_name(speech, kind) for kind in one.kinds)
    title = f"{room_name(speech, one.room)}: {kinds}"
    return one.home, one.address, title, f"{lasts_words(speech, one.lasts)} ({one.percent:.0f} %)"


def _link(speech: Speech, one: LinkView, now: datetime) -> LinkLine:
    names = {LinkKind.GATEWAYS: speech.gettext("From the homes to us")}
    if one.kind is LinkKind.CHANNEL:
        name = speech.gettext(_CHANNELS[one.name]) if one.name in _CHANNELS else one.name
    else:
        name = names.get(one.kind) or speech.gettext("Screen: {name}").format(name=one.name)
    if one.is_down:
        badge = Badge(Level.TECHNICAL, speech.gettext("Does not work"))
    elif one.proven_at is None:
        badge = Badge(Level.UNKNOWN, speech.gettext("Not proven yet"))
    else:
        badge = Badge(Level.NORMAL, speech.gettext("Works"))
    proven = one.proven_at
    return LinkLine(name, badge, "" if proven is None else speech.moment(proven, NORWAY, now))
