"""The built-in node pack of flowengine."""

NODES = ("common", "function", "iiot", "network", "sequence")
"""Packages that hold node types; the others are what these, and the commands, are made of."""
