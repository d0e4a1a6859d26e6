"""Units of measurement that a telemetry rule converts between."""

import math
from fractions import Fraction
from typing import NamedTuple

from ..entry_error import EntryError, _lt


class Unit(NamedTuple):
    """How a unit relates to the base unit of its quantity: ``base = value * factor + offset``."""

    quantity: str
    factor: Fraction
    offset: Fraction = Fraction(0)


_KELVIN = "273.15"
_INCH = Fraction("0.0254")
_FOOT = 12 * _INCH
_POUND = Fraction("0.45359237")
_GRAVITY = Fraction("9.80665")
_GALLON = 231 * _INCH**3
_LITRE = Fraction(1, 1000)
_MERCURY = Fraction("133.322387415")

# By quantity: the unit's names, and how many base units it is.
_FACTORS = {
    "pressure": {
        "Pa": 1,
        "hPa": 100,
        "kPa": 1000,
        "MPa": 1_000_000,
        "mbar": 100,
        "bar": 100_000,
        "psi": _POUND * _GRAVITY / _INCH**2,
        "atm": 101_325,
        "mmHg": _MERCURY,
        "inHg": Fraction("25.4") * _MERCURY,
    },
    "length": {
        "m": 1,
        "km": 1000,
        "cm": "0.01",
        "mm": "0.001",
        "µm": "0.000001",
        "in": _INCH,
        "ft": _FOOT,
        "yd": 3 * _FOOT,
        "mi": 5280 * _FOOT,
    },
    "area": {"m²": 1, "cm²": "0.0001", "mm²": "0.000001", "ha": 10_000, "ft²": _FOOT**2, "in²": _INCH**2},
    "volume": {
        "m³": 1,
        "l": _LITRE,
        "hl": _LITRE * 100,
        "ml": _LITRE / 1000,
        "cm³": "0.000001",
        "ft³": _FOOT**3,
        "gal": _GALLON,
    },
    "flow": {
        "m³/s": 1,
        "m³/h": Fraction(1, 3600),
        "l/s": _LITRE,
        "l/min": _LITRE / 60,
        "l/h": _LITRE / 3600,
        "gal/min": _GALLON / 60,
        "ft³/min": _FOOT**3 / 60,
    },
    "mass": {"kg": 1, "g": "0.001", "mg": "0.000001", "t": 1000, "lb": _POUND, "oz": _POUND / 16},
    "time": {"s": 1, "ms": "0.001", "µs": "0.000001", "min": 60, "h": 3600, "d": 86_400},
    "speed": {
        "m/s": 1,
        "mm/s": "0.001",
        "m/min": Fraction(1, 60),
        "km/h": Fraction(1000, 3600),
        "in/s": _INCH,
        "ft/s": _FOOT,
        "mph": 5280 * _FOOT / 3600,
        "kn": Fraction(1852, 3600),
    },
    "acceleration": {"m/s²": 1, "mm/s²": "0.001", "g₀": _GRAVITY},
    "energy": {
        "J": 1,
        "kJ": 1000,
        "MJ": 1_000_000,
        "Wh": 3600,
        "kWh": 3_600_000,
        "MWh": 3_600_000_000,
        "kcal": 4184,
        "BTU": "1055.05585262",
    },
    "power": {"W": 1, "mW": "0.001", "kW": 1000, "MW": 1_000_000, "hp": 550 * _POUND * _GRAVITY * _FOOT},
    "frequency": {"Hz": 1, "kHz": 1000, "MHz": 1_000_000, "rpm": Fraction(1, 60)},
    "voltage": {"V": 1, "mV": "0.001", "kV": 1000},
    "current": {"A": 1, "mA": "0.001", "µA": "0.000001", "kA": 1000},
    "resistance": {"Ω": 1, "mΩ": "0.001", "kΩ": 1000, "MΩ": 1_000_000},
    "force": {"N": 1, "kN": 1000, "MN": 1_000_000, "lbf": _POUND * _GRAVITY},
    "torque": {"N·m": 1, "kN·m": 1000, "lbf·ft": _POUND * _GRAVITY * _FOOT},
    "angle": {"rad": 1, "deg": Fraction(math.pi) / 180, "rev": 2 * Fraction(math.pi)},
    "share": {"1": 1, "%": "0.01", "‰": "0.001", "ppm": "0.000001"},
    "data": {"B": 1, "kB": 1000, "MB": 1_000_000, "KiB": 1024, "MiB": 1_048_576, "bit": Fraction(1, 8)},
}

UNITS = {
    "K": Unit("temperature", Fraction(1)),
    "°C": Unit("temperature", Fraction(1), Fraction(_KELVIN)),
    "°F": Unit("temperature", Fraction(5, 9), Fraction(_KELVIN) - 32 * Fraction(5, 9)),
    **{
        name: Unit(quantity, Fraction(factor))
        for quantity, factors in _FACTORS.items()
        for name, factor in factors.items()
    },
}
"""Every unit by its name."""

_OTHER_NAMES = {
    "C": "°C",
    "degC": "°C",
    "F": "°F",
    "degF": "°F",
    "um": "µm",
    "μm": "µm",
    "us": "µs",
    "uA": "µA",
    "m2": "m²",
    "cm2": "cm²",
    "mm2": "mm²",
    "ft2": "ft²",
    "in2": "in²",
    "m3": "m³",
    "cm3": "cm³",
    "ft3": "ft³",
    "L": "l",
    "m3/s": "m³/s",
    "m3/h": "m³/h",
    "L/s": "l/s",
    "L/min": "l/min",
    "L/h": "l/h",
    "gpm": "gal/min",
    "cfm": "ft³/min",
    "m/s2": "m/s²",
    "ohm": "Ω",
    "Nm": "N·m",
    "kNm": "kN·m",
    "°": "deg",
    "percent": "%",
}


def conversion(source, target):
    """Return factor and offset, as fractions, that turn a value in one unit into one in another.

    Raises:
        EntryError: One of them is not known, or they measure different things.
    """
    this, that = _find(source), _find(target)
    if this.quantity != that.quantity:
        raise EntryError(
            _lt(
                "%(source)s (%(one)s) cannot be converted to %(target)s (%(other)s).",
                source=source,
                one=this.quantity,
                target=target,
                other=that.quantity,
            )
        )
    return this.factor / that.factor, (this.offset - that.offset) / that.factor


def _find(name):
    unit = UNITS.get(_OTHER_NAMES.get(name, name))
    if unit is None:
        raise EntryError(
            _lt("There is no unit “%(unit)s”; the units are %(units)s.", unit=name, units=", ".join(UNITS))
        )
    return unit
