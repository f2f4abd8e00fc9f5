"""Slots: parameters by their meaning, with the ways in which people say their values.

A slot is used by tools of any trade. Slots of one group take values that could be swapped ("from Lerwick to Foula",
"8 wide, 3 deep"): only the words around a value, or its place, tell which parameter it belongs to.
"""

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
    """A parameter and its sayings: `behind` what is asked for ("from {}"), or `before` its noun ("a {} chair")."""

    names: str
    draw: Draw
    behind: str
    type: Type = "string"
    items: Type = "string"
    choices: Sequence[Any] = ()
    about: str = ""
    before: str = ""


def _kind_of(text: str) -> Draw:
    """Return a draw of one of the things, sometimes of a rare word in their place."""
    things = w.split_list(text)
    return lambda random: rare(random, capital=False) if random.random() < 0.2 else random.choice(things)


def _proper(random: Random) -> str:
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


def _amount(low: float, high: float) -> Draw:
    """Return a draw of a number as people round it: 12, 4.5, 1.25, 350."""

    def draw(random: Random) -> float:
        number = random.uniform(low, high)
        kind = random.random()
        if kind < 0.55:
            return max(1, round(number))
        if kind < 0.7 and high > 20:
            return max(10, round(number, -1))
        return round(number, 1 if kind < 0.9 else 2) or 0.5

    return draw


def _whole(low: int, high: int) -> Draw:
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


def _initials(random: Random) -> str:
    letters = random.choices("ABCDEFGHIJKLMNOPRSTUVWZ", k=random.choice((1, 1, 2, 3)))
    return random.choice(("", ".", "")).join(letters)


def _quoted(random: Random) -> str:
    """Draw a short text that stands in quotes: a motto, a line, a message."""
    kind = random.random()
    if kind < 0.35:
        return v.phrase(random)
    if kind < 0.6:
        return " ".join(rare(random, capital=i == 0) for i in range(random.choice((1, 2, 2, 3))))
    return v.title(random) if kind < 0.8 else v.sentence(random)


def enum(names: str, words: str, behind: str, before: str = "") -> Slot:
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

    return Slot(names, draw, behind, choices=[value for value, _ in pairs], before=before)


def phrased(names: str, yes: str, no: str, about: str = "") -> Slot:
    """Return a slot of a boolean, which is said by implication ("after dark" for night)."""
    return Slot(names, _flag(several(yes), several(no)), " {}|, {}", "boolean", about=about)


def _flag(yes: Sequence[str], no: Sequence[str]) -> Draw:
    def draw(random: Random) -> Said:
        value = random.random() < 0.5
        return Said(value, random.choice(yes if value else no))

    return draw


_text = '"{}"'
_MARKETS = """DE: German / Germany, AU: Australian / Australia, CN: Chinese / China, BR: Brazilian / Brazil, KR: Korean /
    Korea, CH: Swiss / Switzerland, CA: Canadian / Canada, IN: Indian / India"""

