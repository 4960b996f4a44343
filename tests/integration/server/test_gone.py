"""What a gateway let go of for want of room is counted as lost and stands in nobody's way."""

from builders import MINUTE, T0, FakeGateway, marks, rows_of, send

from gateway.contract.heartbeat import DeafRadio
from gateway.contract.observation import SensorKind
from server.db.session import Database
from server.residents.tables import Gateway


def test_the_mark_passes_over_numbers_that_will_never_come(database: Database) -> None:
    gateway = FakeGateway()
    facts = [gateway.motion(T0) for _ in range(10)]

    receipt = send(database, gateway.batch([facts[0], facts[4], facts[6]], gone=((2, 4), (6, 6), (8, 9))), T0).receipt

    assert receipt is not None
    assert receipt.up_to_seq == 9
    assert marks(database) == {"0000000a/routine": (9, 6)}
    receipt = send(database, gateway.batch([facts[9]], oldest_seq=10), T0).receipt
    assert receipt is not None
    assert receipt.up_to_seq == 10


def test_a_gap_nobody_explained_still_holds_the_mark(database: Database) -> None:
    gateway = FakeGateway()
    facts = [gateway.motion(T0) for _ in range(6)]

    receipt = send(database, gateway.batch([facts[0], facts[5]], gone=((3, 5),)), T0).receipt

    assert receipt is not None
    assert receipt.up_to_seq == 1


def test_what_a_heartbeat_tells_of_the_gateway_itself_is_kept(database: Database) -> None:
    send(
        database,
        FakeGateway().heartbeat(
            T0 + 3 * MINUTE, dropped={SensorKind.TEMPERATURE: 7}, starts=4, clock_jumps=1, clock_jump_s=-3600.0,
            disk_free_mb=812, oldest_waiting_at=T0, deaf_radios=(DeafRadio(name="bluez:hci1", since=T0),),
        ),
        T0,
    )  # fmt: skip

    (row,) = [gateway for gateway in rows_of(database, Gateway) if gateway.code == "gw-a"]
    assert (row.dropped, row.starts, row.clock_jumps, row.disk_free_mb) == ({"temperature": 7}, 4, 1, 812)
    assert (row.oldest_waiting_at, list(row.deaf_radios), row.clock_ahead_s) == (T0, ["bluez:hci1"], 180.0)
