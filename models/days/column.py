"""What is measured of a day and its night: the columns of the table of days."""

from enum import IntEnum
from typing import Final

from models.rooms import ROLES


class Column(IntEnum):
    """One column. NaN: not known of that day, or this home has no sensor that could tell.

    "Minutes" of activity are minutes in which a sensor noticed somebody. A day's night is the one that ends in it,
    between 18:00 the day before and noon.
    """

    # Sleep
    IN_BED_FROM = 0  # minutes after noon the day before, by the clock on the wall
    IN_BED_TO = 1  # minutes after midnight, by the clock on the wall
    IN_BED = 2  # minutes that really passed
    QUIET_IN_BED = 3  # of them, minutes in silences of half an hour and more
    TIMES_UP = 4  # how often out of the bedroom between the two
    RESTLESSNESS = 5  # active minutes an hour in bed
    # Rooms
    NIGHT_BATHROOM = 6  # visits 23:00 to 06:00 that ended before this day's 06:00
    DAY_BATHROOM = 7  # visits begun 06:00 to 23:00
    MEALS = 8  # times of three active minutes and more in the kitchen, 05:00 to 23:00
    BEDROOM_DWELL = 9  # minutes in the room, from activity there to activity elsewhere
    BATHROOM_DWELL = 10
    KITCHEN_DWELL = 11
    LIVING_DWELL = 12
    OUTINGS = 13  # silences of 20 minutes and more from one outer door to the next, within the day
    OUT = 14  # minutes of them
    ROOM_CHANGES = 15
    WALKING = 16  # seconds from room to room, median of the day; from the events, not the minutes
    # Activity
    ACTIVE = 17  # active minutes
    FIRST_ACTIVITY = 18  # minute of the day, 04:00 and later, outside the bedroom
    LAST_ACTIVITY = 19  # minute of the day, outside the bedroom
    # Rhythm
    STABILITY = 20  # interdaily stability of the hours of the last 7 days, 0 to 1 (van Someren 1999)
    VARIABILITY = 21  # intradaily variability of the hours of the last 7 days, 0 to about 2 (van Someren 1999)
    PHASE = 22  # minute of the day round which activity is centred
    # For each role (in the order of `Role`) active minutes, and how many of them are followed by another one of the
    # same role in the next minute (and in the next three minutes): how dense activity is while somebody is there
    MINUTES_0 = 23
    NEXT_0 = 31
    NEAR_0 = 39


COLUMNS: Final = Column.NEAR_0 + ROLES
