"""Reads the TIHM data (Palermo et al. 2023, doi 10.1038/s41597-023-02519-y)."""

from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from models.evaluation.setting import DAY, Setting, Window
from models.events_file import read_traces
from models.trace import Trace

ZONE: Final = ZoneInfo("Europe/London")
# Nearly every home is silent: a fault of the platform. A day on either side does not count either.
OUTAGE: Final = Window(
    int(datetime(2019, 6, 15, 4, 5, tzinfo=ZONE).timestamp()),
    int(datetime(2019, 6, 17, 14, 16, tzinfo=ZONE).timestamp()),
)
SETTING: Final = Setting(ZONE, closed=Window(OUTAGE.start - DAY, OUTAGE.end + DAY))


def read_tihm(path: Path) -> list[Trace]:
    """Return the homes of the folder of the data, or of the one file of activities.

    Raises:
        EventsFileError: it is not there, or not of that form.
    """
    return read_traces(path / "activity.csv.gz" if path.is_dir() else path, ZONE)
