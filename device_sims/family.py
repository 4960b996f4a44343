"""What a demo's family and team have agreed and begun before anybody looks: through the API that people use."""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from device_sims.server_link import ServerLink

_SHARED: Final = ("status", "handled", "critical", "trends", "visits", "messages")
_AGREED_FOR: Final = timedelta(days=365)
_PLAN_SINCE: Final = timedelta(days=9)
_PLAN_LASTS: Final = timedelta(days=41)
_GOALS: Final = {"up_by": 8.5 * 60, "meals": 3, "outings": 3, "activities": 1}


async def settle_family(nurse: ServerLink, resident_id: str, zone: ZoneInfo, now: datetime) -> None:
    """Let a nurse agree with a resident's relatives on what is shared, write, share a task and make a follow-up plan.

    Raises:
        NoAnswerError: the server is not there just now, or refuses it.
    """
    today = now.astimezone(zone).date()
    about = f"/api/residents/{resident_id}"
    relatives: list[dict[str, Any]] = await nurse.tell("GET", f"{about}/agreements")
    for one in relatives:
        agreement = {
            "categories": _SHARED, "basis": "consent", "ends_on": (today + _AGREED_FOR).isoformat(), "delay": 15,
            "quiet_from": 22 * 60, "quiet_until": 7 * 60, "asked_to_step": True,
        }  # fmt: skip
        await nurse.tell("PUT", f"{about}/agreements/{one['relative']}", agreement)
        task = {"title": "Ta med lesebriller", "until": (today + timedelta(days=4)).isoformat()}
        await nurse.tell("POST", f"{about}/tasks", {**task, "relative": one["relative"]})
    await nurse.tell("POST", f"{about}/messages", {"text": "Vi tok en tur i hagen i dag. Hun koste seg."})
    begins = today - _PLAN_SINCE
    plan = {
        "occasion": "hospital", "starts_on": begins.isoformat(), "ends_on": (begins + _PLAN_LASTS).isoformat(),
        "goals": _GOALS,
    }  # fmt: skip
    await nurse.tell("POST", f"{about}/plan", plan)
    visit = {"kind": "visit", "day": (today - timedelta(days=1)).isoformat(), "with_whom": "Frivilligsentralen"}
    await nurse.tell("POST", f"{about}/activities", visit)
