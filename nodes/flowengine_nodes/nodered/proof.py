"""The last check of an import: lint finds what no converter can see, such as a bad expression."""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Final, TypeVar

from flowengine.flow.document import Document, FlowDocument, ResourceDocument, ResourcesDocument
from flowengine.flow.document_file import FLOW_SUFFIX, RESOURCES_NAME, DocumentFile
from flowengine.flow.environment import Environment, references
from flowengine.flow.folder import FlowFolder
from flowengine.flow.format import format_document
from flowengine.flow.problem import Problem, Severity
from flowengine.flow.source import Source
from flowengine.linting import lint
from flowengine.registry import Registry
from flowengine_nodes.nodered.importing import Imported
from flowengine_nodes.nodered.report import Outcome

D = TypeVar("D", bound=Document)

# Variables are named in the report; whether they are set is no matter of the flows.
_NO_MATTER: Final = frozenset({"missing-variable", "missing-secret"})


def prove(imported: Imported, known: Mapping[str, ResourceDocument], registry: Registry) -> None:
    """Look for what would keep an import from running, and add it to the report.

    Args:
        imported: What the export becomes.
        known: The resources that the folder has.
        registry: The node types.
    """
    resources = ResourcesDocument(flowengine=1, resources={**known, **imported.resources})
    folder = FlowFolder(
        Path(),
        {flow.id: _file(flow, f"{flow.id}{FLOW_SUFFIX}", flow.id) for flow in imported.flows},
        {},
        _file(resources, RESOURCES_NAME, "resources"),
    )
    for problem in lint(folder, registry, Environment()).problems:
        if problem.severity is Severity.ERROR and problem.code not in _NO_MATTER:
            _report(imported, problem)
    for flow in imported.flows:
        _name_variables(imported, flow)
    for resource in imported.resources.values():
        for name in _needed(resource.config):
            imported.report.variables.setdefault(name, "a variable that Node-RED had")


def _file(document: D, name: str, id_: str) -> DocumentFile[D]:
    data = format_document(document).encode()
    return DocumentFile(Path(name), id_, data, Source(data, file=name), document)


def _report(imported: Imported, problem: Problem) -> None:
    hint = f"; {problem.hint}" if problem.hint else ""
    field = f"{problem.field}: " if problem.field else ""
    sentence = f"lint refuses it: {field}{problem.message}{hint}"
    for fate in imported.report.fates:
        is_node = problem.node is not None and (fate.flow, fate.node) == (problem.flow, problem.node)
        is_flow = problem.node is None and fate.flow == problem.flow and fate.entry.type in {"tab", "subflow"}
        is_resource = problem.flow is None and problem.node is not None and fate.resource == problem.node
        if is_node or is_flow or is_resource:
            fate.note(sentence, Outcome.NOT_CONVERTIBLE)


def _name_variables(imported: Imported, flow: FlowDocument) -> None:
    own = flow.env.keys() | set(chain.from_iterable(group.env for group in flow.groups.values()))
    for node in flow.nodes.values():
        for name in _needed(node.config):
            if name not in own:
                imported.report.variables.setdefault(name, "a variable that Node-RED had")


def _needed(config: object) -> list[str]:
    return [one.name for one in references(config) if not one.secret and one.default is None]
