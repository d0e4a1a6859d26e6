"""Telemetry: from the payload of a device to the values of business objects, without I/O."""
