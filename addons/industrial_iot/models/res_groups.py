from odoo import api, fields, models

from ..versions import USER_GROUPS, VERSION


class ResGroups(models.Model):
    _inherit = "res.groups"

    @api.model
    def _iiot_set_up_groups(self):
        """Put the groups of this module where users are given groups, and make the administrators one of its own."""
        category = self.env.ref("industrial_iot.module_category_iiot")
        user = self.env.ref("industrial_iot.group_iiot_user")
        admin = self.env.ref("industrial_iot.group_iiot_admin")
        bridge = self.env.ref("industrial_iot.group_iiot_bridge")
        if VERSION < 19:
            (user | admin | bridge).category_id = category
        else:
            # A user has one group of a privilege: the bridge's is of one of its own.
            for name, title, groups in (
                ("privilege_iiot", "Industrial IoT", user | admin),
                ("privilege_iiot_bridge", "IIoT Bridge", bridge),
            ):
                values = {"name": title, "category_id": category.id}
                groups.privilege_id = self.env["res.groups.privilege"]._load_records(
                    [{"xml_id": f"industrial_iot.{name}", "values": values}]
                )
        for name in ("base.user_root", "base.user_admin"):
            self.env.ref(name).write({USER_GROUPS: [fields.Command.link(admin.id)]})
