from odoo import api, fields, models

from ..message_template import DEFAULT_TEMPLATE, check_template


class IiotCommandTemplate(models.Model):
    """Message of one kind of command, for the devices of a profile."""

    _name = "iiot.command.template"
    _description = "IIoT Command Template"
    _order = "profile_id, code, id"

    name = fields.Char("Name", required=True)
    code = fields.Char("Code", required=True, help="The action that the template is for, such as reset.")
    template = fields.Text(
        "Template",
        required=True,
        default=DEFAULT_TEMPLATE,
        help="Jinja2 template of the message; it must give JSON. It can use action, params, device_id, device and "
        "now().",
    )
    profile_id = fields.Many2one("iiot.device.profile", "Device Profile", ondelete="cascade", index=True)
    is_active = fields.Boolean(
        "Active", default=True, help="Otherwise commands of this kind use the template of the profile."
    )

    def init(self):
        # A profile has one template in use for each action; any number may lie ready.
        self.env.cr.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS iiot_command_template_code_index "
            "ON iiot_command_template (profile_id, code) WHERE is_active"
        )

    @api.constrains("template")
    def _check_template(self):
        for template in self:
            check_template(template.template)

    @api.model_create_multi
    def create(self, vals_list):
        templates = super().create(vals_list)
        templates.profile_id._registry_changed()
        return templates

    def write(self, vals):
        profiles = self.profile_id
        result = super().write(vals)
        (profiles | self.profile_id)._registry_changed()
        return result

    def unlink(self):
        self.profile_id._registry_changed()
        return super().unlink()
