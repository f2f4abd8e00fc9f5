"""Tools of trade: orders, invoices, stock in a warehouse, shipping, prices."""

from random import Random
from typing import Any

from training import values as v
from training.family import Arguments, Family, Parameter, Result
from training.several import several

ORDER = Parameter("order|order_id|order_number|id|orderId", v.code, "Number of the order|The order|")
INVOICE = Parameter("invoice|invoice_id|invoice_number|id|number", v.code, "Number of the invoice|The invoice|")
PRODUCT = Parameter("product|item|article|product_name|name", v.product, "The product|Name of the article|Which item|")
WAREHOUSE = Parameter("warehouse|location|site|store|depot", v.city, "Which warehouse|City of the warehouse|")
CUSTOMER = Parameter("customer|client|buyer|customer_name|account", v.company, "The customer|Name of the customer|")
QUANTITY = Parameter("quantity|qty|amount|count|units", v.integer(2, 900), "How many|Number of pieces|", "integer")


def _total(random: Random, arguments: Arguments) -> dict[str, Any]:
    """Price of one piece, and of as many as were asked for."""
    price = v.money(random)
    return {"unit_price|price|each": price, "total|sum": round(price * arguments["quantity"], 2)}


NO_PRODUCT = v.choice("unknown product", "product is no longer sold", "no such article")

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
    Family(
        "check_stock",
        "check_stock|get_stock|stock_level|inventory|check_inventory|availability",
        (
            "Check the stock of a product in a warehouse.|How many are left?|Returns how many pieces "
            "of a product lie in a warehouse, and where."
        ),
        [PRODUCT, WAREHOUSE],
        several("""How many {product} do we have in {warehouse}? | Stock of {product} in {warehouse}? | Is there any
            {product} left in the {warehouse} warehouse? | Check whether {product} is in stock at {warehouse}. |
            {warehouse}: {product}, how many? | A customer asks for "{product}". Do we have it in {warehouse}? | In
            {warehouse}, what's the stock level of {product}? | I need to know how much {product} lies in our
            warehouse in {warehouse}. | Can {warehouse} deliver '{product}'? Check the stock. | Please look up the
            inventory of {product}, location {warehouse}. | Are we running out of {product} at {warehouse}?"""),
        (
            "to know how many {product} are in {warehouse}|the stock of {product} in {warehouse}|to "
            "check whether {product} is in stock"
        ),
        [
            Result(
                {"in_stock|quantity|available": v.integer(2, 4000), "shelf|bin|place": v.code},
                several(
                    """There are {in_stock} of {product} in {warehouse}, on shelf {shelf}. | {warehouse} has
                        {in_stock} pieces (shelf {shelf}). | Yes: {in_stock} in stock, and they lie at {shelf}."""
                ),
            ),
            Result(
                {"in_stock|quantity|available": v.choice(0), "restock_date|next_delivery": v.date},
                several("""{product} is sold out in {warehouse}; the next delivery comes on {restock_date}. | None
                    left at the moment. New ones arrive on {restock_date}. | {warehouse} has {in_stock} of them until
                    {restock_date}."""),
            ),
            Result(
                {"error|message": NO_PRODUCT},
                several(
                    """I couldn't look up {product}: {error}. | The warehouse system answered "{error}" for {product}.
                        | Sorry, {error}: {product}."""
                ),
                weight=0.3,
            ),
        ],
        near="stock_goods",
    ),
    Family(
        "transfer_stock",
        "transfer_stock|move_stock|stock_transfer|relocate_goods|move_inventory",
        (
            "Move goods between warehouses.|Transfers stock.|Moves a number of pieces of a product "
            "from one warehouse to another."
        ),
        [
            QUANTITY,
            PRODUCT,
            Parameter("source|from|from_warehouse|origin", v.city, "Warehouse to take from|"),
            Parameter("destination|to|to_warehouse|target", v.city, "Warehouse that gets them|"),
        ],
        several("""Move {quantity} of {product} from {source} to {destination}. | Transfer {quantity} {product},
            {source} to {destination} | {destination} needs {quantity} of "{product}"; take them from {source}. | From
            {source}, send {quantity} pieces of {product} to our warehouse in {destination}. | {source} ->
            {destination}: {quantity} x {product} | Please bring {quantity} units of {product} over to {destination}.
            They are in {source} now. | We have too much {product} in {source}. Ship {quantity} to {destination}. | To
            {destination}: {quantity} pieces of '{product}' out of the stock of {source}. | Could {source} give
            {quantity} {product} to {destination}? Arrange the stock transfer. | Stock transfer, product "{product}",
            quantity {quantity}, origin {source}, destination {destination}"""),
        (
            "{quantity} of {product} moved from {source} to {destination}|to transfer {product} to "
            "{destination}|to move stock from {source} to {destination}"
        ),
        [
            Result(
                {"transfer_id|id": v.code, "arrival|eta": v.date},
                several("""The transfer {transfer_id} is set up: {quantity} of {product} reach {destination} on
                    {arrival}. | {quantity} pieces leave {source} and arrive on {arrival} (transfer {transfer_id}). |
                    Done, {transfer_id}. {destination} gets them on {arrival}."""),
            ),
            Result(
                {
                    "error|reason": v.choice("not enough in stock", "unknown product"),
                    "available|in_stock": v.integer(1, 40),
                },
                several("""That's not possible: {error}. {source} has only {available}. | {source} can't send
                    {quantity}, because there are just {available} ({error}). | The transfer failed ({error});
                    {available} are available."""),
                weight=0.5,
            ),
        ],
        near="stock_goods",
    ),
    Family(
        "reorder_product",
        "reorder|reorder_product|purchase_order|order_from_supplier|restock",
        "Order goods from a supplier.|Makes a purchase order.|Reorders a product from a supplier.",
        [
            PRODUCT,
            QUANTITY,
            Parameter("supplier|vendor|from|manufacturer", v.company, "Who delivers it|"),
        ],
        several("""Reorder {quantity} of {product} from {supplier}. | Purchase order: {supplier}, {quantity} x
            {product} | We're running low on {product}. Get {quantity} more from {supplier}. | Ask {supplier} for
            {quantity} pieces of {product}, as a purchase order. | {supplier} should send us {quantity} {product}
            again. | From the supplier {supplier} we need "{product}", {quantity} pieces. | Please restock {product}:
            {quantity} units, supplier {supplier}. | Order another {quantity} of '{product}' at {supplier}. |
            {product} is almost gone, so buy {quantity} from our supplier {supplier}. | Could you write a purchase
            order to {supplier}? {quantity} times {product}."""),
        "{quantity} of {product} from {supplier}|to reorder {product}|a purchase order to {supplier}",
        [
            Result(
                {"po_number|order_id|id": v.code, "delivery|eta|expected": v.date, "cost|total": v.money},
                several("""I ordered {quantity} of {product} from {supplier}: {po_number}, {cost}, expected on
                    {delivery}. | Purchase order {po_number} is out. It costs {cost} and comes on {delivery}. |
                    {supplier} delivers on {delivery} for {cost} (order {po_number})."""),
            ),
            Result(
                {
                    "error|message": v.choice(
                        "supplier does not offer this", "the budget is used up", "unknown supplier"
                    )
                },
                several(
                    """I couldn't reorder {product}: {error}. | No purchase order was made ({error}). | {supplier}
                        won't deliver: {error}."""
                ),
                weight=0.4,
            ),
        ],
    ),
    Family(
        "shipping_cost",
        "shipping_cost|calculate_shipping|get_shipping_rate|shipping_quote|parcel_price",
        (
            "What does a parcel cost?|Quotes the price of shipping.|Price of sending a parcel of some "
            "weight to a country, by kind of service."
        ),
        [
            Parameter("weight_kg|weight|kg|mass", v.number(0.5, 40), "Weight in kilograms|", "number"),
            Parameter("destination|country|to|dest_country", v.country, "Country it goes to|"),
            Parameter(
                "service|speed|method|shipping_method",
                v.choice("standard", "express", "economy"),
                "Kind of service|",
                choices=["standard", "express", "economy"],
            ),
        ],
        several("""How much is it to send {weight_kg} kg to {destination} by {service}? | Shipping {weight_kg} kg,
            {destination}, {service}: price? | What does a parcel of {weight_kg} kg to {destination} cost with
            {service} shipping? | I have to send something to {destination}. It weighs {weight_kg} kg and {service} is
            fine. What will I pay? | {service} to {destination}, {weight_kg} kilograms? | For a {weight_kg} kg box
            going to {destination}, give me the {service} rate. | Quote me {service} shipping to {destination} for
            {weight_kg} kg. | By {service}, what do I pay for {weight_kg} kg to {destination}? | My parcel has
            {weight_kg} kg. To {destination} with the {service} service, how expensive is that? | Please get the
            shipping cost: destination {destination}, {service}, {weight_kg} kg"""),
        (
            "the price of a parcel to {destination}|to know what {weight_kg} kg to {destination} cost|"
            "to send {weight_kg} kg by {service}"
        ),
        [
            Result(
                {
                    "price|cost|amount": v.money,
                    "currency": v.choice("EUR", "USD", "GBP"),
                    "days|transit_days": v.integer(2, 20),
                },
                several("""It costs {price} {currency} and takes {days} days. | Sending {weight_kg} kg to
                    {destination} is {price} {currency}; count on {days} days. | With {service} you pay {price}
                    {currency}, and the parcel is there in {days} days."""),
            ),
            Result(
                {"error|message": v.choice("parcel is too heavy", "no such service to this country")},
                several(
                    """There's no price for that: {error}. | {destination} isn't possible this way ({error}). | I
                        couldn't get a quote, because: {error}."""
                ),
                weight=0.4,
            ),
        ],
        near="shipping",
    ),
    Family(
        "track_parcel",
        "track_parcel|track_package|track_shipment|parcel_status|tracking",
        "Track a parcel.|Where is a shipment?|Follows a parcel by its tracking number.",
        [Parameter("tracking_number|tracking|number|code|parcel_id", v.code, "Tracking number|Number of the parcel|")],
        several("""Where is the parcel {tracking_number}? | Track {tracking_number} | My package {tracking_number}
            hasn't come. Where is it? | Could you follow the shipment with the number {tracking_number}? | tracking
            number {tracking_number}? | When will the parcel {tracking_number} be here? | Look where
            "{tracking_number}" is stuck, it's a parcel. | The tracking code is {tracking_number}. What's up with it?
            | I sent a box to my aunt; its number is {tracking_number}. Did it arrive? | Please trace parcel
            '{tracking_number}'."""),
        (
            "to know where the parcel {tracking_number} is|to track {tracking_number}|the whereabouts "
            "of parcel {tracking_number}"
        ),
        [
            Result(
                {
                    "location|last_seen|place": v.city,
                    "status|state": v.choice("in transit", "at customs", "in delivery"),
                    "eta|expected": v.date,
                },
                several("""The parcel is {status}, last seen in {location}; it should arrive on {eta}. |
                    {tracking_number} is in {location} ({status}) and expected on {eta}. | It was last scanned in
                    {location} and is {status}. Delivery is planned for {eta}."""),
            ),
            Result(
                {"status|state": v.choice("delivered"), "signed_by|received_by": v.person},
                several(
                    """It has been {status}: {signed_by} signed for it. | {signed_by} took parcel {tracking_number};
                        it's {status}. | Good news, the parcel was {status}. {signed_by} received it."""
                ),
                weight=0.7,
            ),
            Result(
                {"error|message": v.choice("unknown number", "no data yet")},
                several(
                    """I can't track {tracking_number}: {error}. | The carrier answers "{error}". | Nothing to see for
                        this number ({error})."""
                ),
                weight=0.3,
            ),
        ],
        near="shipping",
    ),
    Family(
        "set_price",
        "set_price|update_price|change_price|price_update|reprice",
        "Set the price of a product.|Changes a price from a given day.|Updates what a product costs in the shop.",
        [
            PRODUCT,
            Parameter("price|new_price|amount|value", v.money, "The new price|", "number"),
            Parameter(
                "valid_from|from_date|start|effective",
                v.date,
                "Day from which it counts|",
                phrases=" from {} on| as of {}|, starting {}",
            ),
        ],
        several("""Set the price of {product} to {price} | {product} should cost {price} | Change the price for
            "{product}" to {price} | {product}: new price {price} | Sell {product} for {price} | Our costs went up, so
            {product} must cost {price} | Please update {product} in the shop, {price} is the new price | Make
            '{product}' {price} in the price list | I want to raise or lower the price of {product}, it should be
            {price} | The shop still has the old price for {product}; it's {price} now"""),
        "{product} to cost {price}|to set the price of {product}|a new price for {product}",
        [
            Result(
                {"old_price|previous": v.money, "updated|ok": v.choice(True)},
                several(
                    """{product} cost {old_price} and costs {price} now. | The price changed from {old_price} to
                        {price}. | Done: {price} instead of {old_price} for {product}."""
                ),
            ),
            Result(
                {"error|message": v.choice("product not found", "price is below cost", "prices are locked this week")},
                several(
                    """I couldn't change the price: {error}. | {product} keeps its price, because of this: {error}. |
                        That was refused ({error})."""
                ),
                weight=0.4,
            ),
        ],
        near="price",
    ),
    Family(
        "product_price",
        "get_price|product_price|price_lookup|lookup_price|price_check",
        "Price of a product.|What does an article cost?|Looks up the price, and the discount for a quantity.",
        [PRODUCT, QUANTITY],
        several("""What do {quantity} of {product} cost? | Price for {quantity} {product}? | How much do we charge for
            {product} if someone takes {quantity}? | {product}, {quantity} pieces, price please | I need a price for
            {quantity} units of "{product}". | A customer wants to buy {quantity} of {product}. What's the price? |
            Look up what {product} costs; they'd take {quantity}. | Give me the price of '{product}' at a quantity of
            {quantity}. | If I buy {quantity}, how much is {product}? | Please check the price list: {product},
            quantity {quantity}"""),
        "to know what {quantity} of {product} cost|the price of {product}|a price for {quantity} pieces of {product}",
        [
            Result(
                {"unit_price|price|each": v.money, "discount_percent|discount": v.integer(2, 30)},
                several("""{product} costs {unit_price} each, with {discount_percent} % off for {quantity}. | It's
                    {unit_price} apiece, and {quantity} of them get a discount of {discount_percent} %. | Each is
                    {unit_price}; at {quantity} you save {discount_percent} %."""),
            ),
            Result(
                _total,
                several(
                    """One {product} is {unit_price}; {quantity} come to {total}. | {quantity} of them cost {total},
                        that's {unit_price} each. | At {unit_price} a piece, the total is {total}."""
                ),
            ),
            Result(
                {"error|message": NO_PRODUCT},
                several(
                    """I have no price for {product}: {error}. | The price list says "{error}". | No price found
                        ({error})."""
                ),
                weight=0.3,
            ),
        ],
        near="price",
    ),
    Family(
        "issue_refund",
        "issue_refund|refund|refund_order|pay_back|refund_payment",
        "Refund a payment.|Pays money back for an order.|Refunds an order wholly or in part.",
        [ORDER, Parameter("amount|sum|refund_amount|value", v.money, "How much to pay back|", "number")],
        several("""Refund {amount} for order {order}. | Pay back {amount} on {order} | The customer of order {order}
            should get {amount} back. | {order}: refund {amount} | Something was broken in order {order}. Give them
            {amount} back. | Please return {amount} for the order "{order}". | Issue a refund of {amount}; the order
            is {order}. | We owe {amount} for {order}, refund it please. | Could you refund order '{order}'? {amount}
            is right. | I promised {amount} as a refund on order {order}."""),
        "a refund of {amount} for order {order}|to pay back {amount}|the customer of {order} to get {amount} back",
        [
            Result(
                {"refund_id|id": v.code, "method|via": v.choice("credit card", "bank transfer", "gift card")},
                several("""{amount} for {order} go back by {method} (refund {refund_id}). | Refund {refund_id} is on
                    its way: {amount} by {method}. | Done. The customer gets {amount} by {method}; the number is
                    {refund_id}."""),
            ),
            Result(
                {
                    "error|message": v.choice(
                        "amount is higher than the order", "order was never paid", "refunded already"
                    )
                },
                several(
                    """I couldn't refund {order}: {error}. | No money was paid back, because of this: {error}. | The
                        refund was refused ({error})."""
                ),
                weight=0.5,
            ),
        ],
    ),
]
