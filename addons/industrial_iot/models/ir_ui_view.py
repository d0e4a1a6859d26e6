from odoo import api, models

from ..versions import VERSION
from ..views_before_18 import written_for_17

if VERSION < 18:

    class IrUiView(models.Model):
        _inherit = "ir.ui.view"

        @api.model_create_multi
        def create(self, vals_list):
            """Rewrite the views of this module as they are installed."""
            return super().create([self._iiot_rewritten(vals, vals.get("model")) for vals in vals_list])

        def write(self, vals):
            """Rewrite the views of this module as they are updated."""
            return super().write(self._iiot_rewritten(vals, vals.get("model") or self[:1].model))

        def _iiot_rewritten(self, vals, model):
            if not vals.get("arch") or self.env.context.get("install_module") != "industrial_iot":
                return vals
            return {**vals, "arch": written_for_17(vals["arch"], self.env[model]._fields if model else {})}
