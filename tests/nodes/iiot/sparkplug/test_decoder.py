import pytest

from flowengine_nodes.iiot.sparkplug.decoder import Birth, SparkplugReading, decode, message_kind
from flowengine_nodes.iiot.telemetry.errors import PayloadError
from flowengine_nodes.iiot.telemetry.failure import Failure
from tests.nodes.iiot.sparkplug.payloads import double, metric, part, payload, whole

BIRTH = payload(
    metric(double(13, 1.5), name="Level", alias=1, type=10),
    metric(whole(10, 0), name="Count", alias=2, type=3),
    metric(part(16, b""), name="Samples", alias=3, type=22),
    sequence=0,
)


def born() -> Birth:
    _, birth = decode(BIRTH, "DBIRTH", None, [])
    assert birth is not None
    return birth


def test_birth_brings_values_and_tells_aliases_and_types() -> None:
    readings, birth = decode(BIRTH, "NBIRTH", None, [])
    assert readings == [SparkplugReading({"metrics": {"Level": 1.5, "Count": 0, "Samples": []}, "seq": 0}, None)]
    assert birth is not None
    assert (birth.names, birth.types) == (
        {1: "Level", 2: "Count", 3: "Samples"},
        {"Level": 10, "Count": 3, "Samples": 22},
    )
    again = Birth.from_json(birth.as_json())
    assert (again.names, again.types) == (birth.names, birth.types)


def test_data_by_alias_has_the_type_of_the_birth() -> None:
    data = payload(
        metric(double(13, 2.5), alias=1),
        metric(whole(10, -7 & 0xFFFFFFFF), alias=2),
        metric(part(16, b"\xff"), name="Samples"),
        at=1_000,
        sequence=1,
    )
    readings, birth = decode(data, "DDATA", before := born(), [])
    assert birth is before
    assert readings == [SparkplugReading({"metrics": {"Level": 2.5, "Count": -7, "Samples": [-1]}, "seq": 1}, 1.0)]


def test_metrics_of_different_moments_are_readings_of_their_own() -> None:
    data = payload(
        metric(double(13, 1), alias=1, at=3_000),
        metric(double(13, 2), alias=1, at=1_000),
        metric(whole(10, 5), alias=2, at=3_000),
        metric(whole(10, 6), name="Other", type=3),
        at=4_000,
    )
    readings, _ = decode(data, "DDATA", born(), [])
    assert [(one.at, one.document["metrics"]) for one in readings] == [
        (3.0, {"Level": 1, "Count": 5}),
        (1.0, {"Level": 2}),
        (4.0, {"Other": 6}),
    ]


def test_alias_that_no_birth_has_told_is_a_failure_and_the_rest_is_read() -> None:
    failures: list[Failure] = []
    data = payload(metric(double(13, 1), alias=9), metric(double(13, 2), name="Level"), metric(double(13, 3)))
    readings, _ = decode(data, "DDATA", None, failures)
    assert [one.document["metrics"] for one in readings] == [{"Level": 2}]
    assert [(one.code, one.message) for one in failures] == [
        ("unknown-alias", "no birth has told the name of the alias 9, None; ask for a rebirth")
    ]


@pytest.mark.parametrize(
    ("topic", "kind"),
    [
        ("spBv1.0/plant/DDATA/edge/boiler", "DDATA"),
        ("spBv1.0/plant/NDEATH/edge", "NDEATH"),
        ("telemetry/boiler/data", "DDATA"),
        ("spBv1.0/STATE/host", "DDATA"),
    ],
)
def test_kind_of_a_message_is_a_level_of_its_topic(topic: str, kind: str) -> None:
    assert message_kind(topic) == kind


def test_message_that_brings_no_telemetry_is_not_read() -> None:
    assert decode(b"\xff", "NDEATH", None, []) == ([], None)


def test_payload_that_is_not_bytes_is_refused() -> None:
    with pytest.raises(PayloadError, match="let mqtt-in leave it as bytes"):
        decode({"a": 1}, "DDATA", None, [])
