"""Converters of the nodes that parse and write: json and csv."""

from typing import Any, Final

from flowengine_nodes.nodered.case import Case, Converted, NotConvertibleError
from flowengine_nodes.nodered.property_path import payload_path
from flowengine_nodes.nodered.sequences import unescaped

_ACTIONS: Final = {"obj": "parse", "str": "write"}


def json(case: Case) -> Converted:
    """Convert a json node."""
    entry = case.entry
    config: dict[str, Any] = {**payload_path(entry)}
    if (action := _ACTIONS.get(entry.text("action"))) is not None:
        config["action"] = action
    if entry.flag("pretty"):
        config["pretty"] = True
    return Converted("json", config)


def csv(case: Case) -> Converted:
    """Convert a csv node."""
    entry = case.entry
    separator = unescaped(str(entry.raw.get("sep") or ","))
    if len(separator) != 1:
        raise NotConvertibleError(f'its separator "{separator}" is not one sign', "write it into a function node")
    config: dict[str, Any] = {} if separator == "," else {"separator": separator}
    columns = [name.strip().strip('"') for name in str(entry.raw.get("temp") or "").split(",")]
    if any(columns):
        config["columns"] = columns
    config["header"] = _header(case, has_columns=any(columns))
    if entry.text("multi", "one") == "one":
        case.differ("parsed text gives one message with a list: put a split node behind for one message a line")
    if skip := entry.number("skip", 0):
        config["skip"] = skip
    if not entry.flag("strings", default=True):
        config["numbers"] = False
    if not entry.flag("include_empty_strings"):
        config["empty"] = "null" if entry.flag("include_null_values") else "leave-out"
    if "\\r" in str(entry.raw.get("ret") or ""):
        config["line_end"] = "crlf"
    return Converted("csv", config)


def _header(case: Case, *, has_columns: bool) -> bool:
    """Return whether the first line names the columns, which is the same for reading and writing here."""
    entry = case.entry
    has_header, writes_header = entry.flag("hdrin"), entry.text("hdrout", "none") not in {"none", "false"}
    if has_header != writes_header:
        which = "begins" if has_header else "does not begin"
        case.differ(f"written text {which} with the names of the columns, as parsed text does")
    elif entry.text("hdrout") == "once":
        case.differ("the names of the columns are written every time, not only once")
    if not has_header and not has_columns:
        case.differ("columns need names: write them into the node, or parsed text fails")
    return has_header
