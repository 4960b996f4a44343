"""What was measured on a body, beside the observation that told it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vital",
        sa.Column("stream_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("sensor_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("measured_ms", sa.BigInteger(), nullable=False),
        sa.Column("by_device_clock", sa.Boolean(), nullable=False),
        sa.Column("device_sequence", sa.Integer(), nullable=True),
        sa.Column("device_user", sa.SmallInteger(), nullable=True),
        sa.Column("doubts", sa.JSON(), nullable=False),
        sa.Column("meal", sa.String(length=32), nullable=True),
        sa.Column("missed", sa.SmallInteger(), nullable=True),
        sa.Column("mark", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("stream_id", "seq"),
    )
    op.create_index("vital_by_time", "vital", ["home_id", "measured_ms"], unique=False)
    op.create_index("vital_once", "vital", ["sensor_id", "kind", "mark"], unique=True)


def downgrade() -> None:
    op.drop_index("vital_once", table_name="vital")
    op.drop_index("vital_by_time", table_name="vital")
    op.drop_table("vital")
