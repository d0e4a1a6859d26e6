from .common import IiotCase


class AutomationCase(IiotCase):
    """A device that stands for a partner, and rules on partners."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The methods that automated actions hang on stay patched beyond the transaction.
        cls.addClassCleanup(cls.env["base.automation"]._unregister_hook)
        cls.partner_model = cls.env["ir.model"]._get("res.partner")

    def setUp(self):
        super().setUp()
        self.partner = self.env["res.partner"].create({"name": "Machine", "color": 0})
        self.device.business_ref = self.partner

    def new_rule(self, **values):
        """Return a rule on partners, which stand for machines here."""
        return self.env["iiot.automation.rule"].create(
            {
                "name": "Machine",
                "model_id": self.partner_model.id,
                "command_action": "alert",
                "throttle": 0,
                **values,
            }
        )

    def commands(self):
        """Return the commands of the device, oldest first."""
        return self.env["iiot.command"].search([("device_id", "=", self.device.id)], order="id")
