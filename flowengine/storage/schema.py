"""The store's tables, for queries; :mod:`flowengine.storage.migrations` makes them."""

from sqlalchemy import BigInteger, Column, Double, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

version = Table("flowengine_schema", metadata, Column("version", Integer, nullable=False))

outbox = Table(
    "flowengine_outbox",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("flow", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("meta", LargeBinary, nullable=False),
    Column("created_at", Double, nullable=False),
    # 0 means now, so that a clock set back delays nothing; while a row is claimed, the end of the lease.
    Column("due_at", Double, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("last_error", Text),
    Column("claimed_by", Text),
    # 1 while an earlier row of the same key keeps this one back: claims do not meet it again and again.
    Column("parked", BigInteger, nullable=False),
    # How often a process died, or let the lease end, while it had the row.
    Column("crashes", BigInteger, nullable=False),
)

dead_letter = Table(
    "flowengine_dead_letter",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("flow", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("meta", LargeBinary, nullable=False),
    Column("error_code", Text, nullable=False),
    Column("error_text", Text, nullable=False),
    Column("error_detail", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("failed_at", Double, nullable=False),
    Column("replays", BigInteger, nullable=False),
    Column("taken_by", Text),
)

state = Table(
    "flowengine_state",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("node", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    # A fresh random number at every write: an old one never comes back.
    Column("version", BigInteger, nullable=False),
)

shelf = Table(
    "flowengine_shelf",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("flow", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("meta", LargeBinary, nullable=False),
    Column("due_at", Double),
    Column("owner", Text, nullable=False),
)

audit = Table(
    "flowengine_audit",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("at", Double, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

user = Table(
    "flowengine_user",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("seen_at", Double),
)

api_token = Table(
    "flowengine_api_token",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    # Who made it.
    Column("owner", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),
    Column("seen_at", Double),
)

session = Table(
    "flowengine_session",
    metadata,
    Column("digest", Text, primary_key=True),
    # Whose it is: a user by name, an API token by id, or the admin token by digest.
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
)

worker = Table(
    "flowengine_worker",
    metadata,
    Column("id", Text, primary_key=True),
    Column("started_at", Double, nullable=False),
)
