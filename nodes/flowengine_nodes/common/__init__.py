"""Nodes that every flow needs: where messages begin, what is seen of them, and ways between flows."""
