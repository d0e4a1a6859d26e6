"""The command ``flowengine``."""

from flowengine.cli.app import main

__all__ = ["main"]
