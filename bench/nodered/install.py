"""The installation of Node-RED: the newest version from npm that the installed Node.js can run."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from bench.machine import said


class NodeMissingError(Exception):
    """Node.js or npm is not there, or too old for any Node-RED."""


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def newest() -> str:
    """Ask npm for the newest Node-RED, from 4.0 on, whose `engines` admit the installed Node.js.

    Raises:
        NodeMissingError: There is none, or npm is missing.
    """
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise NodeMissingError("the benchmark needs Node.js and npm to run Node-RED")
    node = numbers(said("node", "--version"))
    asked = subprocess.run(
        ["npm", "view", "node-red@>=4.0.0", "version", "engines", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    answer: Any = json.loads(asked.stdout)
    offers: list[dict[str, Any]] = answer if isinstance(answer, list) else [answer]
    fit = [
        offer["version"]
        for offer in offers
        if "-" not in offer["version"] and numbers(offer.get("engines.node") or offer["engines"]["node"]) <= node
    ]
    if not fit:
        raise NodeMissingError(f"no Node-RED runs on Node.js {'.'.join(map(str, node))}")
    return str(max(fit, key=numbers))


def installed(home: Path) -> str | None:
    """Say which version is installed under `home`; None if there is none."""
    package = home / "node_modules" / "node-red" / "package.json"
    return str(json.loads(package.read_text())["version"]) if package.exists() else None


def install(home: Path) -> str:
    """Install Node-RED under `home` unless some version is already there; returns the version.

    Delete the directory to get the newest version again.
    """
    if version := installed(home):
        return version
    version = newest()
    home.mkdir(parents=True, exist_ok=True)
    (home / "package.json").write_text('{"private": true}\n')
    command = [
        "npm",
        "install",
        "--no-audit",
        "--no-fund",
        "--omit=dev",
        "--save-exact",
        f"node-red@{version}",
    ]
    subprocess.run(command, cwd=home, check=True, stdout=subprocess.DEVNULL)
    return version
