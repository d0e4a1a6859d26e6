"""The files in deploy/ start what there is, with the variables that the shipped flows read."""

import configparser
import json
import re
import shlex
from pathlib import Path

from tests.docs.test_samples import ROOT, check_command
from tests.docs.test_specification import HTTP_PATHS, VARIABLES

DEPLOY = ROOT / "deploy"
COMPOSE = (DEPLOY / "docker" / "compose.yaml").read_text()
FROM_THE_SPECIFICATION = {
    "MQTT_BROKER_HOST",
    "MQTT_BROKER_PORT",
    "MQTT_BROKER_USERNAME",
    "MQTT_BROKER_PASSWORD",
    "MQTT_USE_TLS",
    "ODOO_BASE_URL",
    "ODOO_API_KEY",
}


def test_systemd_service_starts_a_command_that_there_is() -> None:
    unit = configparser.RawConfigParser(strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # names of systemd have capitals
    unit.read(DEPLOY / "systemd" / "flowengine.service")
    command, *arguments = shlex.split(unit["Service"]["ExecStart"])
    assert Path(command).name == "flowengine"
    check_command(["flowengine", *arguments])
    assert unit["Service"]["Restart"] == "always"
    assert unit["Service"]["User"] == "flowengine"


def test_image_starts_a_command_that_there_is() -> None:
    dockerfile = (DEPLOY / "docker" / "Dockerfile").read_text()
    (command,) = re.findall(r"^CMD (\[.*\])$", dockerfile, re.MULTILINE)
    check_command(json.loads(command))
    for name in re.findall(r"\b([A-Z_]+)=", dockerfile):
        assert name in VARIABLES, name
    ignored = (DEPLOY / "docker" / "Dockerfile.dockerignore").read_text().splitlines()
    for kept in (line.removeprefix("!") for line in ignored if line.startswith("!")):
        assert (ROOT / kept).exists(), kept


def test_compose_file_gives_the_variables_of_the_specification() -> None:
    given = set(re.findall(r"^      ([A-Z_]+): ", COMPOSE, re.MULTILINE))
    assert given >= FROM_THE_SPECIFICATION
    assert given <= VARIABLES


def test_compose_file_asks_for_health_where_it_is_answered() -> None:
    (path,) = re.findall(r"urlopen\(\"http://localhost:8000(/\w+)\"", COMPOSE)
    assert ("GET", path) in HTTP_PATHS
