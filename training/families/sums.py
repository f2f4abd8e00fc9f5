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
            What is {a} plus {b}? | Add {a} and {b}. | {a} + {b} | Can you add {b} to {a} for me? | How much do {a}
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
            that? | Please multiply {b} by {a}. | Work out {a} × {b} for me | If one costs {b}, what do {a} cost? |
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
<<<<<<< HEAD
            km today and it took {hours} hours, I wonder how fast that was."""),
=======
            km today and it took {hours} hours, I wonder how fast that was. | It's {distance} km to the sea and I
            was there after {hours} hours. What does that make per hour? | {hours} h for {distance} km, so how fast?"""),
>>>>>>> families-c
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
<<<<<<< HEAD
            {distance} km cost me. Consumption is {consumption} l/100 km and the price {price}."""),
=======
            {distance} km cost me. Consumption is {consumption} l/100 km and the price {price}. | A litre is
            {price}, my motorbike drinks {consumption} litres per 100 km and I've {distance} km to go. What do I
            pay? | {distance} km with {consumption} litres per 100 km at {price}: total?"""),
>>>>>>> families-c
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

<<<<<<< HEAD

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
    return Family(
        name,
        names,
        about,
        parameters,
        several(requests),
        goals,
        [Result(true("result", function), several(answers))],
        near,
    )


