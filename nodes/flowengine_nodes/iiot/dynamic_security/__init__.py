"""Mosquitto's dynamic security: what a device may do at the broker, kept as the registry wants it."""
