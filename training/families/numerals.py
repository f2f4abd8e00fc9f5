"""Tools that convert forms of numbers, with true results: Roman ones, words, other bases."""

from collections.abc import Callable
from typing import Any

from training import values as v
from training.families.units import true
from training.family import Family, Parameter, Result
from training.several import several

NUMERALS = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)


def roman(number: int) -> str:
    """Roman numeral of a positive number."""
    text = ""
    for value, sign in NUMERALS:
        text, number = text + sign * (number // value), number % value
    return text


ONES = several("""
    zero | one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve | thirteen |
    fourteen | fifteen | sixteen | seventeen | eighteen | nineteen""")


TENS = several("twenty | thirty | forty | fifty | sixty | seventy | eighty | ninety")


def in_words(number: int) -> str:
    """English words of a number from 0 to 9,999."""
    if number < 20:
        return ONES[number]
    if number < 100:
        return TENS[number // 10 - 2] + (f"-{ONES[number % 10]}" if number % 10 else "")
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    rest = number % size
    joined = "" if not rest else f" and {in_words(rest)}" if rest < 100 else f" {in_words(rest)}"
    return f"{in_words(number // size)} {name}{joined}"


def in_base(number: int, base: int) -> str:
    """Digits of a positive number in a base up to 9."""
    digits = ""
    while number:
        number, digit = divmod(number, base)
        digits = str(digit) + digits
    return digits


def one(
    name: str,
    names: str,
    about: str,
    parameter: Parameter,
    requests: str,
    goals: str,
    function: Callable[[Any], Any],
    answers: str,
    near: str = "",
) -> Family:
    """Family that gives another form of one value, as `result`."""
    return Family(
        name,
        names,
        about,
        [parameter],
        several(requests),
        goals,
        [Result(true(parameter.names.split("|")[0], result=function), several(answers))],
        near,
    )


def whole(low: int, high: int) -> Parameter:
    return Parameter("number|n|value|num|decimal", v.integer(low, high), "The number|A whole number|", "integer")


FAMILIES = [
    one(
        "to_roman",
        "to_roman|roman_numeral|int_to_roman|roman",
        "Write a number as a Roman numeral|Arabic to Roman numerals|",
        whole(1, 3000),
        """
            What is {number} in Roman numerals? | {number} as a Roman numeral | How would the Romans have written
            {number}? | Write {number} with letters like X and V. | The inscription should read {number}, in Roman
            numerals | Please convert {number} to Roman | roman {number} | I want a tattoo of {number} in Roman
            numerals | Turn the number {number} into a Roman numeral | Our clock should say {number} in Roman
            numerals. How?""",
        "{number} as a Roman numeral|to write {number} in Roman numerals",
        roman,
        "{number} is {result}. | In Roman numerals it's {result}. | The Romans wrote {result}.",
        "roman",
    ),
    one(
        "from_roman",
        "from_roman|roman_to_int|read_roman|parse_roman",
        "Read a Roman numeral|Roman to Arabic numerals|",
        Parameter("numeral|roman|text|value|s", lambda r: roman(r.randint(4, 2500)), "The Roman numeral|"),
        """
            Which number is {numeral}? | What does {numeral} mean as a number? | The church has {numeral} carved
            above its door. What year is that? | {numeral} in ordinary digits | Read the Roman numeral {numeral} |
            My watch shows {numeral} | Convert {numeral} from Roman | How much is {numeral} in our numbers? |
            Chapter {numeral} - which one is that? | On the old stone it says {numeral}. Which number is that?""",
        "to know which number {numeral} is|the Roman numeral {numeral} read",
        lambda s: next(n for n in range(1, 4000) if roman(n) == s),
        "{numeral} is {result}. | That's {result}. | It stands for {result}.",
        "roman",
    ),
    one(
        "to_binary",
        "to_binary|binary|int_to_binary|dec_to_bin",
        "Write a number in binary|Decimal to base 2|",
        whole(2, 1023),
        """
            What is {number} in binary? | {number} with zeros and ones | Convert {number} to binary. | How does a
            computer write {number}? | binary of {number} | In base 2, what's {number}? | I have to set DIP switches
            to {number}, so I need it in binary | Please give me the bits of {number} | Write {number} as a binary
            number | I'm teaching my kids binary. How do they write {number}?""",
        "{number} in binary|the bits of {number}",
        lambda n: f"{n:b}",
        "{number} is {result} in binary. | In binary that's {result}. | {result}",
        "base",
    ),
    one(
        "to_hexadecimal",
        "to_hex|hexadecimal|int_to_hex|dec_to_hex",
        "Write a number in hexadecimal|Decimal to base 16|",
        whole(10, 65535),
        """
            What is {number} in hex? | {number} hexadecimal | Convert {number} to base 16. | The register wants
            hexadecimal, and I have {number} | hex of {number} | How is {number} written with the digits 0 to F? |
            Please turn {number} into hex | Write the number {number} in hexadecimal | Give me {number} as hex |
            {number} please, but as a hexadecimal number""",
        "{number} in hexadecimal|to write {number} in hex",
        lambda n: f"{n:x}",
        "{number} is {result} in hexadecimal. | In hex it's {result}. | {result}",
        "base",
    ),
    Family(
        "convert_base",
        "convert_base|to_base|change_base|number_base",
        "Write a number in another base|Converts decimal numbers to any base from 2 to 9|",
        [whole(5, 900), Parameter("base|radix|target_base|b", v.integer(3, 9), "The base|From 2 to 9|", "integer")],
        several("""
            What is {number} in base {base}? | Write {number} in base {base}. | {number}, base {base} | Convert the
            number {number} to base {base}, please | With base {base}, how is {number} written? | My homework asks
            for {number} in base {base} | In a system of base {base}, what would {number} look like? | Base {base}
            form of {number}? | I need {number} with {base} as the base | {number} -> base {base}"""),
        "{number} in base {base}|to write {number} in base {base}",
        [
            Result(
                true("number base", result=lambda n, b: in_base(n, b)),
                several("{number} in base {base} is {result}. | That's {result}. | It's written {result}."),
            )
        ],
        "base",
    ),
    one(
        "number_to_words",
        "number_to_words|in_words|spell_number|number_name",
        "Write a number in words|Spells out a number in English|",
        whole(11, 9999),
        """
            How do you write {number} in words? | {number} in words | Spell out the number {number}. | I'm filling
            in a cheque over {number}. How is it written out? | What's {number} in letters? | Read {number} to me as
            words | Write {number} the long way | Say {number} in English words | Please put {number} into words for
            the contract | How does one say {number}?""",
        "{number} in words|the number {number} spelt out",
        in_words,
        '{number} is "{result}". | In words: {result} | It\'s written "{result}".',
    ),
    one(
        "to_scientific",
        "scientific_notation|to_scientific|sci_format|exponent_form",
        "Write a number in scientific notation|Mantissa and power of ten|",
        whole(10_000, 90_000_000),
        """
            Write {number} in scientific notation. | {number} as a power of ten | Scientific notation of {number} |
            How would a physicist write {number}? | {number} is too long for my table; use scientific notation |
            Please express {number} with an exponent | Turn {number} into scientific form | In scientific notation,
            what's {number}? | I need the exponent form for {number} | Make {number} shorter, with a power of ten.""",
        "{number} in scientific notation|to write {number} with an exponent",
        lambda n: f"{n:.3e}",
        "{result} | In scientific notation, it's {result} | That's {result}",
    ),
    one(
        "fraction_to_percent",
        "fraction_to_percent|as_percent|ratio_percent|to_percentage",
        "Write a fraction as percent|From 3/4 to 75|",
        Parameter("fraction|ratio|value|part", lambda r: f"{r.randint(1, 9)}/{r.randint(10, 40)}", "Like 3/4|"),
        """
            What is {fraction} in percent? | {fraction} as a percentage | I got {fraction} right in the test. What's
            that in percent? | Convert the fraction {fraction} to percent. | How many percent are {fraction}? |
            {fraction} of the class is ill; give me percent | Please write {fraction} as percent | In percent, what
            does {fraction} make? | {fraction} = ? % | {fraction} of the seats are taken. What percentage is that?""",
        "{fraction} in percent|a fraction as percent",
        lambda s: round(int(s.split("/")[0]) / int(s.split("/")[1]) * 100, 1),
        "{fraction} is {result}%. | That's {result} percent. | It makes {result}%.",
    ),
    Family(
        "temperature_units",
        "convert_temperature|temperature_converter|temp_convert|degrees",
        "Convert degrees|Celsius to Fahrenheit and back|Converts a temperature to the other scale.",
        [
            Parameter("degrees|value|temperature|temp|number", v.integer(-30, 250), "Temperature|", "integer"),
            Parameter(
                "unit|scale|from_unit|from",
                v.said_choice({"C": "Celsius|°C", "F": "Fahrenheit|°F"}),
                "Scale of the value|C or F|",
                choices=("C", "F"),
            ),
        ],
        several("""
            What are {degrees} {unit} on the other scale? | {degrees} {unit}, converted | Convert {degrees} {unit} |
            The oven should be at {degrees} {unit}, but my dial has the other unit. | I don't know how warm
            {degrees} {unit} is; convert it | Please convert this temperature: {degrees} {unit} | My American friend
            doesn't understand {degrees} {unit}. | How much is {degrees} {unit} in the other unit? | {degrees}
            degrees in {unit}: what's that on the other thermometer? | Turn {degrees} {unit} round into the other
            scale"""),
        "to convert {degrees} {unit}|a temperature on the other scale",
        [
            Result(
                lambda r, a: (
                    {"result": round(a["degrees"] * 1.8 + 32, 1), "unit_out": "°F"}
                    if a["unit"] == "C"
                    else {"result": round((a["degrees"] - 32) / 1.8, 1), "unit_out": "°C"}
                ),
                several("That's {result} {unit_out}. | It's {result} {unit_out}. | {result} {unit_out}"),
            )
        ],
        "units",
    ),
    Family(
        "minutes_to_hours",
        "minutes_to_hours|format_duration|split_minutes|to_hours_minutes",
        "Hours and minutes of a number of minutes|Formats a duration|",
        [Parameter("minutes|total_minutes|duration|mins", v.integer(61, 2000), "Minutes in all|", "integer")],
        several("""
            How many hours are {minutes} minutes? | {minutes} minutes in hours and minutes | The film runs {minutes}
            minutes. How long is that in hours? | Convert {minutes} min to hours | I worked {minutes} minutes; write
            it as hours and minutes | What's {minutes} minutes as hours? | Split {minutes} minutes into hours and
            the rest | {minutes} min - hours? | Please tell me how long {minutes} minutes are, in hours | My flight
            takes {minutes} minutes, so how many hours and minutes?"""),
        "{minutes} minutes in hours|to know how many hours {minutes} minutes are",
        [
            Result(
                true("minutes", hours=lambda m: m // 60, minutes_left=lambda m: m % 60),
                several(
                    "That's {hours} hours and {minutes_left} minutes. | {hours} h {minutes_left} min | "
                    "It's {hours} hours, {minutes_left} minutes."
                ),
            )
        ],
        "units",
    ),
    Family(
        "hex_to_rgb",
        "hex_to_rgb|color_to_rgb|parse_color|rgb_values",
        "Red, green and blue of a colour|Parts of a hex colour, from 0 to 255|",
        [Parameter("color|hex|hex_color|code|colour", lambda r: f"#{r.randrange(1 << 24):06x}", "Like #ff8800|")],
        several("""
            What are the RGB values of {color}? | {color} in RGB | Convert {color} to red, green and blue. | How
            much red is in {color}? | My paint program wants three numbers instead of {color} | Take {color} apart
            into RGB | rgb {color} | Our logo uses {color}. Which RGB is that? | Please decode the colour {color} |
            A web page uses {color}; what are its red, green and blue?"""),
        "{color} as red, green and blue|the RGB values of {color}",
        [
            Result(
                true("color", r=lambda s: int(s[1:3], 16), g=lambda s: int(s[3:5], 16), b=lambda s: int(s[5:7], 16)),
                several(
                    "{color} is red {r}, green {g}, blue {b}. | RGB: {r}, {g}, {b}. | It has {r} red, {g} "
                    "green and {b} blue."
                ),
            )
        ],
    ),
]
