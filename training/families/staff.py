"""Tools about people at work: leave, hours, expenses."""

from training import values as v
from training.family import Family, Parameter, Result
from training.several import several

EMPLOYEE = Parameter(
    "employee|person|name|employee_name|staff_member", v.person, "Name of the employee|The person|Who|"
)
START = Parameter("start|start_date|from|first_day", v.date, "First day|")
END = Parameter("end|end_date|to|last_day|until", v.date, "Last day|")

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
]
