"""Keeps what people agree on for a resident: every version, who and why, and what it takes to switch it on."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from server.access.service import Viewer
from server.access.tables import Person
from server.audit.service import append
from server.errors import NotFoundError, NotRehearsedError, TooLongMutedError, UnfitError
from server.house_rules.drafts import Checked, as_json, from_json
from server.house_rules.rules import HouseRule
from server.house_rules.tables import HouseRuleChange, HouseRuleRow
from server.residents.tables import Resident
from server.sensitivity.mutings import LONGEST_MUTING, MUTERS
from server.sensitivity.service import SETTERS


@dataclass(frozen=True, slots=True)
class ChangeView:
    """What was done to a rule, by whom and why. `what`: set, on, off, muted, unmuted, removed."""

    at: datetime
    by: str
    what: str
    version: int
    why: str
    rule: HouseRule


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule of a resident. `is_rehearsed`: this version was tried on the past. `muted_until` None: it is not muted."""

    id: str
    rule: HouseRule
    reason: str
    owner: str
    version: int
    is_on: bool
    is_rehearsed: bool
    muted_until: datetime | None
    muted_by: str
    muted_why: str
    cannot_see: bool
    history: tuple[ChangeView, ...]


def rules_of(db: Session, resident: Resident, now: datetime) -> list[RuleView]:
    """Return a resident's rules, the oldest first."""
    rows = db.exec(_standing(resident).order_by(col(HouseRuleRow.house_rule_id))).all()
    return [_view(db, row, now) for row in rows]


def rule_named(db: Session, resident: Resident, code: str) -> HouseRuleRow:
    """Return a rule of a resident, locked.

    Raises:
        NotFoundError: this resident has none of that name.
    """
    row = db.exec(_standing(resident).where(HouseRuleRow.code == code).with_for_update()).first()
    if row is None:
        raise NotFoundError("rule")
    return row


def save_rule(
    db: Session, viewer: Viewer, resident: Resident, checked: Checked, reason: str, now: datetime, code: str | None
) -> str:
    """Write a new rule (`code` None), or another version of one, and return its name. It is off until rehearsed.

    Raises:
        NotAllowedError: only staff and administrators agree on rules.
        UnfitError: the draft says something impossible, and where.
        NotFoundError: this resident has none of that name.
    """
    viewer.may(*SETTERS)
    if checked.rule is None:
        raise UnfitError(checked.wrong)
    content = as_json(checked.rule)
    if code is None:
        row = HouseRuleRow(
            code=secrets.token_hex(8), resident_id=resident.resident_id or 0, content=content, reason=reason.strip(),
            owner_id=viewer.person_id,
        )  # fmt: skip
    else:
        row = rule_named(db, resident, code)
        if row.content == content and row.reason == reason.strip():
            return row.code
        row.version += row.content != content
        row.is_on = row.is_on and row.content == content
        row.content, row.reason, row.owner_id = content, reason.strip(), viewer.person_id
        _begin_anew(row, now)
    db.add(row)
    db.flush()
    _note(db, viewer, row, "set", now, reason.strip())
    return row.code


def note_rehearsed(row: HouseRuleRow) -> None:
    """Remember that this version was tried on the past."""
    row.rehearsed_version = row.version


def switch_rule(db: Session, viewer: Viewer, row: HouseRuleRow, now: datetime, *, on: bool) -> None:
    """Let a rule hold, or no longer. Saying it twice changes nothing.

    Raises:
        NotAllowedError: only staff and administrators switch rules on; nurses may switch them off.
        NotRehearsedError: nobody has seen what this version would have brought.
    """
    viewer.may(*(SETTERS if on else MUTERS))
    if row.is_on == on:
        return
    if on and row.rehearsed_version != row.version:
        raise NotRehearsedError
    row.is_on = on
    _begin_anew(row, now)
    db.add(row)
    _note(db, viewer, row, "on" if on else "off", now)


def mute_rule(db: Session, viewer: Viewer, row: HouseRuleRow, until: datetime | None, why: str, now: datetime) -> None:
    """Tell nobody of a rule until then; None: tell again. It is judged all the while.

    Raises:
        NotAllowedError: relatives and testers mute nothing.
        TooLongMutedError: the end is past, or later than two weeks from now.
    """
    viewer.may(*MUTERS)
    if until is not None and not now < until <= now + LONGEST_MUTING:
        raise TooLongMutedError
    row.muted_until, row.muted_by, row.muted_why = until, viewer.person_id if until else None, why.strip()
    row.wakes_at = None
    db.add(row)
    _note(db, viewer, row, "muted" if until else "unmuted", now, why.strip())


def remove_rule(db: Session, viewer: Viewer, row: HouseRuleRow, now: datetime) -> None:
    """Take a rule away; its history stays.

    Raises:
        NotAllowedError: only staff and administrators do.
    """
    viewer.may(*SETTERS)
    row.is_on, row.removed_at = False, now
    db.add(row)
    _note(db, viewer, row, "removed", now)


def _standing(resident: Resident) -> SelectOfScalar[HouseRuleRow]:
    wanted = select(HouseRuleRow).where(HouseRuleRow.resident_id == resident.resident_id)
    return wanted.where(col(HouseRuleRow.removed_at).is_(None))


def _begin_anew(row: HouseRuleRow, now: datetime) -> None:
    row.judged_until, row.wakes_at, row.unseen = now, None, []


def _note(db: Session, viewer: Viewer, row: HouseRuleRow, what: str, now: datetime, why: str = "") -> None:
    db.add(
        HouseRuleChange(
            house_rule_id=row.house_rule_id or 0, at=now, by=viewer.person_id, what=what, version=row.version,
            content=row.content, why=why,
        )
    )  # fmt: skip
    append(
        db, at=now, who=viewer.audit_name, what=f"agreed rule {what}", about=f"rule:{row.code}", why=f"v{row.version}"
    )


def _view(db: Session, row: HouseRuleRow, now: datetime) -> RuleView:
    changes = db.exec(
        select(HouseRuleChange, Person.name)
        .join(Person, col(Person.person_id) == HouseRuleChange.by)
        .where(HouseRuleChange.house_rule_id == row.house_rule_id)
        .order_by(col(HouseRuleChange.house_rule_change_id).desc())
    )
    is_muted = row.muted_until is not None and row.muted_until > now
    return RuleView(
        id=row.code,
        rule=from_json(row.content),
        reason=row.reason,
        owner=_name(db, row.owner_id),
        version=row.version,
        is_on=row.is_on,
        is_rehearsed=row.rehearsed_version == row.version,
        muted_until=row.muted_until if is_muted else None,
        muted_by=_name(db, row.muted_by) if is_muted else "",
        muted_why=row.muted_why if is_muted else "",
        cannot_see=row.is_on and _is_unseen_now(row.unseen),
        history=tuple(_change(change, name) for change, name in changes),
    )


def _is_unseen_now(unseen: Sequence[Sequence[object]]) -> bool:
    return any(until is None for *_, until in unseen)


def _name(db: Session, person_id: int | None) -> str:
    return db.get_one(Person, person_id).name if person_id is not None else ""


def _change(change: HouseRuleChange, name: str) -> ChangeView:
    return ChangeView(change.at, name, change.what, change.version, change.why, from_json(change.content))
