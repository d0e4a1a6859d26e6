"""The built-in node pack of flowengine."""

NODES = ("common", "function", "iiot", "network", "odoo", "sequence")
"""Packages that hold node types; the others are what these, and the commands, are made of."""
