"""Asks for the next certificate a month before this one ends, and soon for one that never came."""

import asyncio
import logging
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.contract.clock import Clock
from gateway.contract.heartbeat import Trouble
from gateway.enrolment import is_without_identity, renew
from gateway.errors import EnrolmentError
from gateway.identity import identity_ends_at
from gateway.troubles import Troubles

RENEW_BEFORE: Final = timedelta(days=30)
TELL_BEFORE: Final = timedelta(days=14)  # a server that was away for a while is no trouble yet
_LOOK_EVERY_S: Final = 6 * 3600.0
_HURRY_S: Final = 60.0  # no broker may let us in before we have one

_LOGGER = logging.getLogger(__name__)


async def keep_certificate(folder: Path, clock: Clock, troubles: Troubles) -> None:
    """Keep the certificate fresh while the program runs. What cannot be had is asked for again, and told in time."""
    while True:
        left = _left(folder, clock.now())
        if left is not None and left < RENEW_BEFORE:
            try:
                await asyncio.to_thread(renew, folder)
                _LOGGER.info("the certificate of this gateway was renewed")
                left = RENEW_BEFORE
            except EnrolmentError as fault:
                _LOGGER.warning("the certificate of this gateway holds for %d days: %s", left.days, fault)
                if left < TELL_BEFORE:
                    troubles.count(Trouble.CERTIFICATE_ENDS)
        # Gateways that were started together must not all ask at once.
        every_s = _LOOK_EVERY_S if left is None or left > timedelta(0) else _HURRY_S
        await asyncio.sleep(every_s * random.uniform(0.5, 1))  # noqa: S311 - guards no secret


def _left(folder: Path, now: datetime) -> timedelta | None:
    """Return how long the certificate holds, nothing for one that never came; None where there is to be none."""
    ends_at = identity_ends_at(folder)
    if ends_at is None:
        return timedelta(0) if is_without_identity(folder) else None
    return max(timedelta(0), ends_at - now)
