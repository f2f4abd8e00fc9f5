"""Slots that come alone: amounts with units, dates, codes, lists, enums and booleans said in other words."""

from collections.abc import Sequence

from training import values as v
from training.slot import QUOTES, SUBSTANCES, Slot, amount, enum, phrased, proper, quoted, whole

SINGLES: Sequence[Slot] = (
    *(
        Slot(names, draw, f" of {{}}| in {{}}|, {first}: {{}}|, {{}}| with {{}}", adjective=True)
        for names, draw in SUBSTANCES
        for first in (names.split("|")[0],)
    ),
    Slot(
        "pieces|quantity|count|copies",
        whole(1, 60),
        ", {} pieces|, quantity {}|, {} of them| times {}",
        "integer",
        adjective=True,
    ),
    Slot("kilograms|weight_kg|kg", amount(1, 900), ", {} kg| of {} kg|, {} kilos| weighing {} kilograms", "number"),
    Slot("litres|volume_l|liters", amount(1, 90), ", {} l| with {} litres|, {} liters", "number"),
    Slot("millilitres|dose_ml|ml", amount(1, 90), ", {} ml| with {} millilitres|, {} ml of it", "number"),
    Slot("cubic_metres|volume_m3", amount(1, 90), ", {} m3| with {} cubic metres", "number"),
    Slot("metres|distance_m|altitude", whole(10, 4000), ", {} m| at {} metres|, {} meters up", "integer"),
    Slot("degrees|temperature|celsius", whole(20, 1300), " at {} degrees|, {} °C|, temperature {}", "integer"),
    Slot("newtons|force_n", amount(1, 90), " to {} N|, {} newtons", "number"),
    Slot("hours|duration_hours", whole(1, 48), " for {} hours|, {} h|, {} hours", "integer"),
    Slot("minutes|duration_min", v.duration_minutes, " for {} minutes|, {} min|, {} minutes", "integer"),
    Slot("seconds|delay_s|pause_s", whole(1, 600), ", {} s| for {} seconds|, {} seconds", "integer"),
    Slot("days|store_days|period_days", whole(1, 400), " for {} days|, {} days|, over {} days", "integer"),
    Slot("nights", whole(1, 14), " for {} nights|, {} nights", "integer"),
    Slot("months|term_months", whole(1, 36), " for {} months|, {} months", "integer"),
    Slot("age|years", whole(1, 90), ", {} years old|, age {}| aged {}", "integer"),
    Slot("year|built|made_in", v.year, " from {}| of {}|, year {}|, {}", "integer", adjective=True),
    Slot("percent|share|filling", v.percent, " at {} percent|, {} %| with {}%", "integer"),
    Slot("grade|level|score", whole(1, 70), ", grade {}| at level {}|, score {}", "integer"),
    Slot("page|sheet", whole(1, 400), ", page {}| p. {}|, sheet {}", "integer"),
    Slot("floor|storey", whole(1, 30), " on floor {}|, floor {}", "integer"),
    Slot("strength|threshold|above", amount(1, 9), " above {}|, strength {}| of {} or more", "number"),
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
        v.list_of(proper, 1, 3),
        ", avoiding {}|, but not {}|, without {}| and stay away from {}",
        "array",
    ),
    Slot(
        "floors|rooms|bays|numbers", v.list_of(whole(1, 40), 1, 4), ", numbers {}|, {}| on {}|: {}", "array", "integer"
    ),
    Slot(
        "amounts|readings|weights",
        v.list_of(amount(1, 90), 2, 4),
        ", {}|: {}| with {}|, readings {}",
        "array",
        "number",
    ),
    Slot("extras|additions|parts", v.list_of(v.noun, 1, 3), " with {}|, plus {}|, extras: {}", "array"),
    Slot("motto|message|wording", quoted, f", saying {QUOTES}| with the text {QUOTES}| that reads '{{}}'|, text: {{}}"),
    Slot("subject|topic|field", v.topic, " about {}|, topic {}| on {}| in {}"),
    enum(
        "size",
        "S: small, M: medium / medium-sized, L: large, XL: extra large / very large",
        " in {}|, size {}|, {}",
        adjective=True,
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
        "none: no meals / without meals / without food, half_board: half board / breakfast and dinner, "
        "full_board: full board / all meals",
        ", {}|, meals: {}",
    ),
    enum(
        "direction|facing|side",
        "north: northern / N, east: eastern / E, south: southern / S, west: western / W",
        " facing {}|, {} side|, direction {}",
        adjective=True,
    ),
    enum(
        "language|lang",
        "de: German / in German, fr: French / in French, it: Italian / in Italian, sv: Swedish / in Swedish, "
        "ja: Japanese / in Japanese, cs: Czech / in Czech",
        ", {}| {}",
    ),
    enum(
        "language|tongue",
        "german: German / Deutsch, french: French, italian: Italian, swedish: Swedish, polish: Polish, "
        "czech: Czech, dutch: Dutch, welsh: Welsh",
        " in {}|, language {}|, {}",
        adjective=True,
    ),
    enum(
        "tone|style",
        "plain: simple / sober, poetic: like a poem / lyrical, formal: official / stiff, funny: witty / "
        "humorous, friendly: warm",
        ", {}| in a {} tone|, tone {}",
        adjective=True,
    ),
    enum(
        "frequency|interval|rhythm",
        "daily: every day / each day, weekly: every week / once a week, monthly: every month / once a month, "
        "once: just once / a single time, yearly: every year",
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
        adjective=True,
    ),
    enum(
        "doneness|bake",
        "light: lightly done, medium: half way, dark: well done, extra_dark: extra dark / almost black",
        ", {}|, {} please",
        adjective=True,
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
        "card: by card / with my card, cash: in cash / with cash, invoice: on invoice / send a bill, "
        "transfer: by bank transfer",
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
    enum(
        "entry_type|format", "A, B, TXT: text, CSV: comma separated, XML, JSON", ", type {}|, {}| as {}", adjective=True
    ),
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
