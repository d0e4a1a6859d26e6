"""The command ``flowengine``."""
