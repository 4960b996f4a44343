"""The whole chain: people, homes, observations, findings, alerts, messages, audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("audit_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("audit_entry_id"),
    )
    op.create_index(op.f("ix_audit_entry_about"), "audit_entry", ["about"], unique=False)
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_table(
        "change",
        sa.Column("change_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("change_id"),
    )
    op.create_table(
        "observation",
        sa.Column("stream_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("sensor_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("observed_ms", sa.BigInteger(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.Column("clock", sa.SmallInteger(), nullable=False),
        sa.Column("rssi_dbm", sa.SmallInteger(), nullable=True),
        sa.PrimaryKeyConstraint("stream_id", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_index("observation_by_time", "observation", ["home_id", "observed_ms"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("quarantine_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("stream_id", sa.Integer(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("quarantine_id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index(op.f("ix_quarantine_received_at"), "quarantine", ["received_at"], unique=False)
    op.create_index("quarantine_item", "quarantine", ["stream_id", "seq"], unique=True)
    op.create_table(
        "unit",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "home",
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.unit_id"],
        ),
        sa.PrimaryKeyConstraint("home_id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index(op.f("ix_home_unit_id"), "home", ["unit_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.unit_id"],
        ),
        sa.PrimaryKeyConstraint("person_id"),
        sa.UniqueConstraint("username"),
    )
    op.create_table(
        "policy",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.unit_id"],
        ),
        sa.PrimaryKeyConstraint("unit_id"),
    )
    op.create_table(
        "finding",
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["home_id"],
            ["home.home_id"],
        ),
        sa.PrimaryKeyConstraint("finding_id"),
    )
    op.create_index(op.f("ix_finding_home_id"), "finding", ["home_id"], unique=False)
    op.create_table(
        "gateway",
        sa.Column("gateway_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("config_version", sa.Integer(), nullable=False),
        sa.Column("last_heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("knows_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.JSON(), nullable=True),
        sa.Column("deaf_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("boot", sa.String(), nullable=True),
        sa.Column("software", sa.String(), nullable=True),
        sa.Column("clock_synced", sa.Boolean(), nullable=True),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("troubles", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"],
            ["home.home_id"],
        ),
        sa.PrimaryKeyConstraint("gateway_id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index(op.f("ix_gateway_due_at"), "gateway", ["due_at"], unique=False)
    op.create_index(op.f("ix_gateway_home_id"), "gateway", ["home_id"], unique=False)
    op.create_table(
        "home_watch",
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wakes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("seen_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"],
            ["home.home_id"],
        ),
        sa.PrimaryKeyConstraint("home_id"),
    )
    op.create_index(op.f("ix_home_watch_due_at"), "home_watch", ["due_at"], unique=False)
    op.create_table(
        "relativeof",
        sa.Column("relative_of_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.person_id"],
        ),
        sa.PrimaryKeyConstraint("relative_of_id"),
        sa.UniqueConstraint("person_id", "resident_id"),
    )
    op.create_index(op.f("ix_relativeof_person_id"), "relativeof", ["person_id"], unique=False)
    op.create_index(op.f("ix_relativeof_resident_id"), "relativeof", ["resident_id"], unique=False)
    op.create_table(
        "resident",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"],
            ["home.home_id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.unit_id"],
        ),
        sa.PrimaryKeyConstraint("resident_id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index(op.f("ix_resident_home_id"), "resident", ["home_id"], unique=False)
    op.create_index(op.f("ix_resident_unit_id"), "resident", ["unit_id"], unique=False)
    op.create_table(
        "routine",
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("fitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_fit_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("parameters", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"],
            ["home.home_id"],
        ),
        sa.PrimaryKeyConstraint("home_id"),
    )
    op.create_index(op.f("ix_routine_next_fit_at"), "routine", ["next_fit_at"], unique=False)
    op.create_table(
        "sensor",
        sa.Column("sensor_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("bind_key", sa.String(), nullable=True),
        sa.Column("last_heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("battery_percent", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["home_id"],
            ["home.home_id"],
        ),
        sa.PrimaryKeyConstraint("sensor_id"),
        sa.UniqueConstraint("address"),
    )
    op.create_index(op.f("ix_sensor_home_id"), "sensor", ["home_id"], unique=False)
    op.create_table(
        "signin",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.person_id"],
        ),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index(op.f("ix_signin_person_id"), "signin", ["person_id"], unique=False)
    op.create_table(
        "alert",
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("national_code", sa.String(), nullable=True),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("alert_class", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("room", sa.String(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.Column("on_the_way_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"],
            ["resident.resident_id"],
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"],
            ["person.person_id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.unit_id"],
        ),
        sa.PrimaryKeyConstraint("alert_id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index(
        "alert_open",
        "alert",
        ["resident_id", "kind"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(op.f("ix_alert_raised_at"), "alert", ["raised_at"], unique=False)
    op.create_index(op.f("ix_alert_resident_id"), "alert", ["resident_id"], unique=False)
    op.create_index(op.f("ix_alert_unit_id"), "alert", ["unit_id"], unique=False)
    op.create_table(
        "stream",
        sa.Column("stream_id", sa.Integer(), nullable=False),
        sa.Column("gateway_id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("up_to_seq", sa.BigInteger(), nullable=False),
        sa.Column("lost", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["gateway_id"],
            ["gateway.gateway_id"],
        ),
        sa.ForeignKeyConstraint(
            ["home_id"],
            ["home.home_id"],
        ),
        sa.PrimaryKeyConstraint("stream_id"),
    )
    op.create_index(op.f("ix_stream_home_id"), "stream", ["home_id"], unique=False)
    op.create_index("stream_name", "stream", ["gateway_id", "epoch", "stream"], unique=True)
    op.create_table(
        "alert_log",
        sa.Column("alert_log_id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.alert_id"],
        ),
        sa.PrimaryKeyConstraint("alert_log_id"),
    )
    op.create_index(op.f("ix_alert_log_alert_id"), "alert_log", ["alert_id"], unique=False)
    op.create_table(
        "escalation",
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.alert_id"],
        ),
        sa.PrimaryKeyConstraint("alert_id"),
    )
    op.create_index(op.f("ix_escalation_due_at"), "escalation", ["due_at"], unique=False)
    op.create_table(
        "notification",
        sa.Column("notification_id", sa.Integer(), nullable=False),
        sa.Column("once", sa.String(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.alert_id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.person_id"],
        ),
        sa.PrimaryKeyConstraint("notification_id"),
        sa.UniqueConstraint("once"),
    )
    op.create_index(op.f("ix_notification_alert_id"), "notification", ["alert_id"], unique=False)
    op.create_index(op.f("ix_notification_due_at"), "notification", ["due_at"], unique=False)
    op.create_index(op.f("ix_notification_person_id"), "notification", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_notification_person_id"), table_name="notification")
    op.drop_index(op.f("ix_notification_due_at"), table_name="notification")
    op.drop_index(op.f("ix_notification_alert_id"), table_name="notification")
    op.drop_table("notification")
    op.drop_index(op.f("ix_escalation_due_at"), table_name="escalation")
    op.drop_table("escalation")
    op.drop_index(op.f("ix_alert_log_alert_id"), table_name="alert_log")
    op.drop_table("alert_log")
    op.drop_index("stream_name", table_name="stream")
    op.drop_index(op.f("ix_stream_home_id"), table_name="stream")
    op.drop_table("stream")
    op.drop_index(op.f("ix_alert_unit_id"), table_name="alert")
    op.drop_index(op.f("ix_alert_resident_id"), table_name="alert")
    op.drop_index(op.f("ix_alert_raised_at"), table_name="alert")
    op.drop_index(
        "alert_open",
        table_name="alert",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("alert")
    op.drop_index(op.f("ix_signin_person_id"), table_name="signin")
    op.drop_table("signin")
    op.drop_index(op.f("ix_sensor_home_id"), table_name="sensor")
    op.drop_table("sensor")
    op.drop_index(op.f("ix_routine_next_fit_at"), table_name="routine")
    op.drop_table("routine")
    op.drop_index(op.f("ix_resident_unit_id"), table_name="resident")
    op.drop_index(op.f("ix_resident_home_id"), table_name="resident")
    op.drop_table("resident")
    op.drop_index(op.f("ix_relativeof_resident_id"), table_name="relativeof")
    op.drop_index(op.f("ix_relativeof_person_id"), table_name="relativeof")
    op.drop_table("relativeof")
    op.drop_index(op.f("ix_home_watch_due_at"), table_name="home_watch")
    op.drop_table("home_watch")
    op.drop_index(op.f("ix_gateway_home_id"), table_name="gateway")
    op.drop_index(op.f("ix_gateway_due_at"), table_name="gateway")
    op.drop_table("gateway")
    op.drop_index(op.f("ix_finding_home_id"), table_name="finding")
    op.drop_table("finding")
    op.drop_table("policy")
    op.drop_table("person")
    op.drop_index(op.f("ix_home_unit_id"), table_name="home")
    op.drop_table("home")
    op.drop_table("unit")
    op.drop_index("quarantine_item", table_name="quarantine")
    op.drop_index(op.f("ix_quarantine_received_at"), table_name="quarantine")
    op.drop_table("quarantine")
    op.drop_index("observation_by_time", table_name="observation")
    op.drop_table("observation")
    op.drop_table("change")
    op.drop_index(op.f("ix_audit_entry_at"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_about"), table_name="audit_entry")
    op.drop_table("audit_entry")
