"""The words for what the service says in codes and figures."""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any

from caregiver_ui.language import Speech
from gateway.contract.heartbeat import Trouble
from server.alerting.rules import AlertKind, AlertStatus, LogEvent, Outcome


def _marked(text: str) -> str:
    """Mark a sentence for translation; it is translated where it is used."""
    return text


N_ = _marked

_KINDS = MappingProxyType(
    {
        AlertKind.BUTTON: N_("Help button"),
        AlertKind.PULL_CORD: N_("Pull cord"),
        AlertKind.FALL: N_("Possible fall"),
        AlertKind.SMOKE: N_("Smoke"),
        AlertKind.WATER_LEAK: N_("Water leak"),
        AlertKind.INACTIVITY: N_("Unusually long without movement"),
        AlertKind.GATEWAY_SILENT: N_("The home's gateway is silent"),
        AlertKind.GATEWAY_DEAF: N_("The home's gateway hears nothing"),
        AlertKind.SENSOR_SILENT: N_("A sensor is silent"),
        AlertKind.BATTERY_LOW: N_("A battery wants changing"),
    }
)

_ROOMS = MappingProxyType(
    {
        "bathroom": (N_("Bathroom"), N_("in the bathroom")),
        "bedroom": (N_("Bedroom"), N_("in the bedroom")),
        "kitchen": (N_("Kitchen"), N_("in the kitchen")),
        "lounge": (N_("Living room"), N_("in the living room")),
        "hallway": (N_("Hallway"), N_("in the hallway")),
        "front_door": (N_("Front door"), N_("at the front door")),
        "back_door": (N_("Back door"), N_("at the back door")),
        "guest_room": (N_("Guest room"), N_("in the guest room")),
        "store": (N_("Store room"), N_("in the store room")),
        "fridge": (N_("Fridge"), N_("at the fridge")),
    }
)

_OUTCOMES = MappingProxyType(
    {
        Outcome.REAL_EVENT: N_("Real event"),
        Outcome.FALSE_ALARM: N_("False alarm"),
        Outcome.KNOWN_REASON: N_("Known reason"),
        Outcome.WAITING_FOR_VISIT: N_("Was waiting for a visit"),
        Outcome.TECHNICAL: N_("Technical fault"),
        Outcome.TEST: N_("Test"),
    }
)

_EVENTS = MappingProxyType(
    {
        LogEvent.RAISED: N_("Alert raised"),
        LogEvent.REPEATED: N_("Happened again"),
        LogEvent.NOTIFIED: N_("Sent to those on duty"),
        LogEvent.NOBODY_TO_NOTIFY: N_("Nobody on duty could be told"),
        LogEvent.ESCALATED: N_("Passed on because nobody answered"),
        LogEvent.SHOWN: N_("Shown to {name}"),
        LogEvent.TAKEN: N_("Taken by {name}"),
        LogEvent.ON_THE_WAY: N_("{name} is on the way"),
        LogEvent.ARRIVED: N_("{name} is with the resident"),
        LogEvent.CLOSED: N_("Closed by {name}"),
        LogEvent.CEASED: N_("No longer so; waits for somebody to close it"),
    }
)

_TROUBLES = MappingProxyType(
    {
        Trouble.UNKNOWN_SENSOR: N_("Heard sensors that are not set up for this home"),
        Trouble.UNDECODABLE: N_("Could not read what a sensor sent"),
        Trouble.WRONG_KEY: N_("The key does not fit a sensor"),
        Trouble.NOT_ENCRYPTED: N_("Refused an unencrypted message from a sensor with a key"),
        Trouble.REPLAYED: N_("Refused a repeated message"),
        Trouble.OUTBOX_SET_ASIDE: N_("The file on disk was damaged and has been set aside"),
        Trouble.BAD_CONFIG: N_("Could not read a new configuration"),
        Trouble.OLD_CONFIG: N_("Was offered a configuration older than its own"),
        Trouble.OUTBOX_FULL: N_("Had to let go of old measurements for want of room"),
        Trouble.DISK_REFUSED: N_("The disk did not take what was heard"),
        Trouble.CLOCK_JUMPED: N_("The clock was set while the program ran"),
        Trouble.NO_RECEIPT: N_("The server did not confirm a call for help in time"),
        Trouble.FALLBACK_FAILED: N_("What should warn on the spot did not work"),
        Trouble.VISIT_FAILED: N_("A device that measures could not be connected to"),
        Trouble.CERTIFICATE_ENDS: N_("Its certificate ends soon or is missing, and it gets no new one"),
    }
)

