"""What single values are held to, in any part of a document."""

from typing import Final

from flowengine.linting.check import Check

_HOST: Final = '{"resources": {"main": {"type": "mqtt-broker", "config": %s}}}'
_FILTER: Final = (
    '{"nodes": {"tick": {"type": "inject", "wires": {"out": ["a"]}},'
    ' "a": {"type": "filter", "config": {"path": "%s"}, "wires": {"out": ["show"]}}, "show": {"type": "debug"}}}'
)
_READ: Final = (
    '{"nodes": {"read": {"type": "mqtt-in", "config": %s, "wires": {"out": ["show"]}}, "show": {"type": "debug"}}}'
)
_RIGHT: Final = {"resources.json": _HOST % '{"host": "mqtt.example", "port": 1883}'}

VALUE_RULES: Final = (
    Check(
        code="missing-field",
        title="A field is missing",
        explanation="The field has no default, so it must be written.",
        wrong={"resources.json": _HOST % '{"host": "mqtt.example"}', "example.flow.json": _READ % '{"broker": "main"}'},
        right={
            "resources.json": _HOST % '{"host": "mqtt.example"}',
            "example.flow.json": _READ % '{"broker": "main", "topic": "a/b"}',
        },
    ),
    Check(
        code="unknown-field",
        title="There is no such field",
        explanation=(
            "Neither the document nor the node type has a field of this name. It is refused and not passed over,"
            " since a mistyped name would otherwise leave a setting at its default without a word."
        ),
        wrong={"resources.json": _HOST % '{"hots": "mqtt.example", "host": "mqtt.example"}'},
        right=_RIGHT,
    ),
    Check(
        code="wrong-type",
        title="A value is of the wrong kind",
        explanation="The field takes another kind of value: a number where a text stands, a list, an object.",
        wrong={"resources.json": _HOST % '{"host": "mqtt.example", "port": "many"}'},
        right=_RIGHT,
    ),
    Check(
        code="out-of-range",
        title="A number is too small or too large, or a text or list too short or too long",
        explanation="The field's bounds are shown; `flowengine nodes TYPE` lists those of all fields of a type.",
        wrong={"resources.json": _HOST % '{"host": "mqtt.example", "port": 123456}'},
        right=_RIGHT,
    ),
    Check(
        code="bad-value",
        title="A value is not allowed",
        explanation="The field takes certain values only; the sentence says which.",
        wrong={"resources.json": _HOST % '{"host": ""}'},
        right=_RIGHT,
    ),
    Check(
        code="bad-name",
        title="A name has characters that it cannot have",
        explanation=(
            "Ids are lower-case letters, digits and hyphens; ports may have capitals and `_` too; variables are"
            " letters, digits and `_`. Such names need no quoting in file names, topics and commands."
        ),
        wrong='{"nodes": {"Read Meter": {"type": "inject"}}}',
        right='{"nodes": {"tick": {"type": "inject", "wires": {"out": ["show"]}}, "show": {"type": "debug"}}}',
    ),
    Check(
        code="missing-variable",
        title="A variable is not set",
        explanation=(
            "`${NAME}` stands for a variable of the flow's `env`, of the environment or of `.env`, and none of them"
            " has it. Set it, or give a default: `${NAME:-default}`."
        ),
        wrong={"resources.json": _HOST % '{"host": "${MQTT_HOST}"}'},
        right={"resources.json": _HOST % '{"host": "${MQTT_HOST:-localhost}"}'},
    ),
    Check(
        code="bad-reference",
        title="A reference to a variable is malformed",
        explanation="Write `${NAME}`, `${NAME:-default}` or `${secret:name}`; for a literal `${` write `$${`.",
        wrong={"resources.json": _HOST % '{"host": "${MQTT HOST}"}'},
        right={"resources.json": _HOST % '{"host": "${MQTT_HOST:-localhost}"}'},
    ),
    Check(
        code="missing-secret",
        title="There is no such secret",
        explanation="`${secret:name}` names a secret that the encrypted store does not have, or there is no store.",
        wrong={"resources.json": _HOST % '{"host": "mqtt.example", "password": "${secret:mqtt}"}'},
        right=_RIGHT,
    ),
    Check(
        code="unreadable-secret",
        title="A secret cannot be decrypted",
        explanation="The secret was written with another key, or its entry in the file was changed.",
    ),
    Check(
        code="secret-key",
        title="The key of the secret store is missing or wrong",
        explanation="Set `FLOWENGINE_SECRET_KEY` to the key that the store was written with.",
    ),
    Check(
        code="json-path",
        title="A JSONPath cannot be read",
        explanation="The column where it goes wrong is shown. A path of names needs no more than `$.payload.a.b`.",
        wrong=_FILTER % "$.payload[",
        right=_FILTER % "$.payload",
    ),
    Check(
        code="jsonata",
        title="A JSONata expression cannot be read",
        explanation="The line and the column where it goes wrong are shown.",
    ),
    Check(
        code="template",
        title="A template cannot be read",
        explanation="The line and the column where the Jinja2 template goes wrong are shown.",
    ),
    Check(
        code="regex",
        title="A regular expression cannot be read",
        explanation="The column where it goes wrong is shown. The rules are those of Python's `re`.",
    ),
    Check(
        code="python",
        title="Python code cannot be compiled",
        explanation="The line and the column where the code goes wrong are shown.",
    ),
    Check(
        code="json-schema",
        title="A JSON Schema is not valid",
        explanation="The schema breaks the rules of JSON Schema itself; its part that does is shown.",
    ),
    Check(
        code="cron",
        title="A cron expression cannot be read",
        explanation="It has five fields, minute, hour, day, month and weekday: `*/5 6-22 * * MON-FRI`.",
    ),
    Check(
        code="time-zone",
        title="There is no such time zone",
        explanation="Write a name of the IANA database such as `Europe/Berlin`, or `UTC`.",
    ),
    Check(
        code="text-expected",
        title="An expression is not written as text",
        explanation="The field takes an expression, which is written as a text in quotes.",
        wrong='{"nodes": {"tick": {"type": "inject", "wires": {"out": ["a"]}},'
        ' "a": {"type": "filter", "config": {"path": 5}}}}',
        right=_FILTER % "$.payload",
    ),
)
