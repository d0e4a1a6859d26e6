"""The reference, made from the code: node types, checks, commands, documents, metrics and error codes."""
