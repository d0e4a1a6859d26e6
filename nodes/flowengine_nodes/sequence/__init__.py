"""Nodes that take sequences of messages apart and put them together."""
