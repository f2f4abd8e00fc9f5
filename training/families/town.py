"""Tools of towns: waste, damage, libraries, transit cards, warnings."""

from training import values as v
from training.family import Family, Parameter, Result
from training.several import failed, several


def address(names: str = "address|street|street_address|location") -> Parameter:
    return Parameter(names, v.street, "Street and number|Address|")


TOWN = [
    Family(
        "waste_collection",
        "waste_collection|next_pickup|garbage_day|trash_schedule|bin_day",
        "Next waste collection|Tells when a bin is emptied at an address|",
        [
            address(),
            Parameter(
                "kind|bin|waste_type|type|bin_type",
                v.choice("paper", "glass", "organic", "plastic", "residual", "metal"),
                "Kind of waste|",
                choices=("paper", "glass", "organic", "plastic", "residual", "metal"),
            ),
        ],
        several("""
            When is {kind} waste collected at {address}? | {kind} bin, {address}: next date? | At {address}, when do
            they empty the {kind} bin? | I live at {address} and my {kind} bin is full. When do they come? | Next
            {kind} pickup for {address} | Do I have to put out the {kind} waste at {address} soon? | For {address} I
            need the day of the {kind} collection | The house is {address}; when is {kind} fetched? | collection day
            of {kind} waste in {address} | Do I still have time to put out the {kind} bin at {address}?"""),
        "the next {kind} collection at {address}|to know when the {kind} bin is emptied",
        [
            Result(
                {"next_date|date": v.date, "before|out_by": v.clock},
                several(
                    "The next {kind} collection is on {next_date}; put the bin out by {before}. | On "
                    "{next_date}. It should be outside by {before}. | They come on {next_date}, so have "
                    "the bin out by {before}."
                ),
                4,
            ),
            failed(
                v.choice("address not found", "no collection in this street"),
                "I found no date: {error}. | There's a problem with {address}: {error}.",
            ),
        ],
    ),
    Family(
        "report_pothole",
        "report_issue|report_damage|report_problem|file_report|citizen_report",
        "Report damage in the street|Tells the city about a pothole, a broken lamp and the like|",
        [
            Parameter(
                "issue|problem|kind|category|what",
                v.choice(
                    "pothole",
                    "broken street light",
                    "graffiti",
                    "fallen tree",
                    "blocked drain",
                    "loose paving stone",
                    "missing sign",
                ),
                "What is wrong|",
            ),
            address("location|address|where|street"),
            Parameter(
                "urgent|is_urgent|emergency|dangerous",
                v.flag("and it's urgent", "but it's not urgent"),
                "Whether it is urgent|",
                "boolean",
                phrases=", {}|; {}",
            ),
        ],
        several("""
            Report a {issue} at {location}. | {issue}, {location} | There's a {issue} in front of {location}. Tell
            the city. | At {location} somebody should look at a {issue} | I nearly fell at {location} because of a
            {issue}; please report it | Location: {location}. Problem: {issue}. | Let the town hall know about the
            {issue} at {location} | File a report for {location}, it's a {issue} | Hi, I saw a {issue} near
            {location} and want it mended. | Someone will get hurt at {location}: {issue}! Report it."""),
        "to report a {issue} at {location}|the city told about a {issue}",
        [
            Result(
                {"ticket|report_id|case_number": v.code, "days|expected_days": v.integer(1, 40)},
                several(
                    "Thank you, your report has the number {ticket}; it should be mended within {days} "
                    "days. | Reported as {ticket}. The city expects to need {days} days. | The {issue} is "
                    "reported: case {ticket}, {days} days."
                ),
                4,
            ),
            Result(
                {"status|message": v.choice("already reported", "work in progress", "planned for this week")},
                several(
                    "The city says about that {issue}: {status}. | They know of it: {status}. | For "
                    "{location} the answer is: {status}."
                ),
            ),
        ],
    ),
    Family(
        "library_search",
        "library_search|find_book|search_catalog|check_availability",
        "Look for a book in the library|Tells where a book stands and if it can be borrowed|",
        [
            Parameter("title|book|query|q|name", v.book, "Title of the book|"),
            Parameter(
                "branch|library|location|site", v.building, "Which branch|", phrases=" at the {}| in the branch {}"
            ),
        ],
        several("""
            Does the library have {title}? | Can I borrow {title}? | library: "{title}" | I'm looking for the book
            {title}. | Is {title} on the shelf? | Look up '{title}' in the library | My teacher told me to read
            {title}; has the library got it? | Where do I find {title} in the library? | Check if "{title}" is free
            to borrow | I'd love to read {title}. Has the library got it?"""),
        "to know if the library has {title}|to borrow {title}",
        [
            Result(
                {"available": v.choice(True), "shelf|location": v.code},
                several(
                    "Yes, {title} is available on shelf {shelf}. | You can borrow it; it's on shelf "
                    "{shelf}. | It's there: shelf {shelf}."
                ),
            ),
            Result(
                {"available": v.choice(False), "due_back|returns_on": v.date},
                several(
                    "It's on loan until {due_back}. | Not at the moment: {title} comes back on "
                    "{due_back}. | Somebody has it; it's due on {due_back}."
                ),
            ),
        ],
    ),
    Family(
        "renew_loan",
        "renew_loan|extend_loan|renew_book|prolong",
        "Renew a borrowed book|Extends a loan of the library|",
        [
            Parameter("title|book|item|loan", v.book, "The book|"),
            Parameter("card_number|card|library_card|member_id", v.code, "Library card|"),
        ],
        several("""
            Renew {title} on my card {card_number}. | card {card_number}, extend "{title}" | I haven't finished
            {title}; renew it please, my card is {card_number} | With the library card {card_number}, can I keep
            {title} longer? | Extend the loan of {title} (card {card_number}). | My card number is {card_number} and
            I'd like to keep '{title}' for a while | {title} is due; prolong it on {card_number} | Please renew my
            book {title}. Card: {card_number} | loan of "{title}", card {card_number}: renew | I need {title} a bit
            longer. My library card is {card_number}."""),
        "{title} renewed on the card {card_number}|to keep {title} longer",
        [
            Result(
                {"due|new_due_date": v.date, "renewals_left|remaining": v.integer(0, 3)},
                several(
                    "You can keep {title} until {due}. Renewals left: {renewals_left}. | Renewed until "
                    "{due}, with {renewals_left} more renewals possible. | The new date is {due}; you can "
                    "renew it {renewals_left} more times."
                ),
            ),
            failed(
                v.choice("reserved by someone else", "card expired", "fees are open"),
                "{title} can't be renewed: {error}. | Sorry, no renewal: {error}.",
            ),
        ],
    ),
    Family(
        "top_up_card",
        "top_up|recharge_card|load_card|add_credit",
        "Put money on a transit card|Tops up a bus card|",
        [
            Parameter("card|card_number|card_id|number", v.code, "Number of the card|"),
            Parameter("amount|money|value|sum", v.integer(5, 100), "How much|", "integer"),
        ],
        several("""
            Put {amount} on my transit card {card}. | Top up {card} with {amount} | {amount} euros on card {card} |
            My bus card {card} is nearly empty; add {amount}. | Card {card}: load {amount} | I'd like to recharge
            {card}, {amount} please | With {amount} more, {card} would do for the month. Add it. | Add credit
            ({amount}) to the card number {card} | recharge {card}, amount {amount} | I'll need {amount} more on
            {card} for next week's buses."""),
        "{amount} on the card {card}|to top up {card}",
        [
            Result(
                {"balance|new_balance": v.money},
                several(
                    "Done, the card has {balance} on it now. | {card} is topped up; the balance is "
                    "{balance}. | The new balance is {balance}."
                ),
                3,
            ),
            failed(
                v.choice("card is blocked", "payment declined", "amount too high"),
                "The card couldn't be topped up: {error}. | No money was added: {error}.",
            ),
        ],
        "transit",
    ),
    Family(
        "card_balance",
        "card_balance|check_card|transit_balance|get_credit",
        "Balance of a transit card|Money and rides left on a bus card|",
        [Parameter("card|card_number|card_id|number", v.code, "Number of the card|")],
        several(
            """
                How much is left on my bus card {card}? | Balance of {card} | Can I still ride with card {card}? |
                {card}: credit? | Check the transit card {card}. | I'm at the stop; is there enough on {card}? | Do
                I have to top up {card}? | What's the credit of card number {card}? | Tell me what remains on {card}
                | Before I get on the bus: what's on {card}?"""
        ),
        "the balance of the card {card}|to know what is left on {card}",
        [
            Result(
                {"balance|credit": v.money, "rides|rides_left": v.integer(0, 60)},
                several(
                    "There's {balance} left, enough for {rides} rides. | {card} holds {balance}; that's "
                    "{rides} rides. | The balance is {balance}, rides left: {rides}."
                ),
            ),
            failed(
                v.choice("card not registered", "card expired"),
                "I can't read the card: {error}. | {card} gives no balance: {error}.",
            ),
        ],
        "transit",
    ),
    Family(
        "emergency_alert",
        "send_alert|public_alert|warn_residents|issue_warning",
        "Warn the residents of a district|Sends a public warning|Only for officials.",
        [
            Parameter("district|area|zone|region", v.place, "Where|"),
            Parameter(
                "hazard|danger|event|type",
                v.choice("flood", "storm", "fire", "gas leak", "heat wave", "power cut"),
                "What is coming|",
            ),
            Parameter("level|severity|stage", v.integer(1, 5), "1 to 5|", "integer"),
            Parameter(
                "advice|instruction|text",
                v.message,
                "What people should do|",
                phrases='. Tell people: {}|, with the advice "{}"',
            ),
        ],
        several("""
            Warn {district} of a {hazard}, level {level}. | {hazard} alert, level {level}, {district} | In
            {district} a {hazard} is coming. Send out a level {level} warning. | Level {level} warning to everybody
            in {district}: {hazard} | Issue an alert. Area {district}, danger {hazard}, stage {level}. | People in
            {district} must know of the {hazard} (level {level}) | It's serious, level {level}: a {hazard} in
            {district}. Alert them! | Send the {hazard} warning of level {level} to {district} | The {hazard} near
            {district} has reached level {level}, so warn the residents | A {hazard} is on its way to {district},
            we're at level {level}. Warn everybody!"""),
        "{district} warned of a {hazard}, level {level}|a public warning for {district}",
        [
            Result(
                {"reached|people_reached": v.integer(300, 90000), "alert_id|id": v.code},
                several(
                    "The warning is out as {alert_id} and has reached {reached} people. | Alert "
                    "{alert_id} went to {reached} people. | {reached} people in {district} were warned "
                    "(alert {alert_id})."
                ),
                3,
            ),
            failed(v.choice("not authorised", "siren network offline", "a warning is active already")),
        ],
    ),
]

FAMILIES = TOWN
