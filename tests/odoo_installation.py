"""The Odoo that scripts/odoo installed: where it is, and how one of its commands is started."""

import hashlib
import os
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ADDONS = ROOT / "addons"
ADDON = "industrial_iot"


# One record of Odoo's log: the line that begins it, and what follows until the next one.
RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ (?P<level>[A-Z]+) .*?(?=^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} |\Z)",
    re.MULTILINE | re.DOTALL,
)
HARMLESS = {"DEBUG", "INFO", "RUNBOT"}
# Debian leaves out of its package what is not free, and Odoo misses it when it bundles its pages.
LEFT_OUT = "assetsbundle: 'Could not get content for mail/static/lib/selfie_segmentation/"


def faults(log: str) -> list[str]:
    """Return the records of Odoo's log that are warnings or worse, tracebacks included."""
    records = [record.group().rstrip() for record in RECORD.finditer(log) if record["level"] not in HARMLESS]
    return [record for record in records if LEFT_OUT not in record]


class OdooError(AssertionError):
    """Odoo did not do what a test asked it for.

    Args:
        what: What was asked.
        log: What Odoo wrote about it.
    """

    def __init__(self, what: str, log: str) -> None:
        super().__init__(f"{what}\n{log}")


def home() -> Path:
    """Return where scripts/odoo keeps what it installed.

    As root, Odoo and PostgreSQL run as users who cannot read root's own cache.
    """
    if named := os.environ.get("ODOO_HOME"):
        return Path(named).absolute()
    if os.geteuid() == 0:
        return Path("/var/cache/flowengine/odoo")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flowengine" / "odoo"


def unavailable() -> str | None:
    """Return why there is no Odoo here; None when there is one."""
    if (home() / "venv" / ".complete").exists() and (code() / "odoo" / "release.py").exists():
        return None
    try:
        return (home() / "unavailable").read_text()
    except FileNotFoundError:
        return "Odoo is not installed; run scripts/odoo setup"


def code() -> Path:
    """Return the folder that has Odoo's Python package."""
    if source := os.environ.get("ODOO_SOURCE"):
        return Path(source).absolute()
    return home() / "source/usr/lib/python3/dist-packages"


def identity() -> bytes:
    """Return what differs between two releases of Odoo."""
    release = (code() / "odoo/release.py").read_bytes()
    packaged = home() / "source/.complete"
    return str(code()).encode() + release + (packaged.read_bytes() if packaged.exists() else b"")


def series() -> str:
    """Return the release as its makers call it, as in ``19.0``."""
    names: dict[str, Any] = {}
    exec((code() / "odoo/release.py").read_text(), names)
    return str(names["series"])


def user() -> str | None:
    """Return whom Odoo runs as; None is whoever we are."""
    return "nobody" if os.geteuid() == 0 else None


def digest(*parts: bytes) -> str:
    """Return a short text that differs when a part does."""
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()[:16]


def addon_digest(addons: Path) -> str:
    """Return what stands for all that a database is made from: the modules without their tests."""
    files = [path for path in sorted(addons.rglob("*")) if path.is_file()]
    ours = [path for path in files if not {"tests", "__pycache__"} & {*path.relative_to(addons).parts}]
    return digest(*(part for path in ours for part in (str(path.relative_to(addons)).encode(), path.read_bytes())))
