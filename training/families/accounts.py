"""Tools about money: accounts, transfers, cards, savings, taxes, budgets, shares, insurance."""

from random import Random
from typing import Any

from training import values as v
from training.family import Arguments, Family, Parameter, Result
from training.several import several

AMOUNT = Parameter("amount|sum|value|total", v.money, "How much|The amount|", "number")
ACCOUNTS = ("checking account", "savings account", "joint account", "business account", "travel account")
ACCOUNT = Parameter("account|account_name|account_type|acct", v.choice(*ACCOUNTS), "Which account|Name of the account|")
CARD = Parameter(
    "last_four|card|card_number|last4", lambda r: f"{r.randint(0, 9999):04}", "Last four digits of the card|"
)
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
        "account_balance",
        "get_balance|account_balance|check_balance|balance|get_account_balance",
        (
            "Balance of an account.|How much money is in an account?|Returns the current balance of "
            "one of the user's accounts."
        ),
        [ACCOUNT],
        several("""How much is in my {account}? | Balance of the {account}, please. | {account} balance? | Do I have
            enough money on my {account}? What's there? | I want to buy a bike. How much have I got in the {account}?
            | Check my {account}. | Tell me what's left in the {account}. | What is the current balance of my
            {account}? | Please look at the {account}; how much money is on it? | Am I in the red on my {account}? |
            Show '{account}' and its balance."""),
        "to know the balance of the {account}|to see how much is in the {account}|the money left in the {account}",
        [
            Result(
                {"balance|amount|available": v.money, "currency": v.choice("EUR", "USD", "GBP", "CHF")},
                several(
                    """Your {account} has {balance} {currency}. | There are {balance} {currency} in the {account}. |
                        The balance is {balance} {currency}."""
                ),
            ),
            Result(
                {
                    "balance|amount|available": lambda r: -r.randint(5, 900),
                    "limit|overdraft_limit": v.choice(500, 1000, 2000),
                },
                several("""The {account} is overdrawn: the balance is {balance}, and the limit is {limit}. | You're in
                    the red with {balance}; you may go down to {limit} below zero. | It stands at {balance}, with an
                    overdraft limit of {limit}."""),
                weight=0.4,
            ),
            Result(
                {"error|message": v.choice("no such account", "the bank doesn't answer", "please log in again")},
                several(
                    """I couldn't get the balance: {error}. | The bank says "{error}". | No balance for the {account}
                        right now ({error})."""
                ),
                weight=0.3,
            ),
        ],
        near="account",
    ),
    Family(
        "transfer_money",
        "transfer_money|send_money|bank_transfer|make_transfer|create_payment|pay",
        (
            "Transfer money to somebody.|Sends money from an account to a person.|Makes a bank "
            "transfer with a reference that the receiver sees."
        ),
        [
            AMOUNT,
            Parameter("recipient|to|payee|receiver|beneficiary", v.person, "Who gets the money|"),
            ACCOUNT,
            Parameter(
                "reference|purpose|note|memo|subject",
                v.phrase,
                "Text for the receiver|",
                phrases=" with the reference \"{}\"|, reference: {}| for '{}'",
            ),
        ],
        several("""Transfer {amount} from my {account} to {recipient} | Send {recipient} {amount} from the {account} |
            {amount} to {recipient}, {account} please | From the {account}, pay {recipient} {amount} | I owe
            {recipient} {amount}. Take it from my {account} | Please make a transfer: {recipient} gets {amount} out of
            my {account} | {recipient} lent me {amount}, so send it back from the {account} | Could you wire {amount}
            to {recipient}? Use my {account} | My {account} should pay {amount} to {recipient} | New transfer,
            recipient "{recipient}", amount {amount}, {account}"""),
        (
            "to send {amount} to {recipient}|{recipient} to get {amount} from the {account}|a transfer "
            "of {amount} to {recipient}"
        ),
        [
            Result(
                {"transaction_id|id|transfer_id": v.code, "new_balance|balance": v.money},
                several("""{recipient} gets {amount}; your {account} has {new_balance} left (transfer
                    {transaction_id}). | Sent {amount} to {recipient}. The new balance is {new_balance}, the transfer
                    {transaction_id}. | Done: transfer {transaction_id}. You have {new_balance} left."""),
            ),
            Result(
                {"error|reason": v.choice("not enough money", "unknown recipient", "daily limit reached")},
                several(
                    """The transfer didn't go through: {error}. | I couldn't send {amount} to {recipient}: {error}. |
                        {recipient} got nothing yet. The bank says "{error}"."""
                ),
                weight=0.5,
            ),
        ],
        near="transfer",
    ),
    Family(
        "move_savings",
        "move_money|internal_transfer|transfer_between_accounts|move_between_accounts|rebalance",
        (
            "Move money between one's own accounts.|Internal transfer|Moves an amount from one of the "
            "user's accounts to another. It is there at once."
        ),
        [
            AMOUNT,
            Parameter("from_account|source|from|debit_account", v.choice(*ACCOUNTS[:3]), "Account it is taken from|"),
            Parameter(
                "to_account|target|to|credit_account",
                v.choice(*ACCOUNTS[3:], "pension account", "holiday fund"),
                "Account it goes to|",
            ),
        ],
        several("""Move {amount} from the {from_account} to the {to_account}. | {amount}: {from_account} ->
            {to_account} | Put {amount} into my {to_account}, out of the {from_account}. | My {to_account} is nearly
            empty. Shift {amount} over from the {from_account}. | Take {amount} off the {from_account} and add it to
            my {to_account}. | From {from_account} to {to_account}, {amount} please. | I'd like {amount} of my
            {from_account} to be in the {to_account}. | Please fill up the {to_account} with {amount} from the
            {from_account}. | Could you move some money? {amount}, out of my {from_account}, into my {to_account}. |
            The {to_account} needs {amount}, take it from the {from_account}."""),
        (
            "to move {amount} to the {to_account}|{amount} moved from the {from_account} to the "
            "{to_account}|to shift money between two accounts"
        ),
        [
            Result(
                {"from_balance|source_balance": v.money, "to_balance|target_balance": v.money},
                several("""Moved. The {from_account} has {from_balance} now, the {to_account} {to_balance}. | {amount}
                    went over: {from_balance} are left in the {from_account}, {to_balance} are in the {to_account}. |
                    Your {to_account} is at {to_balance}, and the {from_account} at {from_balance}."""),
            ),
            Result(
                {"error|reason": v.choice("not enough money", "account is locked", "account not found")},
                several(
                    """I couldn't move the money: {error}. | Nothing was moved ({error}). | The {from_account} stays
                        as it is, because of this: {error}."""
                ),
                weight=0.4,
            ),
        ],
        near="transfer",
    ),
    Family(
        "standing_order",
        "create_standing_order|standing_order|recurring_payment|schedule_payment|set_up_recurring",
        (
            "Set up a standing order.|Pays an amount to somebody every month.|Makes a payment that is "
            "repeated, on a day of the month."
        ),
        [
            AMOUNT,
            Parameter("recipient|to|payee|receiver", v.company, "Who is paid|"),
            Parameter("day_of_month|day|on_day|monthly_day", v.integer(1, 28), "Day of the month|", "integer"),
        ],
        several("""Pay {amount} to {recipient} every month, on day {day_of_month}. | Standing order: {recipient},
            {amount}, day {day_of_month} | On day {day_of_month} of each month, send {recipient} {amount}. | My rent
            of {amount} goes to {recipient}. Set up a monthly payment on day {day_of_month}. | I want {recipient} to
            get {amount} each month. Day {day_of_month} would suit me. | Set up a standing order for {recipient} over
            {amount}, to be paid on day {day_of_month}. | Every month {amount} to "{recipient}", always on day
            {day_of_month} | Please transfer {amount} monthly to {recipient}; the day is {day_of_month}. | Could you
            schedule {amount} for {recipient} on day {day_of_month} of every month? | Monthly payment of {amount} on
            day {day_of_month} to '{recipient}', please."""),
        (
            "a monthly payment of {amount} to {recipient}|a standing order for {recipient}|to pay "
            "{recipient} {amount} every month"
        ),
        [
            Result(
                {"order_id|id": v.code, "first_payment|next_run|starts": v.date},
                several("""The standing order {order_id} is set up; the first payment is on {first_payment}. |
                    {recipient} gets {amount} every month, first on {first_payment} (order {order_id}). | Done. Order
                    {order_id} starts on {first_payment}."""),
            ),
            Result(
                {"error|reason": v.choice("unknown recipient", "limit exceeded", "such an order exists")},
                several(
                    """I couldn't set it up: {error}. | No standing order was made for {recipient}, because of this:
                        {error}. | The bank refused it ({error})."""
                ),
                weight=0.4,
            ),
        ],
        near="transfer",
    ),
    Family(
        "list_transactions",
        "list_transactions|get_transactions|account_history|recent_transactions|statement",
        "List the payments of an account.|Transactions of the last days|Shows what came in and went out on an account.",
        [ACCOUNT, Parameter("days|last_days|period|since_days", v.integer(2, 90), "How many days back|", "integer")],
        several("""What happened on my {account} in the last {days} days? | Show the transactions of the past {days}
            days, {account}. | {account}, last {days} days | Did any money come in during the last {days} days? Check
            the {account}. | List all payments on the {account} of the last {days} days. | I want to see {days} days
            of my {account}. | Statement for the {account}: {days} days back, please. | Over the last {days} days, how
            much did I spend from my {account}? | For the {account}, get me everything from the last {days} days. |
            Could you go through my {account}? The last {days} days are what I need."""),
        (
            "the transactions of the {account}|to see the last {days} days of the {account}|to know "
            "what happened on the {account}"
        ),
        [
            Result(
                {
                    "count|transactions": v.integer(2, 80),
                    "money_in|income|credits": v.money,
                    "money_out|spent|debits": v.money,
                },
                several("""{count} transactions in {days} days: {money_in} came in and {money_out} went out. | On your
                    {account}, {money_out} went out and {money_in} came in, in {count} payments. | There were {count}.
                    Altogether {money_in} came in, {money_out} went out."""),
            ),
            Result(
                {"count|transactions": v.choice(0)},
                several(
                    """Nothing happened on the {account} in the last {days} days. | There were no transactions. | No
                        payments on your {account} in {days} days."""
                ),
                weight=0.5,
            ),
        ],
        near="account",
    ),
    Family(
        "block_card",
        "block_card|freeze_card|lock_card|disable_card|report_lost_card",
        "Block a card.|Locks a bank card that was lost or stolen.|Blocks a card at once. State why.",
        [
            CARD,
            Parameter(
                "reason|why|cause",
                v.said_choice({"lost": "lost", "stolen": "stolen", "damaged": "damaged|broken"}),
                "Why it is blocked|",
                choices=["lost", "stolen", "damaged"],
            ),
        ],
        several("""Block my card ending in {last_four}, it was {reason}. | My card was {reason}! The last digits are
            {last_four}. Block it. | card {last_four}: block ({reason}) | Please freeze the card {last_four}. It's
            {reason}. | The one that ends in {last_four} is {reason}, so lock that card. | Help, {reason} card! It's
            the one with {last_four}. | I need to report a card as {reason}, number ending {last_four}. | Could you
            disable card {last_four} right away? Reason: {reason}. | Card with the last four digits {last_four} has
            been {reason}; please stop it. | As it is {reason}, block card "{last_four}" now."""),
        "to block the card {last_four}|the {reason} card {last_four} to be blocked|card {last_four} frozen",
        [
            Result(
                {"blocked_at|time": v.clock, "replacement_days|new_card_in": v.integer(2, 10)},
                several("""Your card {last_four} is blocked since {blocked_at}; a new one comes in {replacement_days}
                    days. | Blocked at {blocked_at}. You'll have a new card within {replacement_days} days. | Don't
                    worry, {last_four} can't be used since {blocked_at}. The new card takes {replacement_days}
                    days."""),
            ),
            Result(
                {"error|message": v.choice("no card with these digits", "this card is blocked already")},
                several(
                    """I couldn't block it: {error}. | Nothing was blocked, because the bank says: {error}. | There's
                        a problem with {last_four} ({error})."""
                ),
                weight=0.4,
            ),
        ],
        near="card",
    ),
    Family(
        "set_card_limit",
        "set_card_limit|change_limit|card_limit|update_spending_limit|limit_card",
        "Set the limit of a card.|Changes what a card can spend in a month.|Sets the monthly limit of a card.",
        [CARD, Parameter("limit|new_limit|amount|monthly_limit", v.integer(100, 9000), "The new limit|", "integer")],
        several("""Set the limit of card {last_four} to {limit}. | My card {last_four} needs a limit of {limit} |
            Change the monthly limit for the card ending in {last_four}: {limit} | {last_four} limit {limit} | I'm
            going on a trip, so raise or lower card {last_four} to {limit}. | Let me spend {limit} a month with the
            card {last_four}. | The spending limit of '{last_four}' should be {limit}. | Put a limit of {limit} on the
            card with {last_four} at its end. | Could you make it {limit}? I mean the limit on card {last_four}. | No
            more than {limit} a month on my card {last_four}, please."""),
        (
            "card {last_four} to have a limit of {limit}|to set the limit of a card to {limit}|a limit "
            "of {limit} on card {last_four}"
        ),
        [
            Result(
                {"old_limit|previous": v.integer(100, 9000), "effective|valid_from": v.date},
                several("""The limit of {last_four} goes from {old_limit} to {limit} on {effective}. | From
                    {effective} you can spend {limit} with it; until then it's {old_limit}. | Changed: {limit} instead
                    of {old_limit}, as of {effective}."""),
            ),
            Result(
                {
                    "error|message": v.choice("above the bank's maximum", "card not found"),
                    "max|maximum": v.integer(50, 99),
                },
                several(
                    """That wasn't accepted: {error}. At most {max} is possible. | I couldn't change the limit
                        ({error}); the maximum is {max}. | The bank refused {limit}: {error}, {max} at most."""
                ),
                weight=0.4,
            ),
        ],
        near="card",
    ),
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
