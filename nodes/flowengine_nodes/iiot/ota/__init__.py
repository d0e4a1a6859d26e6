"""Firmware over the air: versions, signatures, files, the states of an update, and the decisions of a rollout."""
