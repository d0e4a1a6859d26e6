"""Run flows between devices and business systems, and lose no message."""
