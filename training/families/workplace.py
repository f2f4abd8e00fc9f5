"""Tools about people at work: rooms and desks, hiring, training, trips, pay."""

from random import Random
from typing import Any

from training import values as v
from training.families.staff import EMPLOYEE
from training.family import Arguments, Family, Parameter, Result
from training.several import several


def _pay(random: Random, _: Arguments) -> dict[str, Any]:
    gross, deductions = random.randint(2000, 9000), random.randint(300, 1800)
    return {"gross|gross_pay": gross, "net|net_pay": gross - deductions, "deductions|withheld": deductions}


FAMILIES = [
    Family(
        "book_room",
        "book_room|reserve_room|book_meeting_room|room_reservation|reserve_meeting_room",
        (
            "Book a meeting room.|Reserves a room for some people.|Books a room on a day from a time, "
            "for a number of people."
        ),
        [
            Parameter("room|room_name|space|location", v.name, "Name of the room|"),
            Parameter("date|day|on|booking_date", v.date, "The day|"),
            Parameter("start|start_time|from|time", v.clock, "When it begins|"),
            Parameter("end|end_time|until|to", v.clock, "When it ends|"),
            Parameter(
                "people|seats|attendees|size",
                v.integer(2, 30),
                "How many people|",
                "integer",
                phrases=" for {} people|, we are {} people|, {} seats",
            ),
        ],
        several("""Book the room {room} on {date} from {start} to {end} | I need room {room} on {date}, {start} until
            {end} | {date}, {start} to {end}: reserve {room} | Reserve {room} for us from {start} to {end} on {date} |
            Is {room} free on {date}? If so, book it from {start} until {end} | Between {start} and {end} on {date}
            we'd like to use the room {room} | Room "{room}", {date}, {start}-{end} please | We have visitors on
            {date}, so block the room '{room}' from {start} to {end} | Could I get {room} from {start} until {end}?
            It's for {date} | On {date} I want the meeting room {room}, start {start}, end {end}"""),
        "the room {room} on {date}|to book {room} from {start} to {end}|to reserve the meeting room {room}",
        [
            Result(
                {"booking_id|id": v.code, "floor|level": v.integer(2, 12)},
                several("""{room} is yours on {date} from {start} to {end}; it's on floor {floor} (booking
                    {booking_id}). | Booked as {booking_id}: {room}, floor {floor}. | Done. You have {room} on floor
                    {floor}, and the booking is {booking_id}."""),
            ),
            Result(
                {"error|reason": v.choice("room is taken", "room is being renovated"), "alternative|free_room": v.room},
                several("""{room} can't be booked ({error}), but the {alternative} is free. | Sorry, {error}. How
                    about the {alternative}? | That didn't work: {error}. You could take the {alternative}."""),
                weight=0.5,
            ),
        ],
        near="room",
    ),
    Family(
        "reserve_desk",
        "reserve_desk|book_desk|desk_booking|claim_desk|desk_reserve",
        "Reserve a desk.|Books a shared desk for a day.|Reserves a desk on a floor for one day.",
        [
            Parameter("desk|desk_id|desk_number|place", v.code, "The desk|"),
            Parameter("floor|level|storey", v.integer(2, 12), "Which floor|", "integer"),
            Parameter("date|day|when", v.day, "For which day|"),
        ],
        several("""Reserve desk {desk} on floor {floor} for {date}. | I'd like to sit at {desk} {date}, that's floor
            {floor}. | Desk {desk}, floor {floor}, {date} please | For {date}, book me the desk {desk} on the floor
            number {floor}. | floor {floor} desk {desk} {date} | I come to the office {date} and want desk {desk}
            (floor {floor}). | Is the desk {desk} on floor {floor} free {date}? Take it for me. | On floor {floor}
            there is a desk {desk}; reserve it {date}. | Please claim '{desk}' at level {floor} for me, {date}. | Can
            you get me a place to work {date}? Floor {floor}, desk {desk}."""),
        "desk {desk} on floor {floor}|to reserve a desk for {date}|to sit at desk {desk} {date}",
        [
            Result(
                {"confirmed|ok": v.choice(True), "neighbour|next_to": v.first_name},
                several("""Desk {desk} on floor {floor} is yours; {neighbour} sits next to you. | Reserved. You'll sit
                    beside {neighbour}, at {desk} on floor {floor}. | Done, {desk} is booked. Your neighbour is
                    {neighbour}."""),
            ),
            Result(
                {"confirmed|ok": v.choice(False), "taken_by|occupied_by": v.person},
                several(
                    """{desk} is taken by {taken_by}. | Sorry, {taken_by} has reserved desk {desk} already. | Someone
                        was faster: {taken_by} has that desk."""
                ),
                weight=0.5,
            ),
        ],
        near="room",
    ),
    Family(
        "lookup_employee",
        "lookup_employee|find_employee|get_employee|employee_directory|who_is",
        (
            "Look somebody up in the directory.|Finds an employee's department and phone.|Returns the "
            "contact details of a colleague."
        ),
        [EMPLOYEE],
        several("""Who is {employee}? | Which department does {employee} work in? | Phone number of our colleague
            {employee}? | Look up {employee} in the staff directory. | I have to reach {employee} at work. What's the
            extension? | Find employee {employee} | Where does {employee} sit, and what do they do here? | Please get
            me the contact details of "{employee}". | directory: {employee} | A mail came from {employee}, who seems
            to work here. Can you look that person up?"""),
        "to know who {employee} is|the contact details of {employee}|to find {employee} in the directory",
        [
            Result(
                {
                    "department|team": v.choice(
                        "Sales", "Finance", "Research", "Logistics", "Support", "Legal", "Marketing"
                    ),
                    "title|job_title|position": v.choice(
                        "engineer", "accountant", "team lead", "designer", "analyst", "buyer"
                    ),
                    "extension|phone": v.integer(100, 9999),
                },
                several("""{employee} works in {department} as {title}; the extension is {extension}. | You'll find
                    {employee} in {department} ({title}), phone {extension}. | {employee}, {title} in the department
                    {department}, can be reached at {extension}."""),
            ),
            Result(
                {"error|message": v.choice("no such employee", "more than one person of this name")},
                several(
                    """I couldn't look up {employee}: {error}. | The directory says "{error}" about {employee}. | No
                        entry to show: {error}."""
                ),
                weight=0.5,
            ),
        ],
        near="employee",
    ),
    Family(
        "add_employee",
        "add_employee|onboard_employee|create_employee|hire|register_employee|new_hire",
        (
            "Add a new employee.|Starts the onboarding of a new colleague.|Registers someone who was "
            "hired: name, job, department and first day."
        ),
        [
            Parameter("name|full_name|employee|person", v.person, "Full name|"),
            Parameter(
                "position|job|title|role|job_title",
                v.choice(
                    "engineer",
                    "nurse",
                    "driver",
                    "accountant",
                    "cook",
                    "designer",
                    "lawyer",
                    "technician",
                    "buyer",
                    "teacher",
                ),
                "The job|",
            ),
            Parameter(
                "department|team|unit|division",
                v.choice("Sales", "Finance", "Research", "Logistics", "Support", "Legal", "Marketing", "Operations"),
                "The department|",
            ),
            Parameter("start_date|first_day|start|begins", v.date, "First day at work|"),
        ],
        several("""Add {name} as {position} in {department}, starting {start_date}. | {name} joins {department} on
            {start_date} as a new {position}. Please register that. | New hire: {name}, {position}, {department},
            {start_date} | From {start_date} on, {name} will work in {department}; the job is {position}. Set it up. |
            Please onboard {name}. Position: {position}, department {department}, first day {start_date} | We hired
            someone! {name} begins on {start_date} in {department} and will be {position}. | In {department}, create
            the employee {name} ({position}), start date {start_date}. | On {start_date} our new {position} {name}
            starts in {department}; add them. | I need an entry for {name}: {department}, {position}, from
            {start_date} | Could you enter {name} into the system? It's for {department}, as {position}, and the first
            day is {start_date}."""),
        "{name} to be added as {position}|to register {name} in {department}|a new employee {name} from {start_date}",
        [
            Result(
                {"employee_id|id|number": v.code, "email|mail": v.email},
                several("""{name} is in the system with the number {employee_id} and the address {email}. | Welcome to
                    {name}! The employee number is {employee_id}, the mail address {email}. | I registered {name} in
                    {department} as {employee_id}; {email} is ready."""),
            ),
            Result(
                {
                    "error|message": v.choice(
                        "department not found", "an employee of this name exists", "contract is missing"
                    )
                },
                several(
                    """{name} couldn't be added: {error}. | I wasn't able to register {name}, because of this:
                        {error}. | The HR system refused ({error})."""
                ),
                weight=0.4,
            ),
        ],
        near="employee",
    ),
    Family(
        "candidate_status",
        "candidate_status|application_status|get_applicant|check_application|applicant_status",
        "State of a job application.|How far is a candidate?|Looks up the application of a person for a job.",
        [
            Parameter("candidate|applicant|name|person", v.person, "Name of the candidate|"),
            Parameter(
                "job|position|role|opening",
                v.choice(
                    "data analyst",
                    "head nurse",
                    "driver",
                    "accountant",
                    "cook",
                    "web designer",
                    "lawyer",
                    "lab technician",
                    "buyer",
                ),
                "The job applied for|",
            ),
        ],
        several("""How far is {candidate}'s application as {job}? | Status of the applicant {candidate} ({job})? |
            {candidate} applied as {job}. What became of it? | Did we invite {candidate} for the {job} position? |
            Look up the application of {candidate} for the job "{job}". | {job}: where do we stand with {candidate}? |
            For the {job} opening, check {candidate}, please. | I'm going to call {candidate} about the job as {job}.
            What's the state? | Candidate {candidate}, position {job}, status? | Is '{candidate}' still in the race as
            our new {job}?"""),
        (
            "to know how far {candidate}'s application is|the status of {candidate} for the {job} job|"
            "to check an application as {job}"
        ),
        [
            Result(
                {
                    "stage|status": v.choice("first interview", "second interview", "offer", "screening", "trial day"),
                    "next_step|next_date": v.date,
                },
                several("""{candidate} is at the stage "{stage}"; the next date is {next_step}. | The application is
                    at "{stage}", and it goes on on {next_step}. | {candidate}: {stage}. The next step is planned for
                    {next_step}."""),
            ),
            Result(
                {"stage|status": v.choice("rejected", "withdrawn"), "since|date": v.date},
                several("""The application of {candidate} was {stage} on {since}. | It's over, I'm afraid: {stage} on
                    {since}. | {candidate}'s application as {job} has been {stage}, since {since}."""),
                weight=0.6,
            ),
        ],
    ),
    Family(
        "enroll_training",
        "enroll_training|book_course|register_for_training|enroll_employee|sign_up_course",
        (
            "Enroll an employee in a course.|Signs a person up for training.|Books a place in a course "
            "of the company for somebody."
        ),
        [EMPLOYEE, Parameter("course|training|course_name|title", v.topic, "Title of the course|")],
        several("""Enroll {employee} in the course "{course}". | Sign up {employee} for the training '{course}'. |
            {employee} would like to take the course on {course}. Book it. | Course {course}, participant {employee} |
            Please put {employee} on the list for the "{course}" training. | There's a training about {course};
            {employee} should go. Register them. | For {employee}: a place in '{course}', please. | My colleague
            {employee} has to learn about {course}, so enrol them in that course. | Could {employee} get a seat in the
            course {course}? | Book the training "{course}" for {employee}."""),
        (
            '{employee} to take the course "{course}"|to enroll {employee} in a course|a place in the '
            'training "{course}" for {employee}'
        ),
        [
            Result(
                {"begins|start_date|date": v.date, "places_left|free": v.integer(2, 15)},
                several("""{employee} has a place in "{course}", which begins on {begins}; {places_left} places are
                    left. | Booked. The course starts on {begins} and has {places_left} places left. | {employee} is
                    on the list. It starts on {begins}, with {places_left} free places."""),
            ),
            Result(
                {"waiting_list|position": v.integer(2, 20)},
                several("""The course is full. {employee} is number {waiting_list} on the waiting list. | No place
                    right now: {employee} waits at position {waiting_list}. | "{course}" is booked out; place
                    {waiting_list} on the waiting list is {employee}'s."""),
                weight=0.5,
            ),
        ],
    ),
    Family(
        "plan_business_trip",
        "plan_trip|request_trip|book_business_trip|create_travel_request|travel_request",
        "Request a business trip.|Files a travel request.|Asks for a trip: where to, when, and what it may cost.",
        [
            Parameter("destination|city|to|place", v.city, "Where to|"),
            Parameter("departure|start|leave_on|from_date", v.date, "Day of departure|"),
            Parameter("return_date|back|end|to_date", v.date, "Day of return|"),
            Parameter("budget|cost|max_cost|limit", v.integer(200, 5000), "What it may cost|", "integer"),
        ],
        several("""Request a business trip to {destination} from {departure} to {return_date} with a budget of
            {budget}. | I have to go to {destination} for work: leaving {departure}, back {return_date}, at most
            {budget}. | Business trip: {destination}, {departure} - {return_date}, budget {budget} | With {budget} as
            the budget, plan my trip to {destination}, {departure} until {return_date}. | From {departure} to
            {return_date} I'll visit our customer in {destination}. File a travel request over {budget}. | Travel
            request please, {destination}, there on {departure}, back on {return_date}, cost {budget} | My trip to
            {destination} will cost {budget}. I leave on {departure} and return on {return_date}; please request it. |
            Can you file a trip? It goes to {destination} and starts on {departure}; I'm back by {return_date} and
            need {budget}. | On {departure} I travel to {destination} and come back on {return_date}. Ask for
            {budget}. | Please submit: destination {destination}, budget {budget}, departure {departure}, return
            {return_date}"""),
        (
            "a business trip to {destination}|to request a trip to {destination} with a budget of "
            "{budget}|to travel to {destination} from {departure} to {return_date}"
        ),
        [
            Result(
                {"request_id|id": v.code, "approver|manager": v.person},
                several("""Your travel request {request_id} is with {approver}. | {approver} has to agree to the trip
                    to {destination}; the request is {request_id}. | I filed it as {request_id}, and {approver} will
                    decide."""),
            ),
            Result(
                {
                    "error|message": v.choice(
                        "budget is above the limit", "the dates clash with a meeting", "travel is frozen this month"
                    )
                },
                several(
                    """The trip to {destination} can't be requested: {error}. | That was refused, the reason being:
                        {error}. | Sorry, no trip ({error})."""
                ),
                weight=0.4,
            ),
        ],
    ),
    Family(
        "payslip",
        "get_payslip|payslip|salary_statement|show_payslip|pay_statement",
        "Payslip of a month.|Shows gross and net pay of a month.|Fetches the user's payslip for a month of a year.",
        [
            Parameter("month|pay_month|period|for_month", v.month, "Name of the month|"),
            Parameter("year|pay_year|yr", v.integer(2015, 2030), "The year|", "integer"),
        ],
        several("""Show my payslip for {month} {year}. | What did I earn in {month} {year}? | payslip {month} {year} |
            I need the salary statement of {month} {year} for my bank. | How much was paid out to me in {month}
            {year}? | Please get my payslip: {month}, {year}. | Could I see what I got in {month}? The year is {year}.
            | The tax office asks for {year}, month {month}. Get the payslip. | My net pay of {month} {year}, please |
            Fetch the pay statement from {month} {year}."""),
        "the payslip of {month} {year}|to know the pay of {month} {year}|to see what was earned in {month} {year}",
        [
            Result(
                _pay,
                several("""In {month} {year} you earned {gross} gross and {net} net; {deductions} were deducted. |
                    Your gross pay was {gross}. After deductions of {deductions}, {net} were paid out. | {month}
                    {year}: gross {gross}, deductions {deductions}, net {net}."""),
            ),
            Result(
                {"error|message": v.choice("not yet available", "you were not employed then")},
                several(
                    """There's no payslip for {month} {year}: {error}. | I couldn't get it, the system says "{error}".
                        | No luck with {month} {year} ({error})."""
                ),
                weight=0.5,
            ),
        ],
    ),
    Family(
        "meeting_summary",
        "summarize_meeting|meeting_summary|summarise_call|recap_meeting|call_summary",
        (
            "Summarise a recorded meeting.|Makes a summary of a meeting.|Writes a recap of a meeting "
            "in a number of points."
        ),
        [
            Parameter("recording|meeting|file|source", v.filename, "The recording|File with the recording|"),
            Parameter("points|bullets|length|max_points", v.integer(3, 12), "Number of points|", "integer"),
        ],
        several("""Summarise the meeting {recording} in {points} points. | {recording}: summary, {points} bullets | I
            missed the meeting. Its recording is {recording}; give me the {points} main points. | What was said in
            {recording}? {points} points, please. | Boil the recording {recording} down to {points} points. | In
            {points} points: what happened in the meeting recorded as '{recording}'? | Please make a recap of
            "{recording}" with {points} points. | I need {points} points from the call in {recording}. | Could you sum
            up {recording}? No more than {points} points. | Write a meeting summary of {points} points from the file
            {recording}."""),
        "a summary of the meeting {recording}|{points} points from {recording}|to know what was said in {recording}",
        [
            Result(
                {"summary|text": v.sentence, "speakers|participants": v.integer(2, 9)},
                several(
                    """{speakers} people spoke. In short: {summary} | The summary of {recording}, with {speakers}
                        speakers: {summary} | Here's the gist of what the {speakers} speakers said: {summary}"""
                ),
            ),
            Result(
                {"error|message": v.choice("recording not found", "no speech in this file", "still being processed")},
                several(
                    """I couldn't summarise {recording}: {error}. | There's no summary yet, because: {error}. | That
                        didn't work ({error})."""
                ),
                weight=0.4,
            ),
        ],
    ),
]
