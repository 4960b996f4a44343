"""How often people wish to be told wrongly, and how they rated alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for table, of in (("unit_budget", "unit"), ("home_budget", "home")):
        op.create_table(
            table,
            sa.Column(f"{of}_id", sa.Integer(), nullable=False),
            sa.Column("budget", sa.Float(), nullable=False),
            sa.Column("set_by", sa.Integer(), nullable=False),
            sa.Column("set_at", _MOMENT, nullable=False),
            sa.ForeignKeyConstraint([f"{of}_id"], [f"{of}.{of}_id"]),
            sa.ForeignKeyConstraint(["set_by"], ["person.person_id"]),
            sa.PrimaryKeyConstraint(f"{of}_id"),
        )
    op.create_table(
        "alert_rating",
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("rating", sa.String(length=32), nullable=True),
        sa.Column("rated_by", sa.Integer(), nullable=False),
        sa.Column("rated_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.alert_id"]),
        sa.ForeignKeyConstraint(["rated_by"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("alert_id"),
    )


def downgrade() -> None:
    for table in ("alert_rating", "home_budget", "unit_budget"):
        op.drop_table(table)
