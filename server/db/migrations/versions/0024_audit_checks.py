"""The audit chain is checked a part at a time."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit_check",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("checked_to", _BIG, nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.Column("broken_at", _BIG, nullable=True),
        sa.Column("whole_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    op.drop_table("audit_check")
