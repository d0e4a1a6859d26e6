from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.iiot.registry.unit import UNITS, Linear, UnitError, conversion, find_unit

PAIRS = [(one, other) for one in UNITS for other in UNITS if UNITS[one].quantity == UNITS[other].quantity]


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (212, "°F", "°C", 100.0),
        (-40, "F", "degC", -40.0),
        (0, "°C", "K", 273.15),
        (1, "bar", "kPa", 100.0),
        (100, "psi", "bar", 6.894757293168361),
        (1, "atm", "mmHg", 759.9998917256),
        (1, "in", "mm", 25.4),
        (60, "l/min", "m3/h", 3.6),
        (1, "gal", "L", 3.785411784),
        (36, "km/h", "m/s", 10.0),
        (1, "kWh", "MJ", 3.6),
        (3000, "rpm", "Hz", 50.0),
        (1, "hp", "W", 745.6998715822702),
        (180, "°", "rad", 3.141592653589793),
        (50, "%", "1", 0.5),
        (1, "lbf·ft", "Nm", 1.3558179483314004),
    ],
)
def test_conversion_gives_what_tables_say(value: float, source: str, target: str, expected: float) -> None:
    assert Linear.exactly(*conversion(source, target)).of_value(value) == pytest.approx(expected, rel=1e-9)


@given(pair=st.sampled_from(PAIRS), value=st.fractions(-1000, 1000))
def test_conversion_and_back_is_exact(pair: tuple[str, str], value: Fraction) -> None:
    there, shift = conversion(*pair)
    back, shift_back = conversion(pair[1], pair[0])
    assert (value * there + shift) * back + shift_back == value


@pytest.mark.parametrize(("source", "target"), [("bar", "K"), ("furlong", "m"), ("m", "")])
def test_conversion_refuses_what_does_not_fit(source: str, target: str) -> None:
    with pytest.raises(UnitError):
        conversion(source, target)


def test_unknown_unit_names_those_there_are() -> None:
    with pytest.raises(UnitError, match=r'no unit "°R"; the units are K, °C'):
        find_unit("°R")


def test_linear_keeps_decimals_short() -> None:
    assert [Linear.exactly(Fraction("0.1"), Fraction(0)).of_value(one) for one in (3, 215)] == [0.3, 21.5]


def test_linear_of_extreme_factors_is_a_number() -> None:
    assert Linear.exactly(Fraction("1e-320"), Fraction(1)).of_value(1) == 1.0
