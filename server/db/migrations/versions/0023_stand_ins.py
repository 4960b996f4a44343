"""Who stands in for another unit sees it for some hours."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stand_in",
        sa.Column("stand_in_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.unit_id"]),
        sa.PrimaryKeyConstraint("stand_in_id"),
        sa.UniqueConstraint("person_id", "unit_id"),
    )


def downgrade() -> None:
    op.drop_table("stand_in")
