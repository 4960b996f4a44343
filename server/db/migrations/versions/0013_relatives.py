"""What is agreed with relatives, what they are told, and what they and the team tell each other."""

import sqlalchemy as sa
from alembic import op

from server.db.types import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _agreements()
    _tellings()
    _thread()


def _agreements() -> None:
    op.create_table(
        "agreement",
        sa.Column("agreement_id", sa.Integer(), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("resident_id", sa.Integer(), sa.ForeignKey("resident.resident_id"), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("tells_of_alerts", sa.Boolean(), nullable=False),
        sa.Column("least_delay", sa.Integer(), nullable=False),
        sa.Column("own_delay", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_until", sa.Integer(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("basis", sa.String(length=32), nullable=True),
        sa.Column("asked_to_step", sa.Boolean(), nullable=False),
        sa.Column("agrees_to_step", sa.Boolean(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("noted_by", sa.Integer(), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("person_id", "resident_id"),
    )
    op.create_index("ix_agreement_resident_id", "agreement", ["resident_id"])


def _tellings() -> None:
    op.create_table(
        "alert_telling",
        sa.Column("alert_telling_id", sa.Integer(), primary_key=True),
        sa.Column("alert_id", sa.Integer(), sa.ForeignKey("alert.alert_id"), nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("saw_closed", sa.Boolean(), nullable=False),
        sa.Column("told", sa.String(length=32), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("alert_id", "person_id"),
    )
    op.create_index("ix_alert_telling_person_id", "alert_telling", ["person_id"])
    op.create_index("ix_alert_telling_until", "alert_telling", ["until"])
    op.create_table(
        "relative_word",
        sa.Column("once", sa.String(), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("resident_id", sa.Integer(), sa.ForeignKey("resident.resident_id"), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_relative_word_due_at", "relative_word", ["due_at"])
    op.create_table(
        "step_asked",
        sa.Column("step_asked_id", sa.Integer(), primary_key=True),
        sa.Column("alert_id", sa.Integer(), sa.ForeignKey("alert.alert_id"), nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("goes", sa.Boolean(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.UniqueConstraint("alert_id", "person_id"),
    )
    op.create_index("ix_step_asked_person_id", "step_asked", ["person_id"])


def _thread() -> None:
    op.create_table(
        "thread_message",
        sa.Column("thread_message_id", sa.Integer(), primary_key=True),
        sa.Column("code", sa.String(), nullable=False, unique=True),
        sa.Column("resident_id", sa.Integer(), sa.ForeignKey("resident.resident_id"), nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("of_team", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("read_by", sa.Integer(), sa.ForeignKey("person.person_id"), nullable=True),
        sa.Column("read_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_thread_message_resident_id", "thread_message", ["resident_id"])
    op.create_table(
        "thread_seen",
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.person_id"), primary_key=True),
        sa.Column("resident_id", sa.Integer(), sa.ForeignKey("resident.resident_id"), primary_key=True),
        sa.Column("up_to", sa.Integer(), nullable=False),
    )
    op.create_table(
        "task",
        sa.Column("task_id", sa.Integer(), primary_key=True),
        sa.Column("code", sa.String(), nullable=False, unique=True),
        sa.Column("resident_id", sa.Integer(), sa.ForeignKey("resident.resident_id"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.person_id"), nullable=True),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Integer(), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("done_by", sa.Integer(), sa.ForeignKey("person.person_id"), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_task_resident_id", "task", ["resident_id"])
    op.create_table(
        "company",
        sa.Column("company_id", sa.Integer(), primary_key=True),
        sa.Column("code", sa.String(), nullable=False, unique=True),
        sa.Column("resident_id", sa.Integer(), sa.ForeignKey("resident.resident_id"), nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("begins_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_company_resident_id", "company", ["resident_id"])
    op.create_index("ix_company_ends_at", "company", ["ends_at"])


def downgrade() -> None:
    for table in ("company", "task", "thread_seen", "thread_message", "step_asked", "relative_word", "alert_telling"):
        op.drop_table(table)
    op.drop_table("agreement")
