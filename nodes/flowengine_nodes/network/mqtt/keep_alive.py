"""Notice when a connection is dead although nobody has closed it (MQTT 5.0 §3.1.2.10)."""

from collections.abc import Callable

from flowengine_nodes.network.mqtt.client import TimerHandle, Timers


class KeepAlive:
    """Probes a silent connection, and gives it up when the probe is not answered.

    Args:
        interval: Seconds of keep alive that the broker was told; 0 does nothing.
        timeout: Seconds to wait for a sign of life after a probe.
        timers: Time.
        probe: Sends PINGREQ.
        give_up: Ends the connection.

    Attributes:
        was_heard: To be set to True whenever anything comes from the broker.
        is_deaf: While True nothing is read, so silence proves nothing.
    """

    __slots__ = ("_give_up", "_interval", "_probe", "_timeout", "_timer", "_timers", "is_deaf", "was_heard")

    def __init__(
        self,
        interval: float,
        timeout: float,
        timers: Timers,
        *,
        probe: Callable[[], None],
        give_up: Callable[[], None],
    ) -> None:
        self._interval = interval
        self._timeout = timeout
        self._timers = timers
        self._probe = probe
        self._give_up = give_up
        self._timer: TimerHandle | None = None
        self.was_heard = False
        self.is_deaf = False
        if interval > 0:
            # Half the interval, so that some packet of ours is on its way in every full one.
            self._timer = timers.call_later(interval / 2, self._look)

    def stop(self) -> None:
        """Stop watching."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self.was_heard = False
        self._probe()
        self._timer = self._timers.call_later(self._timeout, self._judge)

    def _judge(self) -> None:
        if self.was_heard:
            self._timer = self._timers.call_later(max(0.0, self._interval / 2 - self._timeout), self._look)
        elif self.is_deaf:
            self._look()
        else:
            self._timer = None
            self._give_up()
