"""Reproducible benchmarks of flowengine against Node-RED: ``python -m bench``."""
