"""Whatever an export holds, the import converts it or says what is wrong."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.flow.document import FlowDocument
from flowengine.flow.format import format_document
from flowengine.flow.reader import read_document
from flowengine.flow.source import Source
from flowengine_nodes.nodered.export import Export, ExportError
from flowengine_nodes.nodered.importing import convert
from flowengine_nodes.nodered.proof import prove
from tests.nodered.bench import REGISTRY

EXPORTS = [json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "exports").glob("*.json"))]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.just(1e300),
    st.sampled_from(["", "${X}", "{{a}}", "\x00", "a b", "流", "true", "0x10", "1_0", "NaN", "[", "#:(x)::y", "$"]),
    st.just([]),
    st.just([[1]]),
    st.just({}),
    st.just([{}]),
    st.just({"a": {"b": None}}),
)


@given(st.data())
@settings(max_examples=100)
def test_import_of_a_damaged_export_converts_it_or_says_what_is_wrong(data: st.DataObject) -> None:
    entries: list[dict[str, Any]] = [dict(one) for one in data.draw(st.sampled_from(EXPORTS))]
    for _ in range(data.draw(st.integers(1, 4))):
        entry = data.draw(st.sampled_from(entries))
        key = data.draw(st.sampled_from(sorted(entry)))
        rows = entry[key]
        if isinstance(rows, list) and rows and isinstance(rows[0], dict) and data.draw(st.booleans()):
            row = dict(rows[0])
            row[data.draw(st.sampled_from(sorted(row) or ["t"]))] = data.draw(ODD)
            entry[key] = [row, *rows[1:]]
        else:
            entry[key] = data.draw(ODD)
    try:
        export = Export.read(json.dumps(entries).encode(), "flows.json")
    except ExportError:
        return
    made = convert(export, {})
    prove(made, {}, REGISTRY)
    for flow in made.flows:
        assert read_document(FlowDocument, Source(format_document(flow).encode())) == flow
