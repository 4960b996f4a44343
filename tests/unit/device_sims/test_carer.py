"""A simulated carer answers alerts as a nurse would, and no other way."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from device_sims.errors import NoAnswerError
from device_sims.scenarios.carer import Carer, round_of
from device_sims.scoring.truth import Expected, Truth

_T0 = datetime(2026, 2, 2, 8, tzinfo=UTC)
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_NEXT = {"take": "taken", "on-the-way": "on_the_way", "arrived": "with_resident", "close": "closed"}
_TRUTH = Truth((), (Expected("a", ("inactivity", "fall"), _T0 - _HOUR, 2 * _HOUR, "Falls"),))


class FakeServer:
    """Alerts as the server keeps them; refuses a version that is not the last. `is_away`: it answers nothing."""

    def __init__(self, *alerts: tuple[str, str, str]) -> None:
        self.kept = {f"{home}/{kind}": _alert(home, kind, cls) for home, kind, cls in alerts}
        self.did: list[tuple[str, str]] = []
        self.is_away = False

    async def alerts(self, group: str) -> list[dict[str, Any]]:
        if self.is_away:
            raise NoAnswerError("nobody there")
        wanted = {"open": {"reported"}, "taken": {"taken", "on_the_way", "with_resident"}}[group]
        return [dict(one) for one in self.kept.values() if one["status"] in wanted]

    async def tell(self, method: str, path: str, message: Any = None) -> Any:  # noqa: ANN401 - JSON
        *_, home, kind, step = path.split("/")
        alert = self.kept[f"{home}/{kind}"]
        if method != "POST" or message["version"] != alert["version"]:
            raise NoAnswerError("409")
        alert |= {"status": _NEXT[step], "version": alert["version"] + 1, "outcome": message.get("outcome")}
        self.did.append((alert["id"], step))
        return dict(alert)


def _alert(home: str, kind: str, cls: str) -> dict[str, Any]:
    return {
        "id": f"{home}/{kind}", "resident": {"id": f"res-{home}"}, "kind": kind, "alert_class": cls,
        "raised_at": _T0.isoformat(), "status": "reported", "version": 1, "outcome": None,
    }  # fmt: skip


async def _answered(server: FakeServer, after: list[timedelta]) -> None:
    carer = Carer(server, _TRUTH, "x")
    for span in after:
        await carer.look(_T0 + span)


async def test_an_alert_is_taken_visited_and_closed_each_in_its_time() -> None:
    server = FakeServer(("a", "inactivity", "person"))

    await _answered(server, [timedelta(), *(number * _MINUTE for number in range(1, 600))])

    assert [step for _, step in server.did] == ["take", "on-the-way", "arrived", "close"]


async def test_a_carer_who_looks_in_seldom_does_all_that_is_due_at_once() -> None:
    server = FakeServer(("a", "inactivity", "person"))

    await _answered(server, [10 * _HOUR])

    assert [step for _, step in server.did] == ["take", "on-the-way", "arrived", "close"]


async def test_what_a_carer_finds_is_what_was_so() -> None:
    server = FakeServer(
        ("a", "inactivity", "person"), ("b", "inactivity", "person"), ("b", "sensor_silent", "technical")
    )

    await _answered(server, [timedelta(days=2)])

    outcomes = {name: alert["outcome"] for name, alert in server.kept.items()}
    assert outcomes == {"a/inactivity": "real_event", "b/inactivity": "false_alarm", "b/sensor_silent": "technical"}
    assert ("b/sensor_silent", "on-the-way") not in server.did


async def test_a_server_that_was_away_is_answered_later() -> None:
    server = FakeServer(("a", "inactivity", "person"))

    server.is_away = True
    carer = Carer(server, _TRUTH, "x")

    await carer.look(_T0 + 5 * _HOUR)
    server.is_away = False
    await carer.look(_T0 + 6 * _HOUR)

    assert server.kept["a/inactivity"]["status"] == "closed"


def test_carers_take_minutes_and_devices_wait_longer() -> None:
    chance = random.Random("carers")  # noqa: S311 - simulated carers, not a secret
    people = [round_of(chance, _T0, is_device=False) for _ in range(400)]
    devices = [round_of(chance, _T0, is_device=True) for _ in range(400)]

    assert all(one.takes_at < one.arrives_at < one.leaves_at for one in people if one.arrives_at is not None)
    assert 30 * _MINUTE < sorted(one.leaves_at for one in people)[200] - _T0 < 70 * _MINUTE
    assert sorted(one.leaves_at for one in devices)[200] - _T0 > 3 * _HOUR
    assert {one.arrives_at for one in devices} == {None}
