"""Messages of many gateways share a transaction: it saves work, and changes nothing of what becomes of them."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from builders import MINUTE, PATIENCE, T0, FakeGateway, alerts, marks, reasons, rows_of, send, stored, viewer
from postgres import NewDatabase
from sqlalchemy import event
from sqlalchemy.exc import DataError
from watching import look

from gateway.contract.topics import Upward, upward
from server.alerting.rules import AlertClass, AlertKind, AlertStatus
from server.alerting.tables import AlertRow
from server.alerting.views import PAGE, list_alerts
from server.db.session import Database
from server.detection.tables import HomeWatch
from server.ingest.service import Arrived, Received, next_group, receive_together
from server.ingest.subscriber import listen
from server.residents.tables import Gateway, Sensor

Message = tuple[str, bytes]
HOMES = "abt"


def together(database: Database, messages: Sequence[Message]) -> list[Received]:
    return receive_together(database, [Arrived(*message) for message in messages], T0 + MINUTE, PATIENCE)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Note what is asked of the database."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


def a_day(gateway: FakeGateway) -> list[Message]:
    """Facts with a gap, a heartbeat, a fact of nobody's sensor, and the gap filled."""
    first, second, third = (gateway.motion(T0) for _ in range(3))
    strange = gateway.motion(T0, sensor_id="ffffffffffff")
    return [
        gateway.batch([first, third]),
        gateway.heartbeat(T0 + MINUTE),
        gateway.batch([strange]),
        gateway.batch([second]),
        gateway.batch([first, third]),
    ]


def test_homes_taken_in_together_end_as_they_do_one_by_one(new_database: NewDatabase) -> None:
    apart, joined = new_database(), new_database()
    days = [a_day(FakeGateway(letter)) for letter in HOMES]

    one_by_one = [send(apart, message, T0 + MINUTE) for at_once in zip(*days, strict=True) for message in at_once]
    at_once = [received for messages in zip(*days, strict=True) for received in together(joined, messages)]
    look(apart, T0 + MINUTE)
    look(joined, T0 + MINUTE)

    assert at_once == one_by_one
    assert stored(joined) == stored(apart)
    assert marks(joined) == marks(apart) == {"0000000a/routine": (4, 0)}
    assert len(reasons(joined)) == len(HOMES)
    for table in (Sensor, HomeWatch):
        assert [row.model_dump() for row in rows_of(joined, table)] == [
            row.model_dump() for row in rows_of(apart, table)
        ]
    assert [row.knows_until for row in rows_of(joined, Gateway)] == [T0 + MINUTE] * len(HOMES)


def test_a_message_that_cannot_be_read_costs_its_neighbours_nothing(database: Database) -> None:
    a, b = FakeGateway("a"), FakeGateway("b")
    broken = (b.heartbeat(T0)[0], b"{")

    received = together(database, [a.batch([a.motion(T0)]), broken, ("somewhere/else", b"")])

    assert [one.gateway_code for one in received] == ["gw-a", None, None]
    assert len(stored(database)) == 1
    assert len(reasons(database)) == 2


def test_one_that_cannot_be_stored_stores_nothing_so_that_each_is_taken_alone(new_postgres: NewDatabase) -> None:
    database, a = new_postgres(), FakeGateway("a")
    unstorable = ("livsrytme/1/gateway/gw-\0/up/presence", b"{}")

    with pytest.raises(DataError):
        together(database, [a.batch([a.motion(T0)]), unstorable])

    assert stored(database) == []


def test_a_group_holds_one_message_of_a_gateway_and_an_urgent_one_is_alone() -> None:
    a, b = FakeGateway("a"), FakeGateway("b")
    messages = [a.batch([a.motion(T0)]), b.heartbeat(T0), a.heartbeat(T0), b.batch([b.press(T0)]), b.heartbeat(T0)]
    line = deque(Arrived(*message) for message in messages)

    groups = []
    while line:
        groups.append(len(next_group(line)))

    assert groups == [2, 1, 1, 1]


