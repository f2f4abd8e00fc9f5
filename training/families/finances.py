"""Tools about money over time: savings, budgets, taxes, shares, insurance."""

from random import Random
from typing import Any

from training import values as v
from training.family import Arguments, Family, Parameter, Result
from training.several import several

CATEGORY = Parameter(
    "category|budget|group|envelope",
    v.choice("groceries", "rent", "travel", "clothes", "eating out", "books", "gifts", "fuel", "music", "pets"),
    "Category of spending|",
)
YEAR = Parameter("year|tax_year|for_year|yr", v.integer(2015, 2030), "The year|", "integer")


def _savings(_: Random, arguments: Arguments) -> dict[str, Any]:
    """Sum to save each month, without interest."""
    return {"monthly|per_month|rate": round(arguments["goal"] / arguments["months"], 2)}


def _tax(random: Random, arguments: Arguments) -> dict[str, Any]:
    rate = round(random.uniform(5, 45), 1)
    return {"tax|amount_due|tax_due": round(arguments["income"] * rate / 100), "effective_rate|rate": rate}


FAMILIES = [
    Family(
        "savings_plan",
        "savings_plan|plan_savings|monthly_savings|saving_goal|calculate_savings",
        (
            "How much to save each month.|Plans savings for a goal.|Computes the monthly sum that "
            "reaches a goal in some months."
        ),
        [
            Parameter("goal|target|amount|target_amount", v.integer(300, 30000), "Sum to be reached|", "number"),
            Parameter("months|duration|term|period", v.integer(3, 60), "In how many months|", "integer"),
        ],
        several("""How much must I save a month to have {goal} in {months} months? | I want {goal} in {months} months.
            What do I put aside? | Savings plan: {goal}, {months} months | In {months} months I need {goal} for a car.
            How much is that per month? | Plan my savings, please: goal {goal}, time {months} months. | We'd like to
            have saved {goal} within {months} months; what's the monthly sum? | If I have {months} months, how do I
            get to {goal}? | A new kitchen costs {goal}, and I have {months} months to save for it. | {months} months
            to save {goal}, so what per month? | Work out what to save each month for {goal}, over {months} months."""),
        "to save {goal} in {months} months|to know how much to put aside for {goal}|a plan for saving {goal}",
        [
            Result(
                _savings,
                several(
                    """You need to save {monthly} a month. | Put aside {monthly} each month, and you'll have {goal} in
                        {months} months. | That's {monthly} per month for {months} months."""
                ),
            ),
        ],
    ),
    Family(
        "set_budget",
        "set_budget|create_budget|budget_limit|plan_budget|update_budget",
        (
            "Set a budget for a category.|Limits what is spent on something in a month.|Sets the "
            "monthly budget of one category."
        ),
        [CATEGORY, Parameter("limit|amount|monthly_limit|max", v.integer(20, 2000), "Limit for a month|", "number")],
        several("""Set my budget for {category} to {limit}. | I don't want to spend more than {limit} a month on
            {category}. | {category} budget: {limit} | Limit {category} to {limit} per month. | Give {category} a
            budget of {limit}. | We spend too much on {category}, so allow only {limit} a month. | {limit} for
            {category} each month, that's the plan. Set it. | Please make {limit} the monthly budget for '{category}'.
            | Could you change the budget "{category}"? It should be {limit}. | From now on there are {limit} a month
            for {category}."""),
        "a budget of {limit} for {category}|to spend at most {limit} on {category}|to limit the spending on {category}",
        [
            Result(
                {"spent|spent_this_month": v.money, "average|usual": v.money},
                several("""Your budget for {category} is {limit}. You've spent {spent} this month; the average is
                    {average}. | Set to {limit}. So far it's {spent} this month, and usually {average}. | {category}
                    has {limit} a month now. This month you are at {spent}, with an average of {average}."""),
            ),
            Result(
                {"error|message": v.choice("unknown category", "limit must be a round number")},
                several(
                    """I couldn't set the budget: {error}. | The budget for {category} is unchanged ({error}). | That
                        was refused: {error}."""
                ),
                weight=0.3,
            ),
        ],
        near="budget",
    ),
    Family(
        "budget_status",
        "get_budget|budget_status|check_budget|spending_by_category|category_spending",
        (
            "How much of a budget is left.|Spending in a category|Shows what was spent in a category "
            "in a month, and what is left."
        ),
        [CATEGORY, Parameter("month|period|in_month|for_month", v.month, "The month|")],
        several("""How much did I spend on {category} in {month}? | {category} in {month}? My spending, I mean. |
            What's left of the {category} budget for {month}? | Show my spending for {month}, category {category}. |
            Have I stayed within my budget for {category} in {month}? | In {month}, how much money went into
            {category}? | Check the budget "{category}" for {month}. | My husband says we overspent on {category} in
            {month}. Is he right? | Spending on {category}, month {month}, please. | Look at {month}: what did
            {category} cost us?"""),
        (
            "to know what was spent on {category} in {month}|the spending on {category}|to check the "
            "budget for {category} in {month}"
        ),
        [
            Result(
                {"spent|total": v.money, "remaining|left": v.money},
                several(
                    """You spent {spent} on {category} in {month}, so {remaining} were left. | In {month}, {category}
                        came to {spent}; {remaining} of the budget remained. | It was {spent}, with {remaining} to
                        spare."""
                ),
            ),
            Result(
                {"spent|total": v.money, "over_by|overspent": v.integer(5, 300)},
                several("""You spent {spent} on {category} in {month}, which is {over_by} over the budget. | {spent},
                    I'm afraid: {over_by} more than planned. | The budget was exceeded by {over_by}; {category} cost
                    {spent} in {month}."""),
                weight=0.6,
            ),
        ],
        near="budget",
    ),
    Family(
        "income_tax",
        "estimate_tax|income_tax|calculate_income_tax|tax_calculator|compute_tax",
        "Estimate the income tax.|How much tax is due on an income?|Estimates the income tax for a year in a country.",
        [
            Parameter("income|salary|gross|annual_income", v.integer(12000, 180000), "Income in the year|", "number"),
            Parameter("country|state|jurisdiction|where", v.country, "Where it is taxed|"),
            YEAR,
        ],
        several("""How much tax do I pay on {income} in {country} for {year}? | Income tax, {country}, {year}, income
            {income} | I earned {income} in {year} and live in {country}. What tax is due? | Estimate my tax for
            {year}: {income}, {country} | In {country}, what is the income tax on {income}? It's for {year}. | For
            {year} I have to declare {income} in {country}. How much will they take? | With an income of {income},
            which tax would I have owed in {country} in {year}? | Could you work out the tax on {income} ({country},
            {year})? | My salary is {income}, the year is {year}, and I pay taxes in {country}. Please estimate them.
            | Year {year}, country {country}, income {income}: tax?"""),
        "the income tax on {income} in {country}|to estimate the tax for {year}|to know the tax on {income}",
        [
            Result(
                _tax,
                several(
                    """About {tax}, which is {effective_rate} % of your income. | On {income} you'd pay {tax} in
                        {country}, a rate of {effective_rate} %. | For {year} it comes to {tax} ({effective_rate}
                        %)."""
                ),
            ),
            Result(
                {"error|message": v.choice("no tables for this country", "no tables for this year")},
                several(
                    """I can't estimate that: {error}. | The tax for {country} in {year} isn't available ({error}). |
                        No estimate, because there are {error}."""
                ),
                weight=0.5,
            ),
        ],
        near="tax",
    ),
    Family(
        "tax_deadline",
        "tax_deadline|filing_deadline|get_tax_deadline|when_are_taxes_due|tax_due_date",
        "Deadline of a tax return.|When must taxes be filed?|Returns the last day to file for a year.",
        [YEAR],
        several("""When do I have to file my taxes for {year}? | Tax deadline {year}? | By when is the {year} tax
            return due? | What's the last day for the tax return of {year}? | I still have to do my taxes for {year}.
            How much time is left? | Look up the filing deadline for the tax year {year}. | Until when can I hand in
            my tax declaration for {year}? | My taxes for {year} aren't done; when are they due? | Check the due date
            of the {year} taxes, please. | {year}: last day to file taxes?"""),
        "to know when the taxes for {year} are due|the tax deadline for {year}|the last day for the {year} tax return",
        [
            Result(
                {"deadline|due_date|date": v.date, "days_left|remaining_days": v.integer(2, 300)},
                several("""The tax return for {year} is due on {deadline}, in {days_left} days. | You have until
                    {deadline}, which is {days_left} days from now. | {days_left} days are left: the deadline is
                    {deadline}."""),
            ),
            Result(
                {"deadline|due_date|date": v.date, "passed|overdue": v.choice(True)},
                several(
                    """That deadline has passed: it was {deadline}. | I'm afraid it was due on {deadline}. | Too late,
                        the last day for {year} was {deadline}."""
                ),
                weight=0.4,
            ),
        ],
        near="tax",
    ),
    Family(
        "buy_shares",
        "buy_shares|trade_stock|place_trade|stock_order|order_shares",
        "Buy or sell shares.|Places an order at the exchange.|Trades a number of shares, at a price limit if wanted.",
        [
            Parameter(
                "action|side|type|direction",
                v.said_choice({"buy": "buy", "sell": "sell"}),
                "Buy or sell|",
                choices=["buy", "sell"],
            ),
            Parameter("shares|quantity|count|number_of_shares", v.integer(2, 400), "How many shares|", "integer"),
            Parameter("symbol|ticker|stock|code", v.ticker, "Symbol of the share|"),
            Parameter(
                "limit|limit_price|price|max_price",
                v.integer(5, 900),
                "Limit of the price|",
                "number",
                phrases=" at a limit of {}|, limit {}| with {} as the limit",
            ),
        ],
        several("""Please {action} {shares} shares of {symbol} | {action} {shares} {symbol} | I want to {action}
            {symbol}, {shares} shares | {symbol}: {action} {shares} | For my depot: {action} {shares} of {symbol} |
            The price of {symbol} looks right, so {action} {shares} shares | Could you {action} {shares} pieces of
            '{symbol}' | Order at the exchange, {action}, {symbol}, {shares} shares | With {symbol} I'd like to
            {action} {shares} shares | Time to {action}! {shares} of "{symbol}" please"""),
        "to {action} {shares} shares of {symbol}|to {action} {symbol}|to trade {shares} shares of {symbol}",
        [
            Result(
                {"order_id|id": v.code, "price|executed_at|fill_price": v.money, "fee|commission": v.number(1, 20)},
                several("""The order to {action} {shares} {symbol} was carried out at {price} per share; the fee is
                    {fee} (order {order_id}). | Done at {price} each, with a fee of {fee}. The order is {order_id}. |
                    Order {order_id}: {shares} shares of {symbol} at {price}, and {fee} in fees."""),
            ),
            Result(
                {
                    "error|reason": v.choice(
                        "market is closed", "not enough money", "unknown symbol", "not enough shares"
                    )
                },
                several(
                    """I couldn't {action} {symbol}: {error}. | The order was refused, with the reason: {error}. | No
                        trade was made ({error})."""
                ),
                weight=0.5,
            ),
        ],
        near="shares",
    ),
    Family(
        "portfolio_value",
        "get_portfolio|portfolio_value|depot_overview|holdings|investment_summary",
        "Value of the portfolio.|What are my shares worth?|Shows the value of the user's investments and how they did.",
        [],
        several("""What is my portfolio worth? | How are my shares doing? | Portfolio, please | Show me the value of
            my investments. | Have I made money with my shares? | Check my depot | I'd like to know how my investments
            stand. | What do my holdings add up to today? | portfolio value? | Am I up or down with my stocks? |
            Please look at my depot and tell me what it's worth."""),
        "to know what the portfolio is worth|the value of the investments|to see how the shares are doing",
        [
            Result(
                {
                    "total_value|value|worth": v.integer(500, 90000),
                    "gain_percent|performance|change_pct": v.number(0.5, 40),
                    "best|top_position": v.ticker,
                },
                several("""Your portfolio is worth {total_value}, up {gain_percent} %; {best} did best. | It stands at
                    {total_value}. That's a gain of {gain_percent} %, mostly thanks to {best}. | {total_value} in all.
                    You're up {gain_percent} %, with {best} at the top."""),
            ),
            Result(
                {"total_value|value|worth": v.integer(500, 90000), "loss_percent|loss": v.number(0.5, 30)},
                several(
                    """Your portfolio is worth {total_value}, down {loss_percent} %. | It has lost {loss_percent} %
                        and stands at {total_value}. | {total_value} at the moment, a loss of {loss_percent} %."""
                ),
                weight=0.6,
            ),
        ],
        near="shares",
    ),
    Family(
        "insurance_quote",
        "get_insurance_quote|insurance_quote|quote_insurance|insurance_price|premium_quote",
        (
            "Price of an insurance.|Gets a quote for an insurance.|Calculates the premium from the "
            "kind of insurance, the age and the sum insured."
        ),
        [
            Parameter(
                "kind|type|insurance|product",
                v.choice(
                    "car insurance",
                    "home insurance",
                    "travel insurance",
                    "life insurance",
                    "dental insurance",
                    "pet insurance",
                ),
                "Kind of insurance|",
            ),
            Parameter("age|insured_age|years|age_years", v.integer(18, 85), "Age of the person|", "integer"),
            Parameter("coverage|sum_insured|amount|cover", v.integer(1000, 500000), "Sum insured|", "number"),
        ],
        several("""What does {kind} cost at {age} with {coverage} insured? | {kind} quote: age {age}, coverage
            {coverage} | I'm {age} and need {kind} over {coverage}. What would I pay? | For a sum of {coverage}, how
            expensive is {kind}? I'm {age} years old. | Get me a quote for {kind}, I am {age}, and it should cover
            {coverage}. | My mother is {age}. How much is {kind} with a coverage of {coverage} for her? | Coverage
            {coverage}, age {age}, {kind} - how much? | Please find out the premium for {kind}; {coverage} insured,
            age {age}. | At the age of {age}, what's the price of {kind} that pays up to {coverage}? | Could you quote
            {kind} for someone who's {age}? They want {coverage}."""),
        "a quote for {kind}|to know what {kind} costs at {age}|{kind} that covers {coverage}",
        [
            Result(
                {
                    "monthly_premium|premium|price": v.number(4, 200, 2),
                    "provider|insurer|company": v.company,
                    "deductible|excess": v.choice(100, 150, 250, 300, 500),
                },
                several("""{provider} offers {kind} for {monthly_premium} a month with a deductible of {deductible}. |
                    It costs {monthly_premium} a month at {provider}; you pay the first {deductible} yourself. | The
                    best offer is from {provider}: {monthly_premium} a month, deductible {deductible}."""),
            ),
            Result(
                {"error|reason": v.choice("age is outside the limits", "coverage is too high")},
                several(
                    """There's no offer: {error}. | I couldn't get a quote for {kind}, because the {error}. | No
                        insurer takes that on ({error})."""
                ),
                weight=0.4,
            ),
        ],
        near="insurance",
    ),
    Family(
        "file_claim",
        "file_claim|report_damage|submit_claim|insurance_claim|open_claim",
        (
            "Report damage to an insurer.|Files an insurance claim.|Opens a claim: policy, day of the "
            "damage, what happened and the estimated cost."
        ),
        [
            Parameter("policy|policy_number|contract|policy_id", v.code, "Number of the policy|"),
            Parameter("date|incident_date|day|happened_on", v.date, "Day of the damage|"),
            Parameter("description|what|details|text", v.sentence, "What happened|"),
            Parameter("cost|amount|estimate|damage", v.money, "Estimated cost|", "number"),
        ],
        several("""File a claim on policy {policy}: "{description}" It happened on {date} and costs about {cost}. |
            Claim, policy {policy}, {date}, {cost}: '{description}' | On {date} something happened: "{description}"
            The damage is {cost}, my policy {policy}. Report it. | Please report a damage of {cost} under {policy}.
            Date: {date}. What happened: "{description}" | My policy is {policy}. Tell the insurer about {date}:
            '{description}', cost {cost}. | I have a damage of {cost} since {date}. "{description}" Policy number
            {policy}; please open a claim. | Open a claim over {cost} for policy "{policy}" with the text
            '{description}', dated {date}. | "{description}" That was on {date}, and repairing it takes {cost}. File
            this with {policy}. | Report to the insurer (policy {policy}): "{description}", {date}, {cost} | With
            policy {policy} I'd like to claim {cost} for what happened on {date}: "{description}" """),
        (
            "to file a claim on policy {policy}|a damage of {cost} to be reported|to report to the "
            "insurer what happened on {date}"
        ),
        [
            Result(
                {"claim_id|claim_number|id": v.code, "adjuster|contact|handled_by": v.person},
                several(
                    """Your claim {claim_id} is open, and {adjuster} takes care of it. | I reported the damage of
                        {cost}: claim {claim_id}, handled by {adjuster}. | {adjuster} will get in touch about claim
                        {claim_id}."""
                ),
            ),
            Result(
                {"error|reason": v.choice("policy has ended", "reported too late", "policy not found")},
                several(
                    """The claim wasn't accepted: {error}. | I couldn't file it under {policy} ({error}). | The
                        insurer refused, and the reason is: {error}."""
                ),
                weight=0.4,
            ),
        ],
        near="insurance",
    ),
]
