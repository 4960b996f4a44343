"""What is wrong with one sensor, how it wears, and tests that prove its way to the server."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("count_renewed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("troubles", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("battery_low_since", _MOMENT, nullable=True),
        sa.Column("weak_since", _MOMENT, nullable=True),
    ):
        op.add_column("sensor", column)
    op.add_column("gateway", sa.Column("config_mark", sa.String(), nullable=True))
    op.add_column("gateway", sa.Column("radio_steps", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "sensor_test",
        sa.Column("sensor_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.Column("observed_at", _MOMENT, nullable=True),
        sa.Column("received_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["sensor_id"], ["sensor.sensor_id"]),
        sa.PrimaryKeyConstraint("sensor_id"),
    )


def downgrade() -> None:
    op.drop_table("sensor_test")
    op.drop_column("gateway", "radio_steps")
    op.drop_column("gateway", "config_mark")
    for name in ("weak_since", "battery_low_since", "troubles", "count_renewed"):
        op.drop_column("sensor", name)
