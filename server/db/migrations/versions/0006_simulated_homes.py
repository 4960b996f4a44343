"""Simulated homes as their testers see them, and what testers asked of them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "simulation",
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=True),
        sa.Column("truth", sa.JSON(), nullable=False),
        sa.Column("heard_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["home_id"], ["home.home_id"]),
        sa.PrimaryKeyConstraint("home_id"),
    )
    op.create_table(
        "simulation_order",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=32), nullable=False),
        sa.Column("argument", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("taken_at", _MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("said", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["home_id"], ["home.home_id"]),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_index(op.f("ix_simulation_order_home_id"), "simulation_order", ["home_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_simulation_order_home_id"), table_name="simulation_order")
    op.drop_table("simulation_order")
    op.drop_table("simulation")
