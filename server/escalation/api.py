"""The routes of escalation: policies of units, their rehearsal, and where an alert goes next."""

from datetime import time, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_serializer

from server.access.api import NowDep, ViewerDep
from server.alerting.rules import Severity
from server.db.session import DatabaseDep, ReadDep
from server.escalation.naming import Naming
from server.escalation.policies import Standing, drop_policy, must_do, own_abouts, set_policy, standing_in, unit_for
from server.escalation.rules import AtNight, Policy, QuietHours, Step, Who
from server.escalation.views import NextStep, Told, Trial, next_step_of, rehearse

router = APIRouter(prefix="/api", tags=["escalation"])


class StepBody(BaseModel):
    """One step. `named`: a user name, or of a back-up the unit's code."""

    model_config = ConfigDict(extra="forbid")

    who: Who
    answer_within_s: float = Field(gt=0, le=1e6)
    named: str | None = None
    from_severity: Severity = Field(default=Severity.NORMAL, description="Milder alerts pass over the step")
    at_night: AtNight = Field(default=AtNight.TELL, description="With an alert that may wait; critical ones never do")


class QuietBody(BaseModel):
    """Quiet hours by the clock on the home's wall."""

    start: time
    end: time

    @field_serializer("start", "end")
    def _as_clock(self, value: time) -> str:
        return f"{value:%H:%M}"


class PolicyBody(BaseModel):
    """The steps in their order; the last one repeats."""

    steps: tuple[StepBody, ...] = Field(max_length=50)
    quiet: QuietBody | None = None


class PolicyOut(PolicyBody):
    """A policy that holds. `of_unit`: whose it is, None for the built-in one. `version` 0: it is not the unit's own."""

    unit: str
    about: str
    of_unit: str | None
    version: int


class PolicyChange(PolicyBody):
    """Another policy. `version`: the one that was looked at."""

    version: int = Field(ge=0)


class RehearsalBody(PolicyBody):
    """What to rehearse. `at` None: now. `severity` None: as such alerts usually are."""

    at: AwareDatetime | None = None
    severity: Severity | None = None


@router.get("/policies/{unit}")
def get_policies(viewer: ViewerDep, db: ReadDep, unit: str) -> list[PolicyOut]:
    """List what holds in a unit: for persons' and for technical alerts, and for each kind that somebody decided on."""
    abouts = own_abouts(db, unit_for(db, viewer, unit).unit_id or 0)
    names = Naming(db)
    return [_out(names, unit, standing_in(db, viewer, unit, about)) for about in abouts]


@router.get("/policies/{unit}/{about}")
def get_policy(viewer: ViewerDep, db: ReadDep, unit: str, about: str) -> PolicyOut:
    """Show what holds in a unit for a kind of alert, or for a class of them (`person`, `technical`)."""
    return _out(Naming(db), unit, standing_in(db, viewer, unit, about))


@router.put("/policies/{unit}/{about}")
def put_policy(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, unit: str, about: str, wanted: PolicyChange
) -> PolicyOut:
    """Let a policy hold for alerts raised from now on. 422 with the reason and the step when it could fall silent."""
    with database.transaction() as db:
        set_policy(db, viewer, unit, about, _policy(Naming(db), wanted), wanted.version, now)
        db.flush()
        return _out(Naming(db), unit, standing_in(db, viewer, unit, about))


@router.delete("/policies/{unit}/{about}", status_code=204)
def delete_policy(
    viewer: ViewerDep,
    database: DatabaseDep,
    now: NowDep,
    unit: str,
    about: str,
    version: Annotated[int, Query(ge=0)],
) -> None:
    """Let the policy of the unit above hold again."""
    with database.transaction() as db:
        drop_policy(db, viewer, unit, about, version, now)


@router.post("/policies/{unit}/{about}/rehearsal")
def post_rehearsal(
    viewer: ViewerDep, db: ReadDep, now: NowDep, unit: str, about: str, wanted: RehearsalBody
) -> list[Told]:
    """Tell who would be told, and when, if such an alert were raised and nobody answered. Nobody is told anything.

    422 with the reason and the step where the policy could fall silent.
    """
    policy = _policy(Naming(db), wanted)
    must_do(db, unit_for(db, viewer, unit).unit_id or 0, policy)
    return rehearse(db, viewer, unit, policy, Trial(about, wanted.severity, wanted.at or now))


@router.get("/alerts/{alert_id}/next-step")
def get_next_step(viewer: ViewerDep, db: ReadDep, alert_id: str) -> NextStep | None:
    """Tell whom an alert goes on to and when, if nobody takes it; null when somebody has it."""
    return next_step_of(db, viewer, alert_id)


def _policy(names: Naming, body: PolicyBody) -> Policy:
    steps = tuple(
        Step(
            one.who, timedelta(seconds=one.answer_within_s), names.number(one.who, one.named), one.from_severity,
            one.at_night,
        )
        for one in body.steps
    )  # fmt: skip
    return Policy(steps, None if body.quiet is None else QuietHours(body.quiet.start, body.quiet.end))


def _out(names: Naming, unit: str, standing: Standing) -> PolicyOut:
    policy = standing.policy
    return PolicyOut(
        unit=unit,
        about=standing.about,
        of_unit=None if standing.unit is None else standing.unit.code,
        version=standing.version,
        quiet=None if policy.quiet is None else QuietBody(start=policy.quiet.start, end=policy.quiet.end),
        steps=tuple(
            StepBody(
                who=step.who,
                answer_within_s=step.answer_within.total_seconds(),
                named=names.name(step.who, step.named),
                from_severity=Severity(step.from_severity),
                at_night=step.at_night,
            )
            for step in policy.steps
        ),
    )
