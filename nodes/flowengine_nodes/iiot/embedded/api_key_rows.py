"""The table of API keys."""

from typing import Any

from sqlalchemy import Column, Double, Row, Table, Text

from flowengine_nodes.iiot.embedded.schema import metadata
from flowengine_nodes.iiot.registry.api_key import ApiKey

api_key = Table(
    "iiot_api_key",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    # With spaces between them.
    Column("scopes", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", Double),
    Column("revoked_at", Double),
    Column("used_at", Double),
)


def api_key_of(row: Row[Any]) -> ApiKey:
    """Return the key of a row."""
    return ApiKey(
        id=row.id,
        name=row.name,
        scopes=tuple(row.scopes.split()),
        digest=row.digest,
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
    )
