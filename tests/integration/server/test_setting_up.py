"""Setting up and starting: what is wrong is told in one line, and what is right can be done twice."""

import json
import socket
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import REAL, T0, TEST, FakeGateway, home, rows_of, send
from click.testing import CliRunner, Result
from postgres import NewDatabase
from sqlmodel import select

from gateway.contract.codec import to_json
from gateway.contract.observation import SensorKind
from server.access.tables import Person, RelativeOf
from server.cli import server
from server.db.session import Database
from server.errors import ProvisioningError
from server.escalation.rules import AtNight, Policy, QuietHours, Step, Who
from server.escalation.stored import policy_from
from server.escalation.tables import PolicyRow
from server.live.tables import ChangeRow
from server.provisioning import Provisioning, provision
from server.residents.service import config_of
from server.residents.tables import Gateway, Home, Resident, Sensor

_ALL = [{"who": "everyone", "answer_within_s": 60}]


def invoke(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(server, arguments, env={f"LIVSRYTME_SERVER_{k}": v for k, v in environment.items()})


def complaint(result: Result) -> str:
    """Return the one line a person is told."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    [line] = result.output.strip().splitlines()
    return line


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield int(other.getsockname()[1])


def test_a_port_in_use_is_told_with_what_to_do(taken_port: int, tmp_path: Path) -> None:
    for arguments in (["run", "--data", str(tmp_path)], ["broker"]):
        told = complaint(invoke(*arguments, "--port", str(taken_port)))

        assert f"port {taken_port} on 127.0.0.1 is in use by another program" in told
        assert "choose another port with --port" in told


def test_a_simulated_clock_in_earnest_is_refused(tmp_path: Path) -> None:
    told = complaint(invoke("run", "--data", str(tmp_path), CLOCK_FILE=str(tmp_path / "clock")))

    assert "a simulated clock is only for test mode" in told


@pytest.mark.parametrize(
    ("environment", "told"),
    [({"ROLES": "api,cook"}, "roles"), ({"PORT": "many"}, "port"), ({"LINK_PATIENCE_S": "-1"}, "link_patience_s")],
)
def test_a_setting_that_cannot_be_used_is_named(environment: dict[str, str], told: str, tmp_path: Path) -> None:
    assert complaint(invoke("run", "--data", str(tmp_path), **environment)).startswith(
        f"Error: a setting cannot be used: {told}"
    )


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "none.json"

    assert f"{missing}: there is no such file" in complaint(invoke("provision", str(missing), "--data", str(tmp_path)))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "it cannot be read" in complaint(invoke("provision", str(tmp_path), "--data", str(tmp_path)))


def changed_town(path: str, value: object) -> dict[str, Any]:
    """Return the town with one thing in it different."""
    town = json.loads(json.dumps(REAL))
    *way, last = path.split(".")
    place = town
    for part in way:
        place = place[int(part) if part.isdigit() else part]
    place[int(last) if last.isdigit() else last] = value
    return town


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("homes.0.colour", "red", "homes.0.colour: Extra inputs are not permitted"),
        ("hoomes", [], "hoomes: Extra inputs are not permitted"),
        ("homes.0.time_zone", "Europe/Atlantis", "homes.0.time_zone: not an IANA time zone"),
        ("homes.0.time_zone", "../../etc/passwd", "homes.0.time_zone: not an IANA time zone"),
        ("homes.0.time_zone", "", "homes.0.time_zone: not an IANA time zone"),
        ("homes.0.unit", "vest", "there is no unit 'vest'"),
        ("people.0.unit", "vest", "there is no unit 'vest'"),
        ("people.0.role", "cook", "people.0.role: Input should be 'nurse'"),
        ("people.0.password", "kort", "people.0.password: String should have at least 8 characters"),
        ("people.0.password", "livsrytme-demo", "maria: that password is in the documentation"),
        ("people.4.residents", ["res-x"], "there is no resident 'res-x'"),
        ("people.1.username", "maria", "the person 'maria' is listed 2 times"),
        ("homes.1.gateway_id", "gw-a", "the gateway 'gw-a' is listed 2 times"),
        ("homes.1.sensors", home("a", "nord")["sensors"], "is listed 2 times"),
        ("homes.0.sensors.0.sensor_id", "A4:C1", "homes.0.sensors.0.sensor_id: String should match pattern"),
        ("homes.0.sensors.0.bind_key", "secret", "homes.0.sensors.0.bind_key: String should match pattern"),
        ("policies", [{"unit": "nord", "steps": [{"who": "on_duty", "answer_within_s": 60}]}], "must tell everyone"),
        ("policies", [{"unit": "nord", "steps": []}], "at least one step"),
        ("policies", [{"unit": "nord", "about": "cats", "steps": _ALL}], "neither a kind of alert"),
        ("policies", [{"unit": "sor", "steps": _ALL}], "would reach one person only"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_in_one_line_and_changes_nothing(
    path: str, value: object, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "town.json"
    file.write_text(json.dumps(changed_town(path, value)))

    line = complaint(invoke("provision", str(file), "--data", str(tmp_path)))

    assert told in line
    assert "secret" not in line
    if (tmp_path / "livsrytme.db").exists():
        database = Database(f"sqlite:///{tmp_path / 'livsrytme.db'}")
        assert rows_of(database, Home) == rows_of(database, Person) == []
        database.close()


def test_the_documented_password_opens_a_demonstration(tmp_path: Path) -> None:
    file = tmp_path / "town.json"
    file.write_text(json.dumps(changed_town("people.0.password", "livsrytme-demo")))

    result = invoke("provision", str(file), "--data", str(tmp_path), TEST_MODE="true")

    assert result.output == "2 units, 6 people, 2 homes are set up.\n"


def test_setting_up_again_changes_nothing(database: Database) -> None:
    def everything() -> list[Any]:
        kinds = (Home, Resident, Sensor, Gateway, Person, RelativeOf, ChangeRow)
        return [row.model_dump(exclude={"relative_of_id"}) for kind in kinds for row in rows_of(database, kind)]

    before = everything()
    for wanted, test_mode in ((REAL, False), (TEST, True)):
        with database.transaction() as db:
            provision(db, Provisioning.model_validate(wanted), test_mode=test_mode)

    assert everything() == before


def test_a_sensor_that_moves_room_gives_its_gateway_a_newer_configuration(database: Database) -> None:
    with database.transaction() as db:
        before = rows_of(database, Gateway)[0].config_version
        provision(db, Provisioning.model_validate(changed_town("homes.0.sensors.0.room", "hallway")), test_mode=False)

    with database.reading() as db:
        config = config_of(db, db.get_one(Gateway, 1))
    assert config.version == before + 1
    assert next(s.room for s in config.sensors if s.sensor_id.endswith("01")) == "hallway"
    assert b"Inger" not in to_json(config)
    assert [row.name for row in rows_of(database, ChangeRow) if row.what == "config"][-1] == "gw-a"


def test_a_gateway_never_moves_to_another_home_under_its_old_name(database: Database) -> None:
    gateway = FakeGateway()
    send(database, gateway.batch([gateway.motion(T0)]), T0)
    moved = changed_town("homes.0.code", "home-new")

    def move() -> None:
        with database.transaction() as db:
            provision(db, Provisioning.model_validate(moved), test_mode=False)

    with pytest.raises(ProvisioningError, match="one that moves gets a new name"):
        move()


def test_a_policy_is_stored_and_replaced(database: Database) -> None:
    for span in (60.0, 90.0):
        steps = [{"who": "everyone", "answer_within_s": span}]
        with database.transaction() as db:
            wanted = changed_town("policies", [{"unit": "nord", "steps": steps}])
            provision(db, Provisioning.model_validate(wanted), test_mode=False)

    [row] = rows_of(database, PolicyRow)
    assert policy_from(row.steps, row.quiet) == Policy((Step(Who.EVERYONE, timedelta(seconds=90)),))
    assert row.about == "person"


def test_a_policy_from_a_file_names_people_and_units_and_keeps_quiet_hours(database: Database) -> None:
    steps: list[dict[str, Any]] = [
        {"who": "person", "named": "ola", "answer_within_s": 60, "from_severity": 30},
        {"who": "on_duty", "answer_within_s": 60, "at_night": "softly"},
        {"who": "everyone", "answer_within_s": 90},
    ]
    policy = {"unit": "nord", "about": "fall", "steps": steps, "quiet": {"start": "22:30", "end": "06:45"}}
    for _ in range(2):
        with database.transaction() as db:
            provision(db, Provisioning.model_validate(changed_town("policies", [policy])), test_mode=False)

    [row] = rows_of(database, PolicyRow)
    ola = next(one.person_id for one in rows_of(database, Person) if one.username == "ola")
    minute = timedelta(minutes=1)
    assert policy_from(row.steps, row.quiet) == Policy(
        (
            Step(Who.PERSON, minute, ola, 30),
            Step(Who.ON_DUTY, minute, at_night=AtNight.SOFTLY),
            Step(Who.EVERYONE, 1.5 * minute),
        ),
        QuietHours(time(22, 30), time(6, 45)),
    )
    assert row.version == 1, "the same again is no new version"


_TOWN = """{
  "units": [{"code": "nord", "name": "Sone Nord"}],
  "people": [
    {"username": "maria", "name": "Maria", "role": "nurse", "unit": "nord", "password": "en-lang-setning"},
    {"username": "ola", "name": "Ola", "role": "nurse", "unit": "nord", "password": "en-lang-setning"}
  ],
  "policies": [
    {"unit": "nord", "quiet": {"start": "22:00", "end": "07:00"},
     "steps": [
       {"who": "on_duty", "answer_within_s": 120},
       {"who": "person", "named": "ola", "answer_within_s": 60},
       {"who": "everyone", "answer_within_s": 300}
     ]}
  ]
}"""


@pytest.mark.parametrize(
    ("before", "after", "line", "told"),
    [
        (
            '"named": "ola"',
            '"named": "kari"',
            11,
            "step 2: this person is not known here, or could not open the unit's alerts ('kari')",
        ),
        ('"named": "ola", ', "", 11, "step 2: this step needs a person or a unit"),
        ('"person", "named": "ola"', '"backup", "named": "sor"', 11, "step 2: a back-up must be a unit above this one"),
        (
            '"answer_within_s": 60',
            '"answer_within_s": "soon"',
            11,
            "policies.0.steps.1.answer_within_s: Input should be a",
        ),
        ('"who": "on_duty"', '"who": "nurses"', 10, "policies.0.steps.0.who: Input should be 'on_duty', 'person'"),
        ('"start": "22:00"', '"start": "ten"', 8, "policies.0.quiet.start: Input should be in a valid time format"),
        ('"end": "07:00"', '"end": "22:00"', 8, "quiet hours need a beginning and an end"),
        ('"quiet"', '"still"', 8, "policies.0.still: Extra inputs are not permitted"),
        ('"name": "Ola", ', "", 5, "people.1.name: Field required"),
        ('"username": "ola"', '"username": "maria"', 5, "the person 'maria' is listed 2 times"),
        ('"unit": "nord", "quiet"', '"unit": "vest", "quiet"', 8, "there is no unit 'vest'"),
        ('[\n    {"username"', "[\n    {username", 4, "Invalid JSON: key must be a string at line 4"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_what_was_expected(
    before: str, after: str, line: int, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "town.json"
    assert before in _TOWN
    file.write_text(_TOWN.replace(before, after))

    words = complaint(invoke("provision", str(file), "--data", str(tmp_path)))

    assert told in words
    assert f"town.json:{line}: " in words or f"at line {line}" in words


def test_what_a_measurement_means_in_a_home_reaches_its_gateway(new_sqlite: NewDatabase) -> None:
    database = new_sqlite()
    wanted = changed_town("homes.0.sensors.0.reads_as", {"door": "bed"})

    with database.transaction() as db:
        before = db.exec(select(Gateway).where(Gateway.code == "gw-a")).one().config_version
        provision(db, Provisioning.model_validate(wanted), test_mode=False)
        gateway = db.exec(select(Gateway).where(Gateway.code == "gw-a")).one()
        config = config_of(db, gateway)

    address = wanted["homes"][0]["sensors"][0]["sensor_id"]
    [sensor] = [sensor for sensor in config.sensors if sensor.sensor_id == address]
    assert sensor.reads_as == {SensorKind.DOOR: SensorKind.BED}
    assert config.version > before


def test_a_clock_that_no_world_has_written_is_told_in_one_line(tmp_path: Path) -> None:
    clock = tmp_path / "world.clock"

    refused = invoke("run", "--data", str(tmp_path), "--port", "0", TEST_MODE="true", CLOCK_FILE=str(clock))

    assert f"{clock} is not there" in complaint(refused)


def test_a_database_that_does_not_answer_is_told_in_one_line(tmp_path: Path) -> None:
    nobody = "postgresql://nobody@127.0.0.1:1/nothing"

    refused = invoke("run", "--data", str(tmp_path), "--port", "0", DATABASE_URL=nobody)

    assert "the database cannot be used" in complaint(refused)
