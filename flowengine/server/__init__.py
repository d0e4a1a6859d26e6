"""The HTTP server: health, metrics, the admin API, and the paths that nodes answer for."""
