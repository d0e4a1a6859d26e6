from tests.cli.conftest import Command, flowengine, here

__all__ = ["Command", "flowengine", "here"]
