"""Calendars: the same again, changed and cancelled events, recurrence across clock changes, and files that are none."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import DAY, HOUR, T0, UNITS, rows_of, viewer
from hypothesis import given
from hypothesis import strategies as st
from postgres import NewDatabase
from sqlmodel import col, select

from server.audit.tables import AuditEntry
from server.db.session import Database
from server.errors import CalendarError, NotAllowedError, NotFoundError, ProvisioningError
from server.provisioning import Provisioning, provision
from server.residents.tables import Home
from server.visits.calendar_file import MOST_BYTES, Fault, FiledEvent, occurrences, read_calendar
from server.visits.calendars import AHEAD, Imported, import_calendar, plan_ahead_due
from server.visits.tables import PlannedVisit

OSLO = ZoneInfo("Europe/Oslo")
UTC_0 = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def new_sqlite_database(new_sqlite: NewDatabase) -> Database:
    """SQLite alone: what a file says has nothing to do with the database."""
    return new_sqlite()


def event(uid: str, *lines: str, start: str = "DTSTART:20250116T070000Z", end: str = "DURATION:PT20M") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", start, end, "SUMMARY:Morgenstell", *lines, "END:VEVENT"])


def calendar(*events: str, head: str = "VERSION:2.0") -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", head, *events, "END:VCALENDAR", ""]).encode()


def take_in(
    database: Database, data: bytes, now: datetime = T0, who: str = "maria", whose: str | None = "res-a"
) -> Imported:
    person, file = viewer(database, who), read_calendar(data)
    with database.transaction() as db:
        return import_calendar(db, person, whose, file, now)


def plan(database: Database) -> list[tuple[str, datetime]]:
    rows: list[PlannedVisit] = rows_of(database, PlannedVisit)
    return sorted(((row.what, row.begins_at) for row in rows if row.cancelled_at is None), key=lambda one: one[1])


def test_an_event_becomes_a_visit_and_the_same_file_again_changes_nothing(database: Database) -> None:
    data = calendar(event("a"), event("b", start="DTSTART;TZID=Europe/Oslo:20250117T190000"))

    assert take_in(database, data) == Imported(2, 0, 0, ())
    assert take_in(database, data) == Imported(0, 0, 0, ())

    assert plan(database) == [
        ("Morgenstell", datetime(2025, 1, 16, 7, tzinfo=UTC)),
        ("Morgenstell", datetime(2025, 1, 17, 18, tzinfo=UTC)),
    ]
    with database.reading() as db:
        said = db.exec(select(AuditEntry.what).where(AuditEntry.about == "resident:res-a")).all()
    assert said == ["visits imported"]


def test_an_event_that_moved_is_moved_and_an_older_version_of_it_does_not_move_it_back(database: Database) -> None:
    first = calendar(event("a", "SEQUENCE:1"))
    take_in(database, first)

    moved = calendar(event("a", "SEQUENCE:2", start="DTSTART:20250116T090000Z"))
    take_in(database, moved)
    assert take_in(database, first) == Imported(0, 0, 0, ())

    assert plan(database) == [("Morgenstell", datetime(2025, 1, 16, 9, tzinfo=UTC))]


@pytest.mark.parametrize(
    "cancelled",
    [calendar(event("a", "STATUS:CANCELLED")), calendar(event("a"), head="METHOD:CANCEL")],
    ids=["by the event", "by the file"],
)
def test_a_cancelled_event_is_off(database: Database, cancelled: bytes) -> None:
    take_in(database, calendar(event("a"), event("b")))

    assert take_in(database, cancelled) == Imported(0, 0, 1, ())

    assert len(plan(database)) == 1


def test_one_time_of_a_recurring_event_can_move_or_be_off_and_the_others_stay(database: Database) -> None:
    daily = event("a", "RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20250117T070000Z")
    take_in(database, calendar(daily))
    one = event("a", "RECURRENCE-ID:20250118T070000Z", start="DTSTART:20250118T100000Z")
    off = event("a", "RECURRENCE-ID:20250119T070000Z", "STATUS:CANCELLED", start="DTSTART:20250119T070000Z")

    assert take_in(database, calendar(one)) == Imported(0, 1, 0, ())  # a file may tell of the exception alone
    assert take_in(database, calendar(off)) == Imported(0, 0, 1, ())

    assert [begins.strftime("%d %H") for _, begins in plan(database)] == ["16 07", "18 10"]


@pytest.mark.parametrize(
    ("first", "hours"),
    [("20250329", [7, 6, 6]), ("20251025", [6, 7, 7])],
    ids=["the night that lacks an hour", "the night that has one more"],
)
@pytest.mark.parametrize("zone", [";TZID=Europe/Oslo", ";TZID=W. Europe Standard Time", ""])
def test_eight_oclock_stays_eight_across_a_change_of_the_clocks(first: str, hours: list[int], zone: str) -> None:
    text = event("a", "RRULE:FREQ=DAILY;COUNT=3", start=f"DTSTART{zone}:{first}T080000")
    [filed] = read_calendar(calendar(text)).events

    found = occurrences(filed.text, OSLO, UTC_0, UTC_0 + 365 * DAY)

    assert [one.begins_at.hour for one in found] == hours
    assert {one.ends_at - one.begins_at for one in found} == {timedelta(minutes=20)}


def test_a_zone_that_the_file_describes_itself_is_heeded() -> None:
    zone = "\r\n".join(
        ["BEGIN:VTIMEZONE", "TZID:Vårt", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0300",
         "TZOFFSETTO:+0300", "END:STANDARD", "END:VTIMEZONE"]
    )  # fmt: skip
    [filed] = read_calendar(calendar(zone, event("a", start="DTSTART;TZID=Vårt:20250116T080000"))).events

    [one] = occurrences(filed.text, OSLO, UTC_0, UTC_0 + 60 * DAY)

    assert one.begins_at == datetime(2025, 1, 16, 5, tzinfo=UTC)


def test_what_recurs_is_planned_two_months_ahead_and_further_as_time_goes(database: Database) -> None:
    take_in(database, calendar(event("a", "RRULE:FREQ=DAILY"), event("b")))
    assert len(plan(database)) == 61

    assert plan_ahead_due(database, T0 + 6 * DAY) == 0
    assert plan_ahead_due(database, T0 + 7 * DAY) == 1
    assert plan_ahead_due(database, T0 + 7 * DAY) == 0

    begins = [begins for _, begins in plan(database)]
    assert len(begins) == 68
    assert max(begins) < T0 + 7 * DAY + AHEAD


def test_a_units_calendar_says_whom_each_event_is_about(database: Database) -> None:
    with database.transaction() as db:
        db.exec(select(Home).where(Home.code == "home-t")).one().address = "Skogveien 3"
    data = calendar(
        event("a", "X-LIVSRYTME-RESIDENT:res-a"),
        event("t", "LOCATION:skogveien  3"),
        event("b", "X-LIVSRYTME-RESIDENT:res-b"),  # of another unit
        event("c", "LOCATION:Månen 1"),
    )

    found = take_in(database, data, whose=None)

    assert (found.new, [fault.why for fault in found.faults]) == (2, ["nobody of ours"] * 2)
    with database.reading() as db:
        numbers = db.exec(select(PlannedVisit.resident_id).order_by(col(PlannedVisit.uid))).all()
    assert len(set(numbers)) == 2


@pytest.mark.parametrize(
    ("data", "why", "line"),
    [
        (b"", "not a calendar", None),
        (b"\n\nHei", "not a calendar", 3),
        (b"%PDF-1.7\n%\xe2\xe3", "not text", 2),
        (b"BEGIN:VCALENDAR\nVERSION:2.0\nTull\nEND:VCALENDAR", "no such line", 3),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n", "cut off", 3),
        (b"BEGIN:VCALENDAR\nEND:VEVENT\nEND:VCALENDAR", "ends what did not begin", 2),
        (b"BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR", "no events", None),
        (b"BEGIN:VCALENDAR\n" + b"X" * MOST_BYTES, "too large", None),
    ],
)
def test_a_file_that_is_no_calendar_is_refused_with_the_line(data: bytes, why: str, line: int | None) -> None:
    with pytest.raises(CalendarError) as error:
        read_calendar(data)

    assert (error.value.why, error.value.line) == (why, line)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (event(""), "no name"),
        (event("x", start="DESCRIPTION:nei"), "no start"),
        (event("x", start="DTSTART:i morgen"), "unreadable"),
        (event("x", start="DTSTART;VALUE=DATE:20250116", end="DTEND;VALUE=DATE:20250117"), "whole day"),
        (event("x", start="DTSTART;TZID=Mars/Olympus:20250116T080000"), "unknown zone"),
        (event("x", end="DTEND:20250116T060000Z"), "no end"),
        (event("x", end="COMMENT:uten slutt"), "no end"),
        (event("x", end="DURATION:P2D"), "no end"),
        (event("x", "RRULE:FREQ=SECONDLY"), "too often"),
        (event("x", "RRULE:FREQ=DAGLIG"), "unreadable"),
        (event("x", "RRULE:FREQ=DAILY;BYMINUTE=" + ",".join(map(str, range(60)))), "too often"),
        (event("x", "RRULE:FREQ=DAILY", start="DTSTART:00010101T080000Z"), "begins too long ago"),
    ],
)
def test_an_event_that_cannot_be_used_is_told_with_its_line_and_the_others_are_taken(
    new_sqlite_database: Database, bad: str, why: str
) -> None:
    found = take_in(new_sqlite_database, calendar(event("a"), bad, event("c")))

    assert found == Imported(2, 0, 0, (Fault(9, why),))


@given(junk=st.binary(max_size=200), cut=st.integers(0, 400), place=st.integers(0, 400))
def test_whatever_is_uploaded_is_read_or_refused_in_words(junk: bytes, cut: int, place: int) -> None:
    whole = calendar(event("a", "RRULE:FREQ=WEEKLY;BYDAY=MO,TH"), event("b"))
    for data in (junk, whole[:cut], whole[:place] + junk + whole[place:]):
        events: tuple[FiledEvent, ...] = ()
        with suppress(CalendarError):
            events = read_calendar(data).events
        for filed in events:
            for one in occurrences(filed.text, OSLO, T0, T0 + 30 * DAY):
                assert one.begins_at < one.ends_at <= one.begins_at + DAY


def test_calendars_are_imported_by_staff_of_the_unit_alone(database: Database) -> None:
    for who, error in {"anne": NotAllowedError, "per": NotFoundError}.items():
        with pytest.raises(error):
            take_in(database, calendar(event("a")), who=who)
    assert plan(database) == []


def test_a_visit_that_is_going_on_is_taken_and_one_that_is_over_is_not(database: Database) -> None:
    data = calendar(
        event("now", start=f"DTSTART:{T0 - HOUR / 6:%Y%m%dT%H%M%SZ}"), event("past", start="DTSTART:20250114T070000Z")
    )

    assert take_in(database, data).new == 1


def test_a_file_of_homes_may_plan_visits_for_each_day(database: Database) -> None:
    visit = {"resident": "res-a", "what": "Morgenstell", "first_day": "2025-03-29", "at": "08:30:00"}
    wanted = Provisioning.model_validate({"units": UNITS, "visits": [visit]})
    for _ in range(2):
        with database.transaction() as db:
            provision(db, wanted, test_mode=False)

    assert plan_ahead_due(database, datetime(2025, 3, 29, 12, tzinfo=UTC)) == 1

    assert [begins.hour for _, begins in plan(database)[:2]] == [7, 6]  # the clocks change in between
    stranger = Provisioning.model_validate({"units": UNITS, "visits": [{**visit, "resident": "res-x"}]})
    with database.transaction() as db, pytest.raises(ProvisioningError):
        provision(db, stranger, test_mode=False)
