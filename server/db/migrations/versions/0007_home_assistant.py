"""What of a sensor the home's own Home Assistant may show, and which of its entities stand for it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sensor", sa.Column("shown_in_home_assistant", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("sensor", sa.Column("home_assistant_entities", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("sensor", "home_assistant_entities")
    op.drop_column("sensor", "shown_in_home_assistant")
