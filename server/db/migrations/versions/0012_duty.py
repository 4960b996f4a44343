"""Who is on duty, what was planned, and what is handed over; accounts can be closed."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "shift",
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.unit_id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("shift_id"),
        sa.UniqueConstraint("code"),
    )
    for column in ("unit_id", "person_id", "from_at"):
        op.create_index(f"ix_shift_{column}", "shift", [column])
    op.create_table(
        "duty_period",
        sa.Column("duty_period_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tests", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.unit_id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.ForeignKeyConstraint(["successor_id"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("duty_period_id"),
        sa.UniqueConstraint("code"),
    )
    for column in ("unit_id", "person_id", "successor_id"):
        op.create_index(f"ix_duty_period_{column}", "duty_period", [column])
    still = sa.text("to_at IS NULL")
    op.create_index("duty_open", "duty_period", ["person_id"], unique=True, sqlite_where=still, postgresql_where=still)
    op.create_table(
        "duty_watch",
        sa.Column("unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bare_since", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.unit_id"]),
        sa.PrimaryKeyConstraint("unit_id"),
    )
    op.create_index("ix_duty_watch_due_at", "duty_watch", ["due_at"])
    _hand_over()


def _hand_over() -> None:
    op.create_table(
        "handover",
        sa.Column("handover_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("listed", sa.JSON(), nullable=True),
        sa.Column("left_by", sa.Integer(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.unit_id"]),
        sa.ForeignKeyConstraint(["left_by"], ["person.person_id"]),
        sa.ForeignKeyConstraint(["taken_by"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("handover_id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_handover_unit_id", "handover", ["unit_id"])
    op.create_table(
        "handover_note",
        sa.Column("handover_note_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("handover_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.handover_id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("handover_note_id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_handover_note_handover_id", "handover_note", ["handover_id"])


def downgrade() -> None:
    for table in ("handover_note", "handover", "duty_watch", "duty_period", "shift"):
        op.drop_table(table)
    op.drop_column("person", "closed_at")
