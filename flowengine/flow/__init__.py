"""The documents that people write and keep in git, and everything that reads and writes them."""
