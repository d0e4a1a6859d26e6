"""The addon reckons as the engine does: tokens, passwords, paths, rules and templates mean the same in both."""

import base64
import json
import secrets
from typing import Any

import pytest

from flowengine_nodes.iiot.embedded.tokens import EmbeddedTokens
from flowengine_nodes.iiot.pairing.token_text import grouped, new_token, read_token, sealed_by, token_digest
from flowengine_nodes.iiot.registry.device import BusinessObject
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.roster import Member
from flowengine_nodes.iiot.registry.secret_keys import SecretKeys
from flowengine_nodes.iiot.registry.tokens import Holder
from flowengine_nodes.iiot.registry.unit import UNITS, UnitError, conversion
from flowengine_nodes.iiot.telemetry.counts import Counts
from flowengine_nodes.iiot.telemetry.mapping import Mapping
from flowengine_nodes.iiot.telemetry.readings import take_apart
from tests.odoo_cluster import OdooCluster

pytestmark = pytest.mark.timeout(180)

KEYS = ("0123456789abcdef0123456789abcdef", "an-older-key-of-the-same-bridge")
NOW = 1_780_000_000.0

PAYLOADS: tuple[Any, ...] = (
    {
        "t": 21.5,
        "n": "7",
        "s": "on",
        "list": [3, 1, 2],
        "deep": {"a": [{"v": 1}, {"v": "2.5"}, {"v": None}]},
        "z": None,
    },
    {"t": "1e3", "n": "1,5", "s": 0, "list": [[1, [2]], "x"], "deep": {"a": []}, "at": "2026-05-28T20:26:40Z"},
    {"t": True, "n": 1e25, "s": "maybe", "list": [], "deep": 4, "at": NOW * 1000},
    {"t": "nan", "n": -0.0, "s": 1.0, "list": {"a": 1}, "v": {"v": [1]}, "at": "yesterday"},
    {"t": 0.1, "n": 3, "s": {"a": 1}, "a b": 5, "list": [0.1, 0.2]},
    [{"t": 2, "at": NOW}, {"t": 1, "at": NOW - 9}],
    {"t": 1e300, "n": 1.0000001, "s": "2026-05-28T22:26:40+02:00"},
    7,
    "text",
    None,
    {},
)

RULES: tuple[dict[str, Any], ...] = (
    {"path": "$.t"},
    {"path": "t", "transform": {"type": "number"}},
    {"path": "$.t", "transform": {"scale": 0.1, "offset": -0.3, "round": 2}},
    {"path": "$['t']", "transform": {"unit": "°F", "to_unit": "°C", "round": 0}},
    {"path": "$.t", "transform": {"round": -2}},
    {"path": "$.n", "transform": {"type": "number", "decimal_comma": True}},
    {"path": "$.n", "transform": {"type": "integer"}},
    {"path": "$.n", "transform": {"type": "text"}, "on_missing": "fail"},
    {"path": "$.s", "transform": {"type": "boolean"}},
    {"path": "$.s", "transform": {"type": "time"}},
    {"path": "$.s", "transform": {"map": {"on": 1, "0": 2, "1": "one"}}},
    {"path": "$.s", "transform": {"map": {"on": 1, "0": 2}, "otherwise": "?", "type": "text"}},
    {"path": "$.list[0]"},
    {"path": "$.list[-1]", "transform": {"type": "any"}},
    {"path": "$.list[*]"},
    {"path": "$.list"},
    *({"path": "$.list[*]", "pick": pick} for pick in ("first", "last", "min", "max", "sum", "mean", "count", "all")),
    {"path": "$.deep.a[*].v", "pick": "all", "transform": {"type": "number", "scale": 2}},
    {"path": "$..v", "pick": "first"},
    {"path": "$..v", "pick": "count"},
    {"path": "$.deep.a[0:2].v", "pick": "last"},
    {"path": "$.list.*", "pick": "all"},
    {"path": "$['a b']"},
    {"path": "$.t", "model": "res.partner", "domain": [["ref", "=", "{serial}/{device}"]]},
    {"path": "$.t", "model": "res.partner", "domain": [["id", "=", "{value}"]]},
    {"path": "$.t", "model": "res.users"},
    {"path": "$", "condition": {"deadband": 0}},
)

