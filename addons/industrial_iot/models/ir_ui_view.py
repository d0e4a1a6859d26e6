from odoo import api, models

from ..versions import VERSION
from ..views_before_18 import written_for_17

if VERSION < 18:

    class IrUiView(models.Model):
        _inherit = "ir.ui.view"

        @api.model_create_multi
        def create(self, vals_list):
            """Rewrite the views of this module as they are installed."""
            for vals in vals_list:
                self._iiot_rewrite(vals)
            return super().create(vals_list)

        def write(self, vals):
            """Rewrite the views of this module as they are updated."""
            vals = dict(vals)
            self._iiot_rewrite(vals)
            return super().write(vals)

        def _iiot_rewrite(self, vals):
            if vals.get("arch") and self.env.context.get("install_module") == "industrial_iot":
                vals["arch"] = written_for_17(vals["arch"])
