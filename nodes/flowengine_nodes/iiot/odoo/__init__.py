"""The registry whose master is Odoo: what is asked there, and the copy that the bridge lives on."""
