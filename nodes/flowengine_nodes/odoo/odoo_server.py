"""The config node of an Odoo server."""

from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import field_validator

from flowengine.node import Config, ConfigNode, Context, Duration, Field, NodeError, Resource, Secret, node_type
from flowengine_nodes.network.tls_options import TlsOptions
from flowengine_nodes.odoo.client.client import LOOK_AGAIN, OdooClient
from flowengine_nodes.odoo.client.odoo_http import Address, KeepAlive
from flowengine_nodes.odoo.record_locks import RecordLocks

ServerId = Annotated[str, Resource("odoo-server")]
"""A field that refers to an Odoo server."""

_LOOK_SOON: Final = 30.0
"""Seconds until a server that was away, or did not take the key, is asked again."""


class OdooServerConfig(Config):
    """Reach an Odoo server."""

    base_url: str = Field(
        "http://localhost:8069", description="Address of Odoo, without a path.", title="Base URL", min_length=1
    )
    database: str = Field(
        "", description="Name of the database; may be empty where the server has only one and is 19 or later."
    )
    login: str = Field("", description="Login of the user that the key belongs to; 17 and 18 need it.")
    api_key: Secret = Field(
        "", description="API key of that user, made in Odoo under Preferences, Account Security.", title="API key"
    )
    version: Literal["auto", "17", "18", "19"] = Field("auto", description="Version of Odoo; auto asks the server.")
    rpc: Literal["auto", "json-2", "json-rpc"] = Field(
        "auto", description="How to call methods: auto takes JSON-2 from 19 on and JSON-RPC before.", title="RPC"
    )
    timeout: Duration = Field("60s", gt=0, description="Longest wait for a whole answer.")
    connect_timeout: Duration = Field("10s", gt=0, description="Longest wait for a connection.")
    connections: int = Field(
        4, ge=1, le=100, description="Most requests at a time; no more than Odoo has workers for us."
    )
    tls: TlsOptions = Field({}, description="How to speak TLS with https.", title="TLS")
    keep_alive: KeepAlive = Field(
        "auto",
        description="Whether a connection serves many requests: auto where a proxy in front of Odoo offers it. Odoo's "
        "own server does not.",
    )

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("write an address such as https://odoo.example")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("write the address alone, without user, query or fragment")
        return text.rstrip("/")


@node_type("odoo-server", category="odoo", label="Odoo server", icon="server", outside=True)
class OdooServer(ConfigNode[OdooServerConfig]):
    """Call an Odoo server, for all nodes that refer to it.

    Every call shows the API key of one Odoo user, so what the bridge may do is what this user's groups may; Odoo 18 and
    later let keys of users expire, so plan their rotation. A key that is not taken, or a server that is not there, is
    no fault of a message: what goes through an outbox waits.

    | code | meaning | tried again |
    |---|---|---|
    | `http-connection`, `http-timeout`, `http-tls` | there is no answer | yes |
    | `odoo-busy`, `odoo-database` | Odoo, or its PostgreSQL, has no time | yes |
    | `odoo-conflict` | others write to the same records | yes |
    | `odoo-login`, `odoo-address` | the key is not taken, or it is not that Odoo | yes |
    | `odoo-access` | the user may not | no |
    | `odoo-missing-record`, `odoo-not-found` | there is no such record, or no such model or method | no |
    | `odoo-validation`, `odoo-refused` | a rule of Odoo is against it | no |
    | `odoo-bad-call` | a field or an argument that there is not, or an error in Odoo's own code | no |

    The error's `detail` has Odoo's own sentence as `message`; tracebacks, which Odoo sends along, are kept nowhere.
    """

    def __init__(self, config: OdooServerConfig, context: Context) -> None:
        super().__init__(config, context)
        self.client = OdooClient(
            Address(
                base_url=config.base_url,
                database=config.database,
                login=config.login,
                key=config.api_key,
                timeout=config.timeout,
                connect_timeout=config.connect_timeout,
                connections=config.connections,
                tls=config.tls.context() if config.tls != TlsOptions() else None,
                server_name=config.tls.server_name,
                keep_alive=config.keep_alive,
            ),
            context.clock.time,
            series=0 if config.version == "auto" else int(config.version),
            rpc="" if config.rpc == "auto" else config.rpc,
        )
        self.records = RecordLocks()

    @classmethod
    def trial(cls, config: OdooServerConfig) -> OdooServerConfig:
        """Return the configuration as it is: to ask Odoo what it is takes nothing from anybody."""
        return config

    async def run(self) -> None:
        """Show what the server is, and whether it takes the key."""
        while True:
            try:
                about = await self.client.about(fresh=True)
            except NodeError as error:
                # No error: the engine is ready without Odoo, and what is for it waits.
                self.context.status(str(error), "warning")
                await self.context.clock.sleep(_LOOK_SOON)
            else:
                version = f"Odoo {about.version or about.series}"
                self.context.status(f"{version}, with the addon" if about.addon else version)
                await self.context.clock.sleep(LOOK_AGAIN)

    async def stop(self) -> None:
        """Close all connections."""
        await self.client.close()
