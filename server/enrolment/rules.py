"""What a code looks like, how long it holds, and how long somebody waits who guesses. Pure."""

from datetime import timedelta
from typing import Final

# Letters and digits that nobody mistakes for one another when reading aloud over a telephone.
ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH: Final = 16  # 79 bits: not to be guessed in a lifetime
_GROUP: Final = 4

# Long enough for a visit on the next working day after a week-end.
CODE_LASTS: Final = timedelta(days=3)

_FREE_TRIES: Final = 5
_LONGEST_WAIT: Final = timedelta(hours=1)


def written(code: str) -> str:
    """Return a code as it is handed out: in groups of four."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def plain(typed: str) -> str:
    """Return what somebody typed as a code: small letters, blanks and hyphens do not matter."""
    return "".join(sign for sign in typed.upper() if sign.isalnum())


def wait_after(failures: int) -> timedelta:
    """Return how long an address waits after so many wrong codes in a row: nothing at first, then doubling."""
    if failures < _FREE_TRIES:
        return timedelta(0)
    return min(_LONGEST_WAIT, timedelta(seconds=2 ** min(failures - _FREE_TRIES + 1, 20)))
