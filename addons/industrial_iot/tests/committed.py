import uuid
from contextlib import contextmanager

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests.common import BaseCase, get_db_name

from .bridge_stand_in import KEY, BridgeStandIn


class CommittedCase(BaseCase):
    """Tests whose transactions are really committed, beside a bridge that really listens.

    What they leave behind in the database, they remove.
    """

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.bridge = BridgeStandIn()
        self.bridge.start()
        self.addCleanup(self.bridge.stop)
        self.addCleanup(self._remove)
        with self.transaction() as env:
            # Whatever languages the database has: sentences are compared with the English ones.
            env["res.lang"]._activate_lang("en_US")
            root = env["res.users"].browse(SUPERUSER_ID)
            self.language, root.lang = root.lang, "en_US"
            code = f"queue-{uuid.uuid4().hex[:8]}"
            profile = env["iiot.device.profile"].create({"name": code, "code": code})
            device = env["iiot.device"].create({"serial_number": code, "profile_id": profile.id})
            self.profile_id, self.device_id = profile.id, device.id
            # Last of all, so that nobody is told of the above.
            env["ir.config_parameter"].set_param("iiot.bridge_url", self.bridge.url)
            env["ir.config_parameter"].set_param("iiot.bridge_key", KEY)

    def _remove(self):
        self.bridge.status, self.bridge.key = 200, KEY
        with self.transaction() as env:
            env["res.users"].browse(SUPERUSER_ID).lang = self.language
            env["ir.config_parameter"].set_param("iiot.bridge_url", False)
            env["ir.config_parameter"].set_param("iiot.bridge_key", False)
            env["iiot.command"].search([("device_id", "=", self.device_id)]).unlink()
            env["iiot.device"].browse(self.device_id).unlink()
            env["iiot.device.profile"].browse(self.profile_id).unlink()
            env["iiot.bridge.event"].search([]).unlink()
            env.cr.execute("DELETE FROM iiot_bridge_change")

    @contextmanager
    def transaction(self):
        """Give an environment, and commit."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})

    def send(self, *actions):
        """Send commands, each in a transaction of its own."""
        for action in actions:
            with self.transaction() as env:
                env["iiot.device"].browse(self.device_id).send_command(action)

    def states(self):
        """Return the states of all events in the queue."""
        with self.transaction() as env:
            return env["iiot.bridge.event"].search([]).mapped("state")

    def run_cron(self, *, now=True):
        """Run the scheduled action, when it is due."""
        with self.transaction() as env:
            if now:
                env["iiot.bridge.event"].search([("state", "=", "pending")]).write({"next_try": False})
        with self.transaction() as env:
            env["iiot.bridge.event"]._cron_send()

    def sent_actions(self):
        """Return the actions of all commands that the bridge has got, in order."""
        return [event["data"]["action"] for event in self.bridge.events if event["type"] == "command"]
