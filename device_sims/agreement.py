"""What the demo's service centre agrees on for one resident, through the API that anybody may use."""

from datetime import date, timedelta
from typing import Final

from device_sims.server_link import ServerLink

_DAYS: Final = 90
_TOO_LONG: Final = {
    "begins": "00:00",
    "ends": "24:00",
    "conditions": [{"kind": "too_long_in", "room": "bathroom", "minutes": 60}],
    "reason": "Agreed with Inger and Kari after a fall in spring.",
}


async def agree(link: ServerLink, resident_id: str, today: date) -> None:
    """Plan looks at a resident, and switch on a rule that was tried on the past. `link`: signed in as staff.

    Raises:
        NoAnswerError: the server is not there just now, or refuses it.
    """
    looks = {
        "times": ["11:00", "23:00", "03:00"],
        "from_date": today.isoformat(),
        "until_date": (today + timedelta(days=_DAYS)).isoformat(),
        "basis": "Consent of the resident",
        "replaces_visit": True,
    }
    await link.tell("POST", f"/api/residents/{resident_id}/looks", looks)
    rules = f"/api/residents/{resident_id}/rules"
    kept = await link.tell("POST", rules, _TOO_LONG)
    await link.tell("POST", f"{rules}/{kept['id']}/rehearsal")
    await link.tell("PUT", f"{rules}/{kept['id']}/switch", {"on": True})