# What was done to make a radio hear again, by the gateway's word for it.
_RADIO_STEPS = MappingProxyType(
    {
        "power_on": N_("Switched the Bluetooth adapter on"),
        "restart": N_("Began to listen anew"),
        "power_cycle": N_("Switched the Bluetooth adapter off and on"),
        "give_up": N_("Ended itself because no radio heard anything"),
    }
)

# Who has an alert: somebody else, or the reader.
_STATES = MappingProxyType(
    {
        AlertStatus.TAKEN: (N_("Taken by {name} {clock}"), N_("You took it {clock}")),
        AlertStatus.ON_THE_WAY: (N_("{name} is on the way"), N_("You are on the way")),
        AlertStatus.WITH_RESIDENT: (N_("{name} is with the resident"), N_("You are with the resident")),
    }
)


def kind_words(speech: Speech, kind: AlertKind) -> str:
    """Return what happened, as a heading."""
    return speech.gettext(_KINDS[kind])


def room_name(speech: Speech, room: str) -> str:
    """Return a room's name. A code without a name is shown as it is."""
    known = _ROOMS.get(room)
    return speech.gettext(known[0]) if known else room.replace("_", " ")


def in_room(speech: Speech, room: str | None) -> str:
    """Return where something was, with a blank before it; empty when nobody knows."""
    if not room:
        return ""
    known = _ROOMS.get(room)
    where = speech.gettext(known[1]) if known else speech.gettext("in “{room}”").format(room=room.replace("_", " "))
    return f" {where}"


def outcome_words(speech: Speech, outcome: Outcome) -> str:
    """Return how an alert ended."""
    return speech.gettext(_OUTCOMES[outcome])


def event_words(speech: Speech, event: LogEvent, by: str | None) -> str:
    """Return a line of the log. `by` is None when the service itself did it."""
    return speech.gettext(_EVENTS[event]).format(name=by or speech.gettext("the service"))


def state_words(speech: Speech, status: AlertStatus, name: str | None, clock: str) -> str:
    """Return who has an alert, `name` being None for the reader; empty when nobody has it, or when it is closed."""
    if status not in _STATES:
        return ""
    somebody, reader = _STATES[status]
    return speech.gettext(reader if name is None else somebody).format(name=name, clock=clock)


def trouble_words(speech: Speech, code: str) -> str:
    """Return what troubles a gateway; a code of a newer gateway is shown as it is."""
    return speech.gettext(_TROUBLES[Trouble(code)]) if code in set(Trouble) else code


def radio_step_words(speech: Speech, code: str) -> str:
    """Return what was done to make a radio hear again; a code of a newer gateway is shown as it is."""
    return speech.gettext(_RADIO_STEPS[code]) if code in _RADIO_STEPS else code


def reason_lines(speech: Speech, key: str, figures: Mapping[str, Any], zone: tzinfo, now: datetime) -> tuple[str, ...]:
    """Return why an alert came: the sentence that says most, then what there is to add.

    A reason or a figure that these pages do not know is said as such: an alert is never shown without a reason.
    """
    sentence = _REASONS.get(key)
    if sentence is None:
        return (speech.gettext("The service gives a reason this page has no words for ({key}).").format(key=key),)
    return sentence(speech, figures, zone, now)


