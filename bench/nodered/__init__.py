"""Node-RED, the peer: installed from npm, started without its editor, with flows equivalent to ours."""
