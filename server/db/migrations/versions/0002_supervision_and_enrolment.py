"""What a gateway tells of itself, when a sensor's silence is a fault, and how a gateway comes to its secret."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("oldest_waiting_at", _MOMENT, nullable=True),
        sa.Column("dropped", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("deaf_radios", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("starts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("clock_jumps", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("clock_ahead_s", sa.Float(), nullable=True),
        sa.Column("disk_free_mb", sa.BigInteger(), nullable=True),
        sa.Column("secret_hash", sa.String(), nullable=True),
        sa.Column("enrolled_at", _MOMENT, nullable=True),
        sa.Column("revoked_at", _MOMENT, nullable=True),
    ):
        op.add_column("gateway", column)
    for column in (
        sa.Column("rssi_dbm", sa.Integer(), nullable=True),
        sa.Column("reads_as", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("expected_interval_s", sa.Float(), nullable=True),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("silent_since", _MOMENT, nullable=True),
        sa.Column("last_proven_at", _MOMENT, nullable=True),
    ):
        op.add_column("sensor", column)
    op.create_index(op.f("ix_sensor_due_at"), "sensor", ["due_at"], unique=False)
    op.create_table(
        "enrolment_code",
        sa.Column("gateway_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["gateway_id"], ["gateway.gateway_id"]),
        sa.PrimaryKeyConstraint("gateway_id"),
        sa.UniqueConstraint("code_hash"),
    )
    op.create_table(
        "enrolment_failure",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("free_again_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )


def downgrade() -> None:
    op.drop_table("enrolment_failure")
    op.drop_table("enrolment_code")
    op.drop_index(op.f("ix_sensor_due_at"), table_name="sensor")
    for name in ("last_proven_at", "silent_since", "due_at", "expected_interval_s", "reads_as", "rssi_dbm"):
        op.drop_column("sensor", name)
    for name in (
        "revoked_at", "enrolled_at", "secret_hash", "disk_free_mb", "clock_ahead_s", "clock_jumps", "starts",
        "deaf_radios", "dropped", "oldest_waiting_at",
    ):  # fmt: skip
        op.drop_column("gateway", name)
