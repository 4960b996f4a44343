"""Policies of units by kind of alert, with quiet hours; the chain is looked over."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "escalation_policy",
        sa.Column("policy_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("quiet", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.unit_id"]),
        sa.PrimaryKeyConstraint("policy_id"),
        sa.UniqueConstraint("unit_id", "about"),
    )
    # What a unit had decided held for all of its alerts, and goes on doing so.
    for about in ("person", "technical"):
        move = sa.text(
            "INSERT INTO escalation_policy (unit_id, about, steps, version) "
            "SELECT unit_id, :about, steps, 1 FROM policy"
        )
        op.get_bind().execute(move, {"about": about})
    op.drop_table("policy")
    op.add_column("escalation", sa.Column("quiet", sa.JSON(), nullable=True))
    op.create_table(
        "chain_check",
        sa.Column("chain_check_id", sa.Integer(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("looked_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("chain_check_id"),
    )


def downgrade() -> None:
    op.drop_table("chain_check")
    op.drop_column("escalation", "quiet")
    op.create_table(
        "policy",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.unit_id"]),
        sa.PrimaryKeyConstraint("unit_id"),
    )
    op.execute(
        "INSERT INTO policy (unit_id, steps) SELECT unit_id, steps FROM escalation_policy WHERE about = 'person'"
    )
    op.drop_table("escalation_policy")
