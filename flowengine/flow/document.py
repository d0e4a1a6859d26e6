"""The documents that are kept in git: flows, resources and layouts."""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, model_validator

from flowengine.flow.duration import Duration
from flowengine.flow.identifier import EndpointText, Identifier, PortName, VariableName

FORMAT_VERSION: Final = 1


class DocumentPart(BaseModel):
    """Any object in a document: refuses unknown keys, coerces no types and is not reassigned."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Document(DocumentPart):
    """What every document begins with."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    schema_uri: str | None = Field(
        default=None,
        alias="$schema",
        description="JSON Schema for editors; kept, and otherwise ignored.",
    )
    flowengine: Literal[1] = Field(description="Version of the document format.")


class RetryPolicy(DocumentPart):
    """How often, and how far apart, a message that failed is tried."""

    attempts: int = Field(default=3, ge=1, description="Tries in all; 1 never tries again.")
    initial: Duration = Field(default=1.0, description="Wait before the second try; then doubled each time.")
    maximum: Duration = Field(default=60.0, description="Longest wait between two tries.")
    jitter: bool = Field(default=True, description="Vary each wait at random, so that tries do not come in step.")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.maximum < self.initial:
            raise ValueError("'maximum' is shorter than 'initial'")
        return self


class ErrorPolicy(DocumentPart):
    """What happens to a message that fails where no catch node takes it."""

    retry: RetryPolicy = Field(default=RetryPolicy(), description="Tries before the message is given up.")
    then: Literal["dead-letter", "drop"] = Field(
        default="dead-letter", description="Where a message goes that was given up; a drop is counted."
    )


class SubflowInput(DocumentPart):
    """An input port of a subflow."""

    targets: list[EndpointText] = Field(description="Nodes that a message enters by this port.")
    description: str = Field(default="", description="What the port takes.")


class SubflowOutput(DocumentPart):
    """An output port of a subflow."""

    sources: list[EndpointText] = Field(
        description="Where its messages come from: 'node.port', or 'node' for a node with one output."
    )
    description: str = Field(default="", description="What the port gives.")


class GroupDocument(DocumentPart):
    """Nodes that belong together: drawn in a frame, with variables of their own."""

    name: str = ""
    nodes: list[Identifier] = Field(default=[], description="Ids of the nodes in the group.")
    env: dict[VariableName, str] = Field(default={}, description="Variables for the nodes of the group.")


class StageOptions(DocumentPart):
    """How a node that runs as a stage takes its messages; what is left out is the node type's choice."""

    workers: int | None = Field(default=None, ge=1, le=1_000, description="Messages worked on at a time.")
    queue: int | None = Field(default=None, ge=1, le=1_000_000, description="Messages that may wait.")
    order: str | None = Field(
        default=None, description="JSONPath of the key whose messages stay in order; empty for no order."
    )
    outbox: bool | None = Field(
        default=None, description="Let messages wait in the durable store instead of in memory."
    )
    batch: int | None = Field(default=None, ge=1, le=100_000, description="Most messages handed over in one call.")
    linger: Duration | None = Field(default=None, description="Longest wait for a batch to fill.")


class NodeDocument(DocumentPart):
    """One node of a flow."""

    type: str = Field(min_length=1, description="Node type; `flowengine nodes` lists them.")
    name: str = Field(default="", description="Shown in the editor instead of the id.")
    description: str = Field(default="", description="Markdown, shown in the editor.")
    disabled: bool = Field(default=False, description="Leave the node out when the flow runs.")
    config: dict[str, Any] = Field(default={}, description="Settings, as the node type describes them.")
    stage: StageOptions = Field(default=StageOptions(), description="Workers, queue and order of the node.")
    wires: dict[PortName, list[EndpointText]] = Field(
        default={},
        description="Output port to what it feeds: 'node', or 'node.port' for a subflow of several inputs.",
    )


class FlowDocument(Document):
    """A flow: nodes joined by wires. Kept in ``flows/<id>.flow.json``."""

    id: Identifier = Field(description="Equal to the file's name without '.flow.json'.")
    name: str = ""
    description: str = Field(default="", description="Markdown, shown in the editor.")
    disabled: bool = Field(default=False, description="Keep the flow, but do not run it.")
    env: dict[VariableName, str] = Field(default={}, description="Variables of the flow, as literal text.")
    errors: ErrorPolicy = Field(default=ErrorPolicy(), description="What happens to messages that fail.")
    inputs: dict[PortName, SubflowInput] = Field(default={}, description="Input ports of a subflow.")
    outputs: dict[PortName, SubflowOutput] = Field(default={}, description="Output ports of a subflow.")
    groups: dict[Identifier, GroupDocument] = {}
    nodes: dict[Identifier, NodeDocument] = {}

    @property
    def is_subflow(self) -> bool:
        """Whether the flow is a node type for other flows, by having ports of its own."""
        return bool(self.inputs or self.outputs)


class ResourceDocument(DocumentPart):
    """One config node: a broker, an Odoo server, a registry."""

    type: str = Field(min_length=1, description="Type of the config node.")
    name: str = ""
    description: str = Field(default="", description="Markdown, shown in the editor.")
    config: dict[str, Any] = Field(default={}, description="Settings, as the type describes them.")


class ResourcesDocument(Document):
    """The config nodes that all flows share. Kept in ``flows/resources.json``."""

    resources: dict[Identifier, ResourceDocument] = {}


def _written(number: float) -> float | int:
    return int(number) if number.is_integer() else number


Coordinate = Annotated[
    float,
    Field(allow_inf_nan=False),
    AfterValidator(lambda number: round(number, 2)),
    PlainSerializer(_written, return_type=float | int),
]
"""A length on the canvas in pixels, to a hundredth, so that a redraw does not change the file."""


class Box(DocumentPart):
    """Where something stands on the canvas."""

    x: Coordinate
    y: Coordinate
    width: Coordinate | None = None
    height: Coordinate | None = None
    colour: str | None = Field(default=None, pattern=r"^#[0-9a-f]{6}$", description="As '#rrggbb'.")


class Viewport(DocumentPart):
    """The part of the canvas that was last looked at."""

    x: Coordinate = 0.0
    y: Coordinate = 0.0
    zoom: Coordinate = Field(default=1.0, gt=0)


class LayoutDocument(Document):
    """Where a flow's nodes stand. Kept in ``flows/<id>.layout.json``: dragging changes no flow."""

    viewport: Viewport = Viewport()
    groups: dict[Identifier, Box] = {}
    nodes: dict[Identifier, Box] = {}
