"""A whole export: flows, layouts, resources, and the report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flowengine.flow.document import FlowDocument, LayoutDocument, ResourceDocument
from flowengine_nodes.nodered.case import Case, NotConvertibleError
from flowengine_nodes.nodered.conversion import Conversion
from flowengine_nodes.nodered.converters import MERGED, RESOURCES
from flowengine_nodes.nodered.export import Entry, Export
from flowengine_nodes.nodered.foreign import foreign
from flowengine_nodes.nodered.report import Fate, Outcome, Report
from flowengine_nodes.nodered.surroundings import Naming

_SETTINGS = "global-config"


@dataclass(frozen=True)
class Imported:
    """What an export becomes.

    Attributes:
        flows: The flows.
        layouts: Where their nodes stand, by flow.
        resources: The resources that are new, by id.
        report: What became of each entry.
    """

    flows: tuple[FlowDocument, ...]
    layouts: Mapping[str, LayoutDocument]
    resources: Mapping[str, ResourceDocument]
    report: Report


def convert(export: Export, known: Mapping[str, ResourceDocument], links: Iterable[str] = ()) -> Imported:
    """Convert an export.

    Args:
        export: The export.
        known: The resources that the folder has, by id; an equal one is used, none is changed.
        links: Names of entrances that other flows of the folder have.
    """
    naming = Naming(export, links)
    report = Report(variables=naming.variables)
    resources: dict[str, ResourceDocument] = {}
    for entry in export.config_nodes:
        report.fates.append(_config_node(entry, naming, known, resources))
    converted = [Conversion(container, naming).run() for container in export.containers]
    report.fates.extend(fate for one in converted for fate in one.fates)
    return Imported(
        tuple(one.flow for one in converted),
        {one.flow.id: one.layout for one in converted},
        resources,
        report,
    )


def _config_node(
    entry: Entry, naming: Naming, known: Mapping[str, ResourceDocument], made: dict[str, ResourceDocument]
) -> Fate:
    fate = Fate(entry)
    if entry.type == _SETTINGS:
        for row in entry.rows("env"):
            naming.variable(str(row.get("name")), "a global variable of Node-RED")
        fate.note("global variables are those of the environment: set them there")
        return fate
    if entry.type in MERGED:
        fate.notes.append(f"became {MERGED[entry.type]}")
        return fate
    case = Case(entry, naming)
    try:
        converted = RESOURCES.get(entry.type, foreign)(case)
    except NotConvertibleError as error:
        fate.note(str(error), Outcome.NOT_CONVERTIBLE)
        return fate
    resource = ResourceDocument(type=converted.type, name=entry.name, description=entry.info, config=converted.config)
    fate.resource = naming.name_resource(entry, resource, {**known, **made})
    if fate.resource in known:
        fate.notes.append(f'is the resource "{fate.resource}" that is there already')
    else:
        made[fate.resource] = resource
    for sentence in case.differences:
        fate.note(sentence)
    return fate
