"""Homes, gateways and messages as tests need them, in few words."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import inspect
from sqlmodel import Session, SQLModel, col, select

from gateway.contract.codec import to_json
from gateway.contract.heartbeat import Heartbeat, Presence, PresenceState, StreamHead
from gateway.contract.observation import Observation, ObservationBatch, SensorKind, Stream
from gateway.contract.topics import Upward, upward
from server.access.service import Viewer, viewer_of
from server.access.tables import Person, SignIn
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.detection.tables import FindingRow
from server.ingest.service import Received, receive
from server.ingest.tables import QuarantineRow
from server.observations.tables import OBSERVATION, StreamRow
from server.provisioning import Provisioning, provision

T0 = datetime(2025, 1, 15, 9, 0, tzinfo=UTC)  # a Wednesday, 10:00 in Oslo
PATIENCE = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PASSWORD = "en-lang-setning"

# The sensors of each home end in these: 01 motion in the lounge, 02 front door, 03 button, 04 smoke, 05 thermometer.
MOTION, DOOR, BUTTON, SMOKE, WARMTH = "01", "02", "03", "04", "05"
_HANGS = {
    MOTION: ("lounge", SensorKind.MOTION),
    DOOR: ("front_door", SensorKind.DOOR),
    BUTTON: ("bedroom", SensorKind.BUTTON),
    SMOKE: ("kitchen", SensorKind.SMOKE),
    WARMTH: ("kitchen", SensorKind.TEMPERATURE),
}


def home(letter: str, unit: str, *, test: bool = False) -> dict[str, Any]:
    """Return the provisioning of a home: `home-a` with resident `res-a`, gateway `gw-a` and five sensors."""
    return {
        "code": f"home-{letter}", "unit": unit, "address": "Fjellveien 12", "time_zone": "Europe/Oslo", "test": test,
        "resident": {"code": f"res-{letter}", "name": f"Inger {letter.upper()}", "birth_year": 1938},
        "gateway_id": f"gw-{letter}",
        "sensors": [
            {"sensor_id": sensor(letter, place), "room": room, "kinds": [kind]}
            for place, (room, kind) in _HANGS.items()
        ],
    }  # fmt: skip


def sensor(letter: str, place: str) -> str:
    """Return the address of a home's sensor."""
    return f"a4c138{ord(letter):04x}{place}"


def person(username: str, role: str, unit: str, *residents: str) -> dict[str, Any]:
    """Return the provisioning of a person, called as their user name."""
    return {
        "username": username, "name": username.capitalize(), "role": role, "unit": unit, "password": PASSWORD,
        "residents": residents,
    }  # fmt: skip


UNITS = [{"code": "nord", "name": "Sone Nord"}, {"code": "sor", "name": "Sone Sør"}]
REAL = {
    "units": UNITS,
    "people": [
        person("maria", "nurse", "nord"), person("ola", "nurse", "nord"), person("siri", "staff", "nord"),
        person("anne", "relative", "nord", "res-a"), person("arne", "admin", "nord"), person("per", "nurse", "sor"),
    ],
    "homes": [home("a", "nord"), home("b", "sor")],
}  # fmt: skip
TEST = {
    "units": UNITS,
    "people": [person("tess", "tester", "nord"), person("nina", "nurse", "nord")],
    "homes": [home("t", "nord", test=True)],
}


def set_up_town(database: Database) -> None:
    """Two units. Nord: maria and ola (nurses), siri (staff), arne (admin), anne (relative of res-a), home-a; and for
    tests nina (nurse), tess (tester) and home-t. Sør: per (nurse) and home-b.
    """
    for wanted, test_mode in ((REAL, False), (TEST, True)):
        with database.transaction() as db:
            provision(db, Provisioning.model_validate(wanted), test_mode=test_mode)


def give_account(database: Database, username: str = "inger", resident: str = "res-a") -> None:
    """Give the resident of home-a an account of their own."""
    wanted = {"units": UNITS, "people": [person(username, "resident", "nord", resident)]}
    with database.transaction() as db:
        provision(db, Provisioning.model_validate(wanted), test_mode=False)


