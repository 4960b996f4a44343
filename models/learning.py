"""Which of a home's past may be learnt from."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from models.activity import Activity
from models.inactivity import InactivityLine
from models.live import Routine


def learn(activities: Sequence[Activity], zone: tzinfo, strange: Sequence[tuple[datetime, datetime]] = ()) -> Routine:
    """Learn a home's routine from its activities in order of time.

    Args:
        activities: the past weeks.
        zone: the home's time zone.
        strange: spans that must not teach: silences somebody was alerted to, absences, outages.
    """
    skip = [(begin.timestamp(), end.timestamp()) for begin, end in strange]
    line = InactivityLine().fit(activities, zone=zone, skip=skip)
    return Routine(line.line_s(), line.usual_s_, line.days_)
