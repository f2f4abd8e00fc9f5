"""Tools about people at work: leave, hours, expenses, rooms and desks, hiring, training, trips."""

from random import Random
from typing import Any

from training import values as v
from training.family import Arguments, Family, Parameter, Result
from training.several import several

EMPLOYEE = Parameter(
    "employee|person|name|employee_name|staff_member", v.person, "Name of the employee|The person|Who|"
)
START = Parameter("start|start_date|from|first_day", v.date, "First day|")
END = Parameter("end|end_date|to|last_day|until", v.date, "Last day|")


def _pay(random: Random, _: Arguments) -> dict[str, Any]:
    gross, deductions = random.randint(2000, 9000), random.randint(300, 1800)
    return {"gross|gross_pay": gross, "net|net_pay": gross - deductions, "deductions|withheld": deductions}


FAMILIES = [
    Family(
        "request_leave",
        "request_leave|book_vacation|request_time_off|apply_for_leave|holiday_request|submit_absence",
        (
            "Request leave.|Asks for days off.|Files a request for leave from one day to another. The "
            "manager has to agree."
        ),
        [
            Parameter(
                "kind|type|leave_type|reason",
                v.choice("vacation", "parental leave", "unpaid leave", "study leave", "special leave"),
                "Kind of leave|",
            ),
            START,
            END,
        ],
        several("""I'd like to take {kind} from {start} to {end}. | Request {kind}, {start} until {end} | Please apply
            for {kind} for me: first day {start}, last day {end}. | From {start} to {end} I'll be on {kind}. File the
            request, please. | {kind} {start} - {end} | Can I have time off between {start} and {end}? Make it {kind}.
            | Put in for {kind} beginning {start} and ending {end} | We're going away on {start} and come back on
            {end}. Ask for {kind}. | My request: {kind}. It starts on {start} and ends on {end}. | Book me {kind} that
            begins on {start}; {end} is the last day. | Until {end}, starting {start}, I need {kind}."""),
        "{kind} from {start} to {end}|to request {kind}|to be on {kind} between {start} and {end}",
        [
            Result(
                {
                    "request_id|id": v.code,
                    "days|working_days": v.integer(2, 25),
                    "days_left|remaining": v.integer(2, 28),
                },
                several("""Your request {request_id} for {days} days is with your manager; {days_left} days would
                    remain. | I asked for {days} working days of {kind} (request {request_id}). You'd have {days_left}
                    days left. | Filed as {request_id}: {days} days. After that, {days_left} days remain."""),
            ),
            Result(
                {
                    "error|reason_code": v.choice(
                        "not enough days left", "too many colleagues are away", "the last day is before the first"
                    )
                },
                several(
                    """The request was refused: {error}. | I couldn't file it, because of this: {error}. | That isn't
                        possible ({error})."""
                ),
                weight=0.5,
            ),
        ],
        near="leave",
    ),
    Family(
        "leave_balance",
        "leave_balance|get_vacation_days|remaining_leave|time_off_balance|holiday_balance",
        (
            "Days of leave left.|How much vacation does an employee have?|Returns the days of leave "
            "taken and left this year."
        ),
        [EMPLOYEE],
        several("""How many vacation days does {employee} have left? | Leave balance of {employee}? | Can {employee}
            still take some days off? How many? | {employee}: days of leave remaining | How much holiday has
            {employee} taken so far, and what's left? | Look up the vacation days for {employee}. | I'm planning the
            summer. How many free days remain for {employee}? | Please check the leave account of "{employee}". | Tell
            me {employee}'s remaining days of leave. | Does '{employee}' have any leave left?"""),
        (
            "to know how many days of leave {employee} has|the leave balance of {employee}|the "
            "vacation days left for {employee}"
        ),
        [
            Result(
                {"days_left|remaining|balance": v.number(2, 30), "days_taken|used": v.integer(2, 25)},
                several("""{employee} has {days_left} days left and has taken {days_taken}. | {days_left} days remain;
                    {employee} took {days_taken} this year. | So far {employee} was away for {days_taken} days, so
                    {days_left} are left."""),
            ),
            Result(
                {"error|message": v.choice("employee not found", "you may only see your own balance")},
                several(
                    """I couldn't see that: {error}. | No leave balance for {employee} ({error}). | The system replied
                        "{error}"."""
                ),
                weight=0.4,
            ),
        ],
        near="leave",
    ),
    Family(
        "report_sick",
        "report_sick|sick_note|call_in_sick|register_illness|mark_sick",
        (
            "Report an employee as ill.|Registers an illness.|Notes that somebody is ill and how many "
            "days it will probably take."
        ),
        [
            EMPLOYEE,
            Parameter(
                "days|duration|number_of_days|expected_days", v.integer(2, 20), "Expected number of days|", "integer"
            ),
        ],
        several("""{employee} is ill and will be away for {days} days. | Report {employee} sick, {days} days. | Please
            note that {employee} won't come for {days} days because of illness. | sick: {employee} ({days} days) |
            {employee} just called in sick. The doctor says {days} days. | For the next {days} days {employee} stays
            in bed. Register that. | Mark '{employee}' as ill for {days} days. | I have to report an illness:
            {employee}, expected to last {days} days. | {days} days sick leave for {employee}, please enter it. |
            Could you register {employee} as sick? About {days} days."""),
        (
            "{employee} to be reported ill for {days} days|to register an illness of {employee}|to "
            "note that {employee} is ill"
        ),
        [
            Result(
                {
                    "back_on|return_date": v.date,
                    "certificate_needed|needs_note": v.flag("a doctor's note is needed", "no doctor's note is needed"),
                },
                several("""I've noted it: {employee} should be back on {back_on}, and {certificate_needed}. |
                    {employee} is registered as ill until {back_on}; {certificate_needed}. | Get well soon to
                    {employee}! Expected back on {back_on}; {certificate_needed}."""),
            ),
            Result(
                {"error|message": v.choice("employee not found", "this person is on vacation")},
                several(
                    """I couldn't register that: {error}. | {employee} was not marked as ill ({error}). | The system
                        refused: {error}."""
                ),
                weight=0.4,
            ),
        ],
        near="leave",
    ),
    Family(
        "log_hours",
        "log_hours|log_time|track_time|add_time_entry|record_hours|book_hours",
        "Log hours of work.|Books working time on a project.|Records how long somebody worked on a project on a day.",
        [
            Parameter("hours|duration|time|amount", v.number(0.5, 10), "How many hours|", "number"),
            Parameter("project|project_name|task|customer|on", v.name, "The project|What it was for|"),
            Parameter("date|day|when|work_date", v.date, "The day|Day of the work|"),
            Parameter(
                "note|comment|description|what",
                v.phrase,
                "What was done|",
                phrases=" with the note \"{}\"|, note: {}| and write '{}' as comment",
            ),
        ],
        several("""Log {hours} hours on {project} for {date} | I worked {hours} hours on {project} on {date}, please
            book it | {date}: {hours} h, {project} | On {date} I spent {hours} hours with {project}. Record that | Add
            {hours} hours to the project {project}, day {date} | Book {hours} hours for '{project}' on {date} | My
            timesheet lacks {date}: it was {hours} hours of {project} | Please enter {date} in my timesheet, project
            "{project}", {hours} hours | Could you track {hours} hours on {date} for {project} | Time entry:
            {project}, {date}, {hours} hours"""),
        "to log {hours} hours on {project}|{hours} hours for {project} on {date}|to book working time on {project}",
        [
            Result(
                {"entry_id|id": v.code, "week_total|total_this_week": v.number(10, 48)},
                several("""Booked: {hours} hours on {project} (entry {entry_id}). That makes {week_total} hours this
                    week. | Entry {entry_id} is saved, and your week is at {week_total} hours. | {project} has {hours}
                    hours more on {date}. You're at {week_total} hours this week; the entry is {entry_id}."""),
            ),
            Result(
                {
                    "error|message": v.choice(
                        "project is closed", "the month has been closed", "more than 24 hours on one day"
                    )
                },
                several(
                    """I couldn't log the hours: {error}. | Nothing was booked on {project}: {error}. | The timesheet
                        says "{error}"."""
                ),
                weight=0.4,
            ),
        ],
    ),
    Family(
        "submit_expense",
        "submit_expense|add_expense|file_expense|create_expense_report|claim_expense",
        (
            "Submit an expense.|Claims money back for something paid at work.|Files an expense with an "
            "amount, a category and the day."
        ),
        [
            Parameter("amount|total|sum|value|cost", v.money, "How much was paid|", "number"),
            Parameter(
                "category|type|kind|expense_type",
                v.choice("travel", "meals", "hotel", "taxi", "office supplies", "training", "fuel", "parking"),
                "Kind of expense|",
            ),
            Parameter("date|day|paid_on|expense_date", v.date, "Day it was paid|"),
            Parameter("currency|currency_code|cur", v.currency, "Currency code|", phrases=", in {}| (in {})"),
        ],
        several("""Submit an expense of {amount} for {category} on {date} | I paid {amount} for {category} on {date}.
            Please claim it | {category}: {amount}, {date}, as an expense | On {date} I spent {amount} ({category}),
            file it as an expense | New expense, {date}, {amount}, category {category} | I'd like {amount} back that I
            paid on {date} for {category} | Please add {category}, {amount}, to my expenses of {date} | Could you hand
            in my receipt? It says {amount}, it was for {category} and is dated {date} | My expense report lacks
            {amount} from {date}, category "{category}" | Expense {date} {category} {amount}"""),
        "{amount} for {category} to be claimed|to submit an expense of {amount}|an expense for {category} on {date}",
        [
            Result(
                {"expense_id|id|claim": v.code, "status|state": v.choice("submitted", "waiting for approval")},
                several(
                    """Your expense {expense_id} over {amount} is {status}. | I filed {amount} for {category} as
                        {expense_id}; it's {status}. | Done, {expense_id} is {status}."""
                ),
            ),
            Result(
                {"error|message": v.choice("receipt is missing", "amount is over the limit", "too old to be claimed")},
                several(
                    """The expense wasn't accepted: {error}. | I couldn't submit {amount} for {category}. The reason:
                        {error}. | It was refused ({error})."""
                ),
                weight=0.5,
            ),
        ],
        near="expense",
    ),
    Family(
        "approve_expense",
        "approve_expense|decide_expense|review_expense|expense_decision|process_claim",
        "Approve or reject an expense.|Decides about an expense claim.|Lets a manager accept or turn down a claim.",
        [
            Parameter("claim|expense_id|id|expense", v.code, "Id of the claim|"),
            Parameter(
                "decision|action|verdict|status",
                v.said_choice({"approve": "approve", "reject": "reject|turn down"}),
                "What to do with it|",
                choices=["approve", "reject"],
            ),
        ],
        several("""Please {decision} expense {claim}. | {decision} {claim}, it's an expense | I want to {decision} the
            expense claim {claim}. | For claim {claim}: {decision} | I looked at the receipts; {decision} expense
            claim {claim}. | Expense '{claim}' - {decision} it, please. | Could you {decision} the claim with number
            {claim}? | We have to {decision} the expense {claim}. | As the manager I {decision} claim {claim}. | Let's
            {decision} "{claim}", the expense from last week."""),
        "to {decision} the expense {claim}|to {decision} claim {claim}|to decide about expense {claim}",
        [
            Result(
                {"amount|total": v.money, "employee|claimant": v.person},
                several("""Done. {employee} was told about the decision on {claim}, which is over {amount}. | Claim
                    {claim} of {employee} over {amount} is settled. | Your decision on {claim} ({amount}, {employee})
                    is saved."""),
            ),
            Result(
                {
                    "error|message": v.choice(
                        "claim not found", "decided already", "you can't decide on your own expenses"
                    )
                },
                several(
                    """That didn't work: {error}. | I couldn't do that with {claim}. It says: {error}. | Claim {claim}
                        is unchanged ({error})."""
                ),
                weight=0.4,
            ),
        ],
        near="expense",
    ),
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
