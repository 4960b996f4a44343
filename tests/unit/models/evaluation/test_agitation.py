"""The authors' test of agitation is theirs to the letter, and our numbers of a day never know a later one."""

import gzip
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from models.evaluation.agitation import AgitationRow, _row, _weights, agitation, table_of
from models.evaluation.agitation_authors import WINDOW_DAYS, DayRows, day_rows, evened, windows, within_home
from models.evaluation.agitation_data import PLACES, VITALS, AgitationHome, read_agitation_homes
from models.evaluation.agitation_days import COLUMNS, against_past, columns, day_features
from models.events_file import EventsFileError

DAY = 86_400
KITCHEN, HALLWAY, DOOR = PLACES.index("kitchen"), PLACES.index("hallway"), PLACES.index("door")


def home(events: list[tuple[int, int]], vitals: dict[int, dict[str, float]] | None = None) -> AgitationHome:
    """Events are (second, place), in order."""
    wall_s, place = zip(*sorted(events), strict=True) if events else ((), ())
    return AgitationHome("a", np.array(wall_s, np.int64), np.array(place, np.int64), vitals or {})


def rows_of(days: list[int], agitated: list[int], name: str = "a") -> DayRows:
    day = np.array(days, np.int64)
    return DayRows(np.full(day.size, name), day, np.ones((day.size, 1)), np.isin(day, agitated))


events = st.lists(
    st.tuples(st.integers(0, 10 * DAY - 1), st.integers(0, len(PLACES) - 1)), min_size=1, max_size=120, unique=True
)
vitals = st.dictionaries(
    st.integers(0, 9), st.dictionaries(st.sampled_from(VITALS), st.floats(30, 200), min_size=1), max_size=6
)


@settings(max_examples=60, deadline=None)
@given(events, vitals, st.integers(1, 10))
def test_the_numbers_of_a_day_are_the_same_whatever_comes_later(
    all_events: list[tuple[int, int]], all_vitals: dict[int, dict[str, float]], days: int
) -> None:
    whole = home(all_events, all_vitals)
    past = home([one for one in all_events if one[0] < days * DAY], {d: v for d, v in all_vitals.items() if d < days})
    rows, known = day_rows([whole]), day_rows([past])

    before = rows.day < days

    assert list(rows.day[before]) == list(known.day)
    assert np.array_equal(day_features([whole], rows)[before], day_features([past], known))


def test_the_authors_own_scaling_does_know_later_days() -> None:
    past = [(1, KITCHEN), (DAY, KITCHEN), (DAY + 1, KITCHEN)]
    more = [(2 * DAY + second, KITCHEN) for second in range(9)]

    assert within_home(day_rows([home(past)]))[1, KITCHEN] == 1
    assert within_home(day_rows([home(past + more)]))[1, KITCHEN] == 1 / 8


def test_a_day_is_told_by_its_hours_with_anything_and_by_its_highest_vitals() -> None:
    events = [(0, KITCHEN), (1, KITCHEN), (2, KITCHEN), (7200, KITCHEN), (7201, DOOR)]

    rows = day_rows([home(events, {0: {"Heart rate": 71.0}, 3: {"Heart rate": 68.0}})])

    total, deviation, mean, most, body = np.split(rows.X, (7, 14, 21, 28), axis=1)
    assert list(rows.day) == [0, 3]
    assert [part[0, KITCHEN] for part in (total, deviation, mean, most)] == [4, pytest.approx(2**0.5), 2, 3]
    assert [part[0, DOOR] for part in (total, deviation, mean, most)] == [1, pytest.approx(0.5**0.5), 0.5, 1]
    assert list(body[:, VITALS.index("Heart rate")]) == [71, 68]
    assert not rows.X[1, :28].any()


@given(st.sets(st.integers(0, 90), min_size=2), st.data())
def test_every_day_trained_on_is_before_every_day_tested_and_no_day_is_tested_twice(
    days: set[int], data: st.DataObject
) -> None:
    agitated = data.draw(st.sets(st.sampled_from(sorted(days)), min_size=1))
    rows = rows_of(sorted(days), sorted(agitated))

    tested: list[int] = []
    for train, test in windows(rows):
        first, last = rows.day[test].min(), rows.day[test].max()
        assert rows.day[train].max() < first
        assert train.sum() == (rows.day < first).sum()
        assert last - first < WINDOW_DAYS
        assert rows.agitated[test].any()
        tested += list(rows.day[test])

    assert len(tested) == len(set(tested))
    assert not tested or max(tested) == max(agitated)


def test_there_are_five_weeks_up_to_the_last_agitated_day_and_a_week_without_agitation_is_left_out() -> None:
    rows = rows_of(list(range(80)), [10, 40, 50, 60, 69])

    weeks = [(int(rows.day[test].min()), int(rows.day[test].max())) for _, test in windows(rows)]

    assert weeks == [(63, 69), (56, 62), (49, 55), (35, 41)]


def test_agitated_days_are_drawn_again_until_there_are_as_many_as_others() -> None:
    agitated = np.array([False] * 9 + [True] * 2)

    chosen = evened(agitated, seed=0)

    assert agitated[chosen].sum() == 9
    assert list(chosen[:11]) == list(range(11))
    assert list(chosen) == list(evened(agitated, seed=0))


