"""What is usual of a home's sensors, and which of them are suspected."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "equipment",
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("ask_at", _MOMENT, nullable=False),
        sa.Column("counted_until", _MOMENT, nullable=False),
        sa.Column("looked_until", _MOMENT, nullable=False),
        sa.Column("usual", sa.JSON(), nullable=False),
        sa.Column("suspected", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["home_id"], ["home.home_id"]),
        sa.PrimaryKeyConstraint("home_id"),
    )
    op.create_index("ix_equipment_ask_at", "equipment", ["ask_at"])
    lasts = sa.text("ended_at IS NULL")
    op.create_index("finding_lasting", "finding", ["finding_class"], sqlite_where=lasts, postgresql_where=lasts)


def downgrade() -> None:
    op.drop_index("finding_lasting", "finding")
    op.drop_table("equipment")