GROUPS: Sequence[tuple[Slot, ...]] = (
    (
        Slot("from_place|origin|departure|start|from", _proper, " from {}|, starting in {}|, leaving {}| out of {}"),
        Slot("to_place|destination|arrival|goal|to", _proper, " to {}|, bound for {}| for {}| towards {}"),
    ),
    (
        Slot("sender|from_name|giver|donor", v.person, " from {}|, sent by {}|, sender {}"),
        Slot("recipient|addressee|receiver|to_name", v.person, " to {}| for {}|, addressed to {}|, recipient {}"),
    ),
    (
        Slot("owner|keeper|proprietor", v.person, ", owner {}| owned by {}| belonging to {}| of {}"),
        Slot("borrower|tenant|user", v.person, " for {}|, to be used by {}|, tenant {}|; it goes to {}"),
    ),
    (
        Slot("teacher|trainer|master", v.person, " with {} as the teacher| taught by {}|, teacher {}| under {}"),
        Slot("pupil|student|apprentice", v.person, " for {}|, pupil {}|, and {} is the pupil"),
    ),
    (
        Slot(
            "title|name|work", lambda r: v.title(r) if r.random() < 0.5 else _proper(r), f" {_text}| {{}}|, title {{}}"
        ),
        Slot("author|composer|artist|creator", v.person, " by {}|, author {}| from the hand of {}"),
    ),
    (
        Slot("visitor|guest|caller", v.person, " for {}|: {}|, visitor {}|, a guest called {}"),
        Slot("host|contact|visits", v.person, " of {}|, who visits {}|, host {}|, invited by {}"),
    ),
    (
        Slot(
            "minimum|min|at_least|lower",
            _whole(1, 60),
            " of at least {}|, minimum {}| from {}|, not under {}",
            "integer",
        ),
        Slot(
            "maximum|max|at_most|upper",
            _whole(61, 999),
            " up to {}|, maximum {}| and at most {}|, not over {}",
            "integer",
        ),
    ),
    (
        Slot(
            "width|width_cm|wide", _amount(1, 400), ", {} cm wide|, width {}| with a width of {}|, {} across", "number"
        ),
        Slot(
            "height|height_cm|high",
            _amount(1, 400),
            ", {} cm high|, height {}| with a height of {}|, {} tall",
            "number",
        ),
        Slot("depth|depth_cm|deep", _amount(1, 300), ", {} cm deep|, depth {}| and a depth of {}|, {} deep", "number"),
    ),
    (
        Slot(
            "length|length_m|long",
            _amount(1, 900),
            ", {} m long|, length {}| with a length of {} metres|, {} long",
            "number",
        ),
        Slot(
            "diameter|diameter_mm|thick", _amount(1, 90), ", {} mm thick|, diameter {}| and {} across|, {} mm", "number"
        ),
    ),
    (
        Slot("start_date|arrival|from_date|begins", v.iso_date, " from {}|, starting {}|, arrival {}| as of {}"),
        Slot("end_date|departure|until|ends", v.iso_date, " until {}|, ending {}|, departure {}| to {}"),
    ),
    (
        Slot("starts|start_time|opens", v.clock, " from {}|, starting at {}|, {} sharp|, beginning {}"),
        Slot("ends|end_time|closes", v.clock, " until {}|, ending at {}| to {}|, over by {}"),
    ),
    (
        Slot("source_language|source|from_language", v.language, " from {}|, source {}| out of {}|, in {} now"),
        Slot("target_language|target|into|to_language", v.language, " into {}| to {}|, target {}|, and I need {}"),
    ),
    (
        Slot("old_name|current_name|old", _proper, " {}|, now called {}|, old name {}| that is {}"),
        Slot("new_name|new|replacement", _proper, " to {}| into {}|, which shall be {}|, new name {}"),
    ),
    (
        Slot(
            "available|stock_amount|have",
            _amount(1, 90),
            ", we have {}|, stock {}|; there are {} at hand|, having {}",
            "number",
        ),
        Slot(
            "wanted|target_amount|needed", _amount(1, 90), ", we need {}|, target {}| to get {}|, to make {}", "number"
        ),
    ),
    (
        Slot("offer|price|sum", _amount(10, 3000), " for {}|, offering {}|, price {}|, I'd pay {}", "number"),
        Slot(
            "ceiling|price_limit|maximum",
            _amount(3000, 9000),
            ", but never over {}|, limit {}|, going up to {}|, at most {}",
            "number",
        ),
        enum(
            "currency",
            "EUR: euros / euro / €, USD: dollars / US dollars / $, GBP: pounds / sterling / £, JPY: yen",
            " in {}|, currency {}|, paid in {}| {}",
        ),
    ),
    (
        Slot(
            "namespace|area|section",
            lambda r: v.word(r) + r.choice((".test", "", "-" + v.word(r))),
            " in {}|, section {}| of {}",
        ),
        Slot(
            "key|entry",
            lambda r: r.choice((v.word(r), v.server_name(r), "@", v.word(r))),
            " for {}|, key {}|, entry {}| at {}",
        ),
        Slot(
            "value|content|points_to",
            lambda r: r.choice((v.word(r), v.ip(r), v.hex_id(r), v.word(r) + "=" + v.version(r))),
            " that says {}| to {}|, value {}| -> {}| being {}",
        ),
    ),
    (
        Slot(
            "device|terminal|unit",
            lambda r: r.choice((v.word(r), v.server_name(r), v.code(r), rare(r, capital=False))),
            " of {}| on {}|, terminal {}| of the device {}",
        ),
        Slot(
            "label|tag|alias",
            lambda r: r.choice((v.word(r), v.version(r), rare(r, capital=False))),
            " called {}| '{}'|, label {}| named {}",
        ),
    ),
    (
        Slot("row|line", _whole(1, 60), ", row {}| in row {}|, line {}", "integer"),
        Slot("seat|column|place", _whole(1, 60), ", seat {}| at place {}|, number {}", "integer"),
    ),
    (
        Slot("region|resort|site|massif|town", _proper, " in {}| at {}| near {}|, {}|, region {}"),
        Slot("post|station|gate|cabin", _proper, " {}|, the {}|, station {}| called {}"),
    ),
    (
        Slot(
            "competition|cup|event",
            lambda r: f"{v.name(r)} {r.choice(('Cup', 'Open', 'Trophy', 'Night', 'Classic'))}",
            " in the {}| of {}|, event {}| at the {}",
        ),
        Slot("competitor|player|entrant", v.person, " of {}| for {}|, player {}|, it is about {}"),
        Slot("round|stage|heat", _whole(1, 16), " in round {}|, round {}|, heat {}", "integer"),
    ),
    (
        Slot("monogram|initials|stamp", _initials, ", monogram {}| with the initials {}|, {}|, stamp {}"),
        Slot(
            "text|motto|words|line",
            _quoted,
            f", saying {_text}| with the words {_text}|, text {_text}| that reads '{{}}'",
        ),
    ),
    (
        Slot("per_metre|per_meter", _whole(2, 60), ", {} per metre| with {} to a metre|, at {} per m", "integer"),
        Slot("span_m|width_m|metres", _amount(1, 90), " for {} metres| over a width of {} m|, {} m in all", "number"),
    ),
    (
        Slot("per_box|per_crate", _whole(2, 60), ", {} to a box| with {} in each box|, {} per box", "integer"),
        Slot("boxes|crates", _whole(2, 90), ", {} boxes| in {} boxes|, filling {} boxes", "integer"),
    ),
    (
        Slot("strength_percent|have_percent", _whole(30, 96), " of {} %|, {} percent strong|, strength {}%", "integer"),
        Slot("target_percent|wanted_percent", _whole(1, 29), " to {} %|, I want {} percent|, target {}%", "integer"),
        Slot("litres|total_l|amount_l", _amount(1, 90), ", {} l in all|, {} litres| to make {} l", "number"),
    ),
    (
        Slot("per_hour|hourly_rate|rate", _amount(5, 90), " at {} an hour|, {} per hour|, rate {}", "number"),
        Slot("hours|time_spent", _amount(1, 40), " for {} hours|, {} h|, {} hours of it", "number"),
    ),
    (
        Slot("outer|outer_mm|outside", _amount(50, 900), ", outer {}|, {} on the outside| outside {} mm", "number"),
        Slot("inner|inner_mm|inside_mm", _amount(1, 49), ", inner {}|, {} on the inside| inside {} mm", "number"),
    ),
    (
        Slot("planned|expected|ordered", _whole(1, 90), ", planned {}|, {} were expected|, ordered {}", "integer"),
        Slot("actual|delivered|received", _whole(1, 90), ", actual {}|, {} came|, delivered {}", "integer"),
    ),
    (
        enum("from_market|from_scale|given_in", _MARKETS, " from {}|, which is {}| in {}|, {} now"),
        enum("to_market|to_scale|wanted_in", _MARKETS, " to {}| into {}| as {}|, and I need {}"),
        Slot("value|size|number", _amount(1, 60), " {}| of {}|, value {}|, {}", "number"),
    ),
)