READINGS: tuple[dict[str, Any], ...] = (
    {},
    {"time": "$.at"},
    {"batch": "$", "time": "$.at"},
    {"time": "$.at", "on_missing_time": "refuse"},
    {"batch": "$.list"},
)


@pytest.fixture(scope="module")
def database(odoo_cluster: OdooCluster) -> str:
    return odoo_cluster.new_database()


def reckon(cluster: OdooCluster, database: str, script: str, **given: Any) -> Any:
    """Run a script in Odoo's shell, in which ``given`` has values and ``told`` takes some; nothing is committed."""
    text = f"import json\ngiven = json.loads({json.dumps(given)!r})\ntold = {{}}\n{script}\n"
    log = cluster.run(
        "shell", f"--database={database}", "--no-http", script=text + "print('told ' + json.dumps(told))\n"
    )
    line = next(line for line in log.splitlines() if line.startswith("told "))
    return json.loads(line.removeprefix("told "))


def test_addon_makes_tokens_as_the_engine_does(odoo_cluster: OdooCluster, database: str) -> None:
    keys = SecretKeys(KEYS)
    made = [new_token(keys) for _ in range(50)]
    script = """
from odoo.addons.industrial_iot.pairing.secret_keys import SecretKeys
from odoo.addons.industrial_iot.pairing.token_text import grouped, new_token, read_token, sealed_by, token_digest
keys = SecretKeys(" ".join(given["keys"]))
told["ids"] = list(keys.ids)
told["made"] = [[grouped(one), sealed_by(keys, one), token_digest(keys, keys.newest, one)] for one in given["made"]]
told["read"] = [read_token(text) for text in given["texts"]]
told["own"] = [new_token(keys) for _ in range(50)]
told["passwords"] = [keys.broker_password(key, token, "gerät 7") for key, token in given["holders"]]
told["marks"] = [keys.digest(key, "request", token, "r\\ud800").hex() for key, token in given["holders"]]
"""
    texts = [grouped(made[0]).lower(), f" {made[0]} ", made[0][:-1], "il0o" * 7, "U" * 28, "0" * 65, made[0] + "\n"]
    holders = [(key, secrets.token_hex(12)) for key in keys.ids]
    told = reckon(odoo_cluster, database, script, keys=KEYS, made=made, texts=texts, holders=holders)

    assert told["ids"] == list(keys.ids)
    assert told["made"] == [[grouped(one), keys.newest, token_digest(keys, keys.newest, one)] for one in made]
    assert told["read"] == [read_token(text) for text in texts]
    assert [sealed_by(keys, one) for one in told["own"]] == [keys.newest] * 50
    assert told["marks"] == [keys.digest(key, "request", token, "r\ud800").hex() for key, token in holders]
    tokens = EmbeddedTokens.__new__(EmbeddedTokens)
    tokens.keys = keys
    expected = [tokens.password(Holder(device="gerät 7", token=token, key=key)) for key, token in holders]
    assert told["passwords"] == expected
    assert all(len(base64.urlsafe_b64decode(password)) == 24 for password in told["passwords"])


