"""Units stand in a tree, and a resident can have an account."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("unit") as unit:
        unit.add_column(sa.Column("kind", sa.String(length=32), nullable=False, server_default="team"))
        unit.add_column(sa.Column("parent_id", sa.Integer(), nullable=True))
        unit.create_foreign_key("unit_parent", "unit", ["parent_id"], ["unit_id"])
        unit.create_index("ix_unit_parent_id", ["parent_id"])
    op.add_column("person", sa.Column("resident_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("person", "resident_id")
    with op.batch_alter_table("unit") as unit:
        unit.drop_index("ix_unit_parent_id")
        unit.drop_constraint("unit_parent", type_="foreignkey")
        unit.drop_column("parent_id")
        unit.drop_column("kind")
