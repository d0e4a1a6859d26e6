"""Nodes that write to Odoo, ask it and hear from it."""
