"""The unit's sensors home by home: which are heard, which are proven, and what each needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from caregiver_ui.language import Speech
from caregiver_ui.levels import Badge, Level
from caregiver_ui.vital_words import vital_name
from caregiver_ui.words import N_, room_name, trouble_words
from gateway.contract.observation import SensorKind
from server.liveness.tables import SensorTest
from server.liveness.views import SensorView

KINDS = MappingProxyType(
    {
        SensorKind.MOTION: N_("Movement"),
        SensorKind.DOOR: N_("Door"),
        SensorKind.BED: N_("Bed"),
        SensorKind.CHAIR: N_("Chair"),
        SensorKind.BUTTON: N_("Help button"),
        SensorKind.PULL_CORD: N_("Pull cord"),
        SensorKind.FALL: N_("Fall sensor"),
        SensorKind.SMOKE: N_("Smoke detector"),
        SensorKind.WATER_LEAK: N_("Water detector"),
        SensorKind.TEMPERATURE: N_("Temperature"),
        SensorKind.HUMIDITY: N_("Humidity"),
        SensorKind.LIGHT: N_("Light level"),
        SensorKind.POWER: N_("Power use"),
    }
)


@dataclass(frozen=True, slots=True)
class SensorCard:
    """One sensor. `test` is empty where it was never tried; `has_count`: a new battery must be told of."""

    id: str
    title: str
    badge: Badge
    heard: str
    proven: str
    signal: str
    battery: str
    troubles: tuple[str, ...]
    test: str
    is_tested: bool
    has_count: bool


def sensor_cards(
    speech: Speech, sensors: Sequence[SensorView], lasts: Mapping[str, timedelta], now: datetime, *, is_heard: bool
) -> tuple[SensorCard, ...]:
    """Return sensors in the order given. `lasts`: how long their batteries will, of those of which it is known.

    `is_heard`: whether anybody would hear them. While their gateway is silent or deaf, none is told to be well.
    """
    return tuple(_card(speech, sensor, lasts.get(sensor.sensor_id), now, is_heard=is_heard) for sensor in sensors)


def _card(speech: Speech, sensor: SensorView, lasts: timedelta | None, now: datetime, *, is_heard: bool) -> SensorCard:
    zone = ZoneInfo(sensor.time_zone)
    never = speech.gettext("Never")
    unknown = "–"
    heard, proven = sensor.last_heard_at, sensor.proven_at
    kinds = ", ".join(kind_name(speech, kind) for kind in sensor.kinds)
    return SensorCard(
        id=sensor.sensor_id,
        title=f"{room_name(speech, sensor.room)}: {kinds}",
        badge=_badge(speech, sensor, is_heard=is_heard),
        heard=never if heard is None else speech.moment(heard, zone, now),
        proven=speech.gettext("Not yet") if proven is None else speech.moment(proven, zone, now),
        signal=unknown if sensor.rssi_dbm is None else f"{sensor.rssi_dbm} dBm",
        battery=unknown
        if sensor.battery_percent is None
        else f"{sensor.battery_percent:.0f} %. {lasts_words(speech, lasts)}",
        troubles=tuple(f"{trouble_words(speech, code)}: {count}" for code, count in sorted(sensor.troubles.items())),
        test=_test_words(speech, sensor.test, zone, now),
        is_tested=sensor.test is not None and sensor.test.observed_at is None and now < sensor.test.ends_at,
        has_count=sensor.is_encrypted,
    )


def kind_name(speech: Speech, kind: str) -> str:
    """Return what a sensor measures; a kind these pages do not know is shown as it is."""
    if kind not in set(SensorKind):
        return kind.replace("_", " ")
    known = KINDS.get(SensorKind(kind))
    return speech.gettext(known) if known else vital_name(speech, SensorKind(kind))


def lasts_words(speech: Speech, lasts: timedelta | None) -> str:
    """Return how long a battery will last, as roughly as it is known."""
    if lasts is None:
        return speech.gettext("Not known how long it lasts")
    weeks = round(lasts / timedelta(weeks=1))
    if weeks < 1:
        return speech.gettext("Empty within days")
    if weeks > 26:  # noqa: PLR2004 - half a year: nobody plans further
        return speech.gettext("More than half a year")
    return speech.ngettext("About {n} week", "About {n} weeks", weeks).format(n=weeks)


def _badge(speech: Speech, sensor: SensorView, *, is_heard: bool) -> Badge:
    if sensor.silent_since is not None:
        return Badge(Level.TECHNICAL, speech.gettext("Silent"))
    if sensor.is_battery_low:
        return Badge(Level.TECHNICAL, speech.gettext("Change the battery"))
    if not is_heard:
        return Badge(Level.UNKNOWN, speech.gettext("We do not know right now"))
    if sensor.is_unproven:
        return Badge(Level.UNKNOWN, speech.gettext("Not proven: try it"))
    if sensor.is_weak:
        return Badge(Level.NOTICE, speech.gettext("Weak signal"))
    return Badge(Level.NORMAL, speech.gettext("In contact"))


def _test_words(speech: Speech, test: SensorTest | None, zone: ZoneInfo, now: datetime) -> str:
    if test is None:
        return ""
    if test.observed_at is not None and test.received_at is not None:
        text = speech.gettext("Test received: heard {heard}, stored {stored}. Another press is a call for help.")
        heard, stored = (speech.precise_clock(at, zone) for at in (test.observed_at, test.received_at))
        day = speech.moment(test.started_at, zone, now)
        return text.format(heard=heard, stored=stored) + f" ({day})"
    if now < test.ends_at:
        text = speech.gettext(
            "Being tried until {clock}: press once, or walk past. Pressed twice it is a call for help."
        )
        return text.format(clock=speech.clock(test.ends_at, zone))
    text = speech.gettext("Tried {moment}, and nothing was heard.")
    return text.format(moment=speech.moment(test.started_at, zone, now))
