"""The change node."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final, Self, TypeAlias

import orjson
from pydantic import Discriminator, Tag, model_validator

from flowengine.expressions import MISSING, Draft, RegexError, StateScope, compile_path, compile_regex
from flowengine.expressions.value import LiteralValue, PathValue
from flowengine.fields.compiled import problem
from flowengine.node import (
    Config,
    Context,
    Example,
    Field,
    JsonPath,
    Message,
    Node,
    NodeError,
    NodeScope,
    Output,
    StrictConfig,
    Value,
    node_type,
    same_json,
)
from flowengine_nodes.function.rearrangement import Copy, Delete, Move, Operation, Put, compile_rearrangement

Rule: TypeAlias = Callable[[Draft], object]
"""Applies a rule to fields that it may change, but for what hangs below them; returns them, or others."""

_BUSY: Final = 64
"""Messages after which the rules are worth compiling: large flows have many nodes that hardly ever work."""

# What stands for a group in the text that replaces: $1, $<name>, $& for the whole match, $$ for a dollar sign.
_GROUP = re.compile(r"\$(?:(\d{1,2})|<(\w+)>|(&)|(\$))")


class SetRule(StrictConfig):
    """Put a value somewhere."""

    set: JsonPath = Field(description="Where to put it; missing parents are made.")
    to: Value = Field(description="What to put there; where it is missing, the place is deleted.")

    def compile(self, scope: NodeScope) -> Rule:
        """Return the function that applies the rule."""
        path, evaluate = self.set, self.to.compile()

        def apply(draft: Draft) -> None:
            value = evaluate(draft.fields, scope)
            if value is MISSING:
                draft.delete(path)
            else:
                draft.set(path, value)

        return apply

    def operation(self) -> Operation | None:
        """Return what the rule does, where it needs nothing but the message."""
        match self.to:
            case LiteralValue(literal=literal):
                return Put(self.set, literal)
            case PathValue(path=path):
                return Copy(compile_path(path), self.set)
        return None


class ChangeRule(StrictConfig):
    """Replace text in a text, or one value by another."""

    change: JsonPath = Field(description="Value to change.")
    from_: Value = Field(alias="from", title="From", description="Text to search for, or the value to replace.")
    to: Value = Field(description="What takes its place.")
    regex: bool = Field(False, description="What to search for is a regular expression.")
    ignore_case: bool = Field(False, description="The regular expression takes small and capital letters as the same.")

    @model_validator(mode="after")
    def _regex_compiles(self) -> Self:
        if self.regex and isinstance(self.from_, LiteralValue):
            if not isinstance(self.from_.literal, str):
                raise ValueError("'from' must be text to be a regular expression")
            try:
                compile_regex(self.from_.literal, ignore_case=self.ignore_case)
            except RegexError as error:
                raise problem(error) from error
        return self

    def compile(self, scope: NodeScope) -> Rule:
        """Return the function that applies the rule."""
        path, search, replace = self.change, self.from_.compile(), self.to.compile()
        changed = self._changed_by_regex if self.regex else _changed

        def apply(draft: Draft) -> None:
            value = path.first(draft.fields)
            if value is MISSING:
                return
            wanted, new = search(draft.fields, scope), replace(draft.fields, scope)
            if wanted is MISSING or new is MISSING:
                return
            result = changed(value, wanted, new)
            if result is not value:
                draft.set(path, result)

        return apply

    def _changed_by_regex(self, value: Any, wanted: Any, new: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            pattern = compile_regex(_text(wanted), ignore_case=self.ignore_case)
        except RegexError as error:
            raise NodeError(str(error), code=error.code) from error
        text = _text(new)
        return pattern.sub(lambda match: _GROUP.sub(lambda group: _expanded(match, group), text), value)


class DeleteRule(StrictConfig):
    """Delete what a path finds."""

    delete: JsonPath = Field(description="What to delete.")

    def compile(self, scope: NodeScope) -> Rule:
        """Return the function that applies the rule."""
        path = self.delete
        return lambda draft: draft.delete(path)

    def operation(self) -> Operation:
        """Return what the rule does."""
        return Delete(self.delete)


class MoveRule(StrictConfig):
    """Move a value to another place."""

    move: JsonPath = Field(description="Value to move.")
    to: JsonPath = Field(description="Where to move it; missing parents are made.")

    def compile(self, scope: NodeScope) -> Rule:
        """Return the function that applies the rule."""
        source, target = self.move, self.to

        def apply(draft: Draft) -> None:
            value = draft.delete(source)
            if value is not MISSING:
                draft.set(target, value)

        return apply

    def operation(self) -> Operation:
        """Return what the rule does."""
        return Move(self.move, self.to)


class StoreRule(StrictConfig):
    """Keep a value in the state of the node, of its flow or of all flows."""

    store: str = Field(min_length=1, description="Key in the state.")
    scope: StateScope = Field("flow", description="Whose state: the node's, its flow's or all flows'.")
    to: Value = Field(description="Value to keep; where it is missing, null is kept.")

    def compile(self, context: Context, scope: NodeScope) -> Rule:
        """Return the function that applies the rule."""
        states = {"node": context.state, "flow": context.flow_state, "global": context.global_state}
        key, evaluate, store = self.store, self.to.compile(), states[self.scope].set_later

        def apply(draft: Draft) -> None:
            value = evaluate(draft.fields, scope)
            store(key, None if value is MISSING else value)

        return apply


_KINDS = ("set", "change", "delete", "move", "store")


def _kind(value: Any) -> str | None:
    keys = [key for key in _KINDS if (key in value if isinstance(value, dict) else hasattr(value, key))]
    return keys[0] if len(keys) == 1 else None


AnyRule: TypeAlias = Annotated[
    Annotated[SetRule, Tag("set")]
    | Annotated[ChangeRule, Tag("change")]
    | Annotated[DeleteRule, Tag("delete")]
    | Annotated[MoveRule, Tag("move")]
    | Annotated[StoreRule, Tag("store")],
    Discriminator(
        _kind,
        custom_error_type="rule",
        custom_error_message=f"a rule has exactly one of the keys {', '.join(_KINDS)}",
    ),
]


class ChangeConfig(Config):
    """Configure a change node."""

    rules: list[AnyRule] = Field([], description="What to do, in order; each rule sees what those before it did.")


@node_type("change", category="function", icon="change")
class Change(Node[ChangeConfig]):
    """Set, change, delete and move parts of a message.

    | rule | what it does |
    |---|---|
    | `{"set": "$.payload.level", "to": 5}` | puts a value there, and makes parents that are missing |
    | `{"change": "$.topic", "from": "/old/", "to": "/new/"}` | replaces text, or one value by another |
    | `{"delete": "$.payload.debug"}` | deletes |
    | `{"move": "$.topic", "to": "$.payload.name"}` | moves |
    | `{"store": "last", "to": {"path": "$.payload"}}` | keeps a value in the state of the flow |

    A value is a literal, or comes from the message (`{"path": "$.topic"}`), a computation
    (`{"jsonata": "payload * 2"}`), a template, a variable (`{"env": "PLANT"}`) or the state
    (`{"state": "last", "scope": "flow"}`). Paths may depend on the message: `$.payload[$.topic]`.

    - *set* to a value that is missing deletes the place.
    - *change* in a text replaces every occurrence and gives text. Where the whole value equals *from*, it becomes *to*
      with its own type, whatever that is. With *regex*, `$1`, `$<name>` and `$&` in *to* stand for what was found.
    - *change*, *delete* and *move* of something that is missing do nothing.

    Messages are never changed in place: nothing that another node holds changes with them, so there is no need for a
    deep copy.

    **Other than in Node-RED:** a place below a text or a number cannot be written to, and that is an error
    (`path-write`), not a warning; setting from a path whose parent is missing deletes the target too; *change* keeps
    types apart, so `5` does not match the text `"5"`; a bad regular expression is found before anything runs.
    """

    out = Output("The changed messages.")
    examples = (
        Example(
            "sets values from several places",
            config={
                "rules": [
                    {"set": "$.payload.unit", "to": "bar"},
                    {"set": "$.payload.source.topic", "to": {"path": "$.topic"}},
                    {"set": "$.payload.half", "to": {"jsonata": "payload.level / 2"}},
                ]
            },
            given={"topic": "boiler", "payload": {"level": 3}},
            expect=[
                ("out", {"payload": {"level": 3, "unit": "bar", "source": {"topic": "boiler"}, "half": 1.5}}),
            ],
        ),
        Example(
            "replaces text with the groups of a regular expression",
            config={"rules": [{"change": "$.topic", "from": r"^old/(\w+)", "to": "new/$1", "regex": True}]},
            given={"topic": "old/boiler/1"},
            expect=[("out", {"topic": "new/boiler/1"})],
        ),
        Example(
            "gives a value another type",
            config={"rules": [{"change": "$.payload", "from": "on", "to": True}]},
            given={"payload": "on"},
            expect=[("out", {"payload": True})],
        ),
        Example(
            "moves and deletes",
            config={"rules": [{"move": "$.payload.value", "to": "$.payload"}, {"delete": "$.retain"}]},
            given={"payload": {"value": 7}, "retain": True},
            expect=[("out", {"payload": 7})],
        ),
        Example(
            "does not write below a number",
            config={"rules": [{"set": "$.payload.level", "to": 1}]},
            given={"payload": 5},
            error="path-write",
        ),
    )

    def __init__(self, config: ChangeConfig, context: Context) -> None:
        super().__init__(config, context)
        scope = NodeScope(context)
        self._rules = tuple(
            rule.compile(context, scope) if isinstance(rule, StoreRule) else rule.compile(scope)
            for rule in config.rules
        )
        self._idle = _BUSY
        self._apply: Callable[[dict[str, Any]], dict[str, Any]] = self._warm_up

    def receive(self, message: Message) -> None:
        """Apply the rules and send the result."""
        self.send(self.out, Message(self._apply(message.fields), message.delivery))

    def _follow(self, fields: dict[str, Any]) -> dict[str, Any]:
        draft = Draft(fields)
        for rule in self._rules:
            rule(draft)
        return draft.fields

    def _warm_up(self, fields: dict[str, Any]) -> dict[str, Any]:
        self._idle -= 1
        if not self._idle:
            self._apply = self._compiled()
        return self._follow(fields)

    def _compiled(self) -> Callable[[dict[str, Any]], dict[str, Any]]:
        """Return the rules as one function, if they only put, copy, move and delete; see ``compile_rearrangement``."""
        operations: list[Operation] = []
        for rule in self.config.rules:
            operation = None if isinstance(rule, ChangeRule | StoreRule) else rule.operation()
            if operation is None:
                return self._follow
            operations.append(operation)
        return compile_rearrangement(operations, self._follow)


def _changed(value: Any, wanted: Any, new: Any) -> Any:
    if same_json(value, wanted):
        return new
    if isinstance(value, str) and isinstance(wanted, str) and wanted and wanted in value:
        return value.replace(wanted, _text(new))
    return value


def _expanded(match: re.Match[str], group: re.Match[str]) -> str:
    number, name, whole, _ = group.groups()
    if whole:
        return match[0]
    try:
        return (match[name or int(number)] or "") if name or number else "$"
    except IndexError:
        # As written: there is no such group.
        return group[0]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else orjson.dumps(value).decode()
