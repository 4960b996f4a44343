"""Who is told next when nobody answers: looked at, rehearsed and changed by administrators."""

from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from sqlmodel import Session

from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.policy_words import about_words, fault_words
from caregiver_ui.rendering import render
from caregiver_ui.views.policies import (
    Choice,
    Names,
    Typed,
    chain,
    from_choices,
    night_choices,
    rehearsed,
    tonight,
    typed_of,
)
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import ViewerDep
from server.access.service import Viewer
from server.access.tables import Unit
from server.alerting.rules import FACTS, AlertKind
from server.db.session import DatabaseDep, ReadDep
from server.errors import PolicyError, StaleVersionError
from server.escalation.naming import Naming
from server.escalation.policies import drop_policy, must_do, own_abouts, set_policy, standing_in, units_of
from server.escalation.rules import AtNight, Policy, QuietHours, Step, Who, goes_on
from server.escalation.views import Trial, people_to_name, rehearse, units_to_name, zone_in

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_PATH = "/admin/policies"


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form. `fault`: why it could not be saved; `at`: at which step, None for the whole."""

    steps: tuple[Typed, ...]
    quiet_start: str
    quiet_end: str
    version: int
    fault: str = ""
    at: int | None = None
    edits: bool = True


@dataclass(frozen=True, slots=True)
class _Place:
    unit: Unit
    about: str


@router.get(_PATH)
def get_policies(
    visit: VisitDep, viewer: ViewerDep, db: ReadDep, unit: str = "", about: str = "person", *, change: bool = False
) -> Response:
    """Show the policy that holds in a unit as a chain, with who would be told now and at night.

    `change`: with the form open.
    """
    return _page(visit, viewer, db, _place(db, viewer, unit, about), None, edits=change)


def _filled(
    who: Annotated[list[str], Form()] = [],  # noqa: B006 - read only
    minutes: Annotated[list[str], Form()] = [],  # noqa: B006
    severity: Annotated[list[str], Form()] = [],  # noqa: B006
    night: Annotated[list[str], Form()] = [],  # noqa: B006
    quiet_start: Annotated[str, Form()] = "",
    quiet_end: Annotated[str, Form()] = "",
    version: Annotated[int, Form(ge=0)] = 0,
) -> Filled:
    steps = tuple(Typed(*fields) for fields in zip(who, minutes, severity, night, strict=False))
    return Filled(steps, quiet_start, quiet_end, version)


@router.post(_PATH)
def post_policies(
    visit: VisitDep,
    viewer: ViewerDep,
    database: DatabaseDep,
    filled: Annotated[Filled, Depends(_filled)],
    do: Annotated[str, Form()],
    unit: Annotated[str, Form()] = "",
    about: Annotated[str, Form()] = "person",
) -> Response:
    """Save, try, or change the form itself: every button works without script, and what was typed is kept."""
    with database.reading() as db:
        place = _place(db, viewer, unit, about)
        if do not in {"save", "drop"}:
            return _page(visit, viewer, db, place, _rearranged(filled, do))
    try:
        with database.transaction() as db:
            if do == "drop":
                drop_policy(db, viewer, place.unit.code, about, filled.version, visit.now)
            else:
                wanted = _policy(Naming(db), filled)
                set_policy(db, viewer, place.unit.code, about, wanted, filled.version, visit.now)
    except (PolicyError, StaleVersionError, ValueError) as error:
        with database.reading() as db:
            return _page(visit, viewer, db, place, _refused(visit, filled, error), 422)
    return go_to(visit.request, f"{_PATH}?unit={place.unit.code}&about={about}")


def _place(db: Session, viewer: Viewer, code: str, about: str) -> _Place:
    units = units_of(db, viewer)
    chosen = next((unit for unit in units if unit.code == code), None) if code else None
    own = next(unit for unit in units if unit.unit_id == viewer.unit_id)
    standing_in(db, viewer, code or own.code, about)  # raises what there is to raise
    return _Place(chosen or own, about)


def _page(
    visit: Visit,
    viewer: Viewer,
    db: Session,
    place: _Place,
    filled: Filled | None,
    status: int = 200,
    *,
    edits: bool = False,
) -> Response:
    speech, code = visit.speech, place.unit.code
    standing = standing_in(db, viewer, code, place.about)
    names = Names(people_to_name(db, viewer, code), units_to_name(db, viewer, code))
    shown, zone = standing.policy, zone_in(db, place.unit.unit_id or 0)
    if filled is not None:
        shown, filled = _tried(visit, db, place, filled, standing.policy)
    else:
        quiet = shown.quiet
        clocks = ("", "") if quiet is None else (f"{quiet.start:%H:%M}", f"{quiet.end:%H:%M}")
        filled = Filled(typed_of(shown, names), *clocks, standing.version, edits=edits)
    lines = [
        rehearsed(speech, rehearse(db, viewer, code, shown, Trial(place.about, None, at)), zone)
        for at in (visit.now, tonight(visit.now, zone))
    ]
    return render(
        visit,
        "policies.html",
        status=status,
        unit=place.unit,
        about=place.about,
        about_words=about_words(speech, place.about),
        units=units_of(db, viewer),
        abouts=_abouts(visit, db, place),
        source=standing.unit,
        is_own=bool(standing.version),
        links=chain(speech, shown, names),
        quiet=shown.quiet,
        weakness=_weakness(visit, db, place, shown),
        lines=lines,
        form=filled,
        whos=names.choices(speech),
        froms=from_choices(speech),
        nights=night_choices(speech),
        open_ids=open_ids(db, viewer),
    )


def _tried(visit: Visit, db: Session, place: _Place, filled: Filled, standing: Policy) -> tuple[Policy, Filled]:
    """Return the policy to show: what was typed where that will do, else what holds, with the reason in the form."""
    if filled.fault:
        return standing, filled
    try:
        wanted = _policy(Naming(db), filled)
        must_do(db, place.unit.unit_id or 0, wanted)
    except (PolicyError, ValueError) as error:
        return standing, _refused(visit, filled, error)
    return wanted, filled


def _weakness(visit: Visit, db: Session, place: _Place, shown: Policy) -> str:
    """Return why what holds here would be refused today: people have left since, or nobody ever decided."""
    try:
        must_do(db, place.unit.unit_id or 0, shown)
    except PolicyError as error:
        return fault_words(visit.speech, error.kind)
    return ""


def _abouts(visit: Visit, db: Session, place: _Place) -> list[Choice]:
    decided = own_abouts(db, place.unit.unit_id or 0)
    kinds = [kind.value for kind in AlertKind if goes_on(FACTS[kind].alert_class) and kind.value not in decided]
    words = [Choice(one, about_words(visit.speech, one)) for one in kinds]
    return [Choice(one, about_words(visit.speech, one)) for one in decided] + sorted(words, key=lambda one: one.words)


def _rearranged(filled: Filled, do: str) -> Filled:
    """Return the form with a step added, removed or moved; as it is for anything else."""
    verb, _, where = do.partition(" ")
    steps = list(filled.steps)
    number = int(where) if where.isdecimal() else -1
    if verb == "add":
        steps.insert(max(0, len(steps) - 1), Typed(who=Who.ON_DUTY.value))
    elif 0 <= number < len(steps):
        step = steps.pop(number)
        if verb != "remove":
            steps.insert(max(0, number + (-1 if verb == "up" else 1)), step)
    return replace(filled, steps=tuple(steps))


def _policy(names: Naming, filled: Filled) -> Policy:
    """Return what was typed.

    Raises:
        PolicyError, ValueError: a field holds nothing that can be read.
    """
    steps = tuple(_step(names, number, typed) for number, typed in enumerate(filled.steps))
    if not filled.quiet_start and not filled.quiet_end:
        return Policy(steps)
    try:
        return Policy(steps, QuietHours(time.fromisoformat(filled.quiet_start), time.fromisoformat(filled.quiet_end)))
    except ValueError:
        raise PolicyError("quiet_hours", None, "quiet hours") from None


def _step(names: Naming, number: int, typed: Typed) -> Step:
    name, _, named = typed.who.partition(":")
    try:
        within = timedelta(minutes=float(typed.minutes.strip().replace(",", ".")))
    except (ValueError, OverflowError):
        raise PolicyError("minutes", number, "minutes") from None
    who = Who(name)
    return Step(who, within, names.number(who, named), int(typed.severity), AtNight(typed.night))


def _refused(visit: Visit, filled: Filled, error: Exception) -> Filled:
    speech = visit.speech
    if isinstance(error, StaleVersionError):
        text = speech.gettext("Somebody changed this policy meanwhile. Look at it again before you save yours.")
        return replace(filled, fault=text)
    if isinstance(error, PolicyError) and error.kind == "minutes":
        return replace(filled, fault=speech.gettext("Write the minutes as a number."), at=error.step)
    if isinstance(error, PolicyError):
        return replace(filled, fault=fault_words(speech, error.kind), at=error.step)
    return replace(filled, fault=speech.gettext("Something in the form could not be read. Look it over."))
