"""Speaks to the reader: bokmål, nynorsk or English, with dates and times as people there write them."""

import gettext
import io
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

_LOCALE = Path(__file__).parent / "locale"

# Where a time has no home of its own (a gateway's list, the world's clock), it is told as in Norway.
NORWAY = ZoneInfo("Europe/Oslo")


class Language(StrEnum):
    """A language the pages can be read in. English is the language of the source texts."""

    BOKMAL = "nb"
    NYNORSK = "nn"
    ENGLISH = "en"


# A language is offered under its own name, whatever the page's language.
OWN_NAME = {Language.BOKMAL: "Bokmål", Language.NYNORSK: "Nynorsk", Language.ENGLISH: "English"}

# British English: a 24-hour clock, and the day before the month.
_BABEL_LOCALE = {Language.BOKMAL: "nb", Language.NYNORSK: "nn", Language.ENGLISH: "en_GB"}
_LONG_DAY = {Language.BOKMAL: "EEEE d. MMMM", Language.NYNORSK: "EEEE d. MMMM", Language.ENGLISH: "EEEE d MMMM"}
_SHORT_DAY = {Language.BOKMAL: "EEE d. MMM", Language.NYNORSK: "EEE d. MMM", Language.ENGLISH: "EEE d MMM"}

_MINUTE = timedelta(minutes=1)
_MINUTES_AN_HOUR = 60
_HOURS_TOLD_IN_MINUTES = 24


@dataclass(frozen=True, slots=True)
class Speech:
    """One language, ready to use. Times are given aware, and told in the zone that is asked for."""

    language: Language
    catalog: gettext.NullTranslations

    def gettext(self, text: str) -> str:
        """Return the sentence in this language."""
        return self.catalog.gettext(text)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return the form that goes with `number`."""
        return self.catalog.ngettext(one, many, number)

    def clock(self, at: datetime, zone: tzinfo) -> str:
        """Return hour and minute: 02:44."""
        return f"{at.astimezone(zone):%H:%M}"

    def precise_clock(self, at: datetime, zone: tzinfo) -> str:
        """Return hour, minute and second, for the times of an alert."""
        return f"{at.astimezone(zone):%H:%M:%S}"

    def long_day(self, day: date) -> str:
        """Return a day in full: tirsdag 3. mars."""
        return _day(day, _LONG_DAY[self.language], self._locale)

    def short_day(self, day: date) -> str:
        """Return a day for a table: tir. 3. mars."""
        return _day(day, _SHORT_DAY[self.language], self._locale)

    def month(self, day: date) -> str:
        """Return a month with its year: mars 2026."""
        return _day(day, "LLLL y", self._locale)

    def weekday(self, day: int) -> str:
        """Return a weekday in short, Monday being 0: man., tir."""
        return _day(date(2024, 1, 1 + day), "EEE", self._locale)

    def moment(self, at: datetime, zone: tzinfo, now: datetime) -> str:
        """Return a time with as much of the day as the reader needs: 02:44, yesterday 22:10, Tue 3 Mar 02:44."""
        days = (now.astimezone(zone).date() - at.astimezone(zone).date()).days
        clock = self.clock(at, zone)
        if days == 0:
            return clock
        if days == 1:
            return self.gettext("yesterday {clock}").format(clock=clock)
        return f"{self.short_day(at.astimezone(zone).date())} {clock}"

    def ago(self, at: datetime, now: datetime) -> str:
        """Return how long ago something was, in rounded words."""
        if now - at < _MINUTE:
            return self.gettext("just now")
        return _ago(round((now - at) / _MINUTE), self._locale)

    def span(self, minutes: int) -> str:
        """Return a length of time: 55 min, 3 h 10 min, 2 days."""
        hours, rest = divmod(max(0, minutes), _MINUTES_AN_HOUR)
        if hours >= 2 * _HOURS_TOLD_IN_MINUTES:
            days = hours // _HOURS_TOLD_IN_MINUTES
            return self.ngettext("{n} day", "{n} days", days).format(n=days)
        if not hours:
            return self.gettext("{minutes} min").format(minutes=rest)
        if not rest:
            return self.gettext("{hours} h").format(hours=hours)
        return self.gettext("{hours} h {minutes} min").format(hours=hours, minutes=rest)

    def tenths(self, number: float) -> str:
        """Return a number with one decimal."""
        return _decimal(number, "0.0", self._locale)

    def number(self, number: float) -> str:
        """Return a number with as many decimals as it needs, three at most."""
        return _decimal(number, "0.###", self._locale)

    @property
    def _locale(self) -> str:
        return _BABEL_LOCALE[self.language]


# A list says the same days, times and amounts many times over, and Babel takes its time for each.
@lru_cache(maxsize=1024)
def _day(day: date, pattern: str, locale: str) -> str:
    return format_date(day, pattern, locale=locale)


@lru_cache(maxsize=1024)
def _ago(minutes: int, locale: str) -> str:
    span = timedelta(minutes=-minutes)
    return format_timedelta(
        span, granularity="minute", threshold=1.2, add_direction=True, format="short", locale=locale
    )


@lru_cache(maxsize=4096)
def _decimal(number: float, pattern: str, locale: str) -> str:
    return format_decimal(number, pattern, locale=locale)


def load_languages() -> dict[Language, Speech]:
    """Return every language, its catalogue compiled in memory.

    Raises:
        FileNotFoundError: a language's catalogue is missing.
    """
    return {language: Speech(language, _catalog(language)) for language in Language}


def pick_language(*wishes: str | None) -> Language:
    """Return the first wish that we speak, else bokmål. A wish may be a browser's whole `Accept-Language` list."""
    for wish in wishes:
        for part in (wish or "").lower().split(","):
            code = part.split(";")[0].split("-")[0].strip()
            if code == "no":  # the older code, which browsers still send for bokmål
                return Language.BOKMAL
            if code in set(Language):
                return Language(code)
    return Language.BOKMAL


@cache
def _catalog(language: Language) -> gettext.NullTranslations:
    if language is Language.ENGLISH:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with (_LOCALE / f"{language}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language.value))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