def _no_movement(speech: Speech, figures: Mapping[str, Any], zone: tzinfo, now: datetime) -> tuple[str, ...]:
    span = speech.span(int(figures.get("minutes") or 0))
    usual = figures.get("usual_minutes")
    if usual is None:
        first = speech.gettext("No movement for {span}.").format(span=span)
    else:
        first = speech.gettext("No movement for {span}. Usual at this hour is under {usual}.").format(
            span=span, usual=speech.span(int(usual))
        )
    unseen = tuple(
        speech.gettext("A sensor is silent there: movement{where} is not seen.").format(where=in_room(speech, room))
        for room in figures.get("unseen_rooms") or ()
    )
    seen = _moment(figures.get("last_seen_at"))
    if seen is None:
        return (first, *unseen)
    last = speech.gettext("Last movement was{where} {moment}.")
    where = in_room(speech, figures.get("last_room"))
    return (first, last.format(where=where, moment=speech.moment(seen, zone, now)), *unseen)


def _pressed(speech: Speech, figures: Mapping[str, Any], _zone: tzinfo, _now: datetime) -> tuple[str, ...]:
    times = int(figures.get("times") or 1)
    text = speech.ngettext(
        "The help button was pressed{where}.", "The help button was pressed {times} times{where}.", times
    )
    return (text.format(where=in_room(speech, figures.get("room")), times=times),)


def _at_place(text: str) -> "Callable[[Speech, Mapping[str, Any], tzinfo, datetime], tuple[str, ...]]":
    def sentence(speech: Speech, figures: Mapping[str, Any], _zone: tzinfo, _now: datetime) -> tuple[str, ...]:
        return (speech.gettext(text).format(where=in_room(speech, figures.get("room"))),)

    return sentence


def _gateway_silent(speech: Speech, figures: Mapping[str, Any], zone: tzinfo, now: datetime) -> tuple[str, ...]:
    span = speech.span(int(figures.get("minutes") or 0))
    since = _moment(figures.get("since"))
    text = speech.gettext("Nothing has been heard from the home's gateway for {span}.").format(span=span)
    unknown = speech.gettext("Until it is heard again, we do not know how things are in the home.")
    if since is None:
        return (text, unknown)
    last = speech.gettext("Last heard {moment}.").format(moment=speech.moment(since, zone, now))
    return (text, last, unknown)


def _gateway_deaf(speech: Speech, figures: Mapping[str, Any], _zone: tzinfo, _now: datetime) -> tuple[str, ...]:
    span = speech.span(int(figures.get("minutes") or 0))
    return (
        speech.gettext("The gateway answers, but its radio has heard nothing for {span}.").format(span=span),
        speech.gettext("As long as it hears nothing, we do not know how things are in the home."),
    )


def _sensor_silent(speech: Speech, figures: Mapping[str, Any], zone: tzinfo, now: datetime) -> tuple[str, ...]:
    where = in_room(speech, figures.get("room"))
    since = _moment(figures.get("since"))
    if since is None:
        return (speech.gettext("Nothing is heard from a sensor{where}.").format(where=where),)
    moment = speech.moment(since, zone, now)
    text = speech.gettext("Nothing has been heard from a sensor{where} since {moment}.")
    return (text.format(where=where, moment=moment),)


def _home_unseen(speech: Speech, _f: Mapping[str, Any], _zone: tzinfo, _now: datetime) -> tuple[str, ...]:
    return (speech.gettext("No sensor that could see the resident is heard: we do not know how things are."),)


def _moment(value: object) -> datetime | None:
    """Read a time that may have gone through JSON. None when there is none, or when it names no zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


_REASONS: Mapping[str, Callable[[Speech, Mapping[str, Any], tzinfo, datetime], tuple[str, ...]]] = MappingProxyType(
    {
        "no_movement_for": _no_movement,
        "pressed": _pressed,
        "pulled": _at_place(N_("The cord was pulled{where}.")),
        "smoke": _at_place(N_("The smoke detector{where} reports smoke.")),
        "water": _at_place(N_("The water detector{where} reports water.")),
        "fall": _at_place(N_("A fall sensor{where} reports a fall.")),
        "gateway_silent": _gateway_silent,
        "gateway_deaf": _gateway_deaf,
        "sensor_silent": _sensor_silent,
        "home_unseen": _home_unseen,
        "battery_low": _at_place(N_("The battery of a sensor{where} is nearly flat.")),
    }
)
