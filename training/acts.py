"""Things of odd trades, acts with them, attributes that one can ask for, and switches.

Openers and asks begin a request; {a} is "a harp", {the} "the harp" or its name, {noun} "harp", {x} what is asked about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from training import values as v
from training import words as w
from training.family import Draw
from training.rare import rare
from training.several import several

THINGS = w.split_list(
    """harp, saddle, lantern, sail, anchor, compass, globe, clock, barrel, cask, carriage, sledge, wagon, mill, dam,
    canal lock, quarry, mine shaft, tannery vat, loom, tapestry, carpet, quilt, glove, boot, hat, corset,
    costume, mask, puppet, marionette, stage curtain, chandelier, mirror, window pane, stained window, mosaic,
    fresco, icon, statue, fountain, sundial, weathercock, chimney, oven, furnace, forge, crucible, mould, press,
    bookbinding, manuscript, map sheet, nautical chart, globe stand, stamp sheet, medal, banner, coat of arms,
    seal, ring, brooch, necklace, crown, sword, shield, armour, bow, arrow, falcon, kennel, stable, paddock,
    pasture, orchard, hedge, greenhouse, seedbed, compost heap, pond, weir, fish ladder, oyster bed, salt pan,
    lighthouse, buoy, pier, slipway, dry dock, crane, ferry berth, tram, cable car, funicular, bus depot,
    hangar, glider, balloon, parachute, kite, rocket stage, rover, probe, dome, planetarium show, microscope,
    centrifuge, incubator, vaccine batch, plaster cast, crutch, hearing aid, spectacle frame, denture, wig,
    perfume, soap bar, candle, dye bath, ink batch, paint pot, varnish coat, parquet, staircase, scaffold, roof
    truss, brick load, gravel heap, well, pump, boiler, radiator, valve, pipeline, meter box, transformer, mast,
    antenna, relay, cable drum, rack, cartridge, archive box, reel, negative, gramophone, music box, accordion,
    drum, choir, ballet class, rehearsal, recital, circus ring, trapeze, carousel, ghost train, fencing bout,
    rowing crew, regatta, marathon, obstacle course, climbing route, ski pass, sauna, plunge pool, allotment,
    cheese wheel, sourdough, jam jar, cider press, brewing vat, smokehouse, chocolate mould, tea blend, honey
    cake, wedding cake, court case, deed, will, petition, ballot box, census form, passport, grave, monument,
    parish register, crypt, vestry, relic, pilgrimage, dig site, trench, pottery shard, skeleton, cave, tunnel,
    bridge, toll gate, milestone, border post"""
)


@dataclass(frozen=True)
class Act:
    """Something that is done with a thing; {a} is "a harp", {the} is "the harp" or its name, {noun} is "harp"."""

    verb: str
    openers: Sequence[str]
    about: Sequence[str]
    named: bool
    """True if it is done with one certain thing, which has a name."""


def _act(verb: str, openers: str, about: str, *, named: bool = False) -> Act:
    return Act(verb, several(openers), several(about), named)


ACTS = (
    _act(
        "order",
        "Order {a} | I'd like to order {a} | Get me {a} | One {noun} | We want {a} | I'll take {a} | We're "
        "in need of {a}",
        "Order {a} | Place an order for {a} | Order {a} from the workshop | Orders {a}",
    ),
    _act(
        "reserve",
        "Reserve {a} | Book {a} | I want to reserve {a} | Keep {a} free | Hold {a} | Put my name down for {a}",
        "Reserve {a} | Book {a} for somebody | Reserves {a} | Make a reservation of {a}",
    ),
    _act(
        "register",
        "Register {a} | Enter {a} | Put {a} on file | There is a new {noun} | New {noun} | Please note {a}",
        "Register {a} | Write {a} down in the records | Enter a new {noun} | Records {a}",
    ),
    _act(
        "compute",
        "How much {noun} do I need | Work out the {noun} | Calculate the {noun} | What {noun} does that make",
        "Compute how much {noun} is needed | Calculate the {noun} | Compute the {noun}",
    ),
    _act(
        "repair",
        "Repair {a} | Fix {a} | Have {a} mended | Get {a} fixed",
        "Have {a} repaired | Order a repair | Repair {a}",
    ),
    _act(
        "make",
        "Make {a} | Build {a} | Create {a} | I want {a} made",
        "Make {a} | Produce {a} in the workshop | Makes {a}",
    ),
    _act(
        "send",
        "Send {a} | Ship {a} | Dispatch {a} | {a} has to go out",
        "Send {a} to somebody | Ship {a} | Dispatches {a}",
    ),
    _act(
        "rent",
        "Rent {a} | Hire {a} | I want to rent {a} | We'd hire {a}",
        "Rent {a} | Hire {a} for some time | Rents out {a}",
    ),
    _act(
        "sell", "Sell {a} | Put {a} up for sale | I want to get rid of {a}", "Offer {a} for sale | Sell {a} | Sells {a}"
    ),
    _act(
        "plan", "Plan {a} | Work out {a} | Lay out {a} | Draw up {a}", "Plan {a} | Draw up the plan of {a} | Plans {a}"
    ),
    _act(
        "find",
        "Find {a} | Look for {a} | Is there {a} | I'm looking for {a}",
        "Find {a} | Search the catalogue for {a} | Look up {a}",
    ),
    _act(
        "move",
        "Move {the} | Bring {the} | Transfer {the} | Take {the}",
        "Move {a} | Take {a} elsewhere | Moves {a}",
        named=True,
    ),
    _act(
        "set",
        "Set {the} | Adjust {the} | Put {the} | Change {the}",
        "Set up {a} | Adjust {a} | Change the setting of {a}",
        named=True,
    ),
    _act("load", "Load {the} | Fill {the} | Put something into {the}", "Load {a} | Fill {a} | Loads {a}", named=True),
    _act(
        "start",
        "Start {the} | Get {the} going | Fire up {the} | Run {the}",
        "Start {a} | Begin with {a} | Starts {a}",
        named=True,
    ),
    _act(
        "close",
        "Close {the} | Shut {the} | Lock up {the} | {the} is to be closed",
        "Close {a} | Shut {a} for some time",
        named=True,
    ),
    _act(
        "clean",
        "Clean {the} | Wash {the} | Give {the} a good wash | {the} is filthy, have it cleaned",
        "Clean {a} | Have {a} cleaned",
        named=True,
    ),
    _act(
        "grade",
        "Grade {the} | Judge {the} | Give {the} a mark | Rate {the}",
        "Grade {a} | Judge the quality of {a}",
        named=True,
    ),
    _act(
        "lend",
        "Lend {the} | Give {the} away for a while | Hand out {the}",
        "Lend {a} to somebody | Lends {a}",
        named=True,
    ),
    _act(
        "paint",
        "Paint {the} | Give {the} a coat | {the} needs paint",
        "Paint {a} | Have {a} painted | Paints {a}",
        named=True,
    ),
    _act(
        "assign",
        "Assign {the} | Allot {the} | {the} has to be given to someone",
        "Assign {a} | Allot {a} to somebody",
        named=True,
    ),
    _act(
        "insure", "Insure {the} | Take out cover for {the} | Get {the} insured", "Insure {a} | Insures {a}", named=True
    ),
    _act(
        "inspect",
        "Inspect {the} | Look over {the} | Examine {the}",
        "Order an inspection of {a} | Have {a} examined",
        named=True,
    ),
)


@dataclass(frozen=True)
class Attribute:
    """Something to know about a thing: how one asks for it without its name, what it is, and how an answer says it."""

    name: str
    asks: Sequence[str]
    about: Sequence[str]
    draw: Draw
    answers: Sequence[str]


def _attribute(name: str, asks: str, about: str, draw: Draw, answers: str) -> Attribute:
    return Attribute(name, several(asks), several(about), draw, several(answers))


def _text(random: Random) -> str:
    kind = random.random()
    if kind < 0.5:
        return rare(random, capital=random.random() < 0.5)
    return v.name(random) if kind < 0.75 else v.phrase(random)


_measured = v.number(1, 900)
ATTRIBUTES = (
    _attribute(
        "speed",
        "How fast is {x} | Is {x} quick | Does {x} move quickly | What pace does {x} keep",
        "Tell how fast {a} is | Give the speed of {a}",
        _measured,
        "{x} makes {y} | The speed of {x} is {y}",
    ),
    _attribute(
        "depth",
        "How deep is {x} | How far down does {x} go | Is {x} shallow",
        "Tell how deep {a} is | Measure the depth of {a}",
        _measured,
        "{x} is {y} deep | The depth is {y}",
    ),
    _attribute(
        "weight",
        "How heavy is {x} | What does {x} weigh | Can two men carry {x}",
        "Tell the weight of {a} | Weigh {a}",
        _measured,
        "{x} weighs {y} | The weight of {x} is {y}",
    ),
    _attribute(
        "age",
        "How old is {x} | When does {x} date from | Is {x} very old | I dug up {x} and wonder about its years",
        "Estimate the age of {a} | Tell how old {a} is",
        v.integer(1, 5000),
        "{x} is {y} years old | The age is {y}",
    ),
    _attribute(
        "value",
        "What is {x} worth | What might {x} fetch | What would I get for {x} | Could I sell {x} for much | I "
        "own {x} | I inherited {x}",
        "Estimate what {a} is worth | Tell what buyers pay for {a}",
        v.money,
        "{x} is worth {y} | It would fetch {y}",
    ),
    _attribute(
        "owner",
        "Who owns {x} | Whose is {x} | To whom does {x} belong",
        "Tell who owns {a} | Name the owner of {a}",
        v.person,
        "{x} belongs to {y} | The owner is {y}",
    ),
    _attribute(
        "place",
        "Where is {x} | Where do I find {x} | Where's {x} | I can't find {x}",
        "Tell where {a} is | Find the place of {a} | Tell where to find {a}",
        lambda r: v.code(r) if r.random() < 0.4 else _text(r),
        "{x} is at {y} | You'll find it at {y}",
    ),
    _attribute(
        "state",
        "How is {x} doing | Is {x} all right | How are things with {x} | I haven't looked at {x} for weeks",
        "Report the state of {a} | Tell how {a} is doing",
        v.choice("good", "fair", "poor", "broken", "worn", "as new", "damaged", "cracked", "dry", "overdue"),
        "The state of {x} is {y} | {x}: {y}",
    ),
    _attribute(
        "opening",
        "When does {x} open | From when can I get into {x} | Is {x} open early",
        "Tell when {a} opens | Opening time of {a}",
        v.clock,
        "{x} opens at {y} | It opens at {y}",
    ),
    _attribute(
        "next_date",
        "When is {x} next | When will {x} come round again | I'm waiting for {x} | I don't want to miss {x}",
        "Tell the next date of {a} | When {a} takes place next",
        v.iso_date,
        "{x} is next on {y} | The next date is {y}",
    ),
    _attribute(
        "stock",
        "How many are left of {x} | Do we still have {x} | Are we out of {x} | I need some more of {x}",
        "Tell how many of {a} are in stock | Count what is left of {a}",
        lambda r: 0 if r.random() < 0.2 else r.randint(1, 400),
        "There are {y} left of {x} | {y} are left",
    ),
    _attribute(
        "height",
        "How high is {x} | How tall is {x} | Does {x} fit under the ceiling",
        "Tell the height of {a} | Measure how high {a} is",
        _measured,
        "{x} is {y} high | The height of {x} is {y}",
    ),
    _attribute(
        "maker",
        "Who made {x} | Who built {x} | Whose work is {x}",
        "Tell who made {a} | Name the maker of {a}",
        v.person,
        "{x} was made by {y} | {y} made it",
    ),
    _attribute(
        "risk",
        "How dangerous is {x} | Is {x} safe | Should I be afraid of {x} | I'm going to {x} and want to come back alive",
        "Tell the danger of {a} | Estimate how risky {a} is",
        v.choice("low", "moderate", "considerable", "high", "extreme", "level 2", "level 4"),
        "The danger of {x} is {y} | It is {y}",
    ),
    _attribute(
        "running",
        "Is {x} running | Does {x} work today | Is {x} in service | I'd like to use {x} now",
        "Tell if {a} is running | Check whether {a} is in service",
        v.choice("running", "stopped", "closed", "on hold", "delayed", "in service"),
        "{x} is {y} | It is {y}",
    ),
    _attribute(
        "meaning",
        "What does {x} mean | What is {x} called properly | How do I say {x}",
        "Look up the agreed term for {a} | Explain {a} in a word",
        _text,
        "{x} means {y} | It is {y}",
    ),
    _attribute(
        "keeper",
        "Who looks after {x} | Who is in charge of {x} | Who minds {x}",
        "Name the person in charge of {a} | Tell who looks after {a}",
        v.person,
        "{y} looks after {x} | {y} is in charge",
    ),
    _attribute(
        "duration",
        "How long does {x} take | How long should I wait for {x} | Will {x} take long | I wonder how much "
        "patience {x} wants",
        "Tell how long {a} takes | Estimate the time for {a}",
        v.integer(1, 300),
        "{x} takes {y} minutes | It takes {y}",
    ),
    _attribute(
        "origin",
        "Where does {x} come from | I'd like to know more about the birthplace of {x} | Where was {x} found "
        "| Of what origin is {x}",
        "Tell where {a} comes from | Origin of {a}",
        lambda r: v.city(r) if r.random() < 0.5 else _text(r),
        "{x} comes from {y} | It is from {y}",
    ),
    _attribute(
        "position",
        "Which place has {x} | Where does {x} stand in the list | Is {x} near the top",
        "Tell the rank of {a} | Place of {a} in the list",
        v.integer(1, 200),
        "{x} is number {y} | It has place {y}",
    ),
    _attribute(
        "yield",
        "How much will {x} give | What does {x} bring in | How much came from {x}",
        "Forecast what {a} yields | Tell the yield of {a}",
        _measured,
        "{x} gives {y} | The yield is {y}",
    ),
    _attribute(
        "colour",
        "What colour is {x} | Of which colour is {x}",
        "Tell the colour of {a}",
        v.colour,
        "{x} is {y} | The colour is {y}",
    ),
)

SWITCHES = (
    ("raised|up|is_up", "raise|lift|pull up", "lower|let down|drop"),
    ("open|opened", "open|unlock|open up", "close|shut|close up"),
    ("on|enabled|active", "switch on|turn on|activate", "switch off|turn off|deactivate"),
    ("locked|bolted", "lock|bolt", "unlock|unbolt"),
    ("lit|burning", "light|kindle", "put out|extinguish"),
    ("running|started", "start|set going", "stop|halt"),
    ("attached|coupled", "attach|couple|hook up", "detach|uncouple|take off"),
    ("published|public", "publish|release", "withdraw|take back"),
    ("visible|shown", "show|unveil", "hide|cover"),
    ("free|released", "release|let go", "hold|keep back"),
    ("filled|full", "fill|fill up", "empty|drain"),
)
"""Names of a boolean, verbs that mean true, and verbs that mean false."""
