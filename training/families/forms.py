"""Tools with three to five required parameters, as in forms: labels, notices, badges, entries of records."""

from training import values as v
from training.family import Draw, Family, Parameter, Result
from training.several import failed, several


def day_in(first: int, last: int) -> Draw:
    """Draw of an ISO date in these years."""
    return lambda random: f"{random.randint(first, last)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"


FORMS = [
    Family(
        "print_label",
        "print_label|make_label|label_printer|create_label",
        "Print a parcel label|Prints an address label—use for parcels and letters|",
        [
            Parameter("recipient|name|to|addressee", v.person, "Who gets the parcel|Name on the label|"),
            Parameter("street|address|street_address|line1", v.street, "Street and number|"),
            Parameter("city|town|place|locality", v.city, "Town|"),
            Parameter(
                "copies|count|n|quantity",
                v.integer(1, 12),
                "How many labels|",
                "integer",
                phrases=", {} copies|, {} times",
            ),
        ],
        several("""
            Print a label for {recipient}, {street}, {city}. | Label: {recipient}, {street} in {city} | I'm sending
            something to {recipient} at {street} in {city}; print the label | The parcel goes to {city}, {street}.
            The name is {recipient}. | Please make an address label: {recipient} - {street} - {city} | A label with
            {street}, {city} and the name {recipient} | {recipient} lives in {city}, {street}, and I need a label
            for the parcel | For my letter to {recipient} ({street}, {city}) I need a label | In {city} there's
            {recipient} at {street}. Print that as an address. | Could you print {recipient} on a label, with
            {street} and {city} below?"""),
        "a label for {recipient} in {city}|the address of {recipient} printed",
        [
            Result(
                {"job_id|job": v.integer(100, 9999), "printer": v.server_name},
                several(
                    "The label is printing on {printer}, as job {job_id}. | Sent to {printer}: job {job_id}. | "
                    "{printer} prints it now (job {job_id})."
                ),
                3,
            ),
            failed(
                v.choice("printer out of paper", "printer offline", "address too long"),
                "The label wasn't printed: {error}. | No label, because: {error}.",
            ),
        ],
    ),
    Family(
        "print_badge",
        "print_badge|make_badge|create_name_tag|name_badge",
        "Make a name badge|Badge for a visitor of an event|",
        [
            Parameter("name|visitor|person|guest", v.person, "Name of the visitor|"),
            Parameter("company|organisation|firm|affiliation", v.company, "Where the visitor works|"),
            Parameter(
                "role|kind|badge_type|category",
                v.choice("speaker", "guest", "staff", "press", "exhibitor"),
                "Kind of badge|",
                choices=("speaker", "guest", "staff", "press", "exhibitor"),
            ),
        ],
        several("""
            Make a {role} badge for {name} from {company}. | badge {role}: {name}, {company} | {name} of {company}
            comes as {role}; print a badge | We need a name tag. Name: {name}, company: {company}, role: {role}. |
            {company} sends us {name}. Badge, please, as {role} | For {name} ({company}) a badge that says {role} |
            A badge of the type {role} for somebody from {company}: {name} | The {role} {name} has lost the badge;
            make a new one with {company} on it | Our next visitor is {name}, {role}, who works at {company}. Print
            the badge. | Role {role}, name {name}, firm {company}: badge please"""),
        "a {role} badge for {name} from {company}|a name tag for {name}",
        [
            Result(
                {"badge|badge_number": v.code, "valid_until|expires": v.date},
                several(
                    "Badge {badge} for {name} is ready; it's valid until {valid_until}. | It has the number "
                    "{badge} and is valid until {valid_until}. | {name} gets badge {badge}, good until "
                    "{valid_until}."
                ),
                3,
            ),
            failed(v.choice("name is not on the list", "no blank badges left", "event is over")),
        ],
    ),
    Family(
        "log_meter",
        "log_meter|submit_meter_reading|enter_reading|meter_reading",
        "Hand in a meter reading|Reading of a gas, water or power meter|Needs the meter's number, the "
        "reading and the day.",
        [
            Parameter("meter|meter_id|meter_number|device", v.code, "Number of the meter|"),
            Parameter("reading|value|count|units", v.integer(100, 99999), "What the meter shows|", "integer"),
            Parameter(
                "kind|type|utility|supply",
                v.choice("gas", "water", "power", "heat"),
                "gas, water, power or heat|",
                choices=("gas", "water", "power", "heat"),
            ),
            Parameter("date|day|read_on|when", v.date, "Day of the reading|"),
        ],
        several("""
            My {kind} meter {meter} showed {reading} on {date}. | {kind}, meter {meter}: {reading}, {date} | Submit
            a {kind} reading of {reading} for {meter}, read on {date}. | On {date} I read {reading} from the {kind}
            meter {meter} | Meter {meter} ({kind}) stood at {reading} on {date}; please hand it in | Reading
            {reading}, date {date}, meter number {meter}, {kind} | For {date}: {kind} meter {meter} says {reading} |
            Tell the supplier that on {date} our {kind} meter with the number {meter} was at {reading} | {reading}
            is what my {kind} meter says. Its number is {meter}, the day was {date}. | Enter {date}, {reading}, for
            the {kind} meter {meter}"""),
        "the reading {reading} of the {kind} meter {meter} handed in|to submit a meter reading",
        [
            Result(
                {"used|consumption": v.integer(5, 3000), "cost|amount": v.money},
                several(
                    "Handed in. You've used {used} units since the last time, which cost {cost}. | Thank you. "
                    "Consumption: {used}; that makes {cost}. | It's recorded: {used} units used, {cost} to pay."
                ),
            ),
            failed(
                v.choice("lower than the last reading", "unknown meter", "date lies in the future"),
                "The reading was refused: {error}. | It wasn't accepted, because: {error}.",
            ),
        ],
    ),
    Family(
        "log_match",
        "record_result|log_match|enter_score|report_match",
        "Enter the result of a match|Two teams and their goals|",
        [
            Parameter("home|home_team|team1|team_a", v.team, "Team at home|"),
            Parameter("away|away_team|team2|team_b", v.team, "Visiting team|"),
            Parameter("home_goals|goals1|score_home|goals_a", v.integer(0, 9), "Goals of the home team|", "integer"),
            Parameter("away_goals|goals2|score_away|goals_b", v.integer(0, 9), "Goals of the visitors|", "integer"),
        ],
        several("""
            Record the result: {home} {home_goals}, {away} {away_goals}. | {home} - {away} {home_goals}:{away_goals}
            | {home} played at home against {away}, and it ended {home_goals} to {away_goals}. | Enter
            {home_goals}:{away_goals} for {home} against {away} | At home {home} scored {home_goals} and the
            visitors {away} {away_goals}; write it down | The visitors were {away} with {away_goals} goals. The home
            side was {home} with {home_goals}. | It's over! {home} {home_goals}, {away} {away_goals}. Please log it.
            | Match report: home {home}, away {away}, goals {home_goals} and {away_goals} | {home_goals} goals for
            {home} at home, {away_goals} for the guests from {away}: enter it | Put it in the table: {home} against
            {away}, {home_goals} to {away_goals}"""),
        "the match of {home} and {away} recorded|the result {home_goals} to {away_goals} entered",
        [
            Result(
                {"match_id|id": v.integer(10, 9999)},
                several(
                    "The result is recorded as match {match_id}. | Entered: match {match_id}, {home} against "
                    "{away}. | {home_goals} to {away_goals}, saved under number {match_id}."
                ),
                3,
            ),
            failed(v.choice("match already entered", "unknown team", "season is closed")),
        ],
    ),
    Family(
        "plan_flight_path",
        "plan_drone_flight|drone_mission|fly_route|start_survey",
        "Plan a flight of a drone|Height, speed and area of a survey by drone|Height in metres, speed in "
        "metres per second.",
        [
            Parameter("area|place|field|region", v.place, "Where to fly|"),
            Parameter("altitude|height|altitude_m|level", v.integer(10, 120), "Height in metres|", "integer"),
            Parameter("speed|velocity|speed_ms|pace", v.integer(2, 20), "Metres per second|", "integer"),
            Parameter(
                "camera|sensor|payload|lens",
                v.choice("thermal", "colour", "infrared", "wide-angle"),
                "Which camera|",
                choices=("thermal", "colour", "infrared", "wide-angle"),
            ),
        ],
        several("""
            Plan a drone flight over {area} at {altitude} m and {speed} m/s with the {camera} camera. | {area},
            {camera} camera, altitude {altitude}, speed {speed} | Fly over {area} with the {camera} camera,
            {altitude} metres high, {speed} metres per second fast. | At {speed} m/s and a height of {altitude} m,
            survey {area} using the {camera} camera | Take the {camera} camera and fly {altitude} metres above
            {area}, at {speed} m/s | Survey: {area}. Height: {altitude}. Speed: {speed}. Camera: {camera}. | We need
            {camera} pictures of {area}; go up to {altitude} m and fly {speed} m/s | Have the drone look at {area}
            from {altitude} metres, {speed} m/s, {camera} camera | The {camera} camera should film {area} at a speed
            of {speed} and an altitude of {altitude} | I'd like to see {area} from above: {altitude} m high, {speed}
            m/s, {camera} camera"""),
        "a drone flight over {area} at {altitude} metres|{area} surveyed with the {camera} camera",
        [
            Result(
                {"minutes|duration": v.integer(3, 40), "photos|images": v.integer(10, 900)},
                several(
                    "The flight takes {minutes} minutes and gives {photos} photos. | Planned: {minutes} minutes, "
                    "{photos} photos. | You'll get {photos} photos of {area} in {minutes} minutes."
                ),
                3,
            ),
            failed(
                v.choice("no-fly zone", "wind too strong", "battery too low"),
                "The drone can't fly there: {error}. | No flight over {area}: {error}.",
            ),
        ],
    ),
    Family(
        "mix_paint",
        "mix_paint|paint_mixer|blend_colors|mix_colours",
        "Mix paint from two colours|Mixes two colours in parts|Gives the amount of each for the litres wanted.",
        [
            Parameter("first|color_a|colour1|base", v.colour, "First colour|"),
            Parameter("second|color_b|colour2|tint", v.colour, "Second colour|"),
            Parameter("share|percent|percentage|ratio", v.integer(1, 99), "Percent of the second colour|", "integer"),
            Parameter("litres|volume|amount|quantity", v.integer(1, 60), "How much paint|", "integer"),
        ],
        several("""
            Mix {litres} litres of {first} with {share}% {second}. | {litres} l: {first}, {share} percent {second} |
            I need {litres} litres of paint, {first} with {share} percent of {second} in it | Take {first}, add
            {share}% {second}, and make {litres} litres of it | Paint please! Base {first}, tint {second} at
            {share}%, {litres} litres. | For my wall I want {first} with {share}% of {second}; {litres} litres
            should do | To {first} put {second} ({share}%), in all {litres} litres | {litres} litres, and of that
            {share} percent {second}, the rest {first} | Mix me a paint of {first} and {second}, {share} percent of
            the latter, {litres} litres | Paint it {first} with a touch of {second}, say {share}%. I need {litres}
            litres."""),
        "{litres} litres of {first} with {share}% {second}|paint mixed of {first} and {second}",
        [
            Result(
                lambda r, a: {
                    "first_litres": round(a["litres"] * (100 - a["share"]) / 100, 2),
                    "second_litres": round(a["litres"] * a["share"] / 100, 2),
                },
                several(
                    "Take {first_litres} litres of {first} and {second_litres} litres of {second}. | That's "
                    "{first_litres} l {first} and {second_litres} l {second}. | You need {first_litres} litres of "
                    "the first and {second_litres} of the second."
                ),
            ),
            failed(v.choice("colour not in stock", "mixer is being cleaned")),
        ],
    ),
    Family(
        "lend_item",
        "lend_item|record_loan|check_out_item|note_lending",
        "Note that something was lent|Keeps track of who has which thing until when|",
        [
            Parameter("item|thing|object|what", v.thing, "What was lent|"),
            Parameter("borrower|person|who|name", v.person, "Who has it|"),
            Parameter("due|return_date|until|back_by", v.date, "When it comes back|"),
            Parameter(
                "deposit|pledge|security",
                v.integer(5, 200),
                "Money left as security|",
                "integer",
                phrases=", with a deposit of {}|; deposit {}",
            ),
        ],
        several("""
            I lent {borrower} my {item} until {due}. | {item} to {borrower}, back {due} | Note: {borrower} has the
            {item} and returns it on {due}. | {borrower} took the {item}, due {due} | Until {due}, the {item} is
            with {borrower}; write that down | Remember that the {item} went to {borrower} and comes back on {due} |
            Please record a loan. Borrower: {borrower}. Item: {item}. Due: {due}. | Who has my things? Add
            {borrower}: {item}, till {due} | Check out the {item} to {borrower}, return date {due} | On {due} I get
            my {item} back from {borrower}, keep that in mind"""),
        "to note that {borrower} has the {item} until {due}|the {item} lent to {borrower}",
        [
            Result(
                {"loan_id|id": v.integer(1, 999), "open_loans|lent_items": v.integer(1, 20)},
                several(
                    "Noted as loan {loan_id}. Things you've lent at the moment: {open_loans}. | Loan {loan_id} is "
                    "recorded; you have {open_loans} open. | It's number {loan_id}, one of {open_loans} open "
                    "loans."
                ),
                3,
            ),
            failed(
                v.choice("this item is lent already", "date lies in the past"),
                "I couldn't note it: {error}. | The loan wasn't recorded: {error}.",
            ),
        ],
    ),
    Family(
        "seat_guest",
        "assign_seat|seat_guest|place_guest|set_seat",
        "Give a guest a seat|Places a guest at a table|",
        [
            Parameter("guest|name|person|visitor", v.person, "The guest|"),
            Parameter("table|table_number|table_no", v.integer(1, 40), "Number of the table|", "integer"),
            Parameter("seat|seat_number|chair|position", v.integer(1, 12), "Number of the seat|", "integer"),
            Parameter(
                "meal|menu|food_choice|diet",
                v.choice("fish", "meat", "vegan", "vegetarian"),
                "Menu|",
                choices=("fish", "meat", "vegan", "vegetarian"),
                phrases=" with the {} menu|, menu: {}",
            ),
        ],
        several("""
            Seat {guest} at table {table}, seat {seat}. | {guest}: table {table}, seat {seat} | Put {guest} on chair
            {seat} at table {table} | Table {table}, place {seat} is for {guest} | {guest} would like to sit at
            table {table}; seat {seat} is free | On seat {seat} of table {table} I want {guest} | For the wedding,
            {guest} gets seat {seat} at table {table} | Please reserve number {seat} at table {table} for {guest} |
            Let {guest} have place {seat}, table {table} | Our guest {guest} sits at table {table} on chair {seat}"""),
        "{guest} at table {table}, seat {seat}|a seat for {guest}",
        [
            Result(
                {"neighbour|next_to": v.first_name},
                several(
                    "{guest} sits at table {table} now, next to {neighbour}. | Done. The neighbour is "
                    "{neighbour}. | It's set: {neighbour} will sit beside {guest}."
                ),
                3,
            ),
            failed(
                v.choice("seat is taken", "no such table"),
                "{guest} couldn't be seated there: {error}. | That place can't be had: {error}.",
            ),
        ],
    ),
    Family(
        "convert_units_between",
        "unit_converter|convert_units|convert|unit_conversion",
        "Convert a cooking measure|Spoons, cups, grams and millilitres of water|Works with water; other "
        "things weigh more or less.",
        [
            Parameter("amount|value|quantity|x", v.integer(1, 900), "How much|", "number"),
            Parameter(
                "from_unit|source|unit|from",
                v.choice("tablespoons", "teaspoons", "cups"),
                "Unit given|",
                choices=("tablespoons", "teaspoons", "cups"),
            ),
            Parameter(
                "to_unit|target|wanted|to",
                v.choice("grams", "millilitres"),
                "Unit wanted|",
                choices=("grams", "millilitres"),
            ),
        ],
        several("""
            How many {to_unit} are {amount} {from_unit}? | {amount} {from_unit} in {to_unit} | The recipe asks for
            {amount} {from_unit}; I measure in {to_unit} | Convert {amount} {from_unit} to {to_unit}, it's water | I
            have only a scale. What are {amount} {from_unit} in {to_unit}? | In {to_unit}, {amount} {from_unit}
            would be? | {amount} {from_unit} of water -> {to_unit} | Please turn {amount} {from_unit} into {to_unit}
            | I'm baking. {amount} {from_unit} are how many {to_unit}? | Give me {to_unit} instead of {amount}
            {from_unit}"""),
        "{amount} {from_unit} in {to_unit}|a cooking measure converted",
        [
            Result(
                lambda r, a: {"result": a["amount"] * {"tablespoons": 15, "teaspoons": 5, "cups": 240}[a["from_unit"]]},
                several(
                    "That's {result} {to_unit}. | {amount} {from_unit} are {result} {to_unit}. | You need {result} "
                    "{to_unit}."
                ),
            )
        ],
        "units",
    ),
    Family(
        "leave_form",
        "request_leave|apply_for_leave|book_vacation|time_off",
        "Ask for days off|Files a request for leave|Goes to the manager for approval.",
        [
            Parameter("employee|name|person|staff", v.person, "Who is away|"),
            Parameter("start|from_date|first_day|begin", day_in(2024, 2026), "First day off|"),
            Parameter("end|to_date|last_day|until", day_in(2027, 2028), "Last day off|"),
            Parameter(
                "kind|reason|leave_type|type",
                v.choice("vacation", "parental", "unpaid", "study"),
                "Kind of leave|",
                choices=("vacation", "parental", "unpaid", "study"),
            ),
        ],
        several("""
            Request {kind} leave for {employee} from {start} to {end}. | {employee}, {kind} leave, {start} until
            {end} | {employee} wants to be off from {start} to {end}, as {kind} leave | From {start} through {end},
            {employee} takes {kind} leave; file it | Please book {kind} leave: {employee}, first day {start}, last
            day {end} | I'm {employee}. I'd like {kind} leave, starting {start} and ending {end}. | {kind} leave
            between {start} and {end} for {employee} | Last day {end}, first day {start}: {kind} leave for
            {employee} please | {employee} won't be there from {start} up to {end}. Enter it as {kind} leave. |
            {employee} would like to be away, {start} to {end}. It's {kind} leave."""),
        "{kind} leave for {employee} from {start} to {end}|days off for {employee}",
        [
            Result(
                {"request_id|id": v.code, "days_left|remaining_days": v.integer(0, 30)},
                several(
                    "The request is filed as {request_id}; {days_left} days would be left. | Sent to the manager "
                    "({request_id}). Days left after that: {days_left}. | {employee} has request {request_id} "
                    "waiting and {days_left} days left."
                ),
                3,
            ),
            failed(
                v.choice("not enough days left", "team is short of people", "dates overlap with another request"),
                "The leave wasn't requested: {error}. | It was turned down: {error}.",
            ),
        ],
    ),
]

FAMILIES = FORMS
