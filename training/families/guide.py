"""The tools of everyday tutorials of function calling: weather, time, sums, search, stocks, mail, currencies, users."""

from collections.abc import Mapping
from random import Random
from typing import Any

from training import values as v
from training.families.forecast import WEATHER_AND_TIME
from training.family import Family, Parameter, Result, Said


def _sum_of(operation: str) -> Any:
    def fields(random: Random, arguments: Mapping[str, Any]) -> dict[str, Any]:
        a, b = arguments["a"], arguments["b"]
        results = {"add": a + b, "subtract": a - b, "multiply": a * b, "divide": round(a / b, 3) if b else "undefined"}
        value = results[operation]
        return {"result|value|answer": round(value, 3) if isinstance(value, float) else value}

    return fields


def _sum(name: str, names: str, about: str, requests: list[str], goals: str, answers: list[str]) -> Family:
    number = v.choice(*range(2, 200), 3.5, 12.25, 0.5, 1000, 2048, 999)
    return Family(
        name,
        names,
        about,
        [
            Parameter("a|x|first|number1|num1|left", number, "First number|The first number|", "number"),
            Parameter("b|y|second|number2|num2|right", number, "Second number|The second number|", "number"),
        ],
        requests,
        goals,
        [Result(_sum_of(name), answers)],
        near="sums",
    )