def test_only_brisk_changes_between_rooms_count() -> None:
    at = [(0, KITCHEN), (60, HALLWAY), (70, DOOR), (119, KITCHEN), (300, HALLWAY), (310, HALLWAY)]
    one = home([*at, (DAY - 5, KITCHEN), (DAY + 5, HALLWAY)])

    changes = columns(day_features([one], day_rows([one])), ("changes",))

    assert np.expm1(changes).ravel() == pytest.approx([2, 0])


def test_a_first_day_and_what_was_not_recorded_are_neither_high_nor_low() -> None:
    counts = np.array([[5.0], [np.nan], [5.0], [8.0]])

    own = against_past(counts, np.array([1.0])).ravel()

    assert list(own[:3]) == [0, 0, 0]
    assert own[3] == pytest.approx(3 / (7 / 9) ** 0.5 * (2 / 3) ** 0.5)


def test_both_classes_weigh_the_same_and_a_home_by_the_root_of_its_days() -> None:
    rows = DayRows(
        np.array(["a"] * 5 + ["b"] * 9),
        np.arange(14),
        np.ones((14, 1)),
        np.array([True] * 4 + [False] + [True] + [False] * 8),
    )

    weights = _weights(rows, np.ones(14, dtype=bool))

    assert weights[rows.agitated].sum() == pytest.approx(weights[~rows.agitated].sum()) == pytest.approx(7)
    of_a, of_b = weights[:4].sum(), weights[5]
    assert of_a == pytest.approx(2 * of_b)


def test_a_row_counts_as_the_authors_do_and_tells_how_few_days_there_are() -> None:
    rows = rows_of(list(range(30)), [1, 20, 21, 29])
    said = [np.isin(rows.day[test], [20, 25]) for _, test in windows(rows)]

    row = _row(rows, "ours", [said])

    assert row.rates is not None
    assert row.rates[0].tolist() == [[0, 6 / 6 - 1 / 6], [0.5, 1.0]]
    assert row.total == pytest.approx(0.25 + (5 / 6 + 1) / 2)
    assert row.found == (1, 3)


def test_the_table_tells_published_figures_also_of_what_was_not_run() -> None:
    console = Console(width=160, file=StringIO())
    row = AgitationRow("ours", rates=np.array([[[1.0, 0.8], [0.5, 0.9]]]), found=(3, 4), interval=(1.2, 1.8))

    console.print(table_of([AgitationRow("theirs", (0.799, 0.812)), row]))

    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert "0.799 / 0.812" in text
    assert "1.611" in text
    assert "0.750 ± 0.250" in text
    assert "1.600" in text
    assert "3 of 4" in text


def _written(path: Path, *lines: str) -> None:
    path.write_bytes(gzip.compress("\n".join(lines).encode()))


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def test_days_are_those_of_the_homes_own_calendar(tmp_path: Path) -> None:
    _written(
        tmp_path / "activity.csv.gz",
        "home,ts,location",
        "b,2019-03-30 23:30:00,kitchen",
        "a,2019-06-01 00:10:00,front-door",
        "a,2019-06-01 23:50:00,attic",
    )
    _written(
        tmp_path / "labels.csv.gz", "home,ts,type", "a,2019-06-01 12:00:10,Agitation", "a,2019-06-02 12:00:10,Pulse"
    )
    _written(
        tmp_path / "physiology.csv.gz",
        "home,ts,type,value,unit",
        "a,2019-06-03 09:00:00,Heart rate,60.0,/min",
        "a,2019-06-03 10:00:00,Heart rate,64.0,/min",
    )

    first, second = read_agitation_homes(tmp_path)

    june = _number(date(2019, 6, 1))
    assert (first.name, list(first.wall_s - june * DAY), list(first.place)) == ("a", [600], [DOOR])
    assert first.agitated == {june}
    assert first.vitals == {june + 2: {"Heart rate": 64.0}}
    assert list(second.wall_s) == [int(datetime(2019, 3, 30, 23, 30, tzinfo=UTC).timestamp())]


def test_a_file_that_is_not_there_or_of_another_form_is_named(tmp_path: Path) -> None:
    with pytest.raises(EventsFileError, match=r"labels\.csv\.gz: there is no such file"):
        read_agitation_homes(tmp_path)

    _written(tmp_path / "labels.csv.gz", "home,when", "a,2019-06-01")
    with pytest.raises(EventsFileError, match=r"labels\.csv\.gz: it is not of the form"):
        read_agitation_homes(tmp_path)


def test_data_without_agitation_are_refused_in_words(tmp_path: Path) -> None:
    _written(tmp_path / "activity.csv.gz", "home,ts,location", "b,2019-03-30 23:30:00,kitchen")
    _written(tmp_path / "labels.csv.gz", "home,ts,type")
    _written(tmp_path / "physiology.csv.gz", "home,ts,type,value,unit")

    with pytest.raises(EventsFileError, match="no week with confirmed agitation"):
        agitation(tmp_path)


def test_every_column_has_a_name() -> None:
    one = home([(0, KITCHEN)])

    assert day_features([one], day_rows([one])).shape == (1, len(COLUMNS))
