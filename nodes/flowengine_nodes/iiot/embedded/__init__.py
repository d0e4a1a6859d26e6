"""The embedded back end of the registry: tables in the engine's own store, on SQLite or PostgreSQL."""
