"""Every converter, by the type of node that it converts."""

from collections.abc import Mapping
from typing import Final

from flowengine_nodes.nodered import common, http, links, measuring, mqtt, parsing, sequences, timing
from flowengine_nodes.nodered.case import Converter
from flowengine_nodes.nodered.change import change
from flowengine_nodes.nodered.switch import switch
from flowengine_nodes.nodered.template import template

CONVERTERS: Final[Mapping[str, Converter]] = {
    "inject": common.inject,
    "debug": common.debug,
    "catch": common.catch,
    "status": common.status,
    "complete": common.complete,
    "comment": common.comment,
    "link in": links.link_in,
    "link out": links.link_out,
    "link call": links.link_call,
    "change": change,
    "switch": switch,
    "template": template,
    "range": measuring.range_,
    "rbe": measuring.filter_,
    "delay": timing.delay,
    "trigger": timing.trigger,
    "json": parsing.json,
    "csv": parsing.csv,
    "split": sequences.split,
    "join": sequences.join,
    "batch": sequences.batch,
    "mqtt in": mqtt.mqtt_in,
    "mqtt out": mqtt.mqtt_out,
    "http in": http.http_in,
    "http response": http.http_response,
    "http request": http.http_request,
}
"""Converters of nodes."""

RESOURCES: Final[Mapping[str, Converter]] = {"mqtt-broker": mqtt.mqtt_broker}
"""Converters of config nodes that become resources."""

MERGED: Final[Mapping[str, str]] = {
    "tls-config": "part of the nodes and brokers that use it",
    "http proxy": "part of the nodes that use it",
}
"""Config nodes that become part of what refers to them."""
