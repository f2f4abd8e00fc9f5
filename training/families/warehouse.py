"""Tools of trade: stock in a warehouse, shipping, prices, refunds."""

from random import Random
from typing import Any

from training import values as v
from training.families.orders import ORDER, PRODUCT, QUANTITY
from training.family import Arguments, Family, Parameter, Result
from training.several import several

WAREHOUSE = Parameter("warehouse|location|site|store|depot", v.city, "Which warehouse|City of the warehouse|")


def _total(random: Random, arguments: Arguments) -> dict[str, Any]:
    """Price of one piece, and of as many as were asked for."""
    price = v.money(random)
    return {"unit_price|price|each": price, "total|sum": round(price * arguments["quantity"], 2)}


NO_PRODUCT = v.choice("unknown product", "product is no longer sold", "no such article")

FAMILIES = [
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
