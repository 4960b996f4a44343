"""Silences, batteries, marks on faults, screens on walls, days as people look at them, and notes on them."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "silence",
        sa.Column("silence_id", sa.Integer(), primary_key=True),
        sa.Column("home_id", sa.Integer(), sa.ForeignKey("home.home_id"), nullable=False),
        sa.Column("gateway_id", sa.Integer(), sa.ForeignKey("gateway.gateway_id"), nullable=True),
        sa.Column("sensor_id", sa.Integer(), sa.ForeignKey("sensor.sensor_id"), nullable=True),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=True),
    )
    for column in ("home_id", "gateway_id", "sensor_id", "until"):
        op.create_index(f"ix_silence_{column}", "silence", [column])
    op.create_table(
        "battery_day",
        sa.Column("sensor_id", sa.Integer(), sa.ForeignKey("sensor.sensor_id"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("percent", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("sensor_id", "day"),
    )
    op.create_table(
        "device_mark",
        sa.Column("device_mark_id", sa.Integer(), primary_key=True),
        sa.Column("home_id", sa.Integer(), sa.ForeignKey("home.home_id"), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("fault", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("withdrawn_at", _MOMENT, nullable=True),
    )
    op.create_index("ix_device_mark_home_id", "device_mark", ["home_id"])
    op.create_table(
        "board_screen",
        sa.Column("board_screen_id", sa.Integer(), primary_key=True),
        sa.Column("code", sa.String(), nullable=False, unique=True),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.unit_id"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("made_by", sa.Integer(), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("one_time_hash", sa.String(), nullable=True, unique=True),
        sa.Column("one_time_ends_at", _MOMENT, nullable=False),
        sa.Column("token_hash", sa.String(), nullable=True, unique=True),
        sa.Column("seen_at", _MOMENT, nullable=True),
        sa.Column("revoked_at", _MOMENT, nullable=True),
    )
    op.create_index("ix_board_screen_unit_id", "board_screen", ["unit_id"])
    op.create_table(
        "kept_days",
        sa.Column("home_id", sa.Integer(), sa.ForeignKey("home.home_id"), autoincrement=False, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("figures", sa.LargeBinary(), nullable=False),
        sa.Column("quarters", sa.LargeBinary(), nullable=False),
        sa.Column("ok", sa.LargeBinary(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("home_id"),
    )
    op.create_table(
        "development_note",
        sa.Column("development_note_id", sa.Integer(), primary_key=True),
        sa.Column("resident_id", sa.Integer(), sa.ForeignKey("resident.resident_id"), nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
    )
    op.create_index("ix_development_note_resident_id", "development_note", ["resident_id"])


def downgrade() -> None:
    for table in ("development_note", "kept_days", "board_screen", "device_mark", "battery_day", "silence"):
        op.drop_table(table)
