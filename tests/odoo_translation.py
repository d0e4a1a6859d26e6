"""The addon's terms: read from a database that has it, and kept in its translations."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.odoo_cluster import WITH_ADDON, OdooCluster
from tests.odoo_installation import ADDON, ADDONS, OdooError

TEMPLATE = ADDONS / ADDON / "i18n" / f"{ADDON}.pot"
TRANSLATION = ADDONS / ADDON / "i18n" / "zh_CN.po"

# Runs in `odoo shell`, whose environment has what reads and writes such files.
SCRIPT = """
import io, json, polib
from odoo.tools.translate import trans_export
HEADER = {"Project-Id-Version": NAME, "MIME-Version": "1.0", "Content-Type": "text/plain; charset=UTF-8",
          "Content-Transfer-Encoding": "8bit", "Plural-Forms": "nplurals=1; plural=0;"}
buffer = io.BytesIO()
trans_export(False, [NAME], buffer, "po", env)
exported = polib.pofile(buffer.getvalue().decode())
known = {entry.msgid: entry.msgstr for entry in polib.pofile(KNOWN)}

def written(translate):
    file = polib.POFile(wrapwidth=120)
    file.metadata = HEADER
    for entry in sorted(exported, key=lambda entry: entry.msgid):
        file.append(polib.POEntry(msgid=entry.msgid, msgstr=translate(entry.msgid), comment=entry.comment,
                                  occurrences=entry.occurrences, flags=entry.flags))
    return str(file) + "\\n"

terms = {entry.msgid: known.get(entry.msgid, "") for entry in exported}
print("terms " + json.dumps({"terms": terms, "pot": written(lambda term: ""), "po": written(lambda term: terms[term])}))
"""


@dataclass(frozen=True)
class Terms:
    """What there is to translate, and how it is translated.

    Args:
        terms: Translation of each term; empty where there is none.
        pot: What the template is to say.
        po: What the translation is to say.
    """

    terms: dict[str, str]
    pot: str
    po: str


def read_terms(cluster: OdooCluster) -> Terms:
    """Return the addon's terms as Odoo finds them.

    Args:
        cluster: One with the addon.

    Raises:
        OdooError: When Odoo cannot tell.
    """
    known = TRANSLATION.read_text() if TRANSLATION.exists() else ""
    values = f"NAME, KNOWN = {ADDON!r}, {known!r}\n"
    database = cluster.new_database(WITH_ADDON)
    try:
        log = cluster.run("shell", f"--database={database}", "--no-http", "--log-level=warn", script=values + SCRIPT)
    finally:
        cluster.drop(database)
    line = next((line for line in log.splitlines() if line.startswith("terms ")), None)
    if line is None:
        raise OdooError("the addon's terms cannot be read", log)
    found: dict[str, Any] = json.loads(line.removeprefix("terms "))
    return Terms(**found)


def write_terms(cluster: OdooCluster) -> list[str]:
    """Bring the template and the translation up to date and return the terms that are not translated.

    Args:
        cluster: One with the addon.
    """
    found = read_terms(cluster)
    for path, text in ((TEMPLATE, found.pot), (TRANSLATION, found.po)):
        _write(path, text)
    return [term for term, translated in found.terms.items() if not translated]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