def test_a_town_that_connects_at_once_is_taken_in_together_each_gateway_in_its_order() -> None:
    gateways = [FakeGateway(letter) for letter in HOMES]
    line = deque(
        Arrived(*message) for one in gateways for message in (one.presence(), one.heartbeat(T0), one.heartbeat(T0))
    )

    groups = []
    while line:
        groups.append([message.topic.rpartition("/")[2] for message in next_group(line)])

    assert groups == [["presence"] * len(HOMES), ["heartbeat"] * len(HOMES), ["heartbeat"] * len(HOMES)]


def test_more_homes_ask_no_more_of_the_database(new_sqlite: NewDatabase) -> None:
    """What a look, a heartbeat and a batch ask for is asked for all homes at once: that is what carries a town."""
    asked = []
    for letters in ("a", HOMES):
        database, gateways = new_sqlite(), [FakeGateway(letter) for letter in letters]
        for _ in range(2):  # what is new costs more, once
            facts = [one.batch([one.motion(T0)]) for one in gateways]
            with statements(database) as of_facts:
                together(database, facts)
            with statements(database) as of_beats:
                together(database, [one.heartbeat(T0) for one in gateways])
            with statements(database) as of_looks:
                look(database, T0 + MINUTE)
        asked.append((len(of_facts), len(of_beats), len(of_looks) - 3 * len(letters)))  # its facts, rooms, change

    assert asked[0] == asked[1]


def test_a_batch_that_is_stored_already_is_answered_by_its_mark(database: Database) -> None:
    gateway = FakeGateway()
    batch = gateway.batch([gateway.motion(T0), gateway.motion(T0)])
    first = send(database, batch, T0)

    with statements(database) as asked:
        again = send(database, batch, T0)

    assert again == first
    of_whom = [one.split("FROM ")[1].split()[0] for one in asked if not one.startswith("BEGIN")]
    assert of_whom == ["gateway", "stream"], "its gateway and its mark are all that is looked at"


@pytest.mark.parametrize("group", ["all", "closed"])
def test_alerts_beyond_a_page_are_reached_page_by_page(database: Database, group: str) -> None:
    nurse = viewer(database, "maria")
    with database.transaction() as db:
        for number in range(2 * PAGE + 3):
            db.add(
                AlertRow(
                    code=f"{number:016x}", resident_id=1, unit_id=nurse.unit_id, kind=AlertKind.FALL,
                    severity=number % 3, alert_class=AlertClass.PERSON, status=AlertStatus.CLOSED, observed_at=T0,
                    raised_at=T0 - number // 7 * MINUTE, closed_at=T0 + number // 5 * MINUTE,
                )
            )  # fmt: skip

    pages, after = [], None
    with database.reading() as db:
        while page := list_alerts(db, nurse, group, after):
            pages.append([alert.id for alert in page])
            after = page[-1].id

    assert [len(page) for page in pages] == [PAGE, PAGE, 3]
    assert sorted(one for page in pages for one in page) == [row.code for row in alerts(database)]


@dataclass(frozen=True)
class _Message:
    topic: str
    payload: bytes


class _Flood:
    """A broker's link on which many messages come at once."""

    def __init__(self, messages: int, what: Upward = Upward.ROUTINE) -> None:
        self._messages = messages
        self._what = what

    @property
    async def messages(self) -> AsyncIterator[_Message]:
        for number in range(self._messages):
            yield _Message(upward(f"gw-{number}", self._what), str(number).encode())


def test_a_flood_fills_no_memory_and_what_came_first_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    waiting: asyncio.Queue[Arrived] = asyncio.Queue()

    asyncio.run(listen(_Flood(20_000), waiting))  # type: ignore[arg-type]

    kept = [waiting.get_nowait().payload for _ in range(waiting.qsize())]
    assert kept == [str(number).encode() for number in range(len(kept))]
    assert 1000 < len(kept) < 5000
    [told] = caplog.messages
    assert "let go, to be sent again" in told


def test_signs_of_life_give_way_to_facts_before_the_line_is_full() -> None:
    waiting: asyncio.Queue[Arrived] = asyncio.Queue()

    asyncio.run(listen(_Flood(20_000, Upward.HEARTBEAT), waiting))  # type: ignore[arg-type]
    beats = waiting.qsize()
    asyncio.run(listen(_Flood(100), waiting))  # type: ignore[arg-type]

    assert 0 < beats < 5000
    assert waiting.qsize() == beats + 100
