"""Each person's channels, receipts of devices, and messages about more than alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notification") as notification:
        notification.alter_column("alert_id", existing_type=sa.Integer(), nullable=True)
        notification.add_column(sa.Column("subject", sa.String(length=32), nullable=False, server_default="alert"))
        notification.add_column(sa.Column("about", sa.String(), nullable=False, server_default=""))
        notification.add_column(sa.Column("round", sa.Integer(), nullable=False, server_default="0"))
        notification.add_column(sa.Column("severity", sa.Integer(), nullable=False, server_default="40"))
        notification.add_column(sa.Column("home_id", sa.Integer(), nullable=True))
        notification.add_column(sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
        notification.add_column(sa.Column("token", sa.String(), nullable=True))
        notification.add_column(sa.Column("received_at", sa.DateTime(timezone=True), nullable=True))
        notification.create_unique_constraint("notification_token", ["token"])
        notification.create_index("ix_notification_about", ["about"])
    op.execute("UPDATE notification SET about = CAST(alert_id AS VARCHAR)")
    op.create_table(
        "contact",
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.person_id"), primary_key=True),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
    )
    op.create_table(
        "channel_choice",
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.person_id"), primary_key=True),
        sa.Column("level", sa.Integer(), primary_key=True),
        sa.Column("channels", sa.JSON(), nullable=False),
    )
    op.create_table(
        "push_subscription",
        sa.Column("push_subscription_id", sa.Integer(), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.person_id"), nullable=False, index=True),
        sa.Column("endpoint", sa.String(), nullable=False, unique=True),
        sa.Column("p256dh", sa.String(), nullable=False),
        sa.Column("auth", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "channel",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("last_proven_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed", sa.String(), nullable=True),
    )
    op.create_table(
        "vapid_key",
        sa.Column("vapid_key_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("private_pem", sa.String(), nullable=False),
    )


def downgrade() -> None:
    for table in ("vapid_key", "channel", "push_subscription", "channel_choice", "contact"):
        op.drop_table(table)
    op.execute("DELETE FROM notification WHERE alert_id IS NULL")
    with op.batch_alter_table("notification") as notification:
        notification.drop_index("ix_notification_about")
        notification.drop_constraint("notification_token", type_="unique")
        for column in ("received_at", "token", "place", "home_id", "severity", "round", "about", "subject"):
            notification.drop_column(column)
        notification.alter_column("alert_id", existing_type=sa.Integer(), nullable=False)