SINGLES: Sequence[Slot] = (
    *(
        Slot(names, draw, f" of {{}}| in {{}}|, {first}: {{}}|, {{}}| with {{}}", before="{}|{}|")
        for names, draw in SUBSTANCES
        for first in (names.split("|")[0],)
    ),
    Slot(
        "pieces|quantity|count|copies",
        _whole(1, 60),
        ", {} pieces|, quantity {}|, {} of them| times {}",
        "integer",
        before="{}",
    ),
    Slot("kilograms|weight_kg|kg", _amount(1, 900), ", {} kg| of {} kg|, {} kilos| weighing {} kilograms", "number"),
    Slot("litres|volume_l|liters", _amount(1, 90), ", {} l| with {} litres|, {} liters", "number"),
    Slot("millilitres|dose_ml|ml", _amount(1, 90), ", {} ml| with {} millilitres|, {} ml of it", "number"),
    Slot("cubic_metres|volume_m3", _amount(1, 90), ", {} m3| with {} cubic metres", "number"),
    Slot("metres|distance_m|altitude", _whole(10, 4000), ", {} m| at {} metres|, {} meters up", "integer"),
    Slot("degrees|temperature|celsius", _whole(20, 1300), " at {} degrees|, {} °C|, temperature {}", "integer"),
    Slot("newtons|force_n", _amount(1, 90), " to {} N|, {} newtons", "number"),
    Slot("hours|duration_hours", _whole(1, 48), " for {} hours|, {} h|, {} hours", "integer"),
    Slot("minutes|duration_min", v.duration_minutes, " for {} minutes|, {} min|, {} minutes", "integer"),
    Slot("seconds|delay_s|pause_s", _whole(1, 600), ", {} s| for {} seconds|, {} seconds", "integer"),
    Slot("days|store_days|period_days", _whole(1, 400), " for {} days|, {} days|, over {} days", "integer"),
    Slot("nights", _whole(1, 14), " for {} nights|, {} nights", "integer"),
    Slot("months|term_months", _whole(1, 36), " for {} months|, {} months", "integer"),
    Slot("age|years", _whole(1, 90), ", {} years old|, age {}| aged {}", "integer"),
    Slot("year|built|made_in", v.year, " from {}| of {}|, year {}|, {}", "integer", before="{}"),
    Slot("percent|share|filling", v.percent, " at {} percent|, {} %| with {}%", "integer"),
    Slot("grade|level|score", _whole(1, 70), ", grade {}| at level {}|, score {}", "integer"),
    Slot("page|sheet", _whole(1, 400), ", page {}| p. {}|, sheet {}", "integer"),
    Slot("floor|storey", _whole(1, 30), " on floor {}|, floor {}", "integer"),
    Slot("strength|threshold|above", _amount(1, 9), " above {}|, strength {}| of {} or more", "number"),
    Slot("day|date|on|due", v.date, " on {}|, {}| for {}|, dated {}"),
    Slot("time|at", v.clock, " at {}|, {}|, {} o'clock sharp"),
    Slot("id|number|code|ref", v.code, " {}|, number {}| no. {}|, {}"),
    Slot("letter|mark|bay", lambda r: r.choice("ABCDEFGHJKLMNPQRSTUVWXYZ"), " at {}|, letter {}| {}"),
    Slot("file|document|model_file", v.filename, " {}|, file {}| from {}"),
    Slot("url|link|web_address", v.url, " {}|, {}| at {}| of {}"),
    Slot(
        "pattern|filter_path|mask",
        lambda r: r.choice((f"/{v.word(r)}/*", f"*.{v.word(r)}", f"/{v.word(r)}-?", f"{v.word(r)}_*")),
        " under {}| matching {}|, pattern {}",
    ),
    Slot("people|members|present", v.list_of(v.first_name, 1, 4), ": {}|, namely {}| with {}|, {}", "array"),
    Slot(
        "excluded|without|except_for",
        v.list_of(_proper, 1, 3),
        ", avoiding {}|, but not {}|, without {}| and stay away from {}",
        "array",
    ),
    Slot(
        "floors|rooms|bays|numbers", v.list_of(_whole(1, 40), 1, 4), ", numbers {}|, {}| on {}|: {}", "array", "integer"
    ),
    Slot(
        "amounts|readings|weights",
        v.list_of(_amount(1, 90), 2, 4),
        ", {}|: {}| with {}|, readings {}",
        "array",
        "number",
    ),
    Slot("extras|additions|parts", v.list_of(v.noun, 1, 3), " with {}|, plus {}|, extras: {}", "array"),
    Slot("motto|message|wording", _quoted, f", saying {_text}| with the text {_text}| that reads '{{}}'|, text: {{}}"),
    Slot("subject|topic|field", v.topic, " about {}|, topic {}| on {}| in {}"),
    enum(
        "size",
        "S: small, M: medium / medium-sized, L: large, XL: extra large / very large",
        " in {}|, size {}|, {}",
        "{}",
    ),
    enum(
        "finish|surface",
        "matt: matte / dull, gloss: glossy / shiny, none: no finish / without finish / unfinished / raw",
        ", {}|, {} please",
    ),
    enum(
        "tint|lens",
        "amber: yellowish, violet: purple, smoke: greyish / grey, none: no tint / without a tint / clear",
        ", {}|, tint {}|, {} please",
    ),
    enum(
        "meals|board",
        "none: no meals / without meals / without food, half_board: half board / breakfast and dinner, full_board: full board / all meals",
        ", {}|, meals: {}",
    ),
    enum(
        "direction|facing|side",
        "north: northern / N, east: eastern / E, south: southern / S, west: western / W",
        " facing {}|, {} side|, direction {}",
        "{}",
    ),
    enum(
        "language|lang",
        "de: German / in German, fr: French / in French, it: Italian / in Italian, sv: Swedish / in Swedish, ja: Japanese / in Japanese, cs: Czech / in Czech",
        ", {}| {}",
    ),
    enum(
        "language|tongue",
        "german: German / Deutsch, french: French, italian: Italian, swedish: Swedish, polish: Polish, czech: Czech, dutch: Dutch, welsh: Welsh",
        " in {}|, language {}|, {}",
        "{}",
    ),
    enum(
        "tone|style",
        "plain: simple / sober, poetic: like a poem / lyrical, formal: official / stiff, funny: witty / humorous, friendly: warm",
        ", {}| in a {} tone|, tone {}",
        "{}",
    ),
    enum(
        "frequency|interval|rhythm",
        "daily: every day / each day, weekly: every week / once a week, monthly: every month / once a month, once: just once / a single time, yearly: every year",
        ", {}| {}",
    ),
    enum(
        "priority|urgency",
        "low: not urgent / whenever you can, normal: as usual, high: urgent / very important / at once",
        ", {}|, priority {}",
    ),
    enum(
        "speed|pace|mode",
        "slow: slowly / gently, medium: at medium speed, fast: quickly / fast as possible",
        ", {}|, {} please",
    ),
    enum(
        "cut|shape|form",
        "round: circular, square: four-sided, oval: egg-shaped, custom: my own shape",
        ", {}|, shape {}| cut {}",
        "{}",
    ),
    enum(
        "doneness|bake",
        "light: lightly done, medium: half way, dark: well done, extra_dark: extra dark / almost black",
        ", {}|, {} please",
        "{}",
    ),
    enum(
        "grade|class|category",
        "A: best / first class / top, B: second class / middling, C: third class / lowest",
        ", class {}|, grade {}|, {}",
    ),
    enum(
        "season|term",
        "spring: in spring, summer: in summer, autumn: in autumn / fall, winter: in winter",
        ", {}|, season {}",
    ),
    enum(
        "payment|pay_by",
        "card: by card / with my card, cash: in cash / with cash, invoice: on invoice / send a bill, transfer: by bank transfer",
        ", {}|, payment {}",
    ),
    enum(
        "method|treatment|process",
        "lacquer: Lacquer, varnish: Varnish, wax: with wax / waxed, oil: oiled / with oil, soap: Soap",
        ", {}| with {}|, method {}",
    ),
    enum(
        "part|deck|position",
        "upper: the upper one / on top, lower: the lower one / at the bottom, middle: in the middle / centre",
        ", {}|, part {}| on {}",
    ),
    enum("entry_type|format", "A, B, TXT: text, CSV: comma separated, XML, JSON", ", type {}|, {}| as {}", "{}"),
    phrased(
        "insured|with_insurance|cover",
        "insured | with insurance | fully covered",
        "uninsured | without insurance | no cover needed",
    ),
    phrased("night|after_dark", "by night | after dark | at night", "by day | in daylight | during the day"),
    phrased("strict|exact", "strictly | be strict | no mercy", "not strict | leniently | be generous"),
    phrased(
        "clean|fresh|from_scratch",
        "clean | from scratch | and clean it first",
        "without cleaning | as it is | keep what is there",
    ),
    phrased("silent|quiet", "in silence | quietly | without a sound", "with sound | not silent | aloud"),
    phrased(
        "gift|gift_wrapped|wrap", "as a gift | gift-wrapped | it's a present", "not as a gift | unwrapped | no wrapping"
    ),
    phrased(
        "express|urgent|rush", "by express | it's urgent | as fast as you can", "no hurry | not urgent | the normal way"
    ),
    phrased(
        "public|visible",
        "for everybody to see | publicly | visible to all",
        "privately | for my eyes only | hidden from others",
    ),
    phrased("heated|warm", "heated | with heating | warmed up", "unheated | without heating | cold"),
    phrased(
        "return_trip|round_trip|both_ways",
        "and back | there and back | both ways",
        "one way | one way only | without return",
    ),
    phrased("indoors|inside", "indoors | inside | under a roof", "outdoors | outside | in the open"),
    phrased(
        "recorded|record|log",
        "and record it | with a recording | on the record",
        "off the record | without recording | don't record it",
    ),
    phrased(
        "confirmed|confirm|definite",
        "definitely | confirmed | for sure",
        "provisionally | unconfirmed | not for sure yet",
    ),
    phrased(
        "signed|signature", "signed | with a signature | and sign it", "unsigned | without a signature | no signature"
    ),
    phrased(
        "report|tell|notify",
        "and tell me how it went | and report back | let me know afterwards",
        "no report | don't report back | without a report",
    ),
    phrased("new|unused", "brand new | never used | fresh from the shop", "second-hand | used | an old one"),
)
