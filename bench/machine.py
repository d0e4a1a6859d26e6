"""The machine and the versions that a result was measured with."""

import os
import platform
import re
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = ("flowengine-iiot", "mqtt5", "orjson", "uvloop", "aiohttp", "httpx")


def processor() -> str:
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return model[1] if model else platform.machine()


def cores() -> int:
    return len(re.findall(r"^processor\s*:", Path("/proc/cpuinfo").read_text(), re.MULTILINE))


def memory_gib() -> float:
    total = re.search(r"^MemTotal:\s*(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    return int(total[1]) / 1024**2 if total else 0.0


def mosquitto() -> str:
    """Find Mosquitto, which distributions put outside a user's PATH.

    Raises:
        FileNotFoundError: It is not installed.
    """
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise FileNotFoundError("the benchmark needs Mosquitto; install it: apt-get install mosquitto")
    return found


def said(*command: str) -> str:
    """Return the first line that a command prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip().partition("\n")[0]


def library(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def description() -> dict[str, str]:
    """Describe the machine and the programs, ready to print."""
    return {
        "CPU": f"{processor()}, {cores()} cores",
        "Memory": f"{memory_gib():.0f} GiB",
        "Load before": f"{os.getloadavg()[0]:.2f}",
        "Kernel": platform.release(),
        "Python": platform.python_version(),
        "Node.js": said("node", "--version").removeprefix("v"),
        "Mosquitto": said(mosquitto(), "-h").removeprefix("mosquitto version "),
        **{name: library(name) for name in LIBRARIES},
    }
