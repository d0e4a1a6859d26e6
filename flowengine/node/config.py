"""The base of every node's configuration."""

from flowengine.fields import StrictConfig


class Config(StrictConfig):
    """Configure a node; a node without settings uses this class as it is.

    Unknown names are refused, defaults are validated like values, and an instance does not change.
    """
