"""The provisioning files of simulated worlds: invented people, test homes, and policies at the world's speed."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any, Final

from device_sims.household import Dwelling

UNIT: Final = "sone-nord"
PASSWORD: Final = "livsrytme-demo"  # noqa: S105 - the server takes it in test mode only
TESTER: Final = "tor"
_LONGEST_S: Final = 86_400.0  # nobody may be waited for longer, however fast a world runs
_VISITS: Final = ((8, 30, "Morgenstell"), (12, 15, "Middag"), (20, 20, "Kveldsstell"))  # hour, minutes, what for


def world_of(households: Sequence[Dwelling], people: Sequence[dict[str, Any]], speed: float) -> dict[str, Any]:
    """Return the whole file.

    Args:
        households: the homes.
        people: besides the tester, who is always there.
        speed: world seconds in a real second; people answer in real time, so the policy's patience grows with it.
    """
    return {
        "units": [{"code": UNIT, "name": "Sone Nord"}],
        "people": [*people, person(TESTER, "Tor Tester", "tester")],
        "homes": [household.provisioning(UNIT) for household in households],
        "policies": [
            {
                "unit": UNIT,
                "steps": [
                    {"who": "on_duty", "answer_within_s": min(120 * speed, _LONGEST_S)},
                    {"who": "everyone", "answer_within_s": min(300 * speed, _LONGEST_S)},
                ],
            }
        ],
    }


def visits_to(households: Sequence[Dwelling], first_day: date) -> list[dict[str, Any]]:
    """Return the visits of an ordinary day in each home, planned from a day on: not all homes at once."""
    return [
        {
            "resident": f"res-{household.tenancy.code}",
            "what": what,
            "first_day": first_day.isoformat(),
            "at": time(hour, 15 * (place % 4)).isoformat(),
            "minutes": minutes,
        }
        for place, household in enumerate(households)
        for hour, minutes, what in _VISITS
    ]


def person(username: str, name: str, role: str, residents: Sequence[str] = ()) -> dict[str, Any]:
    """Return somebody who can log in with the demo's password; `residents` are those a relative may follow."""
    return {
        "username": username,
        "name": name,
        "role": role,
        "unit": UNIT,
        "password": PASSWORD,
        "language": "nb",
        "residents": list(residents),
    }


# Who takes alerts in a world that has nobody else: a chain may not end on the tester alone.
NURSE: Final = person("maria", "Maria Nilsen", "nurse")
