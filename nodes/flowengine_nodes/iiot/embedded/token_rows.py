"""The table of tokens."""

from sqlalchemy import Column, Double, ForeignKey, Index, Integer, Table, Text

from flowengine_nodes.iiot.embedded.schema import Id, metadata

token_table = Table(
    "iiot_token",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("key", Text, nullable=False),
    Column("device", Id, ForeignKey("iiot_device.id", ondelete="CASCADE"), nullable=False),
    Column("serial", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("misses", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("used_at", Double),
    Column("request", Text, nullable=False),
)
Index(None, token_table.c.device, token_table.c.used_at)
