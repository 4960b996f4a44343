"""The certificates that the installation's own authority gave to gateways."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "gateway_certificate",
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("gateway_id", sa.Integer(), nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["gateway_id"], ["gateway.gateway_id"]),
        sa.PrimaryKeyConstraint("serial"),
    )
    op.create_index(op.f("ix_gateway_certificate_gateway_id"), "gateway_certificate", ["gateway_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_gateway_certificate_gateway_id"), table_name="gateway_certificate")
    op.drop_table("gateway_certificate")
