"""Automation: triggers, interlocks and throttles, without any I/O."""
