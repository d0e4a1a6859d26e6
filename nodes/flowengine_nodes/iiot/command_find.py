"""The command-find node."""

from flowengine.node import Config, Field, JsonPath, Message, Node, Output, node_type
from flowengine_nodes.iiot.registry.errors import UnknownRecordError
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId


class CommandFindConfig(Config):
    """Look commands up."""

    registry: RegistryId = Field("registry", description="Registry that keeps the commands.")
    id: JsonPath = Field("$.id", description="Where the message has the command's id.")


@node_type("command-find", category="iiot", label="Command find", icon="search")
class CommandFind(Node[CommandFindConfig]):
    """Find a command by its id, and how far it has come.

    What leaves by `found` has the command as its payload; what leaves by `missing` has the payload
    `{code, message, location}` and the `status_code` 404, for an http-response node.
    """

    found = Output("The command.")
    missing = Output("The message, where there is no such command.")

    async def start(self) -> None:
        """Find the registry."""
        self._registry = self.context.resource(self.config.registry, Registry)

    async def receive(self, message: Message) -> None:
        """Look a command up."""
        id = self.config.id.first(message.fields, "")
        try:
            command = await self._registry.commands.get(str(id))
        except UnknownRecordError as error:
            payload = {"code": error.code, "message": str(error), "location": "id"}
            self.send(self.missing, message.replace(payload=payload, status_code=404))
        else:
            self.send(self.found, message.replace(payload=command.describe(), device=command.device))
