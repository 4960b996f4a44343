"""Which sensor of the home speaks so often that its silence says something about the radio; pure."""

from dataclasses import dataclass
from typing import Final

# A sensor that pauses longer than this is no witness: a quiet home would be taken for a deaf radio.
_LONGEST_GAP_S: Final = 60.0
# A motion sensor chatters too while somebody cooks. Only who has kept it up for an hour is trusted.
_TRUSTED_AFTER_S: Final = 3600.0
# A night's pause is remembered through the day: the longest gap fades by half in this time.
_HALF_LIFE_S: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Canary:
    """The chattiest sensor. Moments are monotonic seconds."""

    usual_gap_s: float
    heard_at: float


@dataclass(slots=True)
class _Voice:
    since: float
    heard_at: float
    longest_gap_s: float = 0.0


class Rhythm:
    """How often the sensors of one home are heard by one radio.

    It is forgotten when the program ends. A program that ended itself for a silent radio starts in doubt instead
    (`Known.is_doubted`): the radio is deaf until it hears anybody, and the program ends itself again, each time after
    twice as long, an hour at most.
    """

    def __init__(self, trusted_after_s: float = _TRUSTED_AFTER_S) -> None:
        self._trusted_after_s = trusted_after_s
        self._voices: dict[str, _Voice] = {}

    def note(self, sensor_id: str, at: float) -> None:
        """Take note that a sensor of the home was heard."""
        voice = self._voices.get(sensor_id)
        if voice is None:
            self._voices[sensor_id] = _Voice(since=at, heard_at=at)
            return
        gap = at - voice.heard_at
        voice.longest_gap_s = max(gap, voice.longest_gap_s * 0.5 ** (gap / _HALF_LIFE_S))
        voice.heard_at = at

    def canary(self) -> Canary | None:
        """Return the chattiest sensor that can be trusted; None when there is none.

        One that fell silent while others went on (its battery is flat) is left out once they have outlived it for as
        long as trust takes.
        """
        latest = max((voice.heard_at for voice in self._voices.values()), default=0.0)
        trusted = [
            voice
            for voice in self._voices.values()
            if voice.heard_at - voice.since >= self._trusted_after_s
            and voice.longest_gap_s <= _LONGEST_GAP_S
            and latest - voice.heard_at <= _TRUSTED_AFTER_S
        ]
        if not trusted:
            return None
        chattiest = min(trusted, key=lambda voice: voice.longest_gap_s)
        return Canary(chattiest.longest_gap_s, chattiest.heard_at)