WHOLE = [
    numeric(
        "square_root",
        "sqrt|square_root|root|compute_sqrt|math_sqrt",
        "Square root of a number|Returns the square root|",
        [integer("n|number|x|value|radicand", 2, 9999, "The number|Must not be negative|")],
        """
            What's the square root of {n}? | sqrt({n}) | Square root of {n} | Take the root of {n}, please. | Which
            number squared gives {n}? | I need √{n} for my homework | A square room has {n} square metres. How long
            is one side? | Can you tell me the root of {n}? | {n}: square root? | Compute the square root of the
            number {n} | I've forgotten what the square root of {n} is""",
        "the square root of {n}|to know which number squared is {n}",
        lambda n: math.sqrt(n),
        "The square root of {n} is {result}. | It's {result}. | √{n} is about {result}.",
    ),
    numeric(
        "power",
        "power|pow|exponentiate|raise_to|to_the_power",
        "Raise a number to a power|Computes base to the exponent|Returns base ** exponent.",
        [integer("base|x|number|b", 2, 25, "The base|"), integer("exponent|power|n|exp", 2, 9, "The exponent|")],
        """
            What is {base} to the power of {exponent}? | {base}^{exponent} | Raise {base} to {exponent}. | {base} **
            {exponent} please | With exponent {exponent} and base {base}, what is the power? | How much is {base}
            multiplied by itself, {exponent} factors in all? | Compute {base} to the {exponent} | I need power
            {exponent} of {base}. | A lock has {exponent} wheels with {base} positions each. How many codes are
            there?""",
        "{base} to the power of {exponent}|to raise {base} to {exponent}",
        lambda b, e: b**e,
        "{base} to the power of {exponent} is {result}. | That's {result}. | {base}^{exponent} = {result}",
    ),
    numeric(
        "factorial",
        "factorial|compute_factorial|fact|n_factorial|orders",
        "Factorial of a number|Returns n!|Number of orders of n things.",
        [integer("n|number|x|value", 2, 12, "A whole number|From 0 to 20|")],
        """
            What is the factorial of {n}? | {n}! | Factorial of {n} please | Compute {n} factorial. | In how many
            orders can {n} people stand in a line? | I have {n} books; how many ways are there to arrange them on a
            shelf? | Tell me {n}! | For n = {n}, what's n factorial? | I need to know the factorial for the number
            {n} | Calculate the factorial: {n}""",
        "the factorial of {n}|to know how many orders {n} things have",
        math.factorial,
        "{n}! is {result}. | The factorial of {n} is {result}. | That makes {result}.",
    ),
    numeric(
        "greatest_common_divisor",
        "gcd|greatest_common_divisor|common_divisor|hcf",
        "Greatest common divisor of two numbers|Largest number that divides both|GCD.",
        [integer("a|x|first|m", 4, 900, "First number|"), integer("b|y|second|n", 4, 900, "Second number|")],
        """
            What's the greatest common divisor of {a} and {b}? | gcd({a}, {b}) | GCD of {a} and {b} | Which is the
            largest number that divides both {a} and {b}? | I want to shorten the fraction {a}/{b}; by what can I
            divide? | Find the highest common factor of {a} and {b}. | Two planks of {a} and {b} cm are to be cut
            into equal pieces, as long as possible. How long? | Greatest common divisor please: {a}, {b} | Tell me
            the GCD for the numbers {a} and {b}""",
        "the greatest common divisor of {a} and {b}|the largest number that divides {a} and {b}",
        math.gcd,
        "The greatest common divisor of {a} and {b} is {result}. | It's {result}. | {result} is the "
        "largest number that divides both.",
        "divisors",
    ),
    numeric(
        "least_common_multiple",
        "lcm|least_common_multiple|common_multiple|smallest_multiple",
        "Least common multiple of two numbers|Smallest number that both divide|LCM.",
        [integer("a|x|first|m", 2, 90, "First number|"), integer("b|y|second|n", 2, 90, "Second number|")],
        """
            What's the least common multiple of {a} and {b}? | lcm({a}, {b}) | LCM of {a} and {b} please | One bus
            comes every {a} minutes, the other every {b}. When do they meet again? | Smallest number that both {a}
            and {b} divide? | I need a common denominator for {a} and {b}. | Find the lowest common multiple: {a}
            and {b} | Which is the first multiple that {a} and {b} share? | For {a} and {b}, compute the least
            common multiple.""",
        "the least common multiple of {a} and {b}|the smallest number that {a} and {b} divide",
        math.lcm,
        "The least common multiple of {a} and {b} is {result}. | It's {result}. | {result} is the first "
        "number that both divide.",
        "divisors",
    ),
    Family(
        "check_prime",
        "is_prime|check_prime|prime_test|test_prime|prime_check",
        "Test whether a number is prime|Primality test|True if the number has no divisors but 1 and itself.",
        [integer("n|number|x|value|candidate", 2, 999, "Number to test|A positive integer|")],
        several("""
            Is {n} a prime number? | Is {n} prime? | Check whether {n} is prime. | prime test {n} | Does {n} have
            any divisors besides 1 and itself? | I wonder if {n} is a prime | Tell me whether the number {n} is
            prime or not. | My daughter says {n} is a prime number. Is she right? | {n}: prime? | Can {n} be divided
            by anything, or is it prime? | Test {n} for primality, please."""),
        "to know whether {n} is prime|a prime test of {n}",
        [
            Result(
                lambda r, a: {
                    "verdict": "prime" if all(a["n"] % d for d in range(2, math.isqrt(a["n"]) + 1)) else "not prime"
                },
                several(
                    "{n} is {verdict}. | The test says that {n} is {verdict}. | It turns out that {n} is {verdict}."
                ),
            )
        ],
    ),
    numeric(
        "prime_factors",
        "prime_factors|factorize|factor|factorise_number|prime_factorization",
        "Factor a number into primes|Prime factorization|Returns the prime factors in ascending order.",
        [integer("n|number|x|value", 4, 5000, "Number to factor|")],
        """
            What are the prime factors of {n}? | Factor {n}. | Prime factorization of {n} please | Break {n} down
            into primes. | Which primes multiply to {n}? | I have to write {n} as a product of primes for school |
            factorize {n} | Can you take {n} apart into its prime factors? | Find the primes that make up the number
            {n}. | {n} as a product of primes?""",
        "the prime factors of {n}|to factor {n} into primes",
        lambda n: " × ".join(map(str, prime_factors(n))),
        "{n} = {result} | The prime factors of {n} are {result}. | As a product of primes, {n} is {result}.",
    ),
    numeric(
        "round_number",
        "round_number|round|round_to|round_decimal",
        "Round a number to some decimals|Rounds a value|Returns the number with the given number of decimal places.",
        [
            number("value|number|x|n", 1, 500, "Number to round|", 5),
            integer(
                "decimals|digits|places|precision|ndigits", 1, 3, "Decimal places|How many digits after the point|"
            ),
        ],
        """
            Round {value} to {decimals} decimals. | What is {value} rounded to {decimals} decimal places? | {value},
            {decimals} digits after the point, please | I need {value} with only {decimals} decimals | To {decimals}
            places, what is {value}? | Can you shorten {value} to {decimals} digits after the decimal point? | The
            display has room for {decimals} decimals; what does {value} become? | round {value} ({decimals}
            decimals) | Give me {value} with a precision of {decimals}""",
        "to round {value} to {decimals} decimals|{value} with {decimals} decimals",
        lambda x, d: round(x, d),
        "Rounded, that's {result}. | {value} becomes {result}. | It's {result}.",
    ),
    numeric(
        "combinations",
        "combinations|choose|n_choose_k|count_combinations|binomial",
        "Number of ways to choose k of n|Binomial coefficient|How many groups of k can be drawn from n things.",
        [
            integer("n|total|items|size", 5, 49, "How many there are|"),
            integer("k|choose|picked|selected|r", 2, 5, "How many are chosen|"),
        ],
        """
            How many ways are there to choose {k} out of {n}? | {n} choose {k} | Of {n} pupils I pick {k} for a
            team. How many teams are possible? | Number of combinations of {k} from {n}? | In how many ways can I
            draw {k} balls from an urn with {n}? | Compute the binomial coefficient with n = {n} and k = {k}. | A
            lottery draws {k} numbers out of {n}; how many draws are there? | Combinations: n is {n}, k is {k} | I
            can take {k} of my {n} shirts. How many selections does that make?""",
        "the number of ways to choose {k} of {n}|to know how many groups of {k} there are in {n}",
        math.comb,
        "There are {result} ways. | {n} choose {k} is {result}. | You can choose {k} of {n} in {result} ways.",
    ),
]


