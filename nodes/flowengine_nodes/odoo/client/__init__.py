"""Calls to an Odoo server, whatever its version."""
