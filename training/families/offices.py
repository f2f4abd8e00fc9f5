"""Tools of public offices: permits, elections, taxes, appointments."""

from training import values as v
from training.families.town import address
from training.family import Family, Parameter, Result
from training.several import failed, several

OFFICES = [
    Family(
        "apply_permit",
        "apply_permit|request_permit|permit_application|apply_for_permit",
        "Apply for a permit|Files an application at the town hall|Permits for building, parking, events and the like.",
        [
            Parameter(
                "permit|permit_type|kind|type",
                v.said_choice(
                    {
                        "building": "a building permit",
                        "parking": "a parking permit",
                        "event": "an event permit",
                        "fishing": "a fishing permit",
                        "street_music": "a permit for street music",
                    }
                ),
                "Kind of permit|",
                choices=("building", "parking", "event", "fishing", "street_music"),
            ),
            Parameter("applicant|name|person|applicant_name", v.person, "Who applies|"),
            Parameter("start|from|valid_from|date", v.date, "First day|"),
        ],
        several("""
            Apply for {permit} for {applicant}, from {start}. | {applicant} needs {permit} starting {start} | I want
            {permit} from {start}; my name is {applicant} | From {start} on, {applicant} would like to have {permit}
            | Please request {permit}. Name: {applicant}. First day: {start}. | My name is {applicant}. Can I get
            {permit} as of {start}? | {permit}, {applicant}, {start} | File an application: {permit}, valid from
            {start}, for {applicant} | We move on {start}, so {applicant} has to get {permit} | What do I have to do
            for {permit}? Just apply: {applicant}, starting on {start}."""),
        "{permit} for {applicant} from {start}|to apply for {permit}",
        [
            Result(
                {"application|application_id|file_number": v.code, "fee": v.money},
                several(
                    "The application is filed as {application}; the fee is {fee}. | Done: number "
                    "{application}, with a fee of {fee}. | {applicant} applied under {application} and "
                    "has to pay {fee}."
                ),
                3,
            ),
            failed(v.choice("documents are missing", "date is in the past", "not a resident")),
        ],
    ),
    Family(
        "permit_status",
        "permit_status|application_status|case_status|track_application",
        "State of an application|How far an application at the town hall is|",
        [Parameter("application|application_id|file_number|case|id", v.code, "Number of the application|")],
        several("""
            How far is my application {application}? | Status of {application} | Has {application} been decided? | I
            applied weeks ago under {application}. What's happening? | Application {application}: any news? | Check
            file number {application} at the town hall | My case is {application}; is it approved? | Where does
            {application} stand? | Please look up the state of application {application} | I've been waiting for
            ages. What about {application}?"""),
        "the state of application {application}|to know if {application} has been decided",
        [
            Result(
                {
                    "status|state": v.choice("in review", "approved", "waiting for documents", "rejected", "received"),
                    "clerk|officer": v.person,
                },
                several(
                    "Application {application} is {status}; {clerk} handles it. | It's {status}, in the "
                    "hands of {clerk}. | {clerk} is in charge, and the status is: {status}."
                ),
            ),
            failed(
                v.choice("number not found", "file is archived"),
                "I can't tell: {error}. | There's nothing to see on {application}: {error}.",
            ),
        ],
    ),
    Family(
        "polling_station",
        "polling_station|find_polling_place|where_to_vote|voting_location",
        "Find the polling station|Where somebody votes, by address|",
        [address()],
        several("""
            Where do I vote? I live at {address}. | Polling station for {address} | Which polling place belongs to
            {address}? | We've moved to {address}. Where do we vote now? | Election day! {address} votes where? | My
            address is {address}, find my polling station | Tell me where people from {address} go to vote | The
            ballot box for {address}, where is it? | For the election I need the polling place of {address} | It's
            my first election and I live at {address}. Where do I go?"""),
        "the polling station of {address}|to know where to vote",
        [
            Result(
                {"station|place": v.building, "open_until|closes": v.choice("18:00", "19:00", "19:30", "20:00")},
                several(
                    "You vote here: {station}, open until {open_until}. | Your polling station is the "
                    "{station}; it closes at {open_until}. | Go to the {station} before {open_until}."
                ),
            ),
            failed(
                v.choice("address not in this district", "no election is planned"),
                "I found no polling station: {error}. | Nothing for {address}: {error}.",
            ),
        ],
    ),
    Family(
        "estimate_tax",
        "estimate_tax|income_tax|calculate_income_tax|tax_estimate",
        "Estimate income tax|Tax on a yearly income, by country and number of children|",
        [
            Parameter("income|salary|yearly_income|gross", v.integer(9000, 200000), "Income in a year|", "integer"),
            Parameter("country|state|jurisdiction", v.country, "Where one pays|"),
            Parameter(
                "children|kids|dependents",
                v.integer(1, 6),
                "Number of children|",
                "integer",
                phrases=" with {} children|, {} children",
            ),
        ],
        several("""
            How much tax do I pay on {income} in {country}? | Income tax, {country}, {income} a year | I earn
            {income} and live in {country}. What goes to the state? | In {country}, what's left of {income}?
            Estimate the tax. | A job in {country} pays {income}; what would the tax be? | Tax on a salary of
            {income} for {country} please | Moving to {country} on {income} a year, what tax must I expect? |
            Estimate taxes: income {income}, country {country} | {country}: what does one pay on {income}? | If I
            made {income} in {country}, how much would the taxman get?"""),
        "the tax on {income} in {country}|to know what tax they pay",
        [
            Result(
                lambda r, a: (lambda tax: {"tax": tax, "net": a["income"] - tax})(
                    round(a["income"] * r.uniform(0.1, 0.4))
                ),
                several(
                    "You'd pay {tax} in tax and keep {net}. | The tax is about {tax}, which leaves {net}. "
                    "| Estimated tax: {tax}. Net income: {net}."
                ),
                4,
            ),
            failed(
                v.choice("no tax table for this country", "rates not published yet"),
                "I can't estimate that: {error}. | No figure for {country}: {error}.",
            ),
        ],
    ),
    Family(
        "office_appointment",
        "book_office|office_appointment|town_hall_appointment|book_service",
        "Make an appointment at a public office|Books a slot for a service of the town|",
        [
            Parameter(
                "service|purpose|matter|for",
                v.choice(
                    "passport",
                    "driving licence",
                    "marriage",
                    "change of address",
                    "birth certificate",
                    "dog licence",
                    "car registration",
                ),
                "What it is about|",
            ),
            Parameter("day|date|on|when", v.day, "Day|"),
            Parameter("time|hour|at|slot", v.clock, "Time|", phrases=" at {}|, at {} if possible"),
        ],
        several("""
            I need an appointment for this: {service}. {day} would be good. | Appointment {day} at the town hall
            ({service}) | Book a slot at the office, {day}, matter: {service} | It's about a {service}. Can I come
            {day}? | Is there something free {day}? I have to see to a {service}. | {service}, {day}: please book
            the office | At the citizens' office, {service}, {day} please | My {service} can't wait, so get me in
            {day} | Reserve a time for a {service}, {day} | I have to go to the town hall {day} because of this:
            {service}."""),
        "an appointment for a {service}, {day}|to go to the office about a {service}",
        [
            Result(
                {"time_slot|slot_time": v.clock, "room|counter": v.integer(1, 60)},
                several(
                    "You have an appointment at {time_slot}, room {room}. | Come at {time_slot} to room "
                    "{room}. | It's booked: {time_slot}, room {room}."
                ),
                3,
            ),
            failed(
                v.choice("no free slot", "office closed that day"),
                "I couldn't book it: {error}. | The office says: {error}.",
            ),
        ],
    ),
    Family(
        "register_pet",
        "register_pet|register_dog|pet_registration|add_pet",
        "Register a pet with the town|Enters an animal with name, kind and owner|",
        [
            Parameter("pet_name|pet|name|animal_name", v.first_name, "Name of the animal|"),
            Parameter("animal|species|kind|type", v.animal, "Kind of animal|"),
            Parameter("owner|owner_name|keeper|holder", v.person, "Who keeps it|"),
            Parameter("chip|chip_number|chip_id", v.code, "Number of the chip|", phrases=", chip {}| with the chip {}"),
        ],
        several("""
            Register {pet_name} the {animal}, owner {owner}. | Pet {pet_name}, {animal}, kept by {owner} | I'm
            {owner} and have a new {animal} called {pet_name}; please register it | {owner} wants to register a pet:
            {pet_name} ({animal}) | New animal: {animal}. Its name is {pet_name} and it belongs to {owner}. | The
            {animal} of {owner} is named {pet_name}; enter it in the register | Put {pet_name} in the list of pets
            (kind of animal: {animal}). The owner is {owner}. | Owner: {owner}, animal: {animal}, name: {pet_name}.
            Register, please. | Our {animal} {pet_name} has to be registered with the town on {owner} | We've got a
            new {animal}! It's called {pet_name}, and {owner} is the owner. Register it."""),
        "{pet_name} the {animal} registered for {owner}|to register a pet",
        [
            Result(
                {"tag|tag_number|licence": v.code, "yearly_tax|fee": v.money},
                several(
                    "{pet_name} is registered with tag {tag}; the yearly tax is {yearly_tax}. | Done: tag "
                    "{tag}, {yearly_tax} a year. | The tag for {pet_name} is {tag}, and {owner} pays "
                    "{yearly_tax} a year."
                ),
                3,
            ),
            failed(v.choice("already registered", "this animal needs no registration", "owner not found")),
        ],
    ),
    Family(
        "council_vote",
        "council_decision|get_resolution|vote_result|ballot_result",
        "How the council decided|Votes for and against a motion|",
        [Parameter("motion|topic|resolution|subject", v.topic, "The motion|")],
        several("""
            How did the council vote on {motion}? | Result of the vote on {motion} | Was the motion "{motion}"
            accepted? | {motion}: what did the council decide? | I missed the meeting. Did {motion} pass? | Tell me
            the outcome on {motion}, please. | Votes for and against {motion}? | Did they agree on '{motion}' in the
            council? | Look up the council's decision about {motion} | The papers say nothing about {motion}. How
            did the council vote?"""),
        "to know how the council voted on {motion}|the result of the vote on {motion}",
        [
            Result(
                lambda r, a: (
                    lambda yes, no: {"decision": "accepted" if yes > no else "rejected", "yes": yes, "no": no}
                )(r.randint(0, 60), r.randint(0, 60)),
                several(
                    "The motion was {decision}, with {yes} for and {no} against. | It was {decision}: "
                    "{yes} yes, {no} no. | {yes} voted for it and {no} against, so it was {decision}."
                ),
            ),
            failed(
                v.choice("no vote yet", "motion withdrawn"),
                "There's no result: {error}. | On {motion} I can only say: {error}.",
            ),
        ],
    ),
]

FAMILIES = OFFICES
