"""Tools of trade: orders and invoices."""

from training import values as v
from training.family import Family, Parameter, Result
from training.several import several

ORDER = Parameter("order|order_id|order_number|id|orderId", v.code, "Number of the order|The order|")
INVOICE = Parameter("invoice|invoice_id|invoice_number|id|number", v.code, "Number of the invoice|The invoice|")
PRODUCT = Parameter("product|item|article|product_name|name", v.product, "The product|Name of the article|Which item|")
CUSTOMER = Parameter("customer|client|buyer|customer_name|account", v.company, "The customer|Name of the customer|")
QUANTITY = Parameter("quantity|qty|amount|count|units", v.integer(2, 900), "How many|Number of pieces|", "integer")

FAMILIES = [
    Family(
        "order_status",
        "get_order_status|order_status|track_order|check_order|lookup_order|where_is_my_order",
        "Status of an order.|Tells where an order is and when it will arrive.|Looks up one order by its number.",
        [ORDER],
        several("""Where is my order {order}? | What's the status of order {order}? | Order {order}? | Has order
            {order} been shipped yet? | I ordered something two weeks ago, the number is {order}. When does it come? |
            Check order number {order}, please. | My customer is asking about the order {order}. | Can you find out
            what happened to order "{order}"? | Track my order: {order} | I'm still waiting for {order}, that's my
            order number. | When will order '{order}' arrive?"""),
        "to know where order {order} is|the status of order {order}|to track the order {order}",
        [
            Result(
                {
                    "status|state": v.choice("shipped", "out for delivery", "packed"),
                    "eta|delivery_date|expected": v.date,
                    "carrier|courier": v.choice("DHL", "UPS", "FedEx", "GLS", "the post"),
                },
                several("""Order {order} is {status} with {carrier} and should arrive on {eta}. | It's {status};
                    {carrier} will bring it on {eta}. | Your order {order} has the status "{status}". Expect it on
                    {eta}, by {carrier}."""),
            ),
            Result(
                {"status|state": v.choice("in process", "waiting for payment", "on hold"), "since|updated": v.date},
                several(
                    """Order {order} hasn't left yet: it's {status} since {since}. | It is still {status} ({since}). |
                        {order} is {status}, and that since {since}."""
                ),
                weight=0.7,
            ),
            Result(
                {"error|message": v.choice("order not found", "no order with this number")},
                several(
                    """I couldn't find {order}: {error}. | The system says "{error}". Is {order} the right number? |
                        Sorry, {error}: {order}."""
                ),
                weight=0.4,
            ),
        ],
        near="order",
    ),
    Family(
        "place_order",
        "place_order|create_order|order_product|new_order|buy|submit_order",
        (
            "Place an order for a customer.|Orders a product in some quantity.|Creates an order: "
            "product, quantity and customer."
        ),
        [
            QUANTITY,
            PRODUCT,
            CUSTOMER,
            Parameter(
                "express|urgent|rush|priority",
                v.flag("by express", "with normal delivery"),
                "Deliver by express|",
                "boolean",
                phrases=", {}| {}",
            ),
        ],
        several("""Order {quantity} pieces of {product} for {customer} | {customer} wants {quantity} of {product},
            place the order | New order: {quantity} x {product}, customer {customer} | Place an order for {customer}:
            "{product}", quantity {quantity} | For the customer {customer}, order {product}, {quantity} pieces |
            {customer} called. They need {quantity} units of '{product}' | Please enter an order of {product}
            ({quantity}) by {customer} | I'd like to order {quantity} times {product} on the account of {customer} |
            Could you put through {quantity} of "{product}" to {customer} as an order | Customer "{customer}" buys
            {quantity} {product}, write the order"""),
        (
            "{quantity} pieces of {product} for {customer}|to place an order for {customer}|to order "
            "{quantity} of {product}"
        ),
        [
            Result(
                {"order_id|order_number|id": v.code, "total|amount": v.money},
                several("""The order {order_id} for {customer} is placed; the total is {total}. | {customer} gets
                    {quantity} of {product}: order {order_id}, {total} in all. | Done. It's order {order_id} and comes
                    to {total}."""),
            ),
            Result(
                {"error|reason": v.choice("only a few are in stock", "customer is blocked", "unknown product")},
                several(
                    """I couldn't place the order: {error}. | No order was made for {customer}, because of this:
                        {error}. | The shop refused it ({error})."""
                ),
                weight=0.5,
            ),
        ],
        near="order",
    ),
    Family(
        "cancel_order",
        "cancel_order|order_cancel|stop_order|void_order|revoke_order",
        "Cancel an order.|Cancels an order that has not been shipped.|Stops an order, with the customer's reason.",
        [
            ORDER,
            Parameter(
                "reason|why|cause|note",
                v.choice(
                    "ordered by mistake",
                    "too expensive",
                    "found it elsewhere",
                    "delivery takes too long",
                    "wrong size",
                    "no longer needed",
                ),
                "Why|Reason of the customer|",
            ),
        ],
        several("""Cancel order {order}, reason: {reason} | Please cancel {order}. The reason is "{reason}". | Order
            {order} has to be stopped ({reason}). | {order}: cancel, {reason} | The customer wants to cancel order
            {order} and gives '{reason}' as the reason. | With the reason "{reason}", cancel the order {order}. | I
            don't want order {order} any more - {reason}. | Could you call off the order '{order}'? Reason: {reason}.
            | Void {order} with the note '{reason}', it's an order. | Reason "{reason}", so please take back order
            {order}."""),
        'to cancel order {order}|order {order} to be cancelled because of "{reason}"|the order {order} stopped',
        [
            Result(
                {"refund|refund_amount": v.money, "days|refund_days": v.integer(2, 14)},
                several("""Order {order} is cancelled; {refund} will be paid back within {days} days. | Cancelled. You
                    get {refund} back in {days} days at most. | {order} was stopped, and {refund} come back within
                    {days} days."""),
            ),
            Result(
                {
                    "error|message": v.choice(
                        "order was shipped already", "order not found", "order was cancelled before"
                    )
                },
                several(
                    """I couldn't cancel {order}: {error}. | That's not possible any more ({error}). | {order} stays
                        as it is, since the answer was: {error}."""
                ),
                weight=0.6,
            ),
        ],
        near="order",
    ),
    Family(
        "change_delivery_address",
        "change_delivery_address|update_shipping_address|set_address|redirect_order|change_address",
        "Change the address of an order.|Sends an order somewhere else.|Updates street and city that an order goes to.",
        [
            ORDER,
            Parameter("street|address|street_address|line1", v.street, "Street and number|"),
            Parameter("city|town|place|locality", v.city, "City|"),
        ],
        several("""Send order {order} to {street} in {city} instead. | Change the address of {order}: {street}, {city}
            | We have moved! Please deliver order {order} to {street}, {city}. | Order {order} should go to {city},
            {street}. | New delivery address for order {order} is {street} in {city}. | {order} -> {street}, {city} |
            The address of order "{order}" is wrong. It must be {street}, {city}. | In {city}, at {street}: that's
            where {order} has to go. It's an order. | Could you redirect {order} to {street} ({city})? | Please set
            street {street} and city {city} on order '{order}'."""),
        (
            "order {order} to go to {street} in {city}|to change the address of {order}|order {order} "
            "delivered to another address"
        ),
        [
            Result(
                {"updated|ok": v.choice(True), "new_eta|eta": v.date},
                several("""Order {order} goes to {street}, {city} now and should be there on {new_eta}. | Changed.
                    {street} in {city} is the new address; expect delivery on {new_eta}. | Done, the order will reach
                    {city} on {new_eta}."""),
            ),
            Result(
                {"error|message": v.choice("order is on its way already", "unknown address", "we don't deliver there")},
                several(
                    """I couldn't change the address: {error}. | {order} still has its old address, because: {error}.
                        | Sorry, that can't be done ({error})."""
                ),
                weight=0.5,
            ),
        ],
    ),
    Family(
        "create_invoice",
        "create_invoice|make_invoice|new_invoice|issue_invoice|bill_customer",
        "Create an invoice.|Bills a customer.|Writes an invoice over an amount, with the day it has to be paid by.",
        [
            CUSTOMER,
            Parameter("amount|total|sum|value", v.money, "Amount of the invoice|", "number"),
            Parameter("due|due_date|pay_by|deadline", v.date, "Payable until|"),
            Parameter(
                "reference|purpose|description|for",
                v.phrase,
                "What it is for|",
                phrases=' with the reference "{}"| for "{}"|, reference: {}',
            ),
        ],
        several("""Create an invoice for {customer} over {amount}, due {due} | Bill {customer}: {amount}, to be paid
            by {due} | {customer} owes us {amount}. Write an invoice, due on {due} | Invoice, {customer}, {amount},
            {due} | By {due}, {customer} has to pay {amount}. Make the invoice | Please issue an invoice of {amount}
            to {customer} that is due on {due} | I need a bill over {amount} for the customer "{customer}", payable
            until {due} | For {customer}, a new invoice: due date {due}, total {amount} | We finished the work for
            {customer}, so send an invoice of {amount} with {due} as the deadline | Could you invoice {customer} for
            {amount}? Payment by {due}"""),
        "an invoice for {customer} over {amount}|to bill {customer}|{customer} to pay {amount} by {due}",
        [
            Result(
                {"invoice_id|number|invoice_number": v.code, "tax|vat": v.money},
                several("""Invoice {invoice_id} for {customer} is ready: {amount}, of which {tax} is tax. | I wrote
                    {invoice_id} to {customer}. The tax in it is {tax}. | Done: {invoice_id}, due {due}; the tax comes
                    to {tax}."""),
            ),
            Result(
                {
                    "error|message": v.choice(
                        "customer not found", "tax number is missing", "the due date is in the past"
                    )
                },
                several(
                    """The invoice wasn't created: {error}. | I couldn't bill {customer} ({error}). | There's a
                        problem with the invoice: {error}."""
                ),
                weight=0.4,
            ),
        ],
        near="invoice",
    ),
    Family(
        "invoice_status",
        "get_invoice_status|invoice_status|is_invoice_paid|check_invoice|invoice_lookup",
        "Has an invoice been paid?|State of an invoice|Looks up whether an invoice is paid, open or overdue.",
        [INVOICE],
        several("""Has invoice {invoice} been paid? | Invoice {invoice}: paid or not? | What's the state of the
            invoice {invoice}? | Did the customer pay {invoice} yet? I mean the invoice. | Check invoice {invoice}. |
            I'm doing the books and can't find the money for invoice {invoice}. Is it still open? | Is '{invoice}' an
            overdue invoice? | Look up invoice number {invoice} please. | Please tell me if we got the money for
            invoice "{invoice}". | invoice {invoice} status"""),
        "to know whether invoice {invoice} is paid|the state of invoice {invoice}|to check the invoice {invoice}",
        [
            Result(
                {"paid|is_paid": v.choice(True), "paid_on|date": v.date, "amount|total": v.money},
                several(
                    """Yes, {invoice} was paid on {paid_on}: {amount}. | The {amount} for {invoice} came in on
                        {paid_on}. | It's paid. We got {amount} on {paid_on}."""
                ),
            ),
            Result(
                {
                    "paid|is_paid": v.choice(False),
                    "days_overdue|overdue": v.integer(2, 90),
                    "open_amount|amount": v.money,
                },
                several("""No, {invoice} is {days_overdue} days overdue; {open_amount} is still open. | Not yet:
                    {open_amount} should have come {days_overdue} days ago. | {invoice} isn't paid. {open_amount} is
                    missing, for {days_overdue} days by now."""),
            ),
            Result(
                {"error|message": v.choice("invoice not found", "unknown invoice")},
                several(
                    """I couldn't find it: {error}. | There's no {invoice} in the books ({error}). | The search for
                        {invoice} gave "{error}"."""
                ),
                weight=0.3,
            ),
        ],
        near="invoice",
    ),
    Family(
        "send_reminder",
        "send_payment_reminder|remind_customer|dunning|send_dunning_letter|payment_reminder",
        (
            "Remind a customer to pay.|Sends a payment reminder for an invoice.|Sends a reminder with "
            "a new deadline and, if wanted, a fee."
        ),
        [
            INVOICE,
            Parameter("days|deadline_days|grace_days|within", v.integer(3, 30), "Days to pay|", "integer"),
            Parameter(
                "fee|late_fee|charge|penalty",
                v.integer(5, 60),
                "Fee to add|",
                "number",
                phrases=" with a fee of {}|, add a fee of {}|, fee {}",
            ),
        ],
        several("""Send a reminder for invoice {invoice}, to be paid within {days} days | Remind the customer of
            invoice {invoice} and give them {days} days | {invoice} is still unpaid. Send a payment reminder with
            {days} days to pay | payment reminder {invoice}, {days} days | The customer hasn't paid {invoice}. Ask
            again, deadline in {days} days | Give them {days} days for invoice {invoice} and send a reminder | Please
            write a dunning letter on {invoice}, payable in {days} days | We need a reminder on the invoice
            '{invoice}' with {days} days of time | Could you remind them about invoice {invoice}? {days} days should
            do | Within {days} days "{invoice}" must be paid, so send a reminder"""),
        (
            "a reminder for invoice {invoice}|to remind a customer of {invoice}|invoice {invoice} to "
            "be paid within {days} days"
        ),
        [
            Result(
                {"sent_to|email|recipient": v.email, "level|reminder_level": v.choice(1, 2, 3)},
                several("""Reminder number {level} for {invoice} went to {sent_to}. | I reminded {sent_to} of
                    {invoice}; it was reminder number {level}. | Sent to {sent_to}. That was reminder {level}, with
                    {days} days to pay."""),
            ),
            Result(
                {"error|message": v.choice("invoice is paid already", "no address on file", "invoice not found")},
                several(
                    """No reminder was sent: {error}. | I didn't send anything for {invoice} because of this: {error}.
                        | The reminder couldn't go out ({error})."""
                ),
                weight=0.5,
            ),
        ],
        near="invoice",
    ),
]
