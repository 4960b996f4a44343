"""What is left out of a long past makes no difference to what is found in it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.observation import SensorKind
from models.finding import FindingKind
from models.presence import Fact
from models.stays.live import Ended, advance
from models.stays.routine import StayRoutine
from models.stays.state import StayState
from models.stays.tail import Tail
from models.stays.thinning import telling
from models.trace import Channel, Trace

_OSLO = ZoneInfo("Europe/Oslo")
_BEGINS = datetime(2026, 10, 24, 12, tzinfo=UTC)
_CHANNELS = (
    *(Channel(SensorKind.MOTION, room) for room in ("bathroom", "bedroom", "hallway", "lounge")),
    Channel(SensorKind.DOOR, "front_door"),
    Channel(SensorKind.BED, "bedroom"),
)
_LIMITS = StayRoutine(
    20, (Tail(9, 600, 9, 9), Tail(9, 600, 9, 9), Tail(9, 600, 9, 9)), Tail(9, 300, 9, 9), Tail(9, 3600, 9, 9)
).limits()
_STAYS = st.lists(
    st.tuples(st.sampled_from(range(len(_CHANNELS))), st.lists(st.integers(20, 900), min_size=1, max_size=12)),
    max_size=25,
)


def trace_of(stays: list[tuple[int, list[int]]], gaps: list[int]) -> Trace:
    at, rows = int(_BEGINS.timestamp()), list[tuple[int, int, float]]()
    for (channel, pauses), gap in zip(stays, gaps, strict=False):
        for number, pause in enumerate(pauses):
            rows.append((at, channel, float(channel < 4 or number % 2 == 0)))
            at += pause
        at += gap * 60
    return Trace.of("h1", *zip(*rows, strict=True), _CHANNELS) if rows else Trace.of("h1", [], [], [], _CHANNELS)


def found_in(trace: Trace) -> tuple[list[tuple[FindingKind, str, datetime, datetime]], tuple[Ended, ...]]:
    rows = zip(trace.at.tolist(), trace.channel.tolist(), trace.value.tolist(), strict=True)
    facts = [
        Fact(datetime.fromtimestamp(at, UTC), trace.channels[n].room, trace.channels[n].kind, value)
        for at, n, value in rows
    ]
    outcome = advance(StayState(), _LIMITS, _OSLO, facts, _BEGINS + timedelta(days=20))
    return [(one.kind, one.subject, one.started_at, one.noticed_at) for one in outcome.opened], outcome.ended


@given(_STAYS, st.lists(st.sampled_from([0, 0, 5, 40, 300, 900]), min_size=25, max_size=25))
def test_what_is_left_out_makes_no_difference(stays: list[tuple[int, list[int]]], gaps: list[int]) -> None:
    trace = trace_of(stays, gaps)

    assert found_in(trace.kept(telling(trace, _OSLO))) == found_in(trace)


def test_of_an_hour_in_one_room_by_day_only_the_ends_are_kept() -> None:
    trace = trace_of([(3, [60] * 60)], [0])

    assert int(telling(trace, _OSLO).sum()) == 2
