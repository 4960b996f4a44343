"""Lets agreed rules be followed as a home is looked at, and the home wake for them."""

from collections.abc import Sequence

from sqlmodel import Session

from server.detection.tables import HomeWatch
from server.house_rules.following import Scene, follow
from server.house_rules.tables import HouseRuleRow


def follow_agreed(db: Session, watch: HomeWatch, rules: Sequence[HouseRuleRow], scene: Scene) -> None:
    """Judge what people agreed on up to where the home is known, in the look's own transaction."""
    wakes_at = follow(db, rules, scene)
    watch.wakes_at = min((at for at in (watch.wakes_at, wakes_at) if at is not None), default=None)
