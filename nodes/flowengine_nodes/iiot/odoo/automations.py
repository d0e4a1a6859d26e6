"""Automation rules: Odoo's, with a copy here; what they remember is the bridge's own."""

from sqlalchemy import Connection

from flowengine.node import Clock, Database
from flowengine_nodes.iiot.embedded.automation import EmbeddedAutomations, check_removal, check_rule
from flowengine_nodes.iiot.odoo.master import Master
from flowengine_nodes.iiot.registry.automation import AutomationRule


class OdooAutomations(EmbeddedAutomations):
    """All automation rules. What is read comes from the copy; changes are Odoo's first.

    Args:
        database: Where the copy is.
        clock: Tells when they change.
        master: Asks Odoo.
    """

    def __init__(self, database: Database, clock: Clock, master: Master) -> None:
        super().__init__(database, clock)
        self._master = master

    async def save(self, rule: AutomationRule, who: str) -> None:
        """Store a rule, new or changed.

        Raises:
            UnfitRuleError: It is for devices of a profile that is not there, or that do not know its action.
            TransientError: Odoo is away; nothing has changed.
        """

        def check(connection: Connection) -> None:
            check_rule(connection, rule)

        async with self._master.alone:
            await self._master.ask(check, "save_rule", document=rule.model_dump(mode="json", by_alias=True), who=who)
            await super().save(rule, who)

    async def remove(self, id: str, who: str) -> None:
        """Remove a rule and what it remembers.

        Raises:
            UnknownRecordError: There is none.
            TransientError: Odoo is away; nothing has changed.
        """

        def check(connection: Connection) -> None:
            check_removal(connection, id)

        async with self._master.alone:
            await self._master.ask(check, "remove_rule", id=id, who=who)
            await super().remove(id, who)
