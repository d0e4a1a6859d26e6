"""The industrial IoT domain: registry, pairing, telemetry, commands, firmware, automation and presence."""
