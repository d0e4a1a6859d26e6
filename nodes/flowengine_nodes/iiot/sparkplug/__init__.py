"""Sparkplug B payloads (Eclipse Sparkplug 3.0), decoded without a library: what is read of them is small."""
