from tests.cli.conftest import flowengine, here

__all__ = ["flowengine", "here"]
