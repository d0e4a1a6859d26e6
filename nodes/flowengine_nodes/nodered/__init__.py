"""The import of flows from Node-RED."""
