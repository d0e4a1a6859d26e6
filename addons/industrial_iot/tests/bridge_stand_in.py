"""A bridge for tests: a small HTTP server that checks signatures and remembers what it was told."""

import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "0123456789abcdef0123456789abcdef"


class BridgeStandIn:
    """Take events as the bridge does.

    Attributes:
        key: Key that signatures are checked with.
        status: HTTP status of the next answers; 200 to take events.
        bad: Types of events that a call is refused for, with 400.
        refused: Types of events that are refused one by one, with 200.
        calls: The bodies of all calls whose signature was right.
        gate: Cleared to let calls wait before they are answered.
        arrived: Set when a call has come.
    """

    def __init__(self):
        self.key = KEY
        self.status = 200
        self.bad = ()
        self.refused = ()
        self.calls = []
        self.gate = threading.Event()
        self.gate.set()
        self.arrived = threading.Event()
        self._server = None
        self.port = 0

    @property
    def url(self):
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def events(self):
        """All events that have come, in order."""
        return [event for call in self.calls for event in call["events"]]

    def start(self):
        """Listen; on the same port as before."""
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = stand_in._answer(self.path, dict(self.headers), body)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        """Be away."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _answer(self, path, headers, body):
        self.arrived.set()
        self.gate.wait(20)
        timestamp = headers.get("X-Iiot-Timestamp") or headers.get("X-IIoT-Timestamp") or ""
        signature = headers.get("X-Iiot-Signature") or headers.get("X-IIoT-Signature") or ""
        expected = hmac.new(self.key.encode(), f"v1:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
        if path != "/api/v1/odoo/events" or abs(time.time() - int(timestamp or 0)) > 300:
            return 404, {"detail": "nothing here"}
        if not hmac.compare_digest(signature, f"v1={expected}"):
            return 401, {"code": "bad-signature", "detail": "the signature is made with another key"}
        if self.status != 200:
            return self.status, {"detail": "the bridge is starting"}
        told = json.loads(body)
        if any(event["type"] in self.bad for event in told["events"]):
            return 400, {"detail": "one of the events is none"}
        self.calls.append(told)
        return 200, {"results": [self._result(event) for event in told["events"]]}

    def _result(self, event):
        if event["type"] in self.refused:
            return {"id": event["id"], "status": "refused", "code": "bad-event", "message": "not like this"}
        return {"id": event["id"], "status": "accepted"}
