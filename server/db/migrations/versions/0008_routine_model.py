"""What a home's nightly lesson goes on from, and how sure a finding is."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("gateway", sa.Column("started_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("routine", sa.Column("diary", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("routine", sa.Column("note", sa.JSON(), nullable=True))
    op.add_column("routine", sa.Column("life_since", sa.Date(), nullable=True))
    op.add_column("routine", sa.Column("alerts_since", sa.Date(), nullable=True))
    op.add_column("finding", sa.Column("finding_class", sa.String(), nullable=False, server_default="person"))
    op.add_column("finding", sa.Column("subject", sa.String(), nullable=False, server_default=""))
    op.add_column("finding", sa.Column("room", sa.String(), nullable=True))
    op.add_column("finding", sa.Column("p_value", sa.Float(), nullable=True))
    op.add_column("finding", sa.Column("learned_days", sa.Integer(), nullable=False, server_default="0"))
    # What was remembered of a home's state, and what was learned of it, means something else now.
    op.execute("UPDATE home_watch SET state = '{}', wakes_at = NULL")
    op.execute("UPDATE finding SET ended_at = noticed_at WHERE ended_at IS NULL")


def downgrade() -> None:
    op.drop_column("gateway", "started_at")
    op.execute("UPDATE home_watch SET state = '{}', wakes_at = NULL")
    for column in ("learned_days", "p_value", "room", "subject", "finding_class"):
        op.drop_column("finding", column)
    for column in ("alerts_since", "life_since", "note", "diary"):
        op.drop_column("routine", column)
