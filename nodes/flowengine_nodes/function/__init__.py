"""Nodes that change, choose, hold and compute."""
