"""Slots: parameters by their meaning, with the ways in which people say their values; used by tools of any trade."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from training import values as v
from training import words as w
from training.family import Draw, Said, Type
from training.rare import rare
from training.several import several


@dataclass(frozen=True)
class Slot:
    """A parameter, and how its value is said `behind` what is asked for: " from {}|, leaving {}"."""

    names: str
    draw: Draw
    behind: str
    type: Type = "string"
    items: Type = "string"
    choices: Sequence[Any] = ()
    about: str = ""
    adjective: bool = False
    """True if a value can stand before the noun as well: "a {} chair"."""


def _kind_of(text: str) -> Draw:
    """Return a draw of one of the things, sometimes of a rare word in their place."""
    things = w.split_list(text)
    return lambda random: rare(random, capital=False) if random.random() < 0.2 else random.choice(things)


def proper(random: Random) -> str:
    """Draw a name that stands for any one thing: a place, a person, a title, a code."""
    kind = random.random()
    if kind < 0.3:
        return rare(random, capital=True)
    if kind < 0.5:
        return v.name(random)
    if kind < 0.62:
        return v.person(random)
    if kind < 0.72:
        return v.city(random)
    if kind < 0.8:
        return f"{v.name(random)} {random.choice(w.NOUNS).title()}"
    return v.code(random) if kind < 0.93 else f"{v.name(random)} {random.randint(1, 30)}"


def amount(low: float, high: float) -> Draw:
    """Return a draw of a number as people round it: 12, 4.5, 1.25, 350."""

    def draw(random: Random) -> float:
        number = random.uniform(low, high)
        kind = random.random()
        if kind < 0.55:
            return max(1, round(number))
        if kind < 0.7 and high > 20:
            return max(10, round(number / 10) * 10)
        rounded = round(number, 1 if kind < 0.9 else 2) or 0.5
        return int(rounded) if rounded == int(rounded) else rounded

    return draw


def whole(low: int, high: int) -> Draw:
    return lambda random: random.randint(low, high)


METALS = _kind_of("iron, copper, zinc, tin, lead, silver, gold, nickel, steel, aluminium, bronze, titanium, platinum")
WOODS = _kind_of("oak, beech, walnut, ash, maple, cherry, pine, larch, birch, elm, cedar, mahogany, teak, yew")
FABRICS = _kind_of("linen, velvet, tweed, silk, cotton, denim, felt, wool, satin, corduroy, muslin, canvas, lace")
COLOURS = _kind_of("crimson, olive, navy, ivory, teal, amber, lilac, maroon, beige, indigo, scarlet, turquoise, ochre")
GEMS = _kind_of("ruby, opal, garnet, jade, topaz, amethyst, sapphire, emerald, pearl, agate, onyx, quartz")
FISH = _kind_of("trout, herring, cod, eel, salmon, perch, carp, pike, mackerel, sole, tench, sturgeon, halibut")
TREES = _kind_of("oak, willow, lime, poplar, chestnut, hazel, rowan, spruce, alder, plane, hornbeam, juniper")
BIRDS = _kind_of("owl, heron, kestrel, wren, swift, raven, stork, puffin, osprey, finch, buzzard, lapwing")
INSTRUMENTS = _kind_of("violin, cello, oboe, harp, lute, flute, trumpet, bassoon, viola, horn, accordion, zither")
CHEESES = _kind_of("brie, gouda, cheddar, stilton, feta, emmental, manchego, pecorino, roquefort, edam, camembert")
DANCES = _kind_of("waltz, tango, polka, foxtrot, samba, rumba, jig, reel, minuet, mazurka, quickstep, salsa")
SPICES = _kind_of("cumin, saffron, nutmeg, cloves, ginger, anise, paprika, turmeric, cinnamon, pepper, cardamom")
TOOLS = _kind_of("plane, chisel, lathe, saw, file, drill, clamp, mallet, spanner, rasp, anvil, vice, router")
BOATS = _kind_of("dinghy, ketch, ferry, tug, barge, canoe, cutter, trawler, yacht, skiff, schooner, lugger")
HERBS = _kind_of("thyme, sage, mint, basil, dill, chives, rosemary, parsley, lovage, tarragon, chervil, oregano")
BREEDS = _kind_of("collie, beagle, poodle, boxer, spaniel, terrier, dachshund, mastiff, greyhound, pug, husky")
LIQUIDS = _kind_of("brine, vinegar, oil, ethanol, varnish, syrup, glue, ink, bleach, resin, milk, acetone, glycerine")
KEYS = _kind_of("C major, A minor, F sharp, B flat, E flat major, G minor, D minor, A flat, C sharp minor, E major")

SUBSTANCES = (
    ("metal", METALS),
    ("wood|timber", WOODS),
    ("fabric|cloth|material", FABRICS),
    ("colour|shade|dye", COLOURS),
    ("gem|stone", GEMS),
    ("fish|species", FISH),
    ("tree|species", TREES),
    ("bird|species", BIRDS),
    ("instrument", INSTRUMENTS),
    ("cheese", CHEESES),
    ("dance", DANCES),
    ("spice", SPICES),
    ("tool", TOOLS),
    ("boat|vessel", BOATS),
    ("herb", HERBS),
    ("breed", BREEDS),
    ("liquid|agent", LIQUIDS),
    ("key|tonality", KEYS),
)


def initials(random: Random) -> str:
    letters = random.choices("ABCDEFGHIJKLMNOPRSTUVWZ", k=random.choice((1, 1, 2, 3)))
    return random.choice(("", ".", "")).join(letters)


def quoted(random: Random) -> str:
    """Draw a short text that stands in quotes: a motto, a line, a message."""
    kind = random.random()
    if kind < 0.35:
        return v.phrase(random)
    if kind < 0.6:
        return " ".join(rare(random, capital=i == 0) for i in range(random.choice((1, 2, 2, 3))))
    return v.title(random) if kind < 0.8 else v.sentence(random)


def enum(names: str, words: str, behind: str, *, adjective: bool = False) -> Slot:
    """Return a slot of an enum; `words` are "value: words / words, value: words", each value being said by itself too.

    In a tenth of its draws a value is said in other case.
    """
    pairs = [(key.strip(), rest) for key, _, rest in (part.partition(":") for part in words.split(","))]
    sayings = [(key, [key, *(word.strip() for word in rest.split("/") if word.strip())]) for key, rest in pairs]

    def draw(random: Random) -> Any:
        value, said = random.choice(sayings)
        text = random.choice(said)
        if random.random() < 0.1:
            text = random.choice((text.lower(), text.capitalize(), text.upper() if len(text) < 6 else text.title()))
        return Said(value, text.replace("_", " "))

    return Slot(names, draw, behind, choices=[value for value, _ in pairs], adjective=adjective)


def phrased(names: str, yes: str, no: str, about: str = "") -> Slot:
    """Return a slot of a boolean, which is said by implication ("after dark" for night)."""
    return Slot(names, _flag(several(yes), several(no)), " {}|, {}", "boolean", about=about)


def _flag(yes: Sequence[str], no: Sequence[str]) -> Draw:
    def draw(random: Random) -> Said:
        value = random.random() < 0.5
        return Said(value, random.choice(yes if value else no))

    return draw


QUOTES = '"{}"'
MARKETS = """DE: German / Germany, AU: Australian / Australia, CN: Chinese / China, BR: Brazilian / Brazil, KR: Korean /
    Korea, CH: Swiss / Switzerland, CA: Canadian / Canada, IN: Indian / India"""
