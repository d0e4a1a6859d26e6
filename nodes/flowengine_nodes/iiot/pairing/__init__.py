"""Pairing: how a device proves with a one-time token that it is the one, and what it gets for that."""