def prime_factors(number: int) -> list[int]:
    """Prime factors of `number`, ascending."""
    factors, divisor = [], 2
    while number > 1:
        while number % divisor == 0:
            factors.append(divisor)
            number //= divisor
        divisor += 1
    return factors


STATISTICS = [
    numeric(
        "mean",
        "mean|average|calculate_mean|avg|compute_average|arithmetic_mean",
        "Average of numbers|Arithmetic mean of a list|Adds all values and divides by their number.",
        [numbers(1, 100)],
        """
            What is the average of {numbers}? | Average: {numbers} | Calculate the mean of {numbers}. | My grades
            are {numbers}. What is my average? | On average, how much is {numbers}? | I measured {numbers} and need
            the mean | mean of {numbers} please | The last visits took {numbers} minutes; how long do they take on
            average? | Could you average {numbers} for me? | Take {numbers} and tell me the mean.""",
        "the average of {numbers}|the mean of some numbers",
        lambda x: round(statistics.fmean(x), 3),
        "The average is {result}. | On average that's {result}. | The mean of those numbers is {result}.",
        "statistics",
    ),
    numeric(
        "median",
        "median|calculate_median|compute_median|middle_value",
        "Median of numbers|The middle value of a list|Half of the values are smaller, half are larger.",
        [numbers(1, 200)],
        """
            What is the median of {numbers}? | median {numbers} | Find the middle value of {numbers}. | House prices
            here are {numbers} thousand. What's the median? | I need the median for {numbers}, not the mean | Half
            of {numbers} lie below which value? | Median please: {numbers} | The ages are {numbers}; which age is
            the median? | Compute the median of these values: {numbers}""",
        "the median of {numbers}|the middle value of some numbers",
        lambda x: statistics.median(x),
        "The median is {result}. | {result} is the middle value. | Half of them lie below {result}, the median.",
        "statistics",
    ),
    numeric(
        "standard_deviation",
        "standard_deviation|stdev|std_dev|spread|compute_std",
        "Standard deviation of numbers|How far values spread around their mean|Sample standard deviation.",
        [numbers(1, 90)],
        """
            What's the standard deviation of {numbers}? | stdev {numbers} | How much do the values {numbers} spread?
            | Compute the standard deviation: {numbers} | My measurements were {numbers}. I need their standard
            deviation. | For the data {numbers}, give me the standard deviation, please. | Are {numbers} far apart?
            Work out the standard deviation. | I'd like the standard deviation of {numbers} for my lab report""",
        "the standard deviation of {numbers}|to know how much some numbers spread",
        lambda x: round(statistics.stdev(x), 3),
        "The standard deviation is {result}. | They spread with a standard deviation of {result}. | It "
        "comes to {result}.",
        "statistics",
    ),
    Family(
        "value_range",
        "min_max|range|find_extremes|value_range|extent",
        "Smallest and largest of some numbers|Minimum and maximum of a list|",
        [numbers(-50, 500)],
        several("""
            What are the smallest and largest of {numbers}? | Min and max of {numbers} | Between which values do
            {numbers} lie? | Find the minimum and maximum: {numbers} | The temperatures were {numbers}. What was the
            lowest and what the highest? | Highest and lowest of {numbers}, please | I need both extremes of
            {numbers} | Give me the range of {numbers} | How low and how high do the numbers {numbers} go?"""),
        "the smallest and largest of {numbers}|minimum and maximum of some numbers",
        [
            Result(
                lambda r, a: {"min": min(a["numbers"]), "max": max(a["numbers"])},
                several(
                    "The smallest is {min} and the largest {max}. | They go from {min} to {max}. | "
                    "Minimum {min}, maximum {max}."
                ),
            )
        ],
        "statistics",
    ),
    numeric(
        "sum_list",
        "sum|total|sum_list|add_all|sum_values",
        "Sum of a list of numbers|Adds all numbers of a list|",
        [numbers(1, 900)],
        """
            Add up {numbers}. | What's the sum of {numbers}? | Total of {numbers} please | My receipts are
            {numbers}. How much is that in all? | sum {numbers} | I spent {numbers} this week; what does it add up
            to? | Please total these for me: {numbers} | How much do {numbers} make together? | Put {numbers}
            together and tell me the total.""",
        "the sum of {numbers}|to add up some numbers",
        lambda x: sum(x),
        "They add up to {result}. | The total is {result}. | That makes {result} in all.",
        "arithmetic",
    ),
]

