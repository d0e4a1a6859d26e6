from jinja2 import TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

DEFAULT_TEMPLATE = '{"action": "{{ action }}", "params": {{ params | tojson }}}'


class IiotCommandTemplate(models.Model):
    """Message of one kind of command, for the devices of a profile."""

    _name = "iiot.command.template"
    _description = "IIoT Command Template"
    _order = "profile_id, code"

    name = fields.Char("Name", required=True)
    code = fields.Char("Code", required=True, help="The action that the template is for, such as reset.")
    template = fields.Text(
        "Template",
        required=True,
        default=DEFAULT_TEMPLATE,
        help="Jinja2 template of the message, which must be JSON. It knows action, params, device_id, device and now().",
    )
    profile_id = fields.Many2one("iiot.device.profile", "Device Profile", ondelete="cascade", index=True)
    is_active = fields.Boolean("Active", default=True)
