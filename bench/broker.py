"""The real broker: a Mosquitto that drops nothing and delays nothing."""

from pathlib import Path

from bench.machine import mosquitto
from bench.process import Process, free_port, wait_for_port

SETTINGS = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence false
max_inflight_messages 0
max_queued_messages 0
max_queued_bytes 0
set_tcp_nodelay true
log_type error
"""


class Mosquitto(Process):
    """Start a fresh Mosquitto on a free port; nothing of an earlier run is in it."""

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        settings = directory / "mosquitto.conf"
        settings.write_text(SETTINGS.format(port=self.port))
        super().__init__([mosquitto(), "-c", str(settings)], log=directory / "mosquitto.log")
        wait_for_port(self.port)
