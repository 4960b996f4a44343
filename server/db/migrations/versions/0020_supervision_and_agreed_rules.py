"""Digital supervision in rounds, rules agreed for one resident, and kinds that are muted for a time."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def _moment(name: str, *, null: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _number(name: str, of: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(of), nullable=null)


def upgrade() -> None:
    op.create_table(
        "house_rule",
        sa.Column("house_rule_id", sa.Integer(), primary_key=True),
        sa.Column("code", sa.String(), nullable=False, unique=True),
        _number("resident_id", "resident.resident_id"),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        _number("owner_id", "person.person_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("rehearsed_version", sa.Integer(), nullable=True),
        _moment("muted_until"),
        _number("muted_by", "person.person_id", null=True),
        sa.Column("muted_why", sa.String(), nullable=False),
        _moment("removed_at"),
        _moment("judged_until"),
        _moment("wakes_at"),
        sa.Column("unseen", sa.JSON(), nullable=False),
    )
    op.create_table(
        "house_rule_change",
        sa.Column("house_rule_change_id", sa.Integer(), primary_key=True),
        _number("house_rule_id", "house_rule.house_rule_id"),
        _moment("at", null=False),
        _number("by", "person.person_id"),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
    )
    op.create_table(
        "house_rule_firing",
        sa.Column("house_rule_firing_id", sa.Integer(), primary_key=True),
        _number("house_rule_id", "house_rule.house_rule_id"),
        _moment("window_begin", null=False),
        _moment("window_end", null=False),
        _moment("at", null=False),
        _moment("ended_at"),
        sa.Column("reasons", sa.JSON(), nullable=False),
        _number("alert_id", "alert.alert_id", null=True),
        sa.UniqueConstraint("house_rule_id", "window_begin"),
    )
    op.create_table(
        "kind_muting",
        sa.Column("kind_muting_id", sa.Integer(), primary_key=True),
        _number("home_id", "home.home_id"),
        sa.Column("kind", sa.String(length=32), nullable=False),
        _moment("until", null=False),
        sa.Column("why", sa.String(), nullable=False),
        _number("set_by", "person.person_id"),
        _moment("set_at", null=False),
        _moment("lifted_at"),
    )
    op.create_table(
        "look_plan",
        sa.Column("look_plan_id", sa.Integer(), primary_key=True),
        sa.Column("code", sa.String(), nullable=False, unique=True),
        _number("resident_id", "resident.resident_id"),
        sa.Column("times", sa.JSON(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("replaces_visit", sa.Boolean(), nullable=False),
        _number("set_by", "person.person_id"),
        _moment("set_at", null=False),
        _moment("ended_at"),
    )
    op.create_table(
        "supervision_round",
        sa.Column("round_id", sa.Integer(), primary_key=True),
        sa.Column("code", sa.String(), nullable=False, unique=True),
        _number("unit_id", "unit.unit_id"),
        _moment("at", null=False),
        _moment("due_at"),
        _moment("signed_at"),
        _number("signed_by", "person.person_id", null=True),
        _number("alert_id", "alert.alert_id", null=True),
        sa.UniqueConstraint("unit_id", "at"),
    )
    op.create_table(
        "look",
        sa.Column("look_id", sa.Integer(), primary_key=True),
        _number("round_id", "supervision_round.round_id"),
        _number("resident_id", "resident.resident_id"),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("replaces_visit", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        _moment("marked_at", null=False),
        _number("marked_by", "person.person_id"),
        _moment("visited_at"),
        _number("visited_by", "person.person_id", null=True),
        _moment("due_at"),
        sa.UniqueConstraint("round_id", "resident_id"),
    )
    for table, columns in _INDEXES:
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])


_INDEXES = (
    ("house_rule", ("resident_id",)),
    ("house_rule_change", ("house_rule_id",)),
    ("house_rule_firing", ("house_rule_id", "at")),
    ("kind_muting", ("home_id",)),
    ("look_plan", ("resident_id",)),
    ("supervision_round", ("unit_id", "due_at")),
    ("look", ("round_id", "resident_id", "due_at")),
)


def downgrade() -> None:
    for table in (
        "look", "supervision_round", "look_plan", "kind_muting", "house_rule_firing", "house_rule_change", "house_rule",
    ):  # fmt: skip
        op.drop_table(table)