def test_addon_applies_rules_as_the_engine_does(odoo_cluster: OdooCluster, database: str) -> None:
    profiles = [
        Profile.model_validate({"id": "any", "reading": reading, "rules": [{"field": "comment", **rule}]})
        for reading in READINGS
        for rule in RULES
    ]
    documents = [profile.model_dump(mode="json", by_alias=True) for profile in profiles]
    script = """
from odoo.addons.industrial_iot.telemetry.mapping import Mapping, Subject
from odoo.addons.industrial_iot.telemetry.reading import take_apart
subject = Subject("boiler-7", "SN-7", ("res.partner", 12))
told["found"] = []
for document in given["documents"]:
    mapping = Mapping({str(number): rule for number, rule in enumerate(document["rules"])})
    for payload in given["payloads"]:
        failures, writes, last = [], [], {}
        for reading, at in take_apart(payload, document["reading"], given["now"], failures):
            writes += mapping.apply(reading, at, subject, last, failures)
        told["found"].append([writes, [code for code, sentence in failures]])
"""
    told = reckon(odoo_cluster, database, script, documents=documents, payloads=PAYLOADS, now=NOW)

    at = iter(told["found"])
    for profile in profiles:
        mapping = Mapping(profile, Counts()).of(member(profile))
        for payload in PAYLOADS:
            failures: list[Any] = []
            writes: list[Any] = []
            for reading, moment, _claimed in take_apart(payload, profile.reading, NOW, failures):
                writes += mapping.apply(reading, moment, failures) or []
            mapping.last = {}
            expected = [json.loads(json.dumps(writes)), [failure.code for failure in failures]]
            assert next(at) == expected, (profile.reading, profile.rules, payload)


def member(profile: Profile) -> Member:
    business = BusinessObject("res.partner", 12)
    return Member(id="boiler-7", profile=profile, business=business, takes_part=True, serial="SN-7")


def test_addon_converts_units_as_the_engine_does(odoo_cluster: OdooCluster, database: str) -> None:
    pairs = [(one, other) for one in UNITS for other in UNITS if UNITS[one].quantity == UNITS[other].quantity]
    strange = [("°C", "bar"), ("furlong", "m")]
    script = """
from odoo.addons.industrial_iot.telemetry.unit import conversion
told["found"] = []
for one, other in given["pairs"]:
    try:
        told["found"].append([str(number) for number in conversion(one, other)])
    except Exception as error:
        told["found"].append(str(error).rstrip("."))
"""
    told = reckon(odoo_cluster, database, script, pairs=[*pairs, *strange])

    assert told["found"][: len(pairs)] == [[str(number) for number in conversion(*pair)] for pair in pairs]
    for pair, said in zip(strange, told["found"][len(pairs) :], strict=True):
        with pytest.raises(UnitError):
            conversion(*pair)
        assert pair[0] in said


def test_addon_keeps_all_of_a_profile(odoo_cluster: OdooCluster, database: str) -> None:
    """What the bridge saves in Odoo it gets back, whatever the profile says."""
    rules = [{"field": "comment", **rule, "name": f"rule {number}"} for number, rule in enumerate(RULES)]
    full = {
        "id": "press-2",
        "name": "Press",
        "description": "Hall 2",
        "topics": {"telemetry": "hall/{device}/t"},
        "codec": "scalar",
        "reading": {"batch": "$", "time": "$.at", "max_age": "1d12h", "max_ahead": "250ms", "on_future": "refuse"},
        "command_template": '{"do": {{ action }}, "with": {{ params | tojson }}}',
        "command_templates": [{"code": "reset", "name": "Reset", "template": '{"reset": 1}', "active": True}],
        "command_id_field": "cid",
        "actions": {"reset": {"description": "now", "params": {"type": "object", "examples": [{}]}}},
        "rules": rules,
        "offline_after": "90s",
    }
    profiles = [Profile.model_validate(document) for document in ({"id": "plain"}, full)]
    script = """
env["ir.config_parameter"].set_param("iiot.bridge_key", "0123456789abcdef0123456789abcdef")
bridge = env["iiot.bridge"].with_user(env["res.users"].search([("login", "=", "bridge")]))
told["saved"] = [bridge.save_profile(document) for document in given["documents"]]
told["changes"] = bridge.changes()["profiles"]
"""
    documents = [profile.model_dump(mode="json", by_alias=True) for profile in profiles]
    told = reckon(odoo_cluster, database, script, documents=documents)

    assert told["saved"] == told["changes"]
    assert [Profile.model_validate(document) for document in told["saved"]] == profiles
