"""Check what an MQTT broker does, to choose the one that `flowengine demo` embeds."""