CM = "in centimetres|in cm|Length in cm|"
GEOMETRY = [
    numeric(
        "rectangle_area",
        "rectangle_area|area_of_rectangle|room_area|calc_area|area",
        "Area of a rectangle|Computes width times length|Area in square metres from two sides.",
        [
            number("width|w|a|side_a", 1, 30, "Width in metres|"),
            number("length|height|l|b|side_b", 1, 40, "Length in metres|"),
        ],
        """
            What's the area of a rectangle {width} m wide and {length} m long? | area of {width} by {length} | My
            room is {width} metres wide and {length} metres long. How big is it? | How many square metres are
            {width} x {length} metres? | A lawn with a length of {length} and a width of {width} metres: what is its
            area? | Calculate the rectangle's area, width {width}, length {length}. | I want to tile a floor of
            {width} by {length} metres, how many square metres is that? | Length {length}, width {width}; area
            please | We're buying carpet for {length} m times {width} m, how much do we need?""",
        "the area of a rectangle of {width} by {length}|to know how large {width} by {length} metres is",
        lambda a, b: round(a * b, 2),
        "The area is {result} square metres. | That's {result} m². | {width} by {length} metres makes "
        "{result} square metres.",
        "area",
    ),
    numeric(
        "circle_area",
        "circle_area|area_of_circle|disk_area|calculate_circle_area",
        "Area of a circle|Computes pi times the radius squared|",
        [number("radius|r|circle_radius|rad", 0.5, 60, "Radius|Distance from the centre to the edge|")],
        """
            What is the area of a circle with radius {radius}? | Circle area, r = {radius} | How big is a disc whose
            radius is {radius} cm? | A round table has a radius of {radius}; what's its surface? | I need the area
            of a circle, radius {radius}. | With a radius of {radius}, how much area does a round pond cover? |
            Compute the area of the circle of radius {radius} | {radius} radius: circle's area? | A sprinkler
            reaches {radius} metres in all directions. What area does it water?""",
        "the area of a circle of radius {radius}|to know how large a circle with radius {radius} is",
        lambda r: round(math.pi * r * r, 3),
        "The circle's area is {result}. | That's about {result} square units. | With radius {radius}, the "
        "area comes to {result}.",
        "area",
    ),
    numeric(
        "triangle_area",
        "triangle_area|area_of_triangle|heron|triangle_from_sides",
        "Area of a triangle from its three sides|Heron's formula|Returns the area of a triangle with sides a, b and c.",
        [
            integer("a|side_a|side1|x", 10, 19, "First side|"),
            integer("b|side_b|side2|y", 10, 19, "Second side|"),
            integer("c|side_c|side3|z", 10, 19, "Third side|"),
        ],
        """
            What's the area of a triangle with sides {a}, {b} and {c}? | triangle {a}, {b}, {c}: area | My garden is
            a triangle of {a}, {b} and {c} metres. How large is it? | The sides are {a}, {b} and {c}. Compute the
            triangle's area. | Area of the triangle please; it measures {a} by {b} by {c} | If a triangle has the
            sides {a}, {b}, {c}, how much area does it enclose? | I'm sewing a sail with edges of {a}, {b} and {c}
            m, how much cloth is that? | Use Heron's formula for a = {a}, b = {b}, c = {c} | How big is a triangle
            whose edges are {a}, {b} and {c} long?""",
        "the area of a triangle with sides {a}, {b} and {c}|to know how large a triangle is",
        lambda a, b, c: round(math.sqrt((a + b + c) * (b + c - a) * (a + c - b) * (a + b - c)) / 4, 3),
        "The triangle's area is {result}. | It encloses an area of {result}. | That's {result} square units.",
        "area",
    ),
    numeric(
        "box_volume",
        "box_volume|volume_of_box|cuboid_volume|calculate_volume|volume",
        "Volume of a box|Length times width times height|Volume of a cuboid in cubic centimetres.",
        [
            integer("length|l|depth|a", 5, 200, "Length " + CM),
            integer("width|w|b|breadth", 5, 200, "Width " + CM),
            integer("height|h|c|tall", 5, 200, "Height " + CM),
        ],
        """
            What's the volume of a box {length} cm long, {width} cm wide and {height} cm high? | volume {length} x
            {width} x {height} | My aquarium is {length} cm long, {width} cm wide and {height} cm tall. How much
            does it hold? | How many cubic centimetres are in a crate with width {width}, height {height} and length
            {length}? | Box: height {height}, width {width}, length {length}. Its volume? | Please compute the
            volume of a {length} by {width} by {height} cm parcel. | I'm shipping a carton of {length} times {width}
            times {height} centimetres; what volume is it? | With a length of {length}, a width of {width} and a
            height of {height} cm, how much fits in? | Work out the volume: length {length}, width {width}, height
            {height}""",
        "the volume of a box of {length} by {width} by {height} cm|to know how much a box holds",
        lambda a, b, c: a * b * c,
        "The volume is {result} cubic centimetres. | It holds {result} cm³. | That makes {result} cubic centimetres.",
        "volume",
    ),
    numeric(
        "cylinder_volume",
        "cylinder_volume|volume_of_cylinder|tank_volume|can_volume",
        "Volume of a cylinder|Computes the content of a round tank|From radius and height.",
        [
            number("radius|r|rad", 1, 50, "Radius of the base|"),
            number("height|h|length|tall", 1, 90, "Height of the cylinder|"),
        ],
        """
            What is the volume of a cylinder with radius {radius} and height {height}? | cylinder r={radius}
            h={height} volume | A tin is {height} cm high and its radius is {radius} cm. What's its content? | How
            much fits in a round tank, {height} tall, with a radius of {radius}? | Height {height}, radius {radius}:
            cylinder volume please | I have a vase with a radius of {radius} cm and a height of {height} cm and
            wonder how much water goes in. | Compute the volume of the cylinder (radius {radius}, height {height}).
            | For a cylinder of radius {radius} that is {height} high, find the volume""",
        "the volume of a cylinder of radius {radius} and height {height}|to know how much a cylinder holds",
        lambda r, h: round(math.pi * r * r * h, 2),
        "The cylinder's volume is {result}. | It holds {result} cubic units. | That comes to {result}.",
        "volume",
    ),
    numeric(
        "hypotenuse",
        "hypotenuse|pythagoras|diagonal|longest_side",
        "Longest side of a right triangle|Pythagoras: the hypotenuse from two legs|",
        [number("a|leg_a|x|side1|width", 1, 60, "One leg|"), number("b|leg_b|y|side2|height", 1, 60, "The other leg|")],
        """
            How long is the hypotenuse of a right triangle with legs {a} and {b}? | Hypotenuse for {a} and {b} | A
            screen is {a} cm wide and {b} cm high. How long is its diagonal? | Legs {a} and {b}, longest side please
            | By Pythagoras, what do {a} and {b} give? | I walk {a} km east and {b} km north. How far am I from the
            start as the crow flies? | Compute the diagonal of a {a} by {b} rectangle | A ladder stands {a} m from
            the wall and reaches {b} m up; how long is it?""",
        "the hypotenuse for the legs {a} and {b}|the diagonal of {a} by {b}",
        lambda a, b: round(math.hypot(a, b), 3),
        "The longest side is {result}. | It's {result} long. | By Pythagoras, that makes {result}.",
    ),
    numeric(
        "point_distance",
        "distance|point_distance|euclidean_distance|distance_between_points",
        "Distance between two points in the plane|Euclidean distance of (x1, y1) and (x2, y2)|",
        [
            integer("x1|ax|from_x|x_a", -50, 50, "x of the first point|"),
            integer("y1|ay|from_y|y_a", -50, 50, "y of the first point|"),
            integer("x2|bx|to_x|x_b", -50, 50, "x of the second point|"),
            integer("y2|by|to_y|y_b", -50, 50, "y of the second point|"),
        ],
        """
            How far is it from ({x1}, {y1}) to ({x2}, {y2})? | Distance between the points ({x1}, {y1}) and ({x2},
            {y2}) | One point is at x {x1}, y {y1}, the other at x {x2}, y {y2}. How far apart are they? |
            ({x1},{y1}) ({x2},{y2}) distance | What's the straight-line distance between ({x1}, {y1}) and ({x2},
            {y2})? | On my map the well is at ({x1}, {y1}) and the house at ({x2}, {y2}). How far is that? | Measure
            from ({x1}, {y1}) to ({x2}, {y2}), please. | I need the Euclidean distance: x1 = {x1}, y1 = {y1}, x2 =
            {x2}, y2 = {y2} | Compute how long the line from ({x1}, {y1}) to ({x2}, {y2}) is""",
        "the distance from ({x1}, {y1}) to ({x2}, {y2})|to know how far apart two points are",
        lambda a, b, c, d: round(math.hypot(a - c, b - d), 3),
        "They are {result} apart. | The distance is {result}. | It's {result} from one point to the other.",
    ),
    numeric(
        "body_mass_index",
        "bmi|body_mass_index|calculate_bmi|compute_bmi",
        "Body mass index|BMI from weight and height|Weight in kg, height in cm.",
        [
            integer("weight|weight_kg|kg|mass", 45, 130, "Weight in kg|"),
            integer("height|height_cm|cm|size", 145, 205, "Height in cm|"),
        ],
        """
            What's my BMI? I weigh {weight} kg and am {height} cm tall. | BMI for {height} cm and {weight} kg |
            Calculate the body mass index of someone who weighs {weight} kilos at {height} cm. | I'm {height} cm
            tall and weigh {weight} kg, is that all right? | weight {weight}, height {height}: bmi? | My doctor asks
            for my body mass index; I am {height} cm and {weight} kg. | With {weight} kilograms and {height}
            centimetres, what is the body mass index? | Please compute a BMI (height {height} cm, weight {weight}
            kg).""",
        "the body mass index for {weight} kg and {height} cm|to know their BMI",
        lambda w, h: round(w / (h / 100) ** 2, 1),
        "That's a body mass index of {result}. | The BMI is {result}. | With {weight} kg at {height} cm, "
        "the BMI comes to {result}.",
    ),
]

FAMILIES = [*ARITHMETIC, *WHOLE, *STATISTICS, *GEOMETRY]
=======
FAMILIES = ARITHMETIC
>>>>>>> families-c
