"""The built-in node pack of flowengine."""
