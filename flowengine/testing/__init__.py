"""Test nodes and flows as the engine runs them, without waiting for real time."""

from flowengine.testing.clock import VirtualClock, settled
from flowengine.testing.harness import Failed, NodeHarness, Sent

__all__ = ["Failed", "NodeHarness", "Sent", "VirtualClock", "settled"]
