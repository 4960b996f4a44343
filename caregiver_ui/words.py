"""The words for what the service says in codes."""

from types import MappingProxyType

from caregiver_ui.language import Speech
from gateway.contract.heartbeat import Trouble
from models.finding import FindingKind
from server.alerting.rules import AlertKind, AlertStatus, Outcome


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
        AlertKind.NOT_UP: N_("Not up yet"),
        AlertKind.LONG_IN_BATHROOM: N_("Unusually long in the bathroom"),
        AlertKind.OUT_OF_BED: N_("Out of bed at night and not back"),
        AlertKind.LEFT_AT_NIGHT: N_("Left the home at night"),
        AlertKind.NOT_RETURNED: N_("Has not come home"),
        AlertKind.WANDERING: N_("Up and about at night"),
        AlertKind.BATHROOM_VISITS: N_("Unusually many visits to the bathroom"),
        AlertKind.NO_MEALS: N_("No sign of meals"),
        AlertKind.COLD_HOME: N_("It is cold in the home"),
        AlertKind.DOOR_OPEN: N_("A door stands open"),
        AlertKind.VITALS: N_("An unusual measurement"),
        AlertKind.AGREED_RULE: N_("What was agreed to watch for"),
        AlertKind.VISIT_OVERDUE: N_("A visit that was needed has not been made"),
        AlertKind.ROUND_OVERDUE: N_("A supervision round is not signed"),
        AlertKind.NIGHT_RESTLESSNESS: N_("More restless nights"),
        AlertKind.POOR_SLEEP: N_("Poorer sleep"),
        AlertKind.FEW_OUTINGS: N_("Out less often"),
        AlertKind.LONG_IN_BED: N_("Longer in bed"),
        AlertKind.LOW_ACTIVITY: N_("Less active"),
        AlertKind.DECLINE: N_("Slowly less movement"),
        AlertKind.RHYTHM_CHANGE: N_("The rhythm of the day has moved"),
        AlertKind.SLOWER_WALKING: N_("Slower between rooms"),
        AlertKind.GATEWAY_SILENT: N_("The home's gateway is silent"),
        AlertKind.GATEWAY_DEAF: N_("The home's gateway hears nothing"),
        AlertKind.SENSOR_SILENT: N_("A sensor is silent"),
        AlertKind.BATTERY_LOW: N_("A battery wants changing"),
        AlertKind.CHAIN_STALLED: N_("Alerts were not passed on in time"),
        AlertKind.NOBODY_ON_DUTY: N_("Nobody is on duty"),
        AlertKind.CHANNEL_DOWN: N_("A way to reach people fails"),
        AlertKind.CHAIN_SLOW: N_("Alerts are slow to arrive"),
        FindingKind.SENSOR_FLAPPING: N_("A sensor reports without pause"),
        FindingKind.FLEET_OUTAGE: N_("Many homes fell silent at once"),
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
        # What the routine calls rooms, whatever people call them.
        "living": (N_("Living room"), N_("in the living room")),
        "hall": (N_("Hallway"), N_("in the hallway")),
        "outer_door": (N_("Outer door"), N_("at the outer door")),
        "other": (N_("Another room"), N_("in another room")),
    }
)

_OF_THE_ROUTINE = frozenset({"living", "hall", "outer_door", "other"})

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


def kind_words(speech: Speech, kind: AlertKind | FindingKind) -> str:
    """Return what happened or was noticed, as a heading. Both say the same in the same word."""
    return speech.gettext(_KINDS[kind])


def room_name(speech: Speech, room: str) -> str:
    """Return a room's name. A code without a name is shown as it is."""
    known = _ROOMS.get(room)
    return speech.gettext(known[0]) if known else room.replace("_", " ")


def room_choices(speech: Speech) -> list[tuple[str, str]]:
    """Return the rooms that have names here, by code. Others may be typed."""
    return [(code, speech.gettext(words[0])) for code, words in _ROOMS.items() if code not in _OF_THE_ROUTINE]


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
