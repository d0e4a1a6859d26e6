"""The runtime: flows that run, and change while they run."""

from flowengine.runtime.engine import Deployment, DeployReport, Engine, StaleRevisionError
from flowengine.runtime.flow import RunningFlow
from flowengine.runtime.hub import Event, Hub, Watcher
from flowengine.runtime.routes import Route, RouteTable
from flowengine.runtime.trace import Hop, Trace

__all__ = [
    "DeployReport",
    "Deployment",
    "Engine",
    "Event",
    "Hop",
    "Hub",
    "Route",
    "RouteTable",
    "RunningFlow",
    "StaleRevisionError",
    "Trace",
    "Watcher",
]
