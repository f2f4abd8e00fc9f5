"""Groups of slots whose values could be swapped: from and to, width and height, title and author.

Only the words around a value, or its place, tell which parameter it belongs to.
"""

from collections.abc import Sequence

from training import values as v
from training.rare import rare
from training.slot import MARKETS, QUOTES, Slot, amount, enum, initials, proper, quoted, whole

GROUPS: Sequence[tuple[Slot, ...]] = (
    (
        Slot("from_place|origin|departure|start|from", proper, " from {}|, starting in {}|, leaving {}| out of {}"),
        Slot("to_place|destination|arrival|goal|to", proper, " to {}|, bound for {}| for {}| towards {}"),
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
            "title|name|work", lambda r: v.title(r) if r.random() < 0.5 else proper(r), f" {QUOTES}| {{}}|, title {{}}"
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
            whole(1, 60),
            " of at least {}|, minimum {}| from {}|, not under {}",
            "integer",
        ),
        Slot(
            "maximum|max|at_most|upper",
            whole(61, 999),
            " up to {}|, maximum {}| and at most {}|, not over {}",
            "integer",
        ),
    ),
    (
        Slot(
            "width|width_cm|wide", amount(1, 400), ", {} cm wide|, width {}| with a width of {}|, {} across", "number"
        ),
        Slot(
            "height|height_cm|high",
            amount(1, 400),
            ", {} cm high|, height {}| with a height of {}|, {} tall",
            "number",
        ),
        Slot("depth|depth_cm|deep", amount(1, 300), ", {} cm deep|, depth {}| and a depth of {}|, {} deep", "number"),
    ),
    (
        Slot(
            "length|length_m|long",
            amount(1, 900),
            ", {} m long|, length {}| with a length of {} metres|, {} long",
            "number",
        ),
        Slot(
            "diameter|diameter_mm|thick", amount(1, 90), ", {} mm thick|, diameter {}| and {} across|, {} mm", "number"
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
        Slot("old_name|current_name|old", proper, " {}|, now called {}|, old name {}| that is {}"),
        Slot("new_name|new|replacement", proper, " to {}| into {}|, which shall be {}|, new name {}"),
    ),
    (
        Slot(
            "available|stock_amount|have",
            amount(1, 90),
            ", we have {}|, stock {}|; there are {} at hand|, having {}",
            "number",
        ),
        Slot(
            "wanted|target_amount|needed", amount(1, 90), ", we need {}|, target {}| to get {}|, to make {}", "number"
        ),
    ),
    (
        Slot("offer|price|sum", amount(10, 3000), " for {}|, offering {}|, price {}|, I'd pay {}", "number"),
        Slot(
            "ceiling|price_limit|maximum",
            amount(3000, 9000),
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
        Slot("row|line", whole(1, 60), ", row {}| in row {}|, line {}", "integer"),
        Slot("seat|column|place", whole(1, 60), ", seat {}| at place {}|, number {}", "integer"),
    ),
    (
        Slot("region|resort|site|massif|town", proper, " in {}| at {}| near {}|, {}|, region {}"),
        Slot("post|station|gate|cabin", proper, " {}|, the {}|, station {}| called {}"),
    ),
    (
        Slot(
            "competition|cup|event",
            lambda r: f"{v.name(r)} {r.choice(('Cup', 'Open', 'Trophy', 'Night', 'Classic'))}",
            " in the {}| of {}|, event {}| at the {}",
        ),
        Slot("competitor|player|entrant", v.person, " of {}| for {}|, player {}|, it is about {}"),
        Slot("round|stage|heat", whole(1, 16), " in round {}|, round {}|, heat {}", "integer"),
    ),
    (
        Slot("monogram|initials|stamp", initials, ", monogram {}| with the initials {}|, {}|, stamp {}"),
        Slot(
            "text|motto|words|line",
            quoted,
            f", saying {QUOTES}| with the words {QUOTES}|, text {QUOTES}| that reads '{{}}'",
        ),
    ),
    (
        Slot("per_metre|per_meter", whole(2, 60), ", {} per metre| with {} to a metre|, at {} per m", "integer"),
        Slot("span_m|width_m|metres", amount(1, 90), " for {} metres| over a width of {} m|, {} m in all", "number"),
    ),
    (
        Slot("per_box|per_crate", whole(2, 60), ", {} to a box| with {} in each box|, {} per box", "integer"),
        Slot("boxes|crates", whole(2, 90), ", {} boxes| in {} boxes|, filling {} boxes", "integer"),
    ),
    (
        Slot("strength_percent|have_percent", whole(30, 96), " of {} %|, {} percent strong|, strength {}%", "integer"),
        Slot("target_percent|wanted_percent", whole(1, 29), " to {} %|, I want {} percent|, target {}%", "integer"),
        Slot("litres|total_l|amount_l", amount(1, 90), ", {} l in all|, {} litres| to make {} l", "number"),
    ),
    (
        Slot("per_hour|hourly_rate|rate", amount(5, 90), " at {} an hour|, {} per hour|, rate {}", "number"),
        Slot("hours|time_spent", amount(1, 40), " for {} hours|, {} h|, {} hours of it", "number"),
    ),
    (
        Slot("outer|outer_mm|outside", amount(50, 900), ", outer {}|, {} on the outside| outside {} mm", "number"),
        Slot("inner|inner_mm|inside_mm", amount(1, 49), ", inner {}|, {} on the inside| inside {} mm", "number"),
    ),
    (
        Slot("planned|expected|ordered", whole(1, 90), ", planned {}|, {} were expected|, ordered {}", "integer"),
        Slot("actual|delivered|received", whole(1, 90), ", actual {}|, {} came|, delivered {}", "integer"),
    ),
    (
        enum("from_market|from_scale|given_in", MARKETS, " from {}|, which is {}| in {}|, {} now"),
        enum("to_market|to_scale|wanted_in", MARKETS, " to {}| into {}| as {}|, and I need {}"),
        Slot("value|size|number", amount(1, 60), " {}| of {}|, value {}|, {}", "number"),
    ),
)
