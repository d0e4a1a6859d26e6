"""The switch node."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, field_validator

from flowengine.expressions import Evaluate, ExpressionError, compile_regex
from flowengine.fields.compiled import problem
from flowengine.flow.identifier import PortName
from flowengine.node import (
    Config,
    Context,
    Example,
    Field,
    Jsonata,
    Message,
    Node,
    NodeScope,
    Output,
    StrictConfig,
    Value,
    Widget,
    node_type,
)
from flowengine_nodes.function import comparison as compare

Test: TypeAlias = Callable[[Any, dict[str, Any]], bool]
"""Tells whether a rule matches a value and the fields of its message."""


class _Rule(StrictConfig):
    port: PortName = Field(description="Port that messages leave by which the rule matches; rules may share one.")


class CompareRule(_Rule):
    """Compare the value with another one."""

    when: Literal["eq", "neq", "lt", "lte", "gt", "gte", "contains"] = Field(
        description="Equal, not equal, less, at most, more, at least, or a text that contains the other."
    )
    value: Value = Field(None, description="What to compare with.")
    previous: bool = Field(False, description="Compare with the value of the message before; null at first.")

    def test(self, switch: "Switch") -> Test:
        """Return the rule as a function."""
        matches: Callable[[Any, Any], bool] = {
            "eq": compare.equal,
            "neq": lambda one, other: not compare.equal(one, other),
            "lt": compare.less,
            "lte": compare.at_most,
            "gt": lambda one, other: compare.less(other, one),
            "gte": lambda one, other: compare.at_most(other, one),
            "contains": lambda one, other: compare.text(other) in compare.text(one),
        }[self.when]
        if self.previous:
            return lambda value, _: matches(value, switch.previous)
        evaluate, scope = self.value.compile(), switch.scope
        return lambda value, fields: matches(value, evaluate(fields, scope))


class BetweenRule(_Rule):
    """Tell whether the value lies between two others, or is one of them."""

    when: Literal["between"] = Field(description="Between two values, in either order.")
    start: Value = Field(alias="from", title="From", description="The one end.")
    end: Value = Field(alias="to", title="To", description="The other end.")

    def test(self, switch: "Switch") -> Test:
        """Return the rule as a function."""
        start, end, scope = self.start.compile(), self.end.compile(), switch.scope
        return lambda value, fields: compare.between(value, start(fields, scope), end(fields, scope))


class RegexRule(_Rule):
    """Search the value, as text, for a regular expression."""

    when: Literal["regex"] = Field(description="A text in which a regular expression is found.")
    ignore_case: bool = Field(False, description="Take small and capital letters as the same.")
    regex: Annotated[str, Widget("regex")] = Field(description="The regular expression, found anywhere in the text.")

    @field_validator("regex")
    @classmethod
    def _compiles(cls, text: str) -> str:
        try:
            compile_regex(text)
        except ExpressionError as error:
            raise problem(error) from error
        return text

    def test(self, switch: "Switch") -> Test:
        """Return the rule as a function."""
        search = compile_regex(self.regex, ignore_case=self.ignore_case).search
        return lambda value, _: search(compare.text(value)) is not None


class StateRule(_Rule):
    """Tell what state the value is in."""

    when: Literal["true", "false", "null", "not-null", "empty", "not-empty"] = Field(
        description="True, false, null or missing, neither; a text, list, object or bytes that is empty, or is not."
    )

    def test(self, switch: "Switch") -> Test:
        """Return the rule as a function."""
        tests: dict[str, Test] = {
            "true": lambda value, _: value is True,
            "false": lambda value, _: value is False,
            "null": lambda value, _: compare.is_nothing(value),
            "not-null": lambda value, _: not compare.is_nothing(value),
            "empty": lambda value, _: isinstance(value, compare.SIZED) and not value,
            "not-empty": lambda value, _: isinstance(value, compare.SIZED) and bool(value),
        }
        return tests[self.when]


class TypeRule(_Rule):
    """Tell whether the value is of a type."""

    when: Literal["type"] = Field(description="Of a type.")
    type: compare.TypeName = Field(description="The type; json is a text that is JSON, missing no value at all.")

    def test(self, switch: "Switch") -> Test:
        """Return the rule as a function."""
        is_one = compare.TYPES[self.type]
        return lambda value, _: is_one(value)


class HasKeyRule(_Rule):
    """Tell whether the value is an object with a name."""

    when: Literal["has-key"] = Field(description="An object that has a name.")
    key: Value = Field(description="The name.")

    def test(self, switch: "Switch") -> Test:
        """Return the rule as a function."""
        evaluate, scope = self.key.compile(), switch.scope
        return lambda value, fields: isinstance(value, dict) and compare.is_name_of(evaluate(fields, scope), value)


class JsonataRule(_Rule):
    """Compute whether the rule matches."""

    when: Literal["jsonata"] = Field(description="A computation over the message gives true.")
    jsonata: Jsonata = Field(description="The expression.")

    def test(self, switch: "Switch") -> Test:
        """Return the rule as a function."""
        evaluate, scope = self.jsonata.evaluate, switch.scope
        return lambda _, fields: evaluate(fields, scope) is True


class PartsRule(_Rule):
    """Pick messages by their place in a sequence."""

    when: Literal["head", "tail"] = Field(description="Among the first, or the last, of a sequence.")
    count: int = Field(ge=1, description="How many.")

    def test(self, switch: "Switch") -> Test:
        """Return the rule as a function."""
        if self.when == "head":
            return lambda _, fields: compare.part(fields, "index") < self.count
        return lambda _, fields: compare.part(fields, "index") >= compare.part(fields, "count") - self.count


class IndexRule(_Rule):
    """Pick messages by a range of places in a sequence."""

    when: Literal["index"] = Field(description="From one place of a sequence to another, counted from 0.")
    start: int = Field(ge=0, alias="from", title="From", description="First place.")
    end: int = Field(ge=0, alias="to", title="To", description="Last place.")

    def test(self, switch: "Switch") -> Test:
        """Return the rule as a function."""
        return lambda _, fields: self.start <= compare.part(fields, "index") <= self.end


class ElseRule(_Rule):
    """Match where no rule before has matched."""

    when: Literal["else"] = Field(description="No rule before has matched.")

    def test(self, switch: "Switch") -> None:
        """Return nothing: what came before decides."""


AnyRule: TypeAlias = Annotated[
    CompareRule
    | BetweenRule
    | RegexRule
    | StateRule
    | TypeRule
    | HasKeyRule
    | JsonataRule
    | PartsRule
    | IndexRule
    | ElseRule,
    Discriminator("when"),
]


class SwitchConfig(Config):
    """Configure a switch."""

    value: Value = Field({"path": "$.payload"}, description="Value that the rules look at.")
    rules: list[AnyRule] = Field([], description="Rules, tried in order.")
    stop_at_first: bool = Field(False, description="Try no more rules once one has matched.")


@node_type("switch", category="function", icon="switch")
class Switch(Node[SwitchConfig]):
    """Send messages by different ports, as rules decide.

    Every rule names the port of the messages it matches. A message leaves by the port of each rule that matches, or,
    with *stop at first*, only of the first. A port that several rules share gets it once. A message that no rule
    matches ends here, done; an `else` rule at the end catches it.

    | when | matches |
    |---|---|
    | `eq` `neq` `lt` `lte` `gt` `gte` | a comparison with *value*: `{"when": "gt", "value": 80, "port": "hot"}` |
    | `between` | *from* to *to*, both included, in either order |
    | `contains` `regex` | text; any other value is taken as the text it is written as |
    | `true` `false` `null` `not-null` | just that; a missing value counts as null |
    | `empty` `not-empty` | a text, list, object or bytes with nothing, or something, in it; no other value |
    | `type` | a value of *type* |
    | `has-key` | an object that has the name *key* |
    | `jsonata` | whatever the expression says is true |
    | `head` `tail` `index` | a message's place in a sequence, from its field `parts` |
    | `else` | what no rule before has matched |

    Comparisons are loose between numbers and text that is a number: `5` equals `"5"`, and `"10"` is more than `9`. Two
    texts compare as texts. Values that cannot be compared match neither way round.

    **Other than in Node-RED:** ports have names; true and false equal no number, and null is not less than 5; `tail`
    needs `parts.count` (`no-parts` without) where Node-RED keeps messages back until it is known, and `parts` is not
    numbered anew. A rule that fails on a message fails it before anything is sent.
    """

    examples = (
        Example(
            "sorts by a limit",
            config={
                "value": {"path": "$.payload.level"},
                "rules": [{"when": "gt", "value": 80, "port": "hot"}, {"when": "else", "port": "cold"}],
            },
            given=[{"payload": {"level": 90}}, {"payload": {"level": 20}}],
            expect=[("hot", {"payload": {"level": 90}}), ("cold", {"payload": {"level": 20}})],
        ),
        Example(
            "takes a text that is a number as one",
            config={"rules": [{"when": "eq", "value": 5, "port": "five"}]},
            given={"payload": "5"},
            expect=[("five", {"payload": "5"})],
        ),
        Example(
            "sends by every port that matches",
            config={
                "rules": [
                    {"when": "between", "from": 0, "to": 100, "port": "valid"},
                    {"when": "lt", "value": 10, "port": "low"},
                ]
            },
            given={"payload": 5},
            expect=[("valid", {}), ("low", {})],
        ),
        Example(
            "looks for text",
            config={
                "value": {"path": "$.topic"},
                "rules": [{"when": "regex", "regex": "^plant/[0-9]+/alarm$", "port": "alarm"}],
            },
            given=[{"topic": "plant/7/alarm"}, {"topic": "plant/x/alarm"}],
            expect=[("alarm", {"topic": "plant/7/alarm"})],
        ),
    )

    def __init__(self, config: SwitchConfig, context: Context) -> None:
        super().__init__(config, context)
        self.scope = NodeScope(context)
        self.previous: Any = None
        self._value: Evaluate = config.value.compile()
        self._rules: tuple[tuple[Test | None, Output], ...] = tuple(
            (rule.test(self), self.outputs[rule.port]) for rule in config.rules
        )

    @classmethod
    def ports(cls, config: SwitchConfig) -> Sequence[Output]:
        """Return one port for each name in the rules."""
        found: dict[str, list[str]] = {}
        for rule in config.rules:
            found.setdefault(rule.port, []).append(rule.when)
        return [Output(f"Messages that match: {', '.join(when)}.", name=port) for port, when in found.items()]

    def receive(self, message: Message) -> None:
        """Try the rules, then send."""
        fields = message.fields
        value = self._value(fields, self.scope)
        # Everything is tried before anything is sent: a rule that fails must not leave half of the work done.
        chosen: list[Output] = []
        for test, port in self._rules:
            if (not chosen if test is None else test(value, fields)) and port not in chosen:
                chosen.append(port)
                if self.config.stop_at_first:
                    break
        self.previous = value
        for port in chosen:
            self.send(port, message)
