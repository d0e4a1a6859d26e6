"""Simulated devices: they pair, measure, obey and update as real ones do, and misbehave when told to."""
