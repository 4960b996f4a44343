"""What people set for a unit or a home, how they rate, and what the nightly lesson is told of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from models.learning import Wishes
from server.access.service import Viewer
from server.access.tables import Role
from server.alerting.rules import AlertKind
from server.alerting.service import find_alert
from server.alerting.tables import AlertRow
from server.audit.service import append
from server.errors import NotFoundError, UnrateableError
from server.live.service import changed
from server.residents.tables import Home, Resident
from server.sensitivity import rules
from server.sensitivity.rules import RATEABLE, Rated, Rating
from server.sensitivity.tables import AlertRating, HomeBudget, UnitBudget

_RATERS = (Role.NURSE, Role.STAFF, Role.TESTER, Role.ADMIN)
SETTERS = (Role.STAFF, Role.ADMIN)


class SetFor(StrEnum):
    """Whose budget holds in a home."""

    HOME = "home"
    UNIT = "unit"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Budget:
    """False alerts a week, and for whom they were set. `of_unit`: what holds if the home has none of its own."""

    budget: float
    set_for: SetFor
    of_unit: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What ratings make of a kind in a home. `factor`: of how often it is told; `counts`: ratings of the last 90 days.

    `alert_ids`: the alerts they are of, the newest first, so that any can be withdrawn.
    """

    kind: AlertKind
    factor: float
    counts: dict[Rating, int]
    alert_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RatingView:
    """What is said of an alert. `rating` None: nothing counts. `is_derived`: nobody rated it, its outcome tells."""

    is_rateable: bool
    rating: Rating | None
    is_derived: bool
    is_withdrawn: bool
    effect: Effect | None


def budget_of(db: Session, home_id: int) -> Budget:
    """Return how many false alerts a week are borne in a home: its own number, its unit's, or what holds for all."""
    home = db.get_one(Home, home_id)
    own, unit = db.get(HomeBudget, home_id), db.get(UnitBudget, home.unit_id)
    of_unit = unit.budget if unit else rules.USUAL_BUDGET
    if own is not None:
        return Budget(own.budget, SetFor.HOME, of_unit)
    return Budget(of_unit, SetFor.UNIT if unit else SetFor.ALL, of_unit)


def wishes_of(db: Session, home_id: int, now: datetime, strange: Collection[int] = ()) -> Wishes:
    """Return what tonight's lesson must heed. `strange`: local days (ordinals) that must not teach."""
    factors = {effect.kind.value: effect.factor for effect in effects_of(db, home_id, now)}
    return Wishes(budget_of(db, home_id).budget, factors, strange)


def effects_of(db: Session, home_id: int, now: datetime) -> tuple[Effect, ...]:
    """Return what ratings make of each kind that has any, by kind."""
    by_kind: dict[AlertKind, list[tuple[Rated, str]]] = defaultdict(list)
    rows: Iterable[tuple[AlertRow, AlertRating | None]] = db.exec(
        select(AlertRow, AlertRating)
        .outerjoin(AlertRating, col(AlertRating.alert_id) == col(AlertRow.alert_id))
        .where(
            AlertRow.home_id == home_id,
            col(AlertRow.kind).in_(RATEABLE),
            AlertRow.raised_at > now - rules.RATED_FOR,
        )
        .order_by(col(AlertRow.alert_id).desc())
    )
    for alert, tapped in rows:
        rating = tapped.rating if tapped is not None else rules.of_outcome(alert.outcome)
        if rating is not None:
            by_kind[alert.kind].append((Rated(rating, alert.raised_at), alert.code))
    return tuple(_effect(kind, by_kind[kind], now) for kind in sorted(by_kind))


def _effect(kind: AlertKind, rated: list[tuple[Rated, str]], now: datetime) -> Effect:
    ratings = [one for one, _ in rated]
    counts = {each: sum(one.rating is each for one in ratings) for each in Rating}
    return Effect(kind, rules.factor(ratings, now), counts, tuple(code for _, code in rated))