FAMILIES = [
    *WEATHER_AND_TIME,
    _sum(
        "add",
        "add|add_numbers|sum|add_two_numbers|plus|addition|calculate_sum",
        "Add two numbers|Adds a and b|Returns the sum of two numbers",
        [
            "What is {a} plus {b}?",
            "Add {a} and {b}.",
            "{a} + {b}",
            "How much is {a} + {b}?",
            "What do {a} and {b} make together?",
            "Please sum up {a} and {b}",
            "I have {a} and get {b} more. How many is that?",
            "calculate {a}+{b}",
            "Use the tool to add {a} and {b}.",
        ],
        "to add {a} and {b}|the sum of {a} and {b}|to know what {a} plus {b} is",
        ["{a} plus {b} is {result}.", "The sum is {result}.", "That makes {result}.", "{a} + {b} = {result}"],
    ),
    _sum(
        "subtract",
        "subtract|subtract_numbers|minus|difference|subtract_two_numbers",
        "Subtract two numbers|Subtracts b from a|Difference of two numbers",
        [
            "What is {a} minus {b}?",
            "{a} - {b}",
            "I had {a} and spent {b}. What is left? Calculate {a} minus {b}.",
            "How much is {a} less {b}?",
            "If I have {a} and give away {b}, how many remain?",
            "Calculate {a} minus {b}.",
        ],
        "to subtract {b} from {a}|the difference of {a} and {b}",
        ["{a} minus {b} is {result}.", "That leaves {result}.", "The difference is {result}.", "{a} - {b} = {result}"],
    ),
    _sum(
        "multiply",
        "multiply|multiply_numbers|times|product|multiplication|multiply_two_numbers",
        "Multiply two numbers|Multiplies a and b|Returns the product of two numbers",
        [
            "What is {a} times {b}?",
            "Multiply {a} by {b}.",
            "{a} * {b}",
            "{a} x {b} = ?",
            "How much is {a} multiplied by {b}?",
            "There are {a} boxes with {b} pieces each. How many pieces are there?",
            "Can you work out {a} times {b}?",
            "what's {a}*{b}",
        ],
        "to multiply {a} by {b}|the product of {a} and {b}|to know what {a} times {b} is",
        ["{a} times {b} is {result}.", "The product is {result}.", "That's {result}.", "{a} × {b} = {result}"],
    ),
    _sum(
        "divide",
        "divide|divide_numbers|division|quotient|divide_two_numbers",
        "Divide two numbers|Divides a by b|Returns the quotient",
        [
            "What is {a} divided by {b}?",
            "Divide {a} by {b}.",
            "{a} / {b}",
            "How much is {a} divided by {b}?",
            "We split {a} among {b} people. How much does each get?",
        ],
        "to divide {a} by {b}|the quotient of {a} and {b}",
        ["{a} divided by {b} is {result}.", "That makes {result}.", "The result is {result}.", "Each gets {result}."],
    ),
    Family(
        "calculator",
        "calculator|calculate|evaluate|eval_expression|compute|solve_expression|math",
        "Evaluate an arithmetic expression|A calculator|Calculates the value of a mathematical expression",
        [
            Parameter(
                "expression|expr|formula|input|query",
                lambda r: r.choice(
                    (
                        f"{r.randint(2, 99)} * {r.randint(2, 99)}",
                        f"({r.randint(2, 99)} + {r.randint(2, 99)}) * {r.randint(2, 9)}",
                        f"{r.randint(2, 999)} / {r.randint(2, 9)}",
                        f"{r.randint(2, 999)}+{r.randint(2, 999)}",
                        f"{r.randint(2, 20)} ** {r.randint(2, 5)}",
                        f"sqrt({r.randint(2, 999)})",
                        f"{r.randint(100, 999)} - {r.randint(2, 99)} * {r.randint(2, 9)}",
                        f"{r.randint(2, 99)}*{r.randint(2, 99)}",
                    )
                ),
                "The expression to evaluate|Mathematical expression, e.g. 2 + 2|",
            )
        ],
        [
            "What is {expression}?",
            "Calculate {expression}",
            "{expression} = ?",
            "Can you compute {expression}?",
            "How much is {expression}?",
            "Work out {expression} for me.",
            "I need the value of {expression}.",
            "please evaluate {expression}",
        ],
        "to know what {expression} is|the value of {expression}|to evaluate {expression}",
        [
            Result(
                lambda random, arguments: {"result|value|answer": _evaluated(arguments["expression"])},
                ("{expression} is {result}.", "The result is {result}.", "That's {result}.", "{expression} = {result}"),
            )
        ],
        near="sums",
    ),
    Family(
        "search_web",
        "search_web|web_search|search|google_search|internet_search|search_internet|search_online",
        "Search the web|Searches the internet for a query|Web search. Returns the best hit",
        [
            Parameter(
                "query|q|search_query|search_term|keywords",
                v.topic,
                "The search query|What to search for|Search terms|",
            )
        ],
        [
            "Search the web for {query}.",
            "Can you look up {query} online?",
            "google {query}",
            "Find something about {query} on the internet.",
            "What does the web say about {query}?",
            "search for {query}",
            "I'd like to read about {query}. Find me a page, please.",
            "Do a web search for {query}",
            'Search for "{query}".',
        ],
        "to search the web for {query}|a page about {query}|to find {query} on the web",
        [
            Result(
                {"title": v.title, "url|link": v.url},
                (
                    'The best hit for {query} is "{title}": {url}',
                    'I found "{title}" at {url}.',
                    'There is a page called "{title}", which you can read at {url}.',
                ),
            ),
            Result(
                {"snippet|result|summary|text": v.sentence},
                ("I found this about {query}: {snippet}", "The web says: {snippet}", "Here is what I found: {snippet}"),
            ),
        ],
        near="web",
    ),
    Family(
        "stock_price",
        "get_stock_price|stock_price|get_quote|get_current_stock_price|fetch_stock_price|lookup_stock",
        "Get the current price of a stock|Current stock price of a ticker symbol|Look up the price of a share",
        [
            Parameter(
                "symbol|ticker|stock|stock_symbol|ticker_symbol", v.ticker, "The ticker symbol|Stock symbol, e.g. AAPL|"
            )
        ],
        [
            "What's the price of {symbol}?",
            "How is {symbol} doing on the stock market?",
            "{symbol} stock price",
            "What does one share of {symbol} cost right now?",
            "Check {symbol} for me, I may sell my shares.",
            "Tell me the current stock price of {symbol}.",
            "Is {symbol} expensive at the moment?",
            "At how much is {symbol} trading?",
        ],
        "to know the price of {symbol}|the current stock price of {symbol}|to know what {symbol} costs",
        [
            Result(
                {"price|current_price|value|result": v.number(5, 900, 2)},
                (
                    "{symbol} is trading at {price}.",
                    "One share of {symbol} costs {price} right now.",
                    "The current price of {symbol} is {price}.",
                ),
            ),
            Result(
                {
                    "price": v.number(5, 900, 2),
                    "currency": v.choice("USD", "EUR", "GBP"),
                    "change|change_percent": v.number(-5, 5, 2),
                },
                (
                    "{symbol} stands at {price} {currency}, a change of {change}%.",
                    "A share of {symbol} costs {price} {currency} ({change}% today).",
                ),
            ),
        ],
        near="stocks",
    ),
    Family(
        "send_email",
        "send_email|send_mail|email|compose_email|mail",
        "Send an email|Sends an email to somebody|Write and send an e-mail",
        [
            Parameter(
                "to|recipient|recipient_email|address|email", v.email, "Email address of the recipient|Who gets it|"
            ),
            Parameter("subject|title|topic", v.title, "Subject line|The subject of the email|"),
            Parameter("body|text|content|message", v.message, "Text of the email|The message|"),
        ],
        [
            'Send an email to {to} with the subject "{subject}" and the text "{body}".',
            "Please email {to}. Subject: {subject}. Text: {body}",
            'Write to {to}, subject "{subject}", saying "{body}"',
            'I want to mail {to} about "{subject}". The message is: "{body}"',
            "Email {to}\nSubject: {subject}\n{body}",
            'Could you send {to} an email? The subject is "{subject}" and it should say "{body}".',
        ],
        "to email {to}|to send an email to {to}|an email sent to {to}",
        [
            Result(
                {"status": v.choice("sent", "queued", "delivered")},
                (
                    "Your email to {to} was {status}.",
                    'The email "{subject}" to {to} is {status}.',
                    "Done, it's {status}.",
                ),
            ),
            Result(
                {"success|ok": v.choice(True), "message_id|id": v.hex_id},
                (
                    "Your email to {to} is on its way (id {message_id}).",
                    "I sent it to {to}. The message id is {message_id}.",
                ),
            ),
        ],
        near="mail",
    ),
    Family(
        "convert_currency",
        "convert_currency|currency_converter|exchange|convert_money|currency_conversion",
        "Convert an amount from one currency to another|Currency conversion|Converts money at today's rate",
        [
            Parameter("amount|value|sum", v.money, "The amount|Amount to convert|", "number"),
            Parameter("from_currency|from|source|base", v.currency, "Currency to convert from|Source currency code|"),
            Parameter("to_currency|to|target|quote", v.currency, "Currency to convert to|Target currency code|"),
        ],
        [
            "Convert {amount} {from_currency} to {to_currency}.",
            "How much is {amount} {from_currency} in {to_currency}?",
            "{amount} {from_currency} in {to_currency}",
            "What do I get in {to_currency} for {amount} {from_currency}?",
            "I have {amount} {from_currency}. What's that in {to_currency}?",
            "exchange {amount} {from_currency} into {to_currency}",
        ],
        "to convert {amount} {from_currency} to {to_currency}|to know what {amount} {from_currency} is in {to_currency}",
        [
            Result(
                {"result|converted|converted_amount|amount_converted": v.number(1, 90000, 2)},
                (
                    "{amount} {from_currency} is {result} {to_currency}.",
                    "That makes {result} {to_currency}.",
                    "You would get {result} {to_currency} for {amount} {from_currency}.",
                ),
            ),
            Result(
                {"rate|exchange_rate": v.number(0.01, 30, 4), "result|converted": v.number(1, 90000, 2)},
                (
                    "At a rate of {rate}, {amount} {from_currency} makes {result} {to_currency}.",
                    "It's {result} {to_currency}; the rate is {rate}.",
                ),
            ),
        ],
        near="currencies",
    ),
    Family(
        "get_user",
        "get_user|get_user_info|fetch_user|lookup_user|get_user_details|find_user|user_info",
        "Get a user by id|Look up a user|Returns the data of a user",
        [
            Parameter(
                "user_id|id|user|uid",
                v.choice(*range(1, 900), Said(42, "42")),
                "Id of the user|The user's id|",
                "integer",
            )
        ],
        [
            "Who is user {user_id}?",
            "Get user {user_id}.",
            "Show me the details of the user with the id {user_id}",
            "I need the data of user number {user_id}.",
            "look up user {user_id}",
            "What do we know about user {user_id}?",
        ],
        "to know who user {user_id} is|the data of user {user_id}|to see user {user_id}",
        [
            Result(
                {"name": v.person, "email": v.email},
                ("User {user_id} is {name}, with the email address {email}.", "That's {name} ({email})."),
            ),
            Result(
                {"name": v.person, "age": v.integer(18, 90), "city": v.city},
                ("User {user_id} is {name}, {age} years old, from {city}.", "It's {name} from {city}, aged {age}."),
            ),
        ],
        near="users",
    ),
    Family(
        "random_number",
        "random_number|get_random_number|random_int|generate_random_number|pick_number",
        "Generate a random number|Random integer between two bounds|Pick a random number in a range",
        [
            Parameter("min|low|lower|minimum|start", v.integer(0, 50), "Lower bound|Smallest number|", "integer"),
            Parameter("max|high|upper|maximum|end", v.integer(51, 1000), "Upper bound|Largest number|", "integer"),
        ],
        [
            "Give me a random number between {min} and {max}.",
            "Pick a number from {min} to {max}",
            "random number {min}-{max}",
            "Choose any number between {min} and {max} for the raffle.",
            "I need a random integer from {min} up to {max}.",
        ],
        "a random number between {min} and {max}|to get a number from {min} to {max}",
        [
            Result(
                lambda random, arguments: {"number|value|result": random.randint(arguments["min"], arguments["max"])},
                ("Your number is {number}.", "I got {number}.", "Here you go: {number}", "{number}"),
            )
        ],
        near="chance",
    ),
]


def _evaluated(expression: str) -> float:
    """Return the value of an expression that a draw of this file made."""
    if expression.startswith("sqrt("):
        return round(float(expression[5:-1]) ** 0.5, 3)
    value = eval(expression, {"__builtins__": {}})
    return round(value, 3) if isinstance(value, float) else value
