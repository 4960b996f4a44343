"""A simulated carer: takes alerts, goes there, and closes them after an ordinary time, by the API as a nurse would.

Without one a long play has nothing but open alerts, which take every later one of their kind in.
"""

import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from device_sims.errors import NoAnswerError
from device_sims.scoring.alerts import from_api
from device_sims.scoring.truth import AlertClass, Truth

_MINUTE: Final = timedelta(minutes=1)
# Median minutes until an alert is taken, somebody is there, and it is closed; our choice, for homes not far away.
# A fault of a device waits for working hours.
_TAKES, _DRIVES, _STAYS, _REPAIRS = 4.0, 18.0, 25.0, 240.0
_SPREAD: Final = 0.5  # sigma of the logarithm: two of three lie within a factor of 1.6


class Link(Protocol):
    """A way to the server, signed in as a nurse. Both raise NoAnswerError where it is away or refuses."""

    async def alerts(self, group: str) -> list[dict[str, Any]]:
        """Return the alerts that are `open` or `taken`."""
        ...

    async def tell(self, method: str, path: str, message: object = None) -> Any:  # noqa: ANN401 - JSON
        """Send a message of JSON and return what is answered."""
        ...


@dataclass(frozen=True, slots=True)
class Round:
    """When a carer takes an alert, is there and leaves again; all aware. A device nobody drives to: None."""

    takes_at: datetime
    arrives_at: datetime | None
    leaves_at: datetime


class Carer:
    """Answers alerts, whenever looked in on; the same seed answers the n-th alert of a home and kind as fast again.

    What a carer finds is the truth: an alert while something of its class was the matter was a real event.
    """

    def __init__(self, link: Link, truth: Truth, seed: str) -> None:
        self._link = link
        self._truth = truth
        self._seed = seed
        self._rounds: dict[str, Round] = {}
        self._count: Counter[tuple[str, str]] = Counter()

    async def look(self, now: datetime) -> None:
        """Do what is due by `now` (aware). What the server refuses or does not answer is tried again next time."""
        with suppress(NoAnswerError):
            for told in [*await self._link.alerts("open"), *await self._link.alerts("taken")]:
                await self._see_to(told, now)

    async def _see_to(self, told: dict[str, Any], now: datetime) -> None:
        about_homes = from_api([told])
        if not about_homes:
            return
        alert = about_homes[0]
        is_device = alert.alert_class is AlertClass.TECHNICAL
        if told["id"] not in self._rounds:
            self._count[alert.home, alert.kind] += 1
            nth = self._count[alert.home, alert.kind]
            chance = random.Random(f"{self._seed}/{alert.home}/{alert.kind}/{nth}")  # noqa: S311 - a simulated carer
            self._rounds[told["id"]] = round_of(chance, alert.raised_at, is_device=is_device)
        this = self._rounds[told["id"]]
        steps = (
            (this.takes_at, "take", "reported"),
            (this.arrives_at, "on-the-way", "taken"),
            (this.arrives_at, "arrived", "on_the_way"),
        )
        for due, step, status in steps:
            if due is not None and due <= now and told["status"] == status:
                told = await self._link.tell("POST", f"/api/alerts/{told['id']}/{step}", {"version": told["version"]})
        if this.leaves_at <= now:
            ending = {
                "version": told["version"],
                "outcome": self._outcome(alert.home, alert.alert_class, alert.raised_at),
            }
            await self._link.tell("POST", f"/api/alerts/{told['id']}/close", ending)

    def _outcome(self, home: str, alert_class: AlertClass, at: datetime) -> str:
        if alert_class is AlertClass.TECHNICAL:
            return "technical"
        was_so = any(
            one.home == home and one.alert_class is alert_class and one.begins_at <= at <= one.over_at
            for one in self._truth.expected
        )
        return "real_event" if was_so else "false_alarm"


def round_of(chance: random.Random, raised_at: datetime, *, is_device: bool) -> Round:
    """Return when a carer takes an alert, arrives and leaves."""

    def ordinary(median_min: float) -> timedelta:
        return median_min * chance.lognormvariate(0.0, _SPREAD) * _MINUTE

    takes_at = raised_at + ordinary(_TAKES)
    if is_device:
        return Round(takes_at, None, takes_at + ordinary(_REPAIRS))
    arrives_at = takes_at + ordinary(_DRIVES)
    return Round(takes_at, arrives_at, arrives_at + ordinary(_STAYS))
