"""Whether what was noticed is about the present. Pure."""

from datetime import datetime, timedelta


def is_present(known_until: datetime, now: datetime, patience: timedelta) -> bool:
    """Return whether a home is known up to so short a while ago that a finding is about now.

    A gateway that is draining an old backlog tells of the past: what was unusual then is kept, and nobody is sent.
    """
    return now - known_until <= patience
