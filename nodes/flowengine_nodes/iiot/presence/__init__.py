"""Presence: which devices are online, decided without I/O."""
