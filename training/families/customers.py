"""Tools for customers: their records, calls, deals, support cases, newsletters, vouchers and reviews."""

from training import values as v
from training.family import Family, Parameter, Result
from training.several import several

CUSTOMER = Parameter("customer|client|customer_name|account|company", v.company, "The customer|Name of the customer|")
CASE = Parameter("case|case_id|case_number|request_id", v.code, "Number of the case|The support case|")

FAMILIES = [
    Family(
        "find_customer",
        "find_customer|get_customer|lookup_customer|customer_info|crm_lookup",
        (
            "Look a customer up.|Finds a customer's record in the CRM.|Returns who looks after a "
            "customer, since when, and how much they buy."
        ),
        [CUSTOMER],
        several("""Look up the customer {customer}. | Who looks after {customer}? | What do we know about our customer
            {customer}? | {customer} in the CRM? | I'm about to call {customer}. Show me their record. | Since when
            has {customer} been a customer of ours? | Find the customer record of '{customer}'. | Is "{customer}" one
            of our customers? | Please get me the data of {customer} from the CRM. | How much does {customer} buy from
            us in a year?"""),
        "to know more about the customer {customer}|the record of {customer}|to look up {customer} in the CRM",
        [
            Result(
                {
                    "owner|account_manager|rep": v.person,
                    "customer_since|since": v.integer(1988, 2026),
                    "yearly_revenue|revenue": v.integer(500, 900000),
                },
                several("""{owner} looks after {customer}, a customer since {customer_since} with {yearly_revenue} a
                    year. | {customer} has been with us since {customer_since} and buys for {yearly_revenue} a year;
                    {owner} is the contact. | Our contact is {owner}. They've been a customer since {customer_since},
                    and yearly revenue is {yearly_revenue}."""),
            ),
            Result(
                {"error|message": v.choice("no such customer", "more than one customer matches")},
                several(
                    """I couldn't find {customer}: {error}. | The CRM says "{error}" about {customer}. | No record to
                        show ({error})."""
                ),
                weight=0.5,
            ),
        ],
        near="customer",
    ),
    Family(
        "create_customer",
        "create_customer|add_customer|new_customer|register_customer|crm_add",
        (
            "Add a customer.|Creates a customer in the CRM.|Registers a company with its city, its "
            "contact person and a mail address."
        ),
        [
            CUSTOMER,
            Parameter("city|town|location|place", v.city, "Where they are|"),
            Parameter("contact|contact_person|person|contact_name", v.person, "Who to talk to|"),
            Parameter("email|mail|address|contact_email", v.email, "Mail address|"),
        ],
        several("""Add the customer {customer} in {city}; contact is {contact}, {email}. | New customer: {customer},
            {city}, {contact}, {email} | Please create a customer record for {customer}. They're in {city}, and I
            spoke to {contact} ({email}). | We won {customer} from {city}! Register them with {contact} as contact and
            {email} as address. | {contact} of {customer} wrote from {email}. Put them into the CRM, city {city}. | In
            {city} we have a new customer, {customer}. Write to {contact} at {email}. Enter it, please. | Create
            customer "{customer}", contact {contact}, mail {email}, city {city} | Could you register {customer}? City:
            {city}. Contact: {contact}. Mail: {email} | I met {contact} from {customer} at the fair in {city}. Add the
            company with the address {email}. | With the mail {email} and the contact {contact}, add '{customer}'
            ({city})."""),
        "to add the customer {customer}|{customer} in {city} to be registered|a customer record for {customer}",
        [
            Result(
                {"customer_id|id|number": v.code},
                several(
                    """{customer} is a customer now, with the number {customer_id}. | I added {customer} in {city} as
                        {customer_id}. | Done: {customer_id} is {customer}, with {contact} as the contact."""
                ),
            ),
            Result(
                {"error|message": v.choice("customer exists already", "mail address is not valid")},
                several(
                    """I couldn't add {customer}: {error}. | No record was made, because of this: {error}. | The CRM
                        refused {customer} ({error})."""
                ),
                weight=0.4,
            ),
        ],
        near="customer",
    ),
    Family(
        "log_call",
        "log_call|add_call_note|record_call|crm_note|log_activity",
        (
            "Note a call with a customer.|Logs a phone call in the CRM.|Records what was said in a "
            "call and how long it took."
        ),
        [
            CUSTOMER,
            Parameter("note|text|summary|content", v.sentence, "What was said|"),
            Parameter("minutes|duration|length|duration_min", v.duration_minutes, "Length in minutes|", "integer"),
        ],
        several("""Log a call with {customer}, {minutes} minutes: "{note}" | I talked to {customer} for {minutes}
            minutes. Note: '{note}' | Call, {customer}, {minutes} min, "{note}" | Write into the CRM that I phoned
            {customer}; it took {minutes} minutes. They said: "{note}" | Please record my call with "{customer}"
            ({minutes} minutes) with the note '{note}'. | "{note}" That's what {customer} told me on the phone in
            {minutes} minutes. Log the call. | {minutes} minutes on the phone with {customer}. Save the note "{note}"
            | For the customer {customer}, add a call of {minutes} minutes and the text '{note}'. | Just hung up with
            {customer} after {minutes} minutes. Please note: {note} | Could you put "{note}" in the call log of
            {customer}? We spoke for {minutes} minutes."""),
        (
            "to log a call with {customer}|a call of {minutes} minutes with {customer} to be noted|a "
            "note about the call with {customer}"
        ),
        [
            Result(
                {"entry_id|id": v.code, "calls_this_month|total_calls": v.integer(2, 30)},
                several("""The call with {customer} is logged as {entry_id}; it's number {calls_this_month} this
                    month. | Noted as {entry_id}. That makes {calls_this_month} calls with {customer} this month. |
                    Saved: {entry_id}, the call number {calls_this_month} of this month."""),
            ),
            Result(
                {"error|message": v.choice("customer not found", "note is too long")},
                several(
                    """I couldn't log the call: {error}. | The note wasn't saved ({error}). | The CRM didn't take it:
                        {error}."""
                ),
                weight=0.3,
            ),
        ],
    ),
    Family(
        "update_deal",
        "update_deal|move_deal|set_deal_stage|deal_stage|update_opportunity",
        "Move a deal to another stage.|Updates a deal in the sales pipeline.|Sets the stage and the value of a deal.",
        [
            Parameter("deal|deal_id|opportunity|id", v.code, "The deal|"),
            Parameter(
                "stage|status|phase|step",
                v.choice("contacted", "qualified", "proposal", "negotiation", "won", "lost"),
                "The new stage|",
                choices=["contacted", "qualified", "proposal", "negotiation", "won", "lost"],
            ),
            Parameter("value|amount|sum|worth", v.money, "What it is worth|", "number"),
        ],
        several("""Move deal {deal} to "{stage}" with a value of {value}. | Deal {deal}: {stage}, {value} | Set the
            stage of the deal {deal} to {stage}; it's worth {value}. | {deal} is at {stage} now, and the value is
            {value}. Update the deal. | Please update deal '{deal}': stage {stage}, value {value}. | We talked about
            {value} for the deal {deal}, which puts it at {stage}. | Pipeline: {deal} to {stage}, {value} | In the
            pipeline, deal {deal} should be {stage} at {value}. | Could you change the deal "{deal}"? It's {value} and
            the stage is {stage}. | Worth {value} and in the stage '{stage}': that's deal {deal}, please enter it."""),
        "deal {deal} to be at {stage}|to update the deal {deal}|to set the deal {deal} to {stage} with {value}",
        [
            Result(
                {
                    "previous_stage|from_stage|before": v.choice("new", "first call", "demo"),
                    "probability|chance_percent": v.integer(5, 95),
                },
                several("""Deal {deal} went from "{previous_stage}" to "{stage}"; its probability is {probability} %.
                    | {deal} is at {stage} (before: {previous_stage}), with a chance of {probability} %. | Updated:
                    {stage} instead of {previous_stage}, {probability} % likely."""),
            ),
            Result(
                {"error|message": v.choice("deal not found", "deal is closed")},
                several(
                    """I couldn't update {deal}: {error}. | The deal is unchanged ({error}). | That was refused:
                        {error}."""
                ),
                weight=0.4,
            ),
        ],
    ),
    Family(
        "open_support_case",
        "open_case|create_support_case|new_support_request|open_support_ticket|report_problem",
        (
            "Open a support case.|Creates a case for a customer's problem.|Opens a support case with "
            "the product concerned and how urgent it is."
        ),
        [
            CUSTOMER,
            Parameter("product|item|device|article", v.product, "Product concerned|"),
            Parameter(
                "problem|issue|description|text",
                v.choice(
                    "it does not turn on",
                    "a part is missing",
                    "it makes a loud noise",
                    "the screen is broken",
                    "it leaks",
                    "the battery dies quickly",
                    "it smells of smoke",
                ),
                "What is wrong|",
            ),
            Parameter(
                "urgency|priority|severity|urgent",
                v.choice("low", "normal", "high"),
                "How urgent it is|",
                choices=["low", "normal", "high"],
                phrases=", urgency {}| with {} urgency| ({} urgency)",
            ),
        ],
        several("""Open a support case for {customer}: {product}, {problem} | {customer} has trouble with "{product}":
            {problem}. Open a case | Case for {customer}, product {product}, problem "{problem}" | The customer
            {customer} says of {product} that {problem}; make it a support case | About their {product}, {customer}
            complains that {problem}. Please open a case | I need a support case, customer {customer}: '{problem}',
            and it's the {product} | Create a case "{problem}" on the product {product} for {customer} | {product}
            from {customer}'s order has a fault: {problem}. Register a case | Could you open a case? {customer},
            {product}, {problem} | {customer} called support because of {product}, and {problem}. File that"""),
        (
            "a support case for {customer}|to open a case about {product}|{customer}'s problem with "
            "{product} to be registered"
        ),
        [
            Result(
                {"case_number|id|number": v.code, "answer_by|due|reply_until": v.date},
                several(
                    """Case {case_number} is open; {customer} gets an answer by {answer_by}. | I opened {case_number}
                        for {customer}. We'll answer until {answer_by}. | Done: {case_number} about the {product}, to
                        be answered by {answer_by}."""
                ),
            ),
            Result(
                {"error|message": v.choice("warranty has ended", "customer has no such product", "unknown customer")},
                several(
                    """No case was opened: {error}. | I couldn't open a case for {customer} ({error}). | The support
                        system answered: {error}."""
                ),
                weight=0.4,
            ),
        ],
        near="support",
    ),
    Family(
        "reply_to_case",
        "reply_to_case|answer_case|case_reply|respond_to_case|send_case_reply",
        "Reply to a support case.|Sends an answer to the customer of a case.|Answers a case, and closes it if wanted.",
        [
            CASE,
            Parameter("message|text|reply|body|answer", v.message, "The answer|"),
            Parameter(
                "close|and_close|resolve|close_case",
                v.flag("and close it", "and leave it open"),
                "Close the case afterwards|",
                "boolean",
                phrases=" {}|, {}",
            ),
        ],
        several("""Answer case {case} with "{message}" | Reply to {case}: '{message}' | On the support case {case},
            write "{message}" | case {case}, reply: "{message}" | Please tell the customer of case {case} this:
            '{message}' | The people of case {case} are waiting. Send them "{message}" | My answer to {case} is
            '{message}' | Could you respond to case "{case}" saying '{message}' | Send "{message}" as the reply on
            case {case} | For case number {case} the answer is "{message}" """),
        'to answer case {case}|a reply to the support case {case}|"{message}" to be sent on case {case}',
        [
            Result(
                {
                    "sent_to|recipient": v.email,
                    "state|case_state": v.choice("open", "closed", "waiting for the customer"),
                },
                several(
                    """Your answer went to {sent_to}; the case {case} is {state}. | Sent to {sent_to}. {case} is
                        {state} now. | {sent_to} got your reply, and the state of the case is "{state}"."""
                ),
            ),
            Result(
                {"error|message_error": v.choice("case not found", "case is closed")},
                several(
                    """I couldn't reply to {case}: {error}. | Nothing was sent ({error}). | The answer to {case} was
                        refused: {error}."""
                ),
                weight=0.4,
            ),
        ],
        near="support",
    ),
    Family(
        "create_voucher",
        "create_voucher|create_coupon|new_discount_code|add_promo_code|make_voucher",
        "Create a discount code.|Makes a voucher for the shop.|Creates a code that gives some percent off until a day.",
        [
            Parameter(
                "code|voucher|coupon|promo_code|name",
                lambda r: f"{v.word(r).upper()}{r.randint(5, 99)}",
                "The code that customers enter|",
            ),
            Parameter("percent|discount|percent_off|rebate", v.integer(5, 70), "Discount in percent|", "integer"),
            Parameter("valid_until|expires|end_date|until", v.date, "Last day it is valid|"),
        ],
        several("""Create the voucher {code} with {percent} % off until {valid_until}. | {code}: {percent} percent,
            valid until {valid_until} | We need a discount code {code}. It gives {percent} % and ends on
            {valid_until}. | Make a coupon "{code}" that takes off {percent} % and expires on {valid_until}. | Until
            {valid_until}, {code} should give customers {percent} % off. | Please add the promo code {code}, {percent}
            %, last day {valid_until}. | A new code for the newsletter: '{code}', {percent} % off, to {valid_until}. |
            Set up {percent} % discount with the code {code}, which runs until {valid_until}. | Could you make a
            voucher? Code {code}, valid until {valid_until}, {percent} %. | I promised our customers {percent} % off
            up to {valid_until}; the code is {code}, so create it."""),
        (
            "a voucher {code} with {percent} % off|to create the discount code {code}|{percent} % off "
            "until {valid_until} with {code}"
        ),
        [
            Result(
                {"active|enabled": v.choice(True), "max_uses|limit": v.integer(50, 5000)},
                several(
                    """The code {code} is active: {percent} % off until {valid_until}, for at most {max_uses} uses. |
                        {code} works now and can be used {max_uses} times. | Done. {code} gives {percent} % off and
                        allows {max_uses} uses."""
                ),
            ),
            Result(
                {
                    "error|message": v.choice(
                        "this code exists already", "the discount is too high", "the date is in the past"
                    )
                },
                several(
                    """I couldn't create {code}: {error}. | The voucher wasn't made ({error}). | The shop refused
                        {code}: {error}."""
                ),
                weight=0.4,
            ),
        ],
    ),
    Family(
        "subscribe_newsletter",
        "subscribe_newsletter|add_subscriber|newsletter_signup|subscribe|mailing_list_add",
        (
            "Put an address on a mailing list.|Subscribes somebody to a newsletter.|Adds a person to a "
            "list; they have to confirm."
        ),
        [
            Parameter("email|address|mail|subscriber", v.email, "Mail address|"),
            Parameter("list|list_name|newsletter|audience", v.word, "Name of the list|"),
        ],
        several("""Subscribe {email} to the newsletter {list}. | Add {email} to the list {list}. | {email} wants to
            get the {list} newsletter. | newsletter {list}: + {email} | Put the address {email} on our mailing list
            "{list}". | Somebody at {email} asked for the newsletter {list}. Sign them up. | For the list {list}
            there's a new subscriber, {email}. | Please enter {email} in the newsletter '{list}'. | Could you sign up
            {email}? The list is {list}. | To the mailing list {list}, add {email} please."""),
        "{email} to get the newsletter {list}|to add {email} to the list {list}|to subscribe {email}",
        [
            Result(
                {
                    "status|state": v.choice("waiting for confirmation", "subscribed"),
                    "subscribers|total": v.integer(50, 90000),
                },
                several("""{email} is on the list {list} (status: {status}), which has {subscribers} subscribers. |
                    Added; the status is "{status}". The list has {subscribers} subscribers now. | Status of {email}:
                    {status}. {list} has {subscribers} readers."""),
            ),
            Result(
                {"error|message": v.choice("already on the list", "no such list", "this address unsubscribed before")},
                several(
                    """I couldn't add {email}: {error}. | {email} was not added ({error}). | No change to {list},
                        because of this: {error}."""
                ),
                weight=0.4,
            ),
        ],
    ),
    Family(
        "review_summary",
        "get_reviews|review_summary|product_reviews|customer_ratings|rating_overview",
        (
            "Summary of a product's reviews.|How do customers rate a product?|Returns the average "
            "rating, the number of reviews and the latest one."
        ),
        [Parameter("product|item|article|product_name", v.product, "The product|Name of the article|")],
        several("""What do customers say about {product}? | Reviews of {product}? | How is {product} rated? | Do
            people like our {product}? Check the reviews. | Show me the customer reviews for "{product}". | I'm
            thinking of ordering more of the {product}. What's its rating? | Average rating of '{product}', please |
            Has anybody complained about {product}? Look at the reviews. | {product}: how many stars? | Sum up the
            reviews for the product {product}."""),
        "to know how {product} is rated|the reviews of {product}|what customers say about {product}",
        [
            Result(
                {
                    "rating|average|stars": v.number(1.5, 5),
                    "reviews|count": v.integer(2, 3000),
                    "latest|last_review": v.sentence,
                },
                several(
                    """{product} has {rating} stars from {reviews} reviews. The latest says: {latest} | {reviews}
                        customers give it {rating} stars on average; one wrote: {latest} | The rating is {rating} out
                        of {reviews} reviews. The last one: {latest}"""
                ),
            ),
            Result(
                {"reviews|count": v.choice(0)},
                several(
                    """Nobody has reviewed {product} yet. | There are no reviews of {product} so far. | {product} has
                        {reviews} reviews."""
                ),
                weight=0.5,
            ),
        ],
    ),
]
