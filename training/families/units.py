"""Tools that convert units, with true results."""

from collections.abc import Callable
from random import Random
from typing import Any

from training import values as v
from training.family import Arguments, Family, Parameter, Result
from training.several import several


def true(names: str, **functions: Callable[..., Any]) -> Callable[[Random, Arguments], dict[str, Any]]:
    """Fields of a result, each a function of the arguments named (divided by spaces)."""

    def fields(_: Random, arguments: Arguments) -> dict[str, Any]:
        values = [arguments[name] for name in names.split()]
        return {key: function(*values) for key, function in functions.items()}

    return fields


def rounded(value: float) -> float:
    """Round to two decimals, or to four significant digits below 1."""
    return round(value, 2) if abs(value) >= 1 else float(f"{value:.4g}")


UNIT_REQUESTS = (
    """
        Convert {value} {source} to {target}. | How many {target} are {value} {source}? | {value} {source} in
        {target} | It says {value} {source} here, but I only know {target}. | What is {value} {source} in {target}?
        | I have {value} {source} and need it in {target} | In {target}, please: {value} {source} | Could you turn
        {value} {source} into {target}? | How much is {value} {source} when you measure in {target}? | {value}
        {source} = ? {target}""",
    """
        How much is {value} {source} in {target}? | {value} {source} to {target} | Please change {value} {source}
        into {target}. | I think in {target}. What are {value} {source}? | My guide gives it as {value} {source};
        how many {target} is that? | Give me the {target} for {value} {source} | What do {value} {source} come to in
        {target}? | Express {value} {source} in {target}, please | The sign says {value} {source}. In {target}? |
        I'd rather have {value} {source} in {target}""",
)


def unit_family(quantity: str, low: float, high: float, units: dict[str, float], style: int) -> Family:
    """Family that converts a quantity; `units` are the sizes of the units in one of them."""

    def convert(value: float, source: str, target: str) -> float:
        return rounded(value * units[source] / units[target])

    names, called = list(units), quantity.replace("_", " ")
    sources, targets = (names[1::2], names[::2]) if style else (names[::2], names[1::2])
    return Family(
        f"convert_{quantity}",
        f"convert_{quantity}|{quantity}_converter|{quantity}_convert|change_{quantity}_unit|{quantity}_units",
        f"Convert {called} to other units|Converts between units of {called}|Unit conversion for {called}. "
        f"Units are given by their names.",
        [
            Parameter(
                "value|amount|number|quantity|x",
                v.number(low, high) if style else v.integer(int(low), int(high)),
                "The amount|How many|",
                "number",
            ),
            Parameter(
                "source|from_unit|from|source_unit|unit_from",
                v.choice(*sources),
                "Unit of the amount|Unit to convert from|",
            ),
            Parameter("target|to_unit|to|target_unit|unit_to", v.choice(*targets), "Unit wanted|Unit to convert to|"),
        ],
        several(UNIT_REQUESTS[style]),
        "to convert {value} {source} to {target}|{value} {source} in {target}|to know how many {target} "
        "{value} {source} are",
        [
            Result(
                true("value source target", result=convert),
                several(
                    "{value} {source} are {result} {target}. | That's {result} {target}. | It comes to "
                    "{result} {target}. | {result} {target}"
                ),
            )
        ],
        "units",
    )


FAMILIES = [
    unit_family(
        "length",
        1,
        500,
        {
            "metres": 1,
            "feet": 0.3048,
            "kilometres": 1000,
            "miles": 1609.344,
            "centimetres": 0.01,
            "inches": 0.0254,
            "yards": 0.9144,
            "millimetres": 0.001,
        },
        0,
    ),
    unit_family(
        "weight",
        1,
        300,
        {
            "kilograms": 1,
            "pounds": 0.45359237,
            "grams": 0.001,
            "ounces": 0.028349523,
            "tonnes": 1000,
            "stone": 6.35029318,
        },
        1,
    ),
    unit_family(
        "volume",
        1,
        90,
        {
            "litres": 1,
            "gallons": 3.785411784,
            "millilitres": 0.001,
            "cups": 0.2365882365,
            "cubic metres": 1000,
            "pints": 0.473176473,
        },
        0,
    ),
    unit_family("speed", 2, 300, {"km/h": 1, "mph": 1.609344, "metres per second": 3.6, "knots": 1.852}, 1),
    unit_family(
        "area", 1, 400, {"square metres": 1, "square feet": 0.09290304, "hectares": 10000, "acres": 4046.8564224}, 0
    ),
    unit_family("energy", 5, 900, {"kilojoules": 1, "kilocalories": 4.184, "watt hours": 3.6, "joules": 0.001}, 1),
    unit_family("pressure", 1, 60, {"bar": 1, "psi": 0.0689476, "atmospheres": 1.01325, "kilopascals": 0.01}, 1),
    unit_family(
        "data_size", 1, 900, {"gigabytes": 1000.0, "megabytes": 1, "kilobytes": 0.001, "mebibytes": 1.048576}, 0
    ),
]
