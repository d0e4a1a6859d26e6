"""The changes to the registry's tables, one a file, run by Alembic in the order of their numbers."""
