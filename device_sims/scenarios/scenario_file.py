"""Reads a scenario from a short YAML file; `files` holds those that come with the simulators.

docs/simulated-homes.md tells how to write one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Final

from device_sims.life.activities import Doing
from device_sims.life.floor_plan import FloorPlan
from device_sims.life.homes import COUPLE
from device_sims.life.plan_file import plan_named, plan_names
from device_sims.life.profile import HEALTHY, PROFILES
from device_sims.outages.outage import OUTAGES, WRONG_CLOCK
from device_sims.scenarios import incidents
from device_sims.scenarios.incidents import Incident, When
from device_sims.scenarios.kinds import CLASS_OF
from device_sims.scenarios.scenario import Scenario
from device_sims.yaml_file import Told, YamlFileError, read_yaml

_FILES: Final = Path(__file__).parent / "files"
_FIELDS: Final = ("title", "profile", "plan", "lasts", "happens", "alerted", "quiet")
_WHEN: Final = re.compile(r"(?:day (\d{1,3}) )?(\d\d?):(\d\d)$")
_SPAN: Final = re.compile(r"(\d+) ?(d|h|min|s)$")
_UNITS: Final = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "min": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_LONGEST: Final = timedelta(days=366)
_MOST_TIMES: Final = 100


def scenario_names() -> list[str]:
    """Return the names of the scenarios that come with the simulators."""
    return sorted(file.stem for file in _FILES.glob("*.yaml"))


def scenario_named(name: str) -> Scenario:
    """Return one that comes with the simulators, or the one in a file of that path.

    Raises:
        YamlFileError: there is none, or it cannot be used.
    """
    if name in scenario_names():
        return load_scenario(_FILES / f"{name}.yaml")
    if name.endswith((".yaml", ".yml")):
        return load_scenario(Path(name))
    raise YamlFileError(
        f"there is no scenario {name!r}; give the path of a .yaml file, or one of {', '.join(scenario_names())}"
    )


def load_scenario(file: Path) -> Scenario:
    """Return the scenario a file describes.

    Raises:
        YamlFileError: it cannot be used; the text names the file, the line and what was expected.
    """
    fields = read_yaml(file).fields(_FIELDS, needed=("title", "lasts"))
    profile = fields["profile"].one_of((*PROFILES, COUPLE)) if "profile" in fields else HEALTHY.name
    plan = fields["plan"].one_of(plan_names()) if "plan" in fields else "house"
    scenario = Scenario(file.stem, fields["title"].text(), _span(fields["lasts"]), profile, plan)
    reader = _Reader(plan_named(plan), scenario.lasts)
    for told in _listed(fields, "happens"):
        scenario = scenario.with_incident(reader.incident(told))
    for told in _listed(fields, "alerted"):
        scenario = _alerted(scenario, told, reader)
    for told in _listed(fields, "quiet"):
        scenario = _quiet(scenario, told, reader)
    return scenario


def _listed(fields: Mapping[str, Told], name: str) -> list[Told]:
    return fields[name].items() if name in fields else []


def _alerted(scenario: Scenario, told: Told, reader: "_Reader") -> Scenario:
    fields = told.fields(("kinds", "from", "within", "until"), needed=("kinds", "from", "within"))
    kinds = _kinds(fields["kinds"])
    if len({CLASS_OF[kind] for kind in kinds}) != 1:
        raise fields["kinds"].wrong("kinds about a person, about a trend and about a device cannot stand together")
    since, until = reader.when(fields["from"]), reader.optional(fields, "until")
    _make_sure_ends_later(fields, since, until)
    return scenario.alerting(kinds, since, _span(fields["within"]), until)


def _quiet(scenario: Scenario, told: Told, reader: "_Reader") -> Scenario:
    fields = told.fields(("kinds", "from", "until", "reason"), needed=("reason",))
    kinds = _kinds(fields["kinds"]) if "kinds" in fields else None
    since, until = reader.optional(fields, "from"), reader.optional(fields, "until")
    _make_sure_ends_later(fields, since, until)
    return scenario.keeping_quiet(fields["reason"].text(), kinds, since, until)


def _make_sure_ends_later(fields: Mapping[str, Told], since: When | None, until: When | None) -> None:
    if since is not None and until is not None and until <= since:
        raise fields["until"].wrong(f"a time after {fields['from'].text()!r} was expected")


def _kinds(told: Told) -> tuple[str, ...]:
    kinds = tuple(one.one_of(tuple(CLASS_OF)) for one in told.items())
    if not kinds:
        raise told.wrong("expected at least one kind, such as inactivity")
    return kinds


def _span(told: Told) -> timedelta:
    parts = [_SPAN.match(part) for part in re.findall(r"\d+ ?[a-z]+", told.text())]
    span = sum((int(part[1]) * _UNITS[part[2]] for part in parts if part), timedelta())
    is_read = all(parts) and re.sub(r"\d+ ?[a-z]+", "", told.text()).strip() == ""
    if not is_read or not timedelta() < span <= _LONGEST:
        raise told.wrong(f"{told.text()!r} is no length of time; expected such as 45 min, 6 h, 1 h 30 min or 3 d")
    return span


@dataclass(frozen=True)
class _Verb:
    """What may be said of an incident: needed fields, others, and what it becomes."""

    needed: tuple[str, ...]
    others: tuple[str, ...]
    becomes: Callable[["_Reader", When, Mapping[str, Told]], Incident]


class _Reader:
    """Knows the home and how long the scenario lasts."""

    def __init__(self, plan: FloorPlan, lasts: timedelta) -> None:
        self._plan = plan
        self._lasts = lasts

    def incident(self, told: Told) -> Incident:
        what = told.fields(needed=("what",))["what"].one_of(tuple(_VERBS))
        verb = _VERBS[what]
        fields = told.fields(("at", "what", *verb.needed, *verb.others), needed=("at", *verb.needed))
        return verb.becomes(self, self.when(fields["at"]), fields)

    def optional(self, fields: Mapping[str, Told], name: str) -> When | None:
        return self.when(fields[name]) if name in fields else None

    def when(self, told: Told) -> When:
        found = _WHEN.match(told.text())
        day, hour, minute = (int(found[1] or 1), int(found[2]), int(found[3])) if found else (0, 0, 0)
        if day < 1 or hour > 23 or minute > 59:  # noqa: PLR2004 - a clock's
            raise told.wrong(f"{told.text()!r} is no time; expected such as 09:40 or day 3 09:40, from 00:00 to 23:59")
        if timedelta(days=day - 1, hours=hour, minutes=minute) > self._lasts:
            raise told.wrong(f"{told.text()!r} is after the scenario's end: it lasts {self._lasts / _UNITS['d']:g} d")
        return When(day, time(hour, minute))

    def room(self, told: Told) -> str:
        return told.one_of(tuple(self._plan.rooms))

    def sensor(self, told: Told) -> str:
        return told.one_of([one.name for one in self._plan.sensors])

    def factors(self, told: Told) -> dict[str, float]:
        found = {}
        for name, one in told.fields().items():
            found[name] = one.number(0, 100)
            try:
                HEALTHY.changed({name: 1.0})
            except ValueError as error:
                raise one.wrong(str(error)) from None
        return found


def _does(doing: Doing, room: str | None) -> _Verb:
    return _Verb(("for",), (), lambda _, at, told: incidents.Does(at, doing, room, _span(told["for"])))


def _spanned(becomes: Callable[[When, timedelta], Incident]) -> _Verb:
    return _Verb(("for",), (), lambda _, at, told: becomes(at, _span(told["for"])))


def _over(told: Mapping[str, Told]) -> timedelta | None:
    return _span(told["over"]) if "over" in told else None


def _tells(reader: _Reader, at: When, told: Mapping[str, Told]) -> Incident:
    once = incidents.Tells(at, reader.sensor(told["sensor"]))
    if "times" in told:
        once = replace(once, times=int(told["times"].number(1, _MOST_TIMES)))
    return replace(once, every=_span(told["every"])) if "every" in told else once


def _failing(outage: str) -> _Verb:
    return _spanned(lambda at, lasts: incidents.Fails(at, outage, lasts))


def _wrong_clock(_: _Reader, at: When, told: Mapping[str, Told]) -> Incident:
    if ("ahead" in told) is ("behind" in told):
        raise told["what"].wrong("either 'ahead' or 'behind' was expected of a wrong clock, such as ahead: 2 h")
    by = _span(told["ahead"]) if "ahead" in told else -_span(told["behind"])
    return incidents.Fails(at, WRONG_CLOCK, _span(told["for"]), by)


_VERBS: Final[Mapping[str, _Verb]] = {
    "falls": _Verb(
        ("room", "for"), (), lambda reader, at, told: incidents.Falls(at, reader.room(told["room"]), _span(told["for"]))
    ),
    "does": _Verb(
        ("doing", "room", "for"),
        (),
        lambda reader, at, told: incidents.Does(
            at, told["doing"].one_of(tuple(Doing)), reader.room(told["room"]), _span(told["for"])
        ),
    ),
    "stays_in_bed": _does(Doing.SLEEPING, "bedroom"),
    "wanders": _does(Doing.WANDERING, "hallway"),
    "goes_out": _does(Doing.OUT, None),
    "is_away": _does(Doing.AWAY, None),
    "alone": _spanned(incidents.Alone),
    "visitor": _spanned(incidents.Visited),
    "carer": _spanned(lambda at, lasts: incidents.Visited(at, lasts, is_care=True)),
    "habits_change": _Verb(
        ("factors",),
        ("over",),
        lambda reader, at, told: incidents.Changes(at, reader.factors(told["factors"]), _over(told)),
    ),
    "recovers": _Verb(("over",), (), lambda _, at, told: incidents.Recovers(at, _span(told["over"]))),
    "new_pet": _Verb((), (), lambda _, at, __: incidents.GetsPet(at)),
    "sensor_tells": _Verb(("sensor",), ("times", "every"), _tells),
    "heating_off": _spanned(incidents.Unheated),
    "sensor_moved": _Verb(
        ("sensor", "room"),
        (),
        lambda reader, at, told: incidents.MovesSensor(at, reader.sensor(told["sensor"]), reader.room(told["room"])),
    ),
    "sensor_dies": _Verb(
        ("sensor",),
        ("over",),
        lambda reader, at, told: incidents.SensorDies(at, reader.sensor(told["sensor"]), _over(told)),
    ),
    "sensor_flaps": _Verb(
        ("sensor", "for"),
        (),
        lambda reader, at, told: incidents.SensorFlaps(at, reader.sensor(told["sensor"]), _span(told["for"])),
    ),
    **{outage: _failing(outage) for outage in OUTAGES},
    WRONG_CLOCK: _Verb(("for",), ("ahead", "behind"), _wrong_clock),
}