@dataclass
class FakeGateway:
    """A gateway's half of the contract, without the gateway: it numbers facts and writes messages."""

    letter: str = "a"
    epoch: str = "0000000a"
    last: dict[Stream, int] = field(default_factory=lambda: dict.fromkeys(Stream, 0))

    @property
    def code(self) -> str:
        """Its name on the wire."""
        return f"gw-{self.letter}"

    def motion(self, at: datetime, **different: object) -> Observation:
        """Somebody moved in the lounge."""
        return self.fact(MOTION, at, **different)

    def press(self, at: datetime, **different: object) -> Observation:
        """The button was pressed."""
        return self.fact(BUTTON, at, **different)

    def fact(self, place: str, at: datetime, value: float = 1.0, **different: object) -> Observation:
        """Number and return the next fact of its stream."""
        room, kind = _HANGS[place]
        stream = stream_for(kind, value)
        self.last[stream] += 1
        fields: dict[str, Any] = {
            "seq": self.last[stream], "sensor_id": sensor(self.letter, place), "room": room, "kind": kind,
            "value": value, "observed_at": at, "clock_synced": True,
        }  # fmt: skip
        return Observation(**{**fields, **different})

    def batch(self, facts: Sequence[Observation], **different: object) -> tuple[str, bytes]:
        """Return topic and payload of a batch of one stream."""
        stream = stream_for(facts[0].kind, facts[0].value)
        fields: dict[str, Any] = {
            "gateway_id": self.code, "epoch": self.epoch, "stream": stream, "oldest_seq": 1,
            "sent_at": max(fact.observed_at for fact in facts), "observations": tuple(facts),
        }  # fmt: skip
        return upward(self.code, stream), to_json(ObservationBatch(**{**fields, **different}))

    def heartbeat(self, at: datetime, **different: object) -> tuple[str, bytes]:
        """Return topic and payload of a heartbeat that claims all numbered so far."""
        fields: dict[str, Any] = {
            "gateway_id": self.code, "boot_id": "00000001", "software": "0.1", "started_at": T0 - DAY, "sent_at": at,
            "clock_synced": True, "epoch": self.epoch,
            "heads": tuple(StreamHead(stream=stream, last_seq=last, waiting=0) for stream, last in self.last.items()),
        }  # fmt: skip
        return upward(self.code, Upward.HEARTBEAT), to_json(Heartbeat(**{**fields, **different}))

    def presence(self, state: PresenceState = PresenceState.HERE, **different: object) -> tuple[str, bytes]:
        """Return topic and payload of coming or going."""
        fields: dict[str, Any] = {"gateway_id": self.code, "boot_id": "00000001", "state": state}
        return upward(self.code, Upward.PRESENCE), to_json(Presence(**{**fields, **different}))


def stream_for(kind: SensorKind, value: float) -> Stream:
    """Return the stream by the words of the contract, written here once more so that the two can disagree."""
    calls = {"button", "pull_cord", "fall", "smoke", "water_leak"}
    return Stream.URGENT if kind in calls and value > 0 else Stream.ROUTINE


def send(database: Database, message: tuple[str, bytes], now: datetime) -> Received:
    """Let the server take in a message at `now`."""
    return receive(database, *message, now, PATIENCE)


def send_all(database: Database, messages: Iterable[tuple[str, bytes]], now: datetime) -> None:
    """Let the server take in messages, one after another."""
    for message in messages:
        send(database, message, now)


Row = Any


def rows_of(database: Database, table: type[SQLModel]) -> list[Row]:
    """Return every row of a table by its key."""
    key = inspect(table).primary_key
    with database.reading() as db:
        return list(db.exec(select(table).order_by(*key)))


def alerts(database: Database) -> list[AlertRow]:
    """Return every alert, the first raised first."""
    return rows_of(database, AlertRow)


def findings(database: Database) -> list[tuple[str, datetime, datetime, datetime | None, bool]]:
    """Return kind, start, notice, end, and whether an alert was raised for each finding, by start."""
    rows: list[FindingRow] = rows_of(database, FindingRow)
    found = [(row.kind, row.started_at, row.noticed_at, row.ended_at, row.alert_id is not None) for row in rows]
    return sorted(found, key=lambda one: one[1])


def reasons(database: Database) -> list[str]:
    """Return why each quarantined message was refused."""
    return [row.reason for row in rows_of(database, QuarantineRow)]


def stored(database: Database) -> list[tuple[int, ...]]:
    """Return (stream, seq, sensor, kind, value, observed in ms) of every stored fact, in order."""
    with database.reading() as db:
        rows = db.connection().execute(OBSERVATION.select().order_by(OBSERVATION.c.stream_id, OBSERVATION.c.seq))
        return [(r.stream_id, r.seq, r.sensor_id, r.kind, r.value, r.observed_ms) for r in rows]


def marks(database: Database) -> dict[str, tuple[int, int]]:
    """Return (up to seq, lost) of every stream."""
    streams: list[StreamRow] = rows_of(database, StreamRow)
    return {f"{row.epoch}/{row.stream}": (row.up_to_seq, row.lost) for row in streams}


def viewer(database: Database, username: str) -> Viewer:
    """Return a person as somebody who signed in."""
    with database.transaction() as db:
        who = db.exec(select(Person).where(col(Person.username) == username)).one()
        token = f"token of {username}"
        sign_in_row(db, who, token)
        return viewer_of(db, token, T0)


def sign_in_row(db: Session, who: Person, token: str) -> None:
    """Sign a person in without their password, which takes long to check."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    if db.get(SignIn, digest) is None:
        db.add(SignIn(token_hash=digest, person_id=who.person_id or 0, ends_at=T0 + 365 * DAY))
        db.flush()


def signed_in(database: Database, username: str) -> str:
    """Sign a person in without their password, and return what the cookie holds. Harmless twice."""
    with database.transaction() as db:
        who = db.exec(select(Person).where(col(Person.username) == username)).one()
        sign_in_row(db, who, f"token of {username}")
    return f"token of {username}"
