from tests.runtime.conftest import stand

__all__ = ["stand"]
