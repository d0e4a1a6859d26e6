from odoo.tests import TransactionCase, tagged
from odoo.tools import convert_file


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    def test_demo_data_can_be_loaded(self):
        """Odoo leaves demo data out that fails, so that nobody would see it."""
        before = self.env["iiot.device"].search_count([])
        convert_file(self.env, "industrial_iot", "demo/iiot_demo.xml", {}, mode="init", noupdate=True)
        self.assertEqual(self.env["iiot.device"].search_count([]), before + 3)
