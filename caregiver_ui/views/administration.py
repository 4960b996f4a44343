"""What administrators read: faults beside fields, steps of an enrolment, lines of the audit."""

from dataclasses import dataclass
from datetime import datetime

from caregiver_ui.deed_words import deed_words, purpose_words, thing_words
from caregiver_ui.language import NORWAY, Speech
from caregiver_ui.levels import Level
from caregiver_ui.views.sensors import KINDS, kind_name
from caregiver_ui.words import N_, room_name
from server.access.tables import Role, UnitKind
from server.administration.homes import HomeView
from server.administration.trail import Trail
from server.errors import UnfitError

_FAULTS = {
    "missing": N_("This is missing."),
    "too_long": N_("This is too long. At most 80 characters."),
    "no_unit": N_("Choose a unit from the list."),
    "circle": N_("A unit can not be below itself. Choose another one above it."),
    "signs": N_("Use small letters a–z, digits, dot, hyphen and underscore; two at least."),
    "taken": N_("This is used by another one already."),
    "own": N_("You can not do this to your own account. Ask another administrator."),
    "unfit": N_("This can not be right. Look it over."),
    "elsewhere": N_("This sensor hangs in another home. Remove it there first."),
}
_OF_FIELD = {
    ("sensor_address", "unfit"): N_("Twelve digits and letters a–f, as printed on the sensor: A4:C1:38:00:00:99."),
    ("bind_key", "unfit"): N_("32 digits and letters a–f."),
    ("kinds", "unfit"): N_("Choose what it measures."),
    ("birth_year", "unfit"): N_("A year such as 1941."),
    ("time_zone", "unfit"): N_("A time zone such as Europe/Oslo."),
    ("room", "unfit"): N_("Letters a–z, digits and hyphen: kitchen, bedroom, bathroom …"),
}
_UNIT_KINDS = {
    UnitKind.MUNICIPALITY: N_("Municipality"),
    UnitKind.ZONE: N_("Zone"),
    UnitKind.CARE_HOME: N_("Care home"),
    UnitKind.TEAM: N_("Team"),
}
_ROLES = {
    Role.NURSE: N_("Nurse"),
    Role.STAFF: N_("Service centre"),
    Role.RELATIVE: N_("Relative"),
    Role.RESIDENT: N_("Resident"),
    Role.TESTER: N_("Tester"),
    Role.ADMIN: N_("Administrator"),
}


@dataclass(frozen=True, slots=True)
class SensorLine:
    """A sensor of a home."""

    address: str
    title: str
    heard: str


@dataclass(frozen=True, slots=True)
class GatewayStep:
    """One step of an enrolment. `level`: done, the one to do now, or still to come."""

    level: Level
    text: str
    state: str


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry."""

    when: str
    who: str
    what: str
    about: str
    why: str


def fault_words(speech: Speech, error: UnfitError, prefix: str = "") -> dict[str, str]:
    """Return what is wrong, by the field of the form. `prefix`: of the form's own address, where it has two."""
    fields = {(f"{prefix}{name}" if name == "address" else name): fault for name, fault in error.faults.items()}
    return {
        name: speech.gettext(_OF_FIELD.get((name, fault), _FAULTS.get(fault, _FAULTS["unfit"])))
        for name, fault in fields.items()
    }


def unit_kinds(speech: Speech) -> dict[UnitKind, str]:
    """Return the kinds of units with their words."""
    return {kind: speech.gettext(words) for kind, words in _UNIT_KINDS.items()}


def roles(speech: Speech) -> dict[Role, str]:
    """Return the roles with their words."""
    return {role: speech.gettext(words) for role, words in _ROLES.items()}


def sensor_kinds(speech: Speech) -> list[tuple[str, str]]:
    """Return what a sensor can measure, with its words."""
    return [(str(kind), speech.gettext(words)) for kind, words in KINDS.items()]


def sensor_lines(speech: Speech, home: HomeView, now: datetime) -> list[SensorLine]:
    """Return a home's sensors by room."""
    return [
        SensorLine(
            sensor.address,
            f"{room_name(speech, sensor.room)}: {', '.join(kind_name(speech, kind) for kind in sensor.kinds)}",
            _heard(speech, sensor.last_heard_at, now),
        )
        for sensor in home.sensors
    ]


def gateway_steps(speech: Speech, home: HomeView, now: datetime) -> list[GatewayStep]:
    """Return how far a gateway's enrolment has come."""
    is_enrolled = home.enrolled_at is not None and home.revoked_at is None
    is_heard = is_enrolled and home.last_heard_at is not None
    has_code = home.code_until is not None and home.code_until > now
    steps = [
        (has_code or is_enrolled, speech.gettext("A one-time code is made")),
        (is_enrolled, speech.gettext("The gateway has exchanged the code for its own key")),
        (is_heard, speech.gettext("The gateway is heard")),
    ]
    todo = next((number for number, (done, _) in enumerate(steps) if not done), None)
    return [
        GatewayStep(
            Level.NORMAL if done else Level.NOTICE if number == todo else Level.UNKNOWN,
            text,
            speech.gettext("Done") if done else speech.gettext("Not yet"),
        )
        for number, (done, text) in enumerate(steps)
    ]


def whole_words(speech: Speech, trail: Trail, now: datetime) -> str:
    """Return when the whole log was last found as it was written."""
    if trail.whole_at is None:
        return speech.gettext("What is new and what is shown was checked. The whole log is checked in the background.")
    text = speech.gettext("The whole log was last checked {moment}; what is new and what is shown just now.")
    return text.format(moment=speech.moment(trail.whole_at, NORWAY, now))


def audit_lines(speech: Speech, trail: Trail, now: datetime) -> list[AuditLine]:
    """Return entries as lines. A reason that is no purpose stands as it was written: it is evidence."""
    return [
        AuditLine(
            speech.moment(one.at, NORWAY, now),
            speech.gettext("The service itself") if one.who == "service" else trail.names.get(one.who, one.who),
            deed_words(speech, one.what),
            thing_words(speech, one.about),
            purpose_words(speech, one.why) or one.why,
        )
        for one in trail.entries
    ]


def _heard(speech: Speech, at: datetime | None, now: datetime) -> str:
    return speech.gettext("Never") if at is None else speech.moment(at, NORWAY, now)
