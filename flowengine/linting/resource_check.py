"""Check the resources that flows share, and every reference to one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from flowengine.flow.document import ResourceDocument, ResourcesDocument
from flowengine.flow.document_file import DocumentFile
from flowengine.flow.problem import Problem, Severity
from flowengine.graph import PlannedResource, reached
from flowengine.linting.check import Check, Finding
from flowengine.linting.node_check import Surroundings, resource_uses, unknown_type
from flowengine.linting.place import problems_of
from flowengine.linting.resource_book import MAIN_SAMPLE, READ_SAMPLE, ResourceBook, ResourceUse
from flowengine.linting.scope import Scope
from flowengine.linting.secret_cache import SecretFact
from flowengine.linting.settings import check_settings

NODE_IN_RESOURCES: Final = Check(
    code="node-in-resources",
    title="A node among the resources",
    explanation=(
        "`resources.json` holds what flows share: brokers, servers, registries. A node that works on messages"
        " belongs in a flow."
    ),
    wrong={"resources.json": '{"resources": {"show": {"type": "debug"}}}'},
    right={"resources.json": MAIN_SAMPLE},
)
RESOURCE_CYCLE: Final = Check(
    code="resource-cycle",
    title="Resources refer to each other in a circle",
    explanation=(
        "A resource is started after those it refers to. Where they refer to each other in a circle, none of them"
        " can be the first. Take one of the references away."
    ),
    wrong={
        "resources.json": '{"resources": {"one": {"type": "registry", "config": {"fallback": "two"}},'
        ' "two": {"type": "registry", "config": {"fallback": "one"}}}}'
    },
    right={
        "resources.json": '{"resources": {"one": {"type": "registry", "config": {"fallback": "two"}},'
        ' "two": {"type": "registry"}}}'
    },
)
UNUSED_RESOURCE: Final = Check(
    code="unused-resource",
    severity=Severity.WARNING,
    title="No flow uses the resource",
    explanation=(
        "No node and no other resource refers to it, so it is not needed. It does no harm but to those who wonder"
        " what it is for."
    ),
    wrong={"resources.json": MAIN_SAMPLE},
    right={"resources.json": MAIN_SAMPLE, "example.flow.json": READ_SAMPLE % "main"},
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CheckedResources:
    """The resources, checked.

    Attributes:
        file: Their file.
        scope: The variables they see.
        planned: Those without errors, as they will run.
        book: What flows may refer to.
        uses: Ids of the resources that other resources refer to.
        secrets: The secrets they refer to, each with what was found.
        problems: What is wrong with them.
    """

    file: DocumentFile[ResourcesDocument]
    scope: Scope
    planned: Mapping[str, PlannedResource]
    book: ResourceBook
    uses: frozenset[str]
    secrets: tuple[tuple[str, SecretFact], ...]
    problems: tuple[Problem, ...]

    def unused(self, used: frozenset[str]) -> tuple[Problem, ...]:
        """Return a warning for each resource that nothing refers to.

        Args:
            used: Ids of the resources that flows refer to.
        """
        idle = (id_ for id_ in self.book.types if id_ not in used and id_ not in self.uses)
        message = "nothing refers to the resource"
        return problems_of(self.file, [UNUSED_RESOURCE.at(("resources", id_), message) for id_ in idle])


@dataclass(frozen=True, slots=True)
class _Checked:
    """One resource, without a look at those it refers to."""

    findings: tuple[Finding, ...]
    uses: tuple[ResourceUse, ...] = ()
    planned: PlannedResource | None = None
    secrets: tuple[tuple[str, SecretFact], ...] = ()


def check_resources(file: DocumentFile[ResourcesDocument], scope: Scope, around: Surroundings) -> CheckedResources:
    """Check every resource, alone and together."""
    documents = file.document.resources if file.document is not None else {}
    checked = {id_: _check_one(id_, document, scope, around) for id_, document in documents.items()}
    types = {id_: document.type for id_, document in documents.items()}
    circular = list(_circles(checked))
    broken = {id_ for id_, one in checked.items() if one.planned is None} | {finding.path[1] for finding in circular}
    while True:
        book = ResourceBook(types, frozenset(map(str, broken)), readable=file.document is not None)
        wrong = {id_: list(book.check(one.uses)) for id_, one in checked.items()}
        more = {id_ for id_, found in wrong.items() if found} - broken
        if not more:
            break
        broken |= more
    own = [finding for one in checked.values() for finding in one.findings]
    between = [finding for found in wrong.values() for finding in found]
    # Who stands in a circle only with others that do is told so once, not also that the others are broken.
    in_circle = {finding.path for finding in circular}
    between = [finding for finding in between if finding.path not in in_circle]
    return CheckedResources(
        file=file,
        scope=scope,
        planned={id_: one.planned for id_, one in checked.items() if one.planned and id_ not in broken},
        book=book,
        uses=frozenset(use.id for one in checked.values() for use in one.uses),
        secrets=tuple(secret for one in checked.values() for secret in one.secrets),
        problems=problems_of(file, [*own, *circular, *between]),
    )


def _check_one(id_: str, document: ResourceDocument, scope: Scope, around: Surroundings) -> _Checked:
    path = ("resources", id_)
    facts = around.types.get(document.type)
    if facts is None:
        return _Checked((unknown_type((*path, "type"), document.type, around.types, resources=True),))
    if not facts.type.is_resource:
        message = f"{document.type} is a node, which belongs in a flow"
        return _Checked((NODE_IN_RESOURCES.at((*path, "type"), message),))
    settings = check_settings(facts, document.config, scope, around.secrets)
    below = (*path, "config")
    findings = tuple(finding._replace(path=(*below, *finding.path)) for finding in settings.findings)
    uses = tuple(resource_uses(facts, document.config, settings, below))
    planned = None
    if settings.config is not None and not findings:
        needed = frozenset(use.id for use in uses)
        planned = PlannedResource(id=id_, type=facts.type, config=settings.config, resources=needed)
    return _Checked(findings, uses, planned, settings.secrets)


def _circles(checked: Mapping[str, _Checked]) -> Iterator[Finding]:
    """Yield a finding at every reference that is part of a circle."""
    pairs = [(id_, use) for id_, one in checked.items() for use in one.uses]
    after: dict[str, set[str]] = {}
    for id_, use in pairs:
        after.setdefault(id_, set()).add(use.id)
    for id_, use in pairs:
        if id_ in reached([use.id], ((one, other) for one, others in after.items() for other in others)):
            message = f'the resource "{use.id}" refers to this one in turn'
            yield RESOURCE_CYCLE.at(use.path, message, "take one of the references away")
