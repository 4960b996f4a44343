"""The routes by which administrators keep units and accounts."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from server.access import people, units
from server.access.api import NowDep, ViewerDep
from server.access.tables import Role, UnitKind
from server.db.session import DatabaseDep, ReadDep

router = APIRouter(prefix="/api/admin", tags=["administration"])


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class UnitOut(_Out):
    """A unit of the tree; `depth`: how far below the topmost one that is shown."""

    code: str
    name: str
    kind: UnitKind
    above: str | None
    depth: int


class UnitIn(BaseModel):
    """What a unit is to be; `above`: the code of the one it belongs to."""

    name: str
    kind: UnitKind = UnitKind.TEAM
    above: str | None = None


class PersonOut(_Out):
    """An account. `closed_at` null: open."""

    username: str
    name: str
    role: Role
    unit: str
    unit_name: str
    language: str
    closed_at: datetime | None


class PersonIn(BaseModel):
    """What an account is to be; the user name of one that is there does not change."""

    username: str = ""
    name: str
    role: str
    unit: str
    language: str = "nb"

    def wanted(self) -> people.WantedPerson:
        """Return it as the service takes it."""
        return people.WantedPerson(self.username, self.name, self.role, self.unit, self.language)


class PasswordOut(BaseModel):
    """A password, told once."""

    password: str = Field(description="To be changed hands in person, and to be kept nowhere")


@router.get("/units")
def get_units(viewer: ViewerDep, db: ReadDep) -> list[UnitOut]:
    """List the units, each followed by those below it."""
    viewer.may(Role.ADMIN)
    return [UnitOut.model_validate(one) for one in units.list_units(db, viewer)]


@router.post("/units", status_code=201)
def post_unit(viewer: ViewerDep, database: DatabaseDep, now: NowDep, asked: UnitIn) -> dict[str, str]:
    """Make a unit."""
    with database.transaction() as db:
        return {"code": units.make_unit(db, viewer, units.WantedUnit(asked.name, asked.kind, asked.above), now)}


@router.put("/units/{unit}", status_code=204)
def put_unit(viewer: ViewerDep, database: DatabaseDep, now: NowDep, unit: str, asked: UnitIn) -> None:
    """Rename or move a unit with all below it. 422 where it would come below itself."""
    with database.transaction() as db:
        units.change_unit(db, viewer, unit, units.WantedUnit(asked.name, asked.kind, asked.above), now)


@router.get("/people")
def get_people(viewer: ViewerDep, db: ReadDep) -> list[PersonOut]:
    """List accounts."""
    return [PersonOut.model_validate(one) for one in people.list_people(db, viewer)]


@router.post("/people", status_code=201)
def post_person(viewer: ViewerDep, database: DatabaseDep, now: NowDep, asked: PersonIn) -> PasswordOut:
    """Make an account. The answer is its first password, which is told once."""
    with database.transaction() as db:
        return PasswordOut(password=people.make_person(db, viewer, asked.wanted(), now))


@router.put("/people/{username}", status_code=204)
def put_person(viewer: ViewerDep, database: DatabaseDep, now: NowDep, username: str, asked: PersonIn) -> None:
    """Change an account."""
    with database.transaction() as db:
        people.change_person(db, viewer, username, asked.wanted(), now)


@router.post("/people/{username}/password")
def post_password(viewer: ViewerDep, database: DatabaseDep, now: NowDep, username: str) -> PasswordOut:
    """Give a new password, which is told once; all sign-ins of that person end."""
    with database.transaction() as db:
        return PasswordOut(password=people.reset_password(db, viewer, username, now))


@router.post("/people/{username}/reopen", status_code=204)
def post_reopen(viewer: ViewerDep, database: DatabaseDep, now: NowDep, username: str) -> None:
    """Open a closed account again."""
    with database.transaction() as db:
        people.reopen_account(db, viewer, username, now)
