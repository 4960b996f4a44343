"""Follow-up plans: goals, what each day brought, and what people entered."""

import sqlalchemy as sa
from alembic import op

from server.db.types import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "follow_up_plan",
        sa.Column("plan_id", sa.Integer(), primary_key=True),
        sa.Column("code", sa.String(), nullable=False, unique=True),
        sa.Column("resident_id", sa.Integer(), sa.ForeignKey("resident.resident_id"), nullable=False),
        sa.Column("occasion", sa.String(length=32), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Integer(), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("followed_until", sa.Date(), nullable=True),
        sa.Column("told_week", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_follow_up_plan_resident_id", "follow_up_plan", ["resident_id"])
    op.create_index("ix_follow_up_plan_due_at", "follow_up_plan", ["due_at"])
    op.create_table(
        "plan_goal",
        sa.Column("plan_goal_id", sa.Integer(), primary_key=True),
        sa.Column("plan_id", sa.Integer(), sa.ForeignKey("follow_up_plan.plan_id"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("target", sa.Float(), nullable=False),
        sa.Column("usual", sa.Float(), nullable=True),
        sa.UniqueConstraint("plan_id", "kind"),
    )
    op.create_table(
        "plan_day",
        sa.Column("plan_id", sa.Integer(), sa.ForeignKey("follow_up_plan.plan_id"), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("measured", sa.JSON(), nullable=False),
    )
    op.create_table(
        "entered_activity",
        sa.Column("entered_activity_id", sa.Integer(), primary_key=True),
        sa.Column("code", sa.String(), nullable=False, unique=True),
        sa.Column("resident_id", sa.Integer(), sa.ForeignKey("resident.resident_id"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("with_whom", sa.String(), nullable=False),
        sa.Column("entered_by", sa.Integer(), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_entered_activity_resident_id", "entered_activity", ["resident_id"])


def downgrade() -> None:
    for table in ("entered_activity", "plan_day", "plan_goal", "follow_up_plan"):
        op.drop_table(table)
