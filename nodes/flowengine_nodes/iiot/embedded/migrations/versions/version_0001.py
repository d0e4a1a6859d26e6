"""The first version of the registry's tables; written by scripts/generate-registry-migration."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:  # noqa: PLR0915 - one statement for each table and index
    """Make the tables."""
    op.create_table(
        "iiot_api_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=True),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.Column("used_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iiot_api_key")),
    )
    op.create_table(
        "iiot_automation_rule",
        sa.Column("id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.Column("reached_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iiot_automation_rule")),
    )
    op.create_table(
        "iiot_copy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iiot_copy")),
    )
    op.create_table(
        "iiot_copy_order",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iiot_copy_order")),
    )
    op.create_table(
        "iiot_copy_unfit",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_iiot_copy_unfit")),
    )
    op.create_table(
        "iiot_firmware",
        sa.Column("id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("hardware", sa.Text(), nullable=False),
        sa.Column("min_version", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iiot_firmware")),
    )
    op.create_index(op.f("ix_iiot_firmware_sha256"), "iiot_firmware", ["sha256"], unique=False)
    op.create_index(
        op.f("ix_iiot_firmware_version_created_at"), "iiot_firmware", ["version", "created_at"], unique=False
    )
    op.create_table(
        "iiot_key",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_iiot_key")),
    )
    op.create_table(
        "iiot_profile",
        sa.Column("id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iiot_profile")),
    )
    op.create_index(op.f("ix_iiot_profile_revision"), "iiot_profile", ["revision"], unique=False)
    op.create_table(
        "iiot_removal",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_iiot_removal")),
    )
    op.create_index(op.f("ix_iiot_removal_revision"), "iiot_removal", ["revision"], unique=False)
    op.create_table(
        "iiot_revision",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iiot_revision")),
    )
    op.create_table(
        "iiot_rollout",
        sa.Column("id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=False),
        sa.Column("counted_from", sa.Double(), nullable=False),
        sa.Column("rolls_back", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iiot_rollout")),
    )
    op.create_index(op.f("ix_iiot_rollout_state_id"), "iiot_rollout", ["state", "id"], unique=False)
    op.create_index(
        "ix_iiot_rollout_untold",
        "iiot_rollout",
        ["id"],
        unique=False,
        sqlite_where=sa.text("told IS false"),
        postgresql_where=sa.text("told IS false"),
    )
    op.create_index("uq_iiot_rollout_key", "iiot_rollout", ["requested_by", "key"], unique=True)
    op.create_table(
        "iiot_device",
        sa.Column("id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("lifecycle", sa.Text(), nullable=False),
        sa.Column("resumes_as", sa.Text(), nullable=True),
        sa.Column("business_model", sa.Text(), nullable=True),
        sa.Column("business_id", sa.BigInteger(), nullable=True),
        sa.Column("hardware", sa.Text(), nullable=False),
        sa.Column("firmware", sa.Text(), nullable=False),
        sa.Column("groups", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["profile"], ["iiot_profile.id"], name=op.f("fk_iiot_device_profile")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iiot_device")),
        sa.UniqueConstraint("serial", name=op.f("uq_iiot_device_serial")),
    )
    op.create_index(op.f("ix_iiot_device_firmware_id"), "iiot_device", ["firmware", "id"], unique=False)
    op.create_index(op.f("ix_iiot_device_lifecycle_id"), "iiot_device", ["lifecycle", "id"], unique=False)
    op.create_index(op.f("ix_iiot_device_profile_id"), "iiot_device", ["profile", "id"], unique=False)
    op.create_index(op.f("ix_iiot_device_revision"), "iiot_device", ["revision"], unique=False)
    op.create_table(
        "iiot_automation_firing",
        sa.Column("id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("rule", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("device", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("is_taken", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device"], ["iiot_device.id"], name=op.f("fk_iiot_automation_firing_device"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["rule"], ["iiot_automation_rule.id"], name=op.f("fk_iiot_automation_firing_rule"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iiot_automation_firing")),
    )
    op.create_index(op.f("ix_iiot_automation_firing_device"), "iiot_automation_firing", ["device"], unique=False)
    op.create_index(
        op.f("ix_iiot_automation_firing_is_taken_at"), "iiot_automation_firing", ["is_taken", "at"], unique=False
    )
    op.create_index(op.f("ix_iiot_automation_firing_rule_at"), "iiot_automation_firing", ["rule", "at"], unique=False)
    op.create_table(
        "iiot_automation_watch",
        sa.Column("rule", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("device", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("is_fired", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Double(), nullable=True),
        sa.Column("fired_at", sa.Double(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["device"], ["iiot_device.id"], name=op.f("fk_iiot_automation_watch_device"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["rule"], ["iiot_automation_rule.id"], name=op.f("fk_iiot_automation_watch_rule"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("rule", "device", name=op.f("pk_iiot_automation_watch")),
    )
    op.create_index(op.f("ix_iiot_automation_watch_device"), "iiot_automation_watch", ["device"], unique=False)
    op.create_table(
        "iiot_command",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("device", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("supersede", sa.Text(), nullable=True),
        sa.Column("response_timeout", sa.Double(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=False),
        sa.Column("deadline", sa.Double(), nullable=True),
        sa.Column("sent_at", sa.Double(), nullable=True),
        sa.Column("delivered_at", sa.Double(), nullable=True),
        sa.Column("acknowledged_at", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reported", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device"], ["iiot_device.id"], name=op.f("fk_iiot_command_device"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_iiot_command")),
        sa.UniqueConstraint("id", name=op.f("uq_iiot_command_id")),
        sa.UniqueConstraint("who", "key", name=op.f("uq_iiot_command_who_key")),
    )
    op.create_index(op.f("ix_iiot_command_deadline"), "iiot_command", ["deadline"], unique=False)
    op.create_index(op.f("ix_iiot_command_device_sent_at"), "iiot_command", ["device", "sent_at"], unique=False)
    op.create_index(
        op.f("ix_iiot_command_device_state_number"), "iiot_command", ["device", "state", "number"], unique=False
    )
    op.create_index(op.f("ix_iiot_command_ended_at"), "iiot_command", ["ended_at"], unique=False)
    op.create_index(op.f("ix_iiot_command_state_next_at"), "iiot_command", ["state", "next_at"], unique=False)
    op.create_index(
        "ix_iiot_command_unreported",
        "iiot_command",
        ["number"],
        unique=False,
        sqlite_where=sa.text("reported < revision AND (state NOT IN ('queued', 'sent'))"),
        postgresql_where=sa.text("reported < revision AND (state NOT IN ('queued', 'sent'))"),
    )
    op.create_table(
        "iiot_device_group",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("device", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["device"], ["iiot_device.id"], name=op.f("fk_iiot_device_group_device"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("name", "device", name=op.f("pk_iiot_device_group")),
    )
    op.create_index(op.f("ix_iiot_device_group_device"), "iiot_device_group", ["device"], unique=False)
    op.create_table(
        "iiot_presence",
        sa.Column("device", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=True),
        sa.Column("since", sa.Double(), nullable=True),
        sa.Column("seen_at", sa.Double(), nullable=True),
        sa.Column("telemetry_at", sa.Double(), nullable=True),
        sa.Column("telemetry", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["device"], ["iiot_device.id"], name=op.f("fk_iiot_presence_device"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_iiot_presence")),
    )
    op.create_index(op.f("ix_iiot_presence_online_device"), "iiot_presence", ["online", "device"], unique=False)
    op.create_index(op.f("ix_iiot_presence_online_seen_at"), "iiot_presence", ["online", "seen_at"], unique=False)
    op.create_table(
        "iiot_rollout_device",
        sa.Column("rollout", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("device", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("firmware", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device"], ["iiot_device.id"], name=op.f("fk_iiot_rollout_device_device"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["rollout"], ["iiot_rollout.id"], name=op.f("fk_iiot_rollout_device_rollout"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("rollout", "device", name=op.f("pk_iiot_rollout_device")),
    )
    op.create_index(op.f("ix_iiot_rollout_device_device"), "iiot_rollout_device", ["device"], unique=False)
    op.create_index(
        "ix_iiot_rollout_device_firmware",
        "iiot_rollout_device",
        ["firmware"],
        unique=False,
        sqlite_where=sa.text("outcome = ''"),
        postgresql_where=sa.text("outcome = ''"),
    )
    op.create_index(
        op.f("ix_iiot_rollout_device_rollout_part_outcome_place"),
        "iiot_rollout_device",
        ["rollout", "part", "outcome", "place"],
        unique=False,
    )
    op.create_table(
        "iiot_token",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("device", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("used_at", sa.Double(), nullable=True),
        sa.Column("request", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["iiot_device.id"], name=op.f("fk_iiot_token_device"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iiot_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_iiot_token_digest")),
    )
    op.create_index(op.f("ix_iiot_token_device_used_at"), "iiot_token", ["device", "used_at"], unique=False)
    op.create_table(
        "iiot_update",
        sa.Column("id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("device", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("firmware", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("rollout", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("part", sa.Integer(), nullable=True),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("deadline", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("sending", sa.Boolean(), nullable=False),
        sa.Column("taken_back", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["iiot_device.id"], name=op.f("fk_iiot_update_device"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iiot_update")),
    )
    op.create_index(
        "ix_iiot_update_deadline",
        "iiot_update",
        ["deadline"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(op.f("ix_iiot_update_device_id"), "iiot_update", ["device", "id"], unique=False)
    op.create_index(
        "ix_iiot_update_due",
        "iiot_update",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'scheduled'"),
        postgresql_where=sa.text("state = 'scheduled'"),
    )
    op.create_index(
        "ix_iiot_update_firmware",
        "iiot_update",
        ["firmware"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        op.f("ix_iiot_update_rollout_part_state"), "iiot_update", ["rollout", "part", "state"], unique=False
    )
    op.create_index(
        "ix_iiot_update_taken_back",
        "iiot_update",
        ["id"],
        unique=False,
        sqlite_where=sa.text("taken_back IS true"),
        postgresql_where=sa.text("taken_back IS true"),
    )
    op.create_index("uq_iiot_update_key", "iiot_update", ["requested_by", "key"], unique=True)
    op.create_index(
        "uq_iiot_update_running",
        "iiot_update",
        ["device"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "iiot_update_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("update", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["update"], ["iiot_update.id"], name=op.f("fk_iiot_update_change_update"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iiot_update_change")),
    )
    op.create_index(
        "ix_iiot_update_change_untold",
        "iiot_update_change",
        ["id"],
        unique=False,
        sqlite_where=sa.text("told IS false"),
        postgresql_where=sa.text("told IS false"),
    )
    op.create_index(op.f("ix_iiot_update_change_update_id"), "iiot_update_change", ["update", "id"], unique=False)
