"""An alert can be about a home nobody lives in or a whole unit, and its escalation can begin anew."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ONCE = {
    "alert_open": (["resident_id", "kind"], "closed_at IS NULL"),
    "alert_open_home": (["home_id", "kind"], "closed_at IS NULL AND resident_id IS NULL"),
    "alert_open_unit": (
        ["unit_id", "kind", "is_test"],
        "closed_at IS NULL AND resident_id IS NULL AND home_id IS NULL",
    ),
}


def upgrade() -> None:
    op.drop_index("alert_open", "alert")
    with op.batch_alter_table("alert") as alert:
        alert.alter_column("resident_id", existing_type=sa.Integer(), nullable=True)
        alert.add_column(sa.Column("home_id", sa.Integer(), nullable=True))
        alert.add_column(sa.Column("is_test", sa.Boolean(), nullable=False, server_default=sa.false()))
        alert.add_column(sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))
        alert.create_foreign_key("alert_home", "home", ["home_id"], ["home_id"])
        alert.create_index("ix_alert_home_id", ["home_id"])
    of_whom = "FROM resident r JOIN home h ON h.home_id = r.home_id WHERE r.resident_id = alert.resident_id"
    op.execute(
        f"UPDATE alert SET home_id = (SELECT h.home_id {of_whom}), is_test = (SELECT h.is_test {of_whom})"  # noqa: S608
    )
    op.execute("UPDATE alert SET waiting_since = raised_at WHERE status = 'reported'")
    for name in _ONCE:
        _once(name)
    op.add_column("escalation", sa.Column("began_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("escalation", "began_at")
    for name in _ONCE:
        op.drop_index(name, "alert")
    op.execute("DELETE FROM alert WHERE resident_id IS NULL")
    with op.batch_alter_table("alert") as alert:
        alert.drop_index("ix_alert_home_id")
        alert.drop_constraint("alert_home", type_="foreignkey")
        for column in ("waiting_since", "is_test", "home_id"):
            alert.drop_column(column)
        alert.alter_column("resident_id", existing_type=sa.Integer(), nullable=False)
    _once("alert_open")


def _once(name: str) -> None:
    columns, where = _ONCE[name]
    op.create_index(name, "alert", columns, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
