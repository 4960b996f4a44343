"""Planned visits, staff who are with a resident, absences and pauses; and what was muted, by whom and until when."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("absence_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("begins_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column("set_at", _MOMENT, nullable=False),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("remind_at", _MOMENT, nullable=True),
        sa.Column("back_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.resident_id"]),
        sa.ForeignKeyConstraint(["home_id"], ["home.home_id"]),
        sa.ForeignKeyConstraint(["set_by"], ["person.person_id"]),
        sa.ForeignKeyConstraint(["ended_by"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("absence_id"),
        sa.UniqueConstraint("code"),
    )
    for column in ("resident_id", "home_id", "remind_at"):
        op.create_index(f"ix_absence_{column}", "absence", [column])
    _visits()
    op.add_column("finding", sa.Column("muted_until", _MOMENT, nullable=True))
    op.add_column("finding", sa.Column("muted_by", sa.String(), nullable=False, server_default=""))


def _visits() -> None:
    op.create_table(
        "calendar_event",
        sa.Column("calendar_event_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("imported_by", sa.Integer(), nullable=False),
        sa.Column("imported_at", _MOMENT, nullable=False),
        sa.Column("planned_until", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.resident_id"]),
        sa.ForeignKeyConstraint(["imported_by"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("calendar_event_id"),
        sa.UniqueConstraint("resident_id", "uid"),
    )
    op.create_table(
        "planned_visit",
        sa.Column("planned_visit_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("begins_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.resident_id"]),
        sa.ForeignKeyConstraint(["entered_by"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("planned_visit_id"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("resident_id", "uid", "occurrence"),
    )
    op.create_table(
        "staff_stay",
        sa.Column("staff_stay_id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("arrived_at", _MOMENT, nullable=False),
        sa.Column("leaves_by", _MOMENT, nullable=False),
        sa.Column("left_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["home_id"], ["home.home_id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("staff_stay_id"),
    )
    for table, columns in {
        "calendar_event": ("resident_id", "due_at"),
        "planned_visit": ("resident_id", "begins_at"),
        "staff_stay": ("home_id", "arrived_at"),
    }.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    op.drop_column("finding", "muted_by")
    op.drop_column("finding", "muted_until")
    for table in ("staff_stay", "planned_visit", "calendar_event", "absence"):
        op.drop_table(table)
