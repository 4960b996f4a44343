"""An alert changes hands, is asked after, belongs to a happening, and ends with cause and measure."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_NEW: dict[str, sa.types.TypeEngine[Any]] = {
    "happening": sa.String(),
    "due_at": _MOMENT,
    "asked_at": _MOMENT,
    "offered_to": sa.Integer(),
    "offered_until": _MOMENT,
    "confirmed_by": sa.Integer(),
    "confirmed_at": _MOMENT,
    "delivered_at": _MOMENT,
    "closed_by": sa.Integer(),
    "cause": sa.String(length=32),
    "measure": sa.String(length=32),
}
_ASKED_FOR = ("happening", "due_at")


def upgrade() -> None:
    for name, kind in _NEW.items():
        op.add_column("alert", sa.Column(name, kind, nullable=True))
    for name in _ASKED_FOR:
        op.create_index(f"ix_alert_{name}", "alert", [name])
    op.add_column("alert_log", sa.Column("detail", sa.String(), nullable=True))
    # Whoever has one is asked at once: none is forgotten because it was taken before there was a question.
    op.execute("UPDATE alert SET due_at = taken_at WHERE status IN ('taken', 'on_the_way', 'with_resident')")


def downgrade() -> None:
    op.drop_column("alert_log", "detail")
    for name in _ASKED_FOR:
        op.drop_index(f"ix_alert_{name}", "alert")
    for name in reversed(_NEW):
        op.drop_column("alert", name)
