"""One connection of a session: reads in portions, and writes once for each of them."""

import asyncio
import socket
from collections.abc import Callable
from typing import Final, cast

from flowengine_nodes.network.mqtt.client import Timers
from flowengine_nodes.network.mqtt.errors import ConnectionLostError, ProtocolViolationError
from flowengine_nodes.network.mqtt.keep_alive import KeepAlive
from flowengine_nodes.network.mqtt.session import Session

_PORTION: Final = 256
"""Packets processed before the loop gets its turn."""

_BUSY_RATE: Final = 2000
"""Messages a second from which on reads are coalesced."""

_MEASURING_TIME: Final = 0.01
"""Seconds over which the rate is measured."""

_COALESCE_TIME: Final = 0.001
"""Seconds without reading, so that the next read holds more."""

_FULL_READ: Final = 64
"""Messages in one read that are enough; coalescing more would only cost latency."""

_WRITE_BUFFER: Final = 1 << 20
"""Bytes in the transport's buffer at which publishes are held back."""

_GOODBYE_TIME: Final = 2.0
"""Seconds in which the last bytes must leave."""


class Connection(asyncio.Protocol):
    """The protocol of an asyncio transport for a session.

    Args:
        session: The session; opened when the transport is there.
        loop: Event loop.
        timers: Time.
        coalesce: Coalesce reads under a high rate.
        on_end: Called once, when the connection has ended, with the reason.
    """

    def __init__(
        self,
        session: Session,
        loop: asyncio.AbstractEventLoop,
        timers: Timers,
        *,
        coalesce: bool,
        on_end: Callable[[ConnectionLostError], None],
    ) -> None:
        self._session = session
        self._outgoing = session.outgoing
        self._loop = loop
        self._timers = timers
        self._coalesce = coalesce
        self._on_end = on_end
        self._transport: asyncio.Transport | None = None
        self._keep_alive: KeepAlive | None = None
        self._has_ended = False
        self._is_paused = False
        self._is_behind = False
        self._is_coalescing = False
        self._is_busy = False
        self._is_reading = True
        self._measured_at = timers.time()
        self._measured = session.publishes
        self.closed: asyncio.Future[None] = loop.create_future()
        """Done when the transport is closed."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send CONNECT."""
        self._transport = cast("asyncio.Transport", transport)
        if self._has_ended:
            self._transport.abort()
            return
        self._transport.set_write_buffer_limits(high=_WRITE_BUFFER)
        connected = transport.get_extra_info("socket")
        if connected is not None:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._outgoing.wake = self._plan_flush
        self._session.open()

    def watch(self, keep_alive: float, ping_timeout: float) -> None:
        """Begin to probe the connection when it is silent; times in seconds."""
        self._keep_alive = KeepAlive(
            keep_alive, ping_timeout, self._timers, probe=self._session.ping, give_up=self._give_up
        )

    def data_received(self, data: bytes) -> None:
        """Process a portion; all it causes leaves in one write."""
        if self._has_ended:
            return
        if self._keep_alive is not None:
            self._keep_alive.was_heard = True
        self._process(data)

    def pause_writing(self) -> None:
        """Hold publishes back: the broker takes them too slowly."""
        self._session.outbound.set_writable(False)

    def resume_writing(self) -> None:
        """Let publishes go on."""
        self._session.outbound.set_writable(True)

    def connection_lost(self, exc: Exception | None) -> None:
        """End, unless that has happened already."""
        if not self.closed.done():
            self.closed.set_result(None)
        self._end(ConnectionLostError(f"the connection was lost: {exc}" if exc else "the broker closed the connection"))

    def pause_reading(self) -> None:
        """Take nothing in until ``resume_reading``."""
        self._is_paused = self._session.is_held = True
        self._apply_pauses()

    def resume_reading(self) -> None:
        """Take in what has come meanwhile, and go on."""
        self._is_paused = self._session.is_held = False
        self._plan_rest()
        self._apply_pauses()

    def close(self) -> None:
        """Say goodbye and close."""
        if not self._has_ended:
            self._session.disconnect()
            self._end(ConnectionLostError("the connection was closed"), in_good_order=True)

    def abort(self, error: ConnectionLostError) -> None:
        """Drop the connection at once."""
        transport = self._transport
        self._end(error)
        if transport is not None:
            transport.abort()

    def _process(self, data: bytes | None) -> None:
        """Process received data, or with None what an earlier portion left over."""
        outgoing = self._outgoing
        # Nobody needs to wake us for what is written from here to the end.
        outgoing.is_gathered = True
        before = self._session.publishes
        try:
            session = self._session
            is_behind = session.process(_PORTION) if data is None else session.feed(data, _PORTION)
        except ConnectionLostError as error:
            self._fail(error)
            return
        self._flush()
        if is_behind:
            self._fall_behind()
        elif self._coalesce and not self._has_ended:
            self._consider_coalescing(self._session.publishes - before)

    def _fall_behind(self) -> None:
        if not self._is_behind:
            self._is_behind = True
            self._plan_rest()
        self._apply_pauses()

    def _plan_rest(self) -> None:
        if self._is_behind and not self._is_paused:
            self._loop.call_soon(self._process_rest)

    def _process_rest(self) -> None:
        if self._is_behind and not self._is_paused and not self._has_ended:
            self._is_behind = False
            self._process(None)
            self._apply_pauses()

    def _consider_coalescing(self, fresh: int) -> None:
        """Under a high rate stop reading for a moment; many small reads cost more than few large ones.

        Not while the broker could run into the Receive Maximum meanwhile, or publishes wait for its PUBACK.
        """
        session = self._session
        now = self._timers.time()
        elapsed = now - self._measured_at
        if elapsed >= _MEASURING_TIME:
            self._is_busy = session.publishes - self._measured > _BUSY_RATE * elapsed
            self._measured_at = now
            self._measured = session.publishes
        if (
            self._is_busy
            and 0 < fresh < _FULL_READ
            and session.inbound.quota_used * 2 <= session.receive_maximum
            and session.outbound.queued == 0
        ):
            self._is_coalescing = True
            self._apply_pauses()
            self._timers.call_later(_COALESCE_TIME, self._stop_coalescing)

    def _stop_coalescing(self) -> None:
        self._is_coalescing = False
        self._apply_pauses()

    def _apply_pauses(self) -> None:
        is_overrun = self._session.is_overrun
        if self._keep_alive is not None:
            self._keep_alive.is_deaf = self._is_paused or is_overrun
        wanted = not (self._is_paused or self._is_behind or self._is_coalescing or is_overrun)
        if self._transport is None or self._has_ended or wanted == self._is_reading:
            return
        self._is_reading = wanted
        if wanted:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def _plan_flush(self) -> None:
        self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        if self._has_ended:
            return
        outgoing = self._outgoing
        if outgoing.parts and self._transport is not None:
            self._transport.write(outgoing.take())
        else:
            outgoing.is_gathered = False
        # What was acknowledged has made room, and what was published makes us listen.
        if self._session.has_surplus:
            if self._session.has_room:
                self._fall_behind()
            else:
                self._apply_pauses()

    def _fail(self, error: ConnectionLostError) -> None:
        """End because of something the broker sent; tell it where it broke the rules."""
        if isinstance(error, ProtocolViolationError) and self._session.is_connected:
            self._session.disconnect(error.reason_code or 0x80)
        self._end(error)

    def _give_up(self) -> None:
        self.abort(ConnectionLostError("the broker did not answer a ping: the connection is dead"))

    def _end(self, error: ConnectionLostError, *, in_good_order: bool = False) -> None:
        if self._has_ended:
            return
        transport = self._transport
        is_closing = transport is not None and transport.is_closing()
        if not is_closing:
            self._flush()
        # From here on the gathered bytes are the next connection's.
        self._has_ended = True
        if self._keep_alive is not None:
            self._keep_alive.stop()
        if transport is None:
            self.closed.set_result(None)
        elif not is_closing:
            if in_good_order and transport.can_write_eof():
                # The broker closes when it has read all we said. To close with bytes unread would reset the connection,
                # and Mosquitto then throws our last acknowledgements away.
                transport.write_eof()
                if not self._is_reading:
                    transport.resume_reading()
            else:
                transport.close()
            # A peer that takes nothing would keep the last bytes, and with them the socket, for ever.
            self._timers.call_later(_GOODBYE_TIME, transport.abort)
        self._session.lost()
        self._on_end(error)
