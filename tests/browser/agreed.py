"""What people agree on in the town whose pages are looked at: looks, rules and a muting."""

from datetime import timedelta

from town import OSLO, Town


def agree_in(town: Town) -> None:
    """Plan a round that is open, say something of two residents, agree on two rules, and mute a kind."""
    at = town.now.astimezone(OSLO) + timedelta(minutes=15)
    clock = f"{at.hour:02d}:{at.minute // 15 * 15:02d}"
    plan = {
        "times": [clock], "from_date": f"{at.date()}", "until_date": f"{at.date() + timedelta(days=90)}",
        "basis": "Vedtak 12/2025", "replaces_visit": True,
    }  # fmt: skip
    up = {
        "begins": "06:00", "ends": "10:00", "days": [0, 1, 2, 3, 4], "reason": "Avtalt med Astrid og datteren.",
        "conditions": [{"kind": "first_by", "room": "kitchen"}],
    }  # fmt: skip
    night = {
        "begins": "22:00", "ends": "07:00", "match": "any", "reason": "Etter fallet i november.",
        "conditions": [{"kind": "too_many", "room": "bathroom", "times": 2},
                       {"kind": "too_long_in", "room": "bathroom", "minutes": 45}],
    }  # fmt: skip
    with town.api("siri") as siri:
        for number in (1, 2, 3, 4, 5):
            siri.post(f"/api/residents/res-{number:02d}/looks", json=plan).raise_for_status()
        for rule in (up, night):
            code = siri.post("/api/residents/res-03/rules", json=rule).raise_for_status().json()["id"]
            siri.post(f"/api/residents/res-03/rules/{code}/rehearsal").raise_for_status()
            if rule is up:
                siri.put(f"/api/residents/res-03/rules/{code}/switch", json={"on": True}).raise_for_status()
    with town.api("jonas") as jonas:
        until = (town.now + timedelta(hours=4)).isoformat()
        muting = {"kind": "inactivity", "until": until, "why": "Sønnen er på besøk."}
        jonas.post("/api/residents/res-03/mutings", json=muting).raise_for_status()
        code = next(one["id"] for one in jonas.get("/api/rounds").json() if one["is_open"])
        looks = {one["resident_id"]: one for one in jonas.get(f"/api/rounds/{code}").json()["looks"]}
        for resident, mark in (("res-05", "seen"), ("res-01", "visit")):
            said = {"mark": mark, "shown": looks[resident]["picture"]["state"]}
            jonas.put(f"/api/rounds/{code}/residents/{resident}", json=said).raise_for_status()
