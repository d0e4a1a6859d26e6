"""The editor: what drawing large flows costs the browser's main thread."""
