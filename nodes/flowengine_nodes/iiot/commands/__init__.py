"""Commands: their templates and messages, and what becomes of them, without any I/O."""
