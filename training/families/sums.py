"""Tools that compute with a few numbers, with true results.

Results are rounded to four decimals; how they are written out is not decided here.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from training import values as v
from training.family import Arguments, Family, Parameter, Result
from training.several import several


def true(names: str, key: str, function: Callable[..., Any]) -> Callable[[Random, Arguments], dict[str, Any]]:
    """Fields of a result: `function` of the arguments named (divided by spaces), under `key`."""

    def fields(_: Random, arguments: Arguments) -> dict[str, Any]:
        value = function(*(arguments[name] for name in names.split()))
        if isinstance(value, float):
            value = int(value) if value.is_integer() else round(value, 4)
        return {key: value}

    return fields


def number(names: str, low: float, high: float, about: str = "", decimals: int = 1) -> Parameter:
    return Parameter(names, v.number(low, high, decimals), about, "number")


def integer(names: str, low: int, high: int, about: str = "") -> Parameter:
    return Parameter(names, v.integer(low, high), about, "integer")


def numbers(low: int, high: int) -> Parameter:
    return Parameter(
        "numbers|values|data|list|series|samples",
        v.list_of(v.integer(low, high), 3, 6),
        "The numbers|List of values to work on|Data points|",
        "array",
        "number",
    )


def numeric(
    name: str,
    names: str,
    about: str,
    parameters: list[Parameter],
    requests: str,
    goals: str,
    function: Callable[..., Any],
    answers: str,
    near: str = "",
) -> Family:
    """Family whose one field, `result`, is a function of its arguments."""
    required = " ".join(parameter.names.split("|")[0] for parameter in parameters)
    return Family(
        name,
        names,
        about,
        parameters,
        several(requests),
        goals,
        [Result(true(required, "result", function), several(answers))],
        near,
    )


ARITHMETIC = [
    Family(
        "add_numbers",
        "add|add_numbers|sum_two|addition|plus|math_add",
        "Add two numbers|Returns the sum of a and b|Adds two integers. Use it for every addition, even a simple one.",
        [
            integer("a|x|first|left|num1", 1, 9999, "First number|The first summand|"),
            integer("b|y|second|right|num2", 1, 9999, "Second number|The other summand|"),
        ],
        several("""
            What is {a} plus {b}? | Add {a} and {b}. | {a} + {b} | Can you add {a} and {b} for me? | How much do {a}
            and {b} make together? | I sold {a} tickets on Saturday and {b} on Sunday. What is the total? | Sum of
            {a} and {b}, please | Please work out {a}+{b}. | My two bills are {a} and {b}; what do I owe altogether?
            | If I put {a} and {b} together, what do I get? | Total of {a} and {b}? | I need to know what {a} and
            {b} add up to | Adding up: {a}, {b}"""),
        "to add {a} and {b}|the sum of {a} and {b}|to know what {a} plus {b} is",
        [
            Result(
                true("a b", "result", lambda a, b: a + b),
                several(
                    "{a} plus {b} is {result}. | That makes {result}. | Together they are {result}. | {a} "
                    "+ {b} = {result}"
                ),
            )
        ],
        "sums",
    ),
    Family(
        "subtract_numbers",
        "subtract|minus|subtract_numbers|difference|get_difference",
        "Subtract one number from another|Returns a minus b|The difference between two numbers.",
        [
            integer("a|minuend|from_value|x|left", 500, 9999, "Number to subtract from|Minuend|"),
            integer("b|subtrahend|y|right|amount", 1, 499, "Number to take away|Subtrahend|"),
        ],
        several("""
            What is {a} minus {b}? | Subtract {b} from {a}. | {a} - {b} | Take {b} away from {a}, please. | How much
            is left of {a} when {b} is gone? | I had {a} euros and spent {b}. What do I have left? | What's the
            difference between {a} and {b}? | Could you take {b} off {a}? | There were {a} seats and {b} are taken;
            how many are free? | {a} less {b} is what? | I need {a} minus {b} for my accounts. | Minus {b}, starting
            at {a}: what is it?"""),
        "to subtract {b} from {a}|the difference of {a} and {b}|to know what remains of {a} after {b}",
        [
            Result(
                true("a b", "difference", lambda a, b: a - b),
                several(
                    "{a} minus {b} is {difference}. | That leaves {difference}. | The difference is "
                    "{difference}. | {a} - {b} = {difference}"
                ),
            )
        ],
        "sums",
    ),
    Family(
        "multiply_numbers",
        "multiply|multiply_numbers|times|product|mul|math_multiply",
        "Multiply two numbers|Returns the product of two numbers|Multiplies a by b.",
        [
            integer("a|x|factor1|first|left", 2, 999, "First factor|A number|"),
            integer("b|y|factor2|second|right", 2, 999, "Second factor|Another number|"),
        ],
        several("""
            What is {a} times {b}? | Multiply {a} by {b}. | {a} * {b} | {a} x {b}? | How many are {a} boxes of {b}
            pieces? | I need the product of {a} and {b}. | We have {a} rows with {b} chairs each. How many chairs is
            that? | Please multiply {a} by {b}. | Work out {a} × {b} for me | If {a} of us pay {b} each, what is that? |
            Can you tell me what {a} multiplied by {b} gives?"""),
        "to multiply {a} by {b}|the product of {a} and {b}|to know what {a} times {b} is",
        [
            Result(
                true("a b", "product", lambda a, b: a * b),
                several(
                    "{a} times {b} is {product}. | That's {product}. | The product is {product}. | {a} × "
                    "{b} = {product}"
                ),
            )
        ],
        "sums",
    ),
    Family(
        "divide_numbers",
        "divide|division|divide_numbers|quotient|integer_division|split_evenly",
        "Divide with remainder|Returns quotient and remainder of two integers|Whole-number division. The "
        "remainder is returned too.",
        [
            integer("dividend|a|numerator|total|x", 50, 9999, "Number to divide|Dividend|"),
            integer("divisor|b|denominator|by|parts", 2, 49, "Number to divide by|Must not be 0|"),
        ],
        several("""
            What is {dividend} divided by {divisor}? | Divide {dividend} by {divisor}. | {dividend} / {divisor} |
            How often does {divisor} go into {dividend}? | Share {dividend} sweets among {divisor} children. How
            many does each get? | I have to split {dividend} into {divisor} equal parts. | By {divisor}, please
            divide {dividend}. | With {divisor} per box, how many boxes do {dividend} eggs fill? | {dividend} over
            {divisor}, with remainder | Quotient and remainder of {dividend} and {divisor}?"""),
        "to divide {dividend} by {divisor}|the quotient and remainder of {dividend} and {divisor}|to "
        "share {dividend} out by {divisor}",
        [
            Result(
                lambda r, a: {"quotient": a["dividend"] // a["divisor"], "remainder": a["dividend"] % a["divisor"]},
                several("""
                    {dividend} divided by {divisor} is {quotient}, with a remainder of {remainder}. | It goes
                    {quotient} times, and {remainder} is left over. | That's {quotient}, remainder {remainder}. |
                    {dividend} / {divisor} = {quotient} (remainder {remainder})"""),
            )
        ],
        "sums",
    ),
    Family(
        "percentage_of",
        "percentage_of|percent_of|calc_percentage|take_percent|percentage",
        "Percentage of an amount|Computes how much a given percentage of a number is|Returns percent / 100 * amount.",
        [
            integer("percent|percentage|pct|rate|p", 1, 99, "Percentage, 0 to 100|The percent value|"),
            integer("amount|number|base|whole|of", 10, 9000, "The whole|Number to take the percentage of|"),
        ],
        several("""
            What is {percent}% of {amount}? | {percent} percent of {amount} | How much is {percent} % of {amount}? |
            Give me {percent} percent of {amount}, please. | Out of {amount} people, {percent} percent said yes. How
            many is that? | I get {percent}% off a price of {amount}. How much do I save? | Take {amount} and tell
            me what {percent}% of it is. | For a bill of {amount}, what would a {percent}% tip be? | I need to know
            how much {percent} percent of {amount} comes to. | {amount}: what's {percent}% of that?"""),
        "{percent} percent of {amount}|to know how much {percent}% of {amount} is|a percentage of {amount}",
        [
            Result(
                true("percent amount", "result", lambda p, a: p * a / 100),
                several(
                    "{percent}% of {amount} is {result}. | That comes to {result}. | It's {result}. | "
                    "{percent} percent of {amount} makes {result}."
                ),
            )
        ],
        "percent",
    ),
    Family(
        "percent_change",
        "percent_change|percentage_change|growth_rate|relative_change|calculate_change",
        "Change between two values in percent|How much a value has grown or fallen, as a "
        "percentage|Percent change from old to new.",
        [
            integer("old|old_value|before|from|start", 20, 5000, "Value before|Old value|"),
            integer("new|new_value|after|to|end", 20, 5000, "Value after|New value|"),
        ],
        several("""
            By how many percent did it change from {old} to {new}? | Percent change from {old} to {new} | My rent
            went from {old} to {new}. What is that in percent? | The new figure is {new}, the old one was {old}.
            What's the change in percent? | Our visitors went from {old} last year to {new} this year; how much is
            that relatively? | Calculate the percentage change: {old} to {new}. | What percentage change is {old} ->
            {new}? | I weighed {old} parcels in May and {new} in June. Change in percent, please. | Sales are at
            {new} now, after {old} in spring. How strong is the change in percent? | before {old}, after {new}:
            change in %?"""),
        "the change from {old} to {new} in percent|to know how much {old} to {new} is in percent|a percentage change",
        [
            Result(
                true("old new", "percent", lambda o, n: round((n - o) / o * 100, 2)),
                several(
                    "From {old} to {new} the change is {percent}%. | That's a change of {percent} "
                    "percent. | It changed by {percent}%."
                ),
            )
        ],
        "percent",
    ),
    Family(
        "split_bill",
        "split_bill|share_bill|bill_splitter|divide_bill|per_person|tip_and_split",
        "Split a restaurant bill|Splits a bill with tip among people|Computes what each person pays. The "
        "tip is in percent.",
        [
            number("total|amount|bill|bill_amount|sum", 20, 400, "Bill before the tip|Amount of the bill|", 2),
            integer("people|persons|guests|n|party_size", 2, 12, "Number of people|How many share|"),
            integer("tip_percent|tip|gratuity|tip_rate", 5, 25, "Tip in percent|"),
        ],
        several("""
            Split a bill of {total} among {people} people with a {tip_percent}% tip. | We are {people} and the bill
            is {total}. With {tip_percent} percent tip, what does each pay? | Dinner was {total}; add {tip_percent}%
            tip and divide by {people}. | How much is it each if {people} of us share {total} and tip {tip_percent}
            percent? | {total}, {people} people, {tip_percent}% tip: what's my share? | Please add a tip of
            {tip_percent}% to {total} and split it {people} ways. | What do I owe? The bill came to {total}, we were
            {people} at the table and want to tip {tip_percent}%. | With {tip_percent}% on top, split {total}
            between {people} friends. | {people} of us had lunch for {total}. Tip: {tip_percent} percent. What is it
            per head? | I need to divide a bill of {total} by {people}, tip {tip_percent}% included."""),
        "to split a bill of {total} among {people} people|to know what each of {people} people pays|a "
        "bill shared out, tip included",
        [
            Result(
                lambda r, a: {
                    "per_person": round(a["total"] * (1 + a["tip_percent"] / 100) / a["people"], 2),
                    "total_with_tip": round(a["total"] * (1 + a["tip_percent"] / 100), 2),
                },
                several("""
                    Each of you pays {per_person}; with the tip the bill comes to {total_with_tip}. | That's
                    {per_person} per person, out of {total_with_tip} in all. | With {tip_percent}% tip it's
                    {total_with_tip} altogether, so {per_person} each."""),
            )
        ],
    ),
    Family(
        "discount_price",
        "discounted_price|apply_discount|sale_price|discount|price_after_discount",
        "Price after a discount|Applies a discount in percent to a price|Computes sale price and saving.",
        [
            number("price|original_price|amount|list_price", 5, 900, "Original price|Price before the discount|", 2),
            integer("discount|percent|discount_percent|rate|off", 5, 70, "Discount in percent|"),
        ],
        several("""
            What does something for {price} cost with {discount}% off? | {discount}% off {price} | Apply a discount
            of {discount} percent to {price}. | The jacket was {price} and is now {discount}% cheaper. What do I
            pay? | I have a voucher for {discount}% and the shoes cost {price}. What's the final price? | Sale price
            please: {price} minus {discount} percent. | How much is {price} after {discount} percent off? | If they
            take {discount}% off, what is left of {price}? | I want to know the reduced price of a lamp at {price}
            with {discount}% discount. | Take {discount} percent off the {price} please"""),
        "the price of {price} after {discount} percent off|a discount of {discount}% applied to "
        "{price}|to know what they pay after the discount",
        [
            Result(
                lambda r, a: {
                    "final_price": round(a["price"] * (1 - a["discount"] / 100), 2),
                    "saved": round(a["price"] * a["discount"] / 100, 2),
                },
                several("""
                    It costs {final_price}, so you save {saved}. | With {discount}% off you pay {final_price} and
                    save {saved}. | You'd pay {final_price}; that's {saved} less."""),
            )
        ],
    ),
    Family(
        "add_tax",
        "add_tax|add_vat|gross_price|calculate_tax|vat_calculator|sales_tax",
        "Add tax to a net price|Computes tax and gross price|Adds value-added tax. The rate is in percent.",
        [
            number("net|net_price|amount|price|net_amount", 5, 2000, "Net amount|Price without tax|", 2),
            integer("rate|tax_rate|vat|percent", 5, 25, "Tax rate in percent|"),
        ],
        several("""
            What is {net} plus {rate}% tax? | Add {rate} percent VAT to {net}. | Net {net}, tax {rate}%: what's the
            gross price? | I need the price with tax for {net} at a rate of {rate}%. | How much tax is on {net} at
            {rate} percent? | The invoice says {net} before tax and the tax is {rate}%. What do I have to pay? |
            With {rate}% sales tax, what does {net} become? | Gross amount for {net} and {rate} % VAT please | My
            supplier quotes {net} net. We pay {rate} percent tax on that. What is the full amount? | Put {rate}% tax
            on {net}"""),
        "{rate}% tax added to {net}|the gross price of {net}|to know tax and total for {net}",
        [
            Result(
                lambda r, a: {
                    "tax": round(a["net"] * a["rate"] / 100, 2),
                    "gross": round(a["net"] * (1 + a["rate"] / 100), 2),
                },
                several("""
                    The tax is {tax}, so the total is {gross}. | With tax it comes to {gross}, of which {tax} is
                    tax. | You pay {gross}, including {tax} of tax. | {tax} tax, {gross} gross."""),
            )
        ],
    ),
    Family(
        "compound_interest",
        "compound_interest|savings_growth|future_value|grow_savings|investment_value",
        "Compound interest|Value of savings after some years with yearly interest|Computes how a deposit "
        "grows. Interest is added once a year.",
        [
            integer("principal|amount|deposit|capital|start", 100, 50000, "Money at the start|The deposit|"),
            number("rate|interest_rate|interest|annual_rate", 1, 9, "Interest per year in percent|"),
            integer("years|n_years|duration|term", 1, 30, "Number of years|How long|"),
        ],
        several("""
            What do {principal} become in {years} years at {rate}% interest? | I put {principal} in the bank at
            {rate} percent for {years} years. What will I have? | Compound interest: {principal}, {rate}%, {years}
            years | After {years} years with {rate}% a year, how much is {principal} worth? | At {rate} percent,
            what does a deposit of {principal} grow to over {years} years? | My grandmother gave me {principal}. If
            I leave it for {years} years at {rate}%, how much is it then? | Please compute the future value of
            {principal} for a rate of {rate}% and a term of {years} years. | Interest is {rate}%, I save {principal}
            and wait {years} years; what do I end up with? | How much will {principal} earn in {years} years at
            {rate} percent? | I need the final amount for {years} years, start {principal}, rate {rate}%."""),
        "to know what {principal} grow to in {years} years|the value of {principal} at {rate}% after "
        "{years} years|compound interest for a deposit",
        [
            Result(
                lambda r, a: {
                    "final_amount": round(a["principal"] * (1 + a["rate"] / 100) ** a["years"], 2),
                    "interest": round(a["principal"] * ((1 + a["rate"] / 100) ** a["years"] - 1), 2),
                },
                several("""
                    After {years} years you'd have {final_amount}, of which {interest} is interest. | It grows to
                    {final_amount}; that's {interest} in interest. | {principal} at {rate}% become {final_amount},
                    so you earn {interest}."""),
            )
        ],
    ),
    Family(
        "loan_payment",
        "loan_payment|monthly_payment|mortgage_payment|calculate_loan|loan_calculator|emi",
        "Monthly payment of a loan|Computes the rate to pay each month for a loan|Loan calculator. "
        "Interest per year in percent.",
        [
            integer("amount|loan|principal|loan_amount", 1000, 300000, "Amount borrowed|The loan|"),
            number("rate|interest|interest_rate|apr", 1, 12, "Yearly interest in percent|"),
            integer("months|term|term_months|duration", 6, 360, "Number of months|How long it is paid back|"),
        ],
        several("""
            What's the monthly payment for a loan of {amount} at {rate}% over {months} months? | I want to borrow
            {amount} for {months} months at {rate} percent. What do I pay each month? | Loan: {amount}, {rate}%,
            {months} months | If the bank takes {rate}% and I pay back {amount} in {months} months, what is the
            instalment? | Over {months} months, with {rate} percent interest, what would a credit of {amount} cost
            per month? | Calculate my instalments: {months} months, {amount} borrowed, interest {rate}%. | We are
            thinking of a car loan. {amount} at {rate}% for {months} months: can we afford that per month? | How
            much a month is {amount} at {rate}% if it runs {months} months? | Monthly rate for {amount} please,
            {rate} percent interest, {months} months. | I need to know what {amount} over {months} months at {rate}%
            means each month"""),
        "the monthly payment of a loan of {amount}|to know what they pay each month for {amount}|a loan "
        "of {amount} worked out",
        [
            Result(
                true(
                    "amount rate months",
                    "monthly_payment",
                    lambda p, i, n: round(p * (i / 1200) / (1 - (1 + i / 1200) ** -n), 2),
                ),
                several(
                    "You would pay {monthly_payment} a month. | The monthly payment is {monthly_payment}. "
                    "| It's {monthly_payment} each month for {months} months."
                ),
            )
        ],
    ),
    Family(
        "average_speed",
        "average_speed|compute_speed|speed|calc_speed|pace",
        "Average speed from distance and time|Computes speed in km/h|Distance in kilometres divided by hours.",
        [
            number("distance|distance_km|km|kilometres", 2, 900, "Distance in kilometres|"),
            number("hours|time|duration|time_hours|h", 0.5, 12, "Time in hours|How long it took|"),
        ],
        several("""
            How fast is {distance} km in {hours} hours? | I drove {distance} kilometres in {hours} hours. What was
            my average speed? | Speed for {distance} km and {hours} h? | In {hours} hours we covered {distance} km;
            how fast were we? | Average speed, please: {distance} km, {hours} h | My train needed {hours} hours for
            {distance} kilometres. How fast is that? | What speed do I need for {distance} km if I have {hours}
            hours? | Work out the speed: it took {hours} hours to go {distance} kilometres. | We cycled {distance}
            km today and it took {hours} hours, I wonder how fast that was. | It's {distance} km to the sea and I
            was there after {hours} hours. What does that make per hour? | {hours} h for {distance} km, so how fast?"""),
        "the average speed over {distance} km in {hours} hours|to know how fast {distance} km in {hours} hours is",
        [
            Result(
                true("distance hours", "speed_kmh", lambda d, t: round(d / t, 2)),
                several(
                    "That's an average of {speed_kmh} km/h. | You were going {speed_kmh} kilometres an "
                    "hour on average. | The average speed is {speed_kmh} km/h."
                ),
            )
        ],
    ),
    Family(
        "fuel_cost",
        "fuel_cost|trip_cost|petrol_cost|calculate_fuel_cost|gas_cost",
        "Cost of fuel for a trip|What the fuel for a drive costs|Computes litres and cost from distance, "
        "consumption and price.",
        [
            integer("distance|km|distance_km|trip_length", 10, 1500, "Kilometres|Length of the trip in km|"),
            number("consumption|litres_per_100km|usage|l_per_100", 4, 14, "Litres per 100 km|"),
            number("price|price_per_litre|fuel_price|cost_per_litre", 1.2, 2.4, "Price of a litre|", 2),
        ],
        several("""
            What does fuel cost for {distance} km at {consumption} litres per 100 km and {price} a litre? | My car
            takes {consumption} litres per 100 km, petrol is {price} and I drive {distance} km. What will it cost? |
            Fuel cost: {distance} km, {consumption} l/100 km, {price} per litre | At {price} a litre, how much do I
            pay for {distance} kilometres with {consumption} l per 100 km? | We're planning a drive of {distance}
            km. The van needs {consumption} litres per hundred and diesel costs {price}. How much is the fuel? | How
            expensive is a {distance} km trip if I use {consumption} litres per 100 km and a litre is {price}? |
            Petrol at {price}, consumption {consumption}, distance {distance}: cost please. | I need the cost of the
            fuel for {distance} kilometres ({consumption} litres per 100 km, {price} per litre). | Work out what
            {distance} km cost me. Consumption is {consumption} l/100 km and the price {price}. | A litre is
            {price}, my motorbike drinks {consumption} litres per 100 km and I've {distance} km to go. What do I
            pay? | {distance} km with {consumption} litres per 100 km at {price}: total?"""),
        "the cost of fuel for {distance} km|to know what a drive of {distance} km costs",
        [
            Result(
                lambda r, a: {
                    "litres": round(a["distance"] * a["consumption"] / 100, 1),
                    "cost": round(a["distance"] * a["consumption"] * a["price"] / 100, 2),
                },
                several(
                    "You'd need {litres} litres, which cost {cost}. | The fuel comes to {cost} for "
                    "{litres} litres. | That's {cost}, for {litres} litres of fuel."
                ),
            )
        ],
    ),
]

FAMILIES = ARITHMETIC