def set_unit_budget(db: Session, viewer: Viewer, budget: float, now: datetime) -> None:
    """Set what the viewer's unit bears, where a home has no number of its own. Saying it twice changes nothing.

    Raises:
        NotAllowedError: only staff and administrators set this.
    """
    viewer.may(*SETTERS)
    row = db.get(UnitBudget, viewer.unit_id, with_for_update=True)
    if row is not None and row.budget == budget:
        return
    row = row or UnitBudget(unit_id=viewer.unit_id, budget=budget, set_by=viewer.person_id, set_at=now)
    row.budget, row.set_by, row.set_at = budget, viewer.person_id, now
    db.add(row)
    about = f"unit:{viewer.unit_id}"
    append(db, at=now, who=viewer.audit_name, what="sensitivity set", about=about, why=f"{budget:g} a week")


def set_home_budget(db: Session, viewer: Viewer, resident_id: str, budget: float | None, now: datetime) -> None:
    """Set what is borne in a resident's home; None: as in the unit again. Saying it twice changes nothing.

    Raises:
        NotAllowedError: only staff and administrators set this.
        NotFoundError: there is no such resident in the viewer's unit.
    """
    viewer.may(*SETTERS)
    wanted = select(Resident).where(Resident.code == resident_id, col(Resident.unit_id).in_(viewer.units))
    resident = db.exec(wanted).first()
    if resident is None:
        raise NotFoundError("resident")
    row = db.get(HomeBudget, resident.home_id, with_for_update=True)
    if budget == (row.budget if row else None):
        return
    if budget is None:
        db.delete(row)
    else:
        row = row or HomeBudget(home_id=resident.home_id, budget=budget, set_by=viewer.person_id, set_at=now)
        row.budget, row.set_by, row.set_at = budget, viewer.person_id, now
        db.add(row)
    why = "as in the unit" if budget is None else f"{budget:g} a week"
    append(db, at=now, who=viewer.audit_name, what="sensitivity set", about=f"home:{resident.home_id}", why=why)


def rate(db: Session, viewer: Viewer, alert_id: str, rating: Rating | None, now: datetime) -> None:
    """Say what an alert was worth; None withdraws that, and what its outcome says. Saying it twice changes nothing.

    Raises:
        NotAllowedError: relatives rate nothing.
        NotFoundError: there is no such alert in the viewer's unit.
        UnrateableError: alerts of this kind have no threshold that ratings could move.
    """
    viewer.may(*_RATERS)
    alert = find_alert(db, viewer, alert_id)
    if alert.kind not in RATEABLE:
        raise UnrateableError
    row = db.get(AlertRating, alert.alert_id, with_for_update=True)
    if row is not None and row.rating is rating:
        return
    row = row or AlertRating(alert_id=alert.alert_id or 0, rated_by=viewer.person_id, rated_at=now)
    row.rating, row.rated_by, row.rated_at = rating, viewer.person_id, now
    db.add(row)
    append(
        db, at=now, who=viewer.audit_name, what="alert rated", about=f"alert:{alert.code}", why=rating or "withdrawn"
    )
    changed(db, alert.unit_id, "alert", alert.code)


def rating_of(db: Session, viewer: Viewer, alert_id: str, now: datetime) -> RatingView:
    """Return what is said of an alert, and what ratings make of its kind in that home.

    Raises:
        NotAllowedError: relatives see no alerts.
        NotFoundError: there is no such alert in the viewer's unit.
    """
    viewer.may(*_RATERS)
    alert = find_alert(db, viewer, alert_id)
    tapped = db.get(AlertRating, alert.alert_id)
    rating = tapped.rating if tapped is not None else rules.of_outcome(alert.outcome)
    effects = () if alert.home_id is None else effects_of(db, alert.home_id, now)
    effect = next((one for one in effects if one.kind is alert.kind), None)
    is_rateable = alert.kind in RATEABLE
    return RatingView(
        is_rateable,
        rating if is_rateable else None,
        is_derived=tapped is None and rating is not None,
        is_withdrawn=tapped is not None and tapped.rating is None,
        effect=effect,
    )
