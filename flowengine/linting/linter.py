"""One pass over a folder of flows: every problem, and a plan for each flow that can run."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from threading import Lock

from flowengine.flow.document import FlowDocument
from flowengine.flow.document_file import DocumentFile
from flowengine.flow.environment import Environment, SecretReader
from flowengine.flow.folder import FlowFolder
from flowengine.graph import dependency_order
from flowengine.linting.checked import CheckedFlow
from flowengine.linting.claims import disputes
from flowengine.linting.flow_check import Outside, check_flow, still_holds
from flowengine.linting.link_circles import link_circles
from flowengine.linting.node_check import Surroundings
from flowengine.linting.place import problems_of
from flowengine.linting.resource_check import CheckedResources, check_resources
from flowengine.linting.result import LintResult
from flowengine.linting.scope import Scope, Variables, snapshot
from flowengine.linting.secret_cache import SecretCache
from flowengine.linting.subflow_check import Subflows, subflow_id
from flowengine.linting.type_facts import TypeBook
from flowengine.registry import Registry


def lint(
    folder: FlowFolder, registry: Registry, environment: Environment, secrets: SecretReader | None = None
) -> LintResult:
    """Check a folder of flows once.

    Args:
        folder: The folder, as it was read.
        registry: The node types.
        environment: Variables of the process.
        secrets: Reads secrets; without it, references to secrets are errors.
    """
    return Linter(registry).lint(folder, environment, secrets)


class Linter:
    """Check a folder of flows again and again; what did not change is not checked again.

    A flow is checked anew if its document changed, or anything that it depends on: the node types, the variables,
    the secrets it refers to, the resources, the subflows it uses. Within such a flow, a node is checked anew if its
    part of the document changed; and the wires, if any node's wires or ports did. Documents and what comes of
    them are immutable, so comparing is enough, and most of it is by identity. Several threads may ask; they take turns.

    Args:
        registry: The node types; some may be added or replaced later.
    """

    def __init__(self, registry: Registry) -> None:
        self._turn = Lock()
        self._types = TypeBook(registry)
        self._variables: Variables = {}
        self._resources: CheckedResources | None = None
        self._flows: dict[str, CheckedFlow] = {}
        self._used: dict[str, tuple[FlowDocument, frozenset[str]]] = {}

    def lint(self, folder: FlowFolder, environment: Environment, secrets: SecretReader | None = None) -> LintResult:
        """Check a folder of flows.

        Args:
            folder: The folder, as it was read.
            environment: Variables of the process.
            secrets: Reads secrets; without it, references to secrets are errors.
        """
        with self._turn:
            return self._lint(folder, environment, secrets)

    def lint_document(
        self,
        file: DocumentFile[FlowDocument],
        folder: FlowFolder,
        environment: Environment,
        secrets: SecretReader | None = None,
    ) -> LintResult:
        """Check a folder as it would be with one flow changed or added, as the editor does before it is saved.

        Args:
            file: The flow, read from what the editor holds.
            folder: The folder with everything else.
            environment: Variables of the process.
            secrets: Reads secrets; without it, references to secrets are errors.
        """
        return self.lint(replace(folder, flows={**folder.flows, file.id: file}), environment, secrets)

    def _lint(self, folder: FlowFolder, environment: Environment, secrets: SecretReader | None) -> LintResult:
        if self._types.refresh():
            self._resources, self._flows = None, {}
        variables = snapshot(environment)
        if variables != self._variables:
            self._variables = variables
        around = Surroundings(self._types, SecretCache(secrets))
        resources = self._resources = self._check_resources(folder, around)
        flows = self._check_flows(folder, around, resources)
        lost = dict(disputes(flow for flow in flows.values() if flow.plan is not None))
        lost |= link_circles([flow.plan for id_, flow in flows.items() if flow.plan is not None and id_ not in lost])
        used = frozenset(chain.from_iterable(flow.uses for flow in flows.values()))
        # A file that cannot be read may use any resource.
        all_known = len(flows) == len(folder.flows)
        problems = [
            *folder.problems,
            *resources.problems,
            *(resources.unused(used) if all_known else ()),
            *chain.from_iterable(flow.problems for flow in flows.values()),
            *chain.from_iterable(problems_of(flows[id_].file, found) for id_, found in lost.items()),
        ]
        return LintResult(
            problems=tuple(sorted(problems, key=lambda problem: problem.sort_key)),
            plans={id_: flow.plan for id_, flow in flows.items() if flow.plan and id_ not in lost},
            resources=resources.planned,
            broken=frozenset(id_ for id_ in folder.flows if id_ not in flows or flows[id_].is_broken or id_ in lost),
        )

    def _check_resources(self, folder: FlowFolder, around: Surroundings) -> CheckedResources:
        before = self._resources
        if (
            before is not None
            and before.file is folder.resources
            and before.scope.values is self._variables
            and all(around.secrets.fact(name) == fact for name, fact in before.secrets)
        ):
            return before
        checked = check_resources(folder.resources, Scope(self._variables), around)
        if before is not None and checked.book == before.book:
            # Flows depend on the book alone, and look at its identity.
            return replace(checked, book=before.book)
        return checked

    def _check_flows(
        self, folder: FlowFolder, around: Surroundings, resources: CheckedResources
    ) -> dict[str, CheckedFlow]:
        documents = folder.documents
        order, recursive = self._order(documents)
        checked: dict[str, CheckedFlow] = {}
        ids = tuple(id_ for id_, document in documents.items() if document.is_subflow)
        subflows = Subflows(checked, ids, frozenset(folder.flows), recursive)
        outside = Outside(around, self._variables, resources.book, subflows)
        for id_ in order:
            before = self._flows.get(id_)
            file = folder.flows[id_]
            if before is None or before.file is not file or not still_holds(before, outside):
                before = check_flow(file, documents[id_], outside, before)
            checked[id_] = before
        # What is broken just now, while someone types, is remembered as it was.
        kept = {id_: flow for id_, flow in self._flows.items() if id_ in folder.flows}
        self._flows = {**kept, **checked}
        return {id_: checked[id_] for id_ in documents}

    def _order(self, documents: Mapping[str, FlowDocument]) -> tuple[Iterable[str], frozenset[tuple[str, str]]]:
        """Return the flows, subflows before those that use them, and the uses by which one contains itself."""
        self._used = {id_: self._uses(id_, document) for id_, document in documents.items()}
        pairs = [(id_, name) for id_, (_, names) in self._used.items() for name in names if name in documents]
        return dependency_order(documents, pairs) if pairs else (documents, frozenset())

    def _uses(self, id_: str, document: FlowDocument) -> tuple[FlowDocument, frozenset[str]]:
        """Return the document, to know it again, and the names of the subflows that it uses."""
        known = self._used.get(id_)
        if known is not None and known[0] is document:
            return known
        types = {node.type for node in document.nodes.values() if not node.disabled}
        return document, frozenset(name for type_ in types if (name := subflow_id(type_)) is not None)
