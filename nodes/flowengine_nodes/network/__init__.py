"""Nodes and clients that talk to the network."""
