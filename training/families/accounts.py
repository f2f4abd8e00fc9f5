"""Tools about money that is there: accounts, transfers, cards."""

from training import values as v
from training.family import Family, Parameter, Result
from training.several import several

AMOUNT = Parameter("amount|sum|value|total", v.money, "How much|The amount|", "number")
ACCOUNTS = ("checking account", "savings account", "joint account", "business account", "travel account")
ACCOUNT = Parameter("account|account_name|account_type|acct", v.choice(*ACCOUNTS), "Which account|Name of the account|")
CARD = Parameter(
    "last_four|card|card_number|last4", lambda r: f"{r.randint(0, 9999):04}", "Last four digits of the card|"
)

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
]
