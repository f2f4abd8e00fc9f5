"""Draws of identifiers: codes, plates, addresses of machines, versions. They have no words in them."""

from random import Random


def _letters(random: Random, low: int, high: int) -> str:
    return "".join(random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=random.randint(low, high)))


def code(random: Random) -> str:
    """Draw the code of an order, a ticket, a customer: "AB-1234"."""
    letters, digits = _letters(random, 1, 4), random.randint(10, 99999)
    forms = (f"{letters}-{digits}", f"{letters}{digits}", f"{digits}", f"{letters.lower()}_{digits}", f"#{digits}")
    return random.choices(forms, (5, 3, 2, 1, 0.5))[0]


def plate(random: Random) -> str:
    return f"{_letters(random, 2, 3)} {random.randint(10, 999)} {_letters(random, 1, 2)}"


def flight(random: Random) -> str:
    airline = random.choice(("LH", "BA", "AF", "UA", "DL", "KL", "QF", "EK", "SK", "TK", "AA", _letters(random, 2, 2)))
    return f"{airline}{random.choice(('', '', ' '))}{random.randint(10, 9999)}"


def ticker(random: Random) -> str:
    known = ("AAPL", "MSFT", "GOOG", "AMZN", "TSLA", "NVDA", "IBM", "SAP", "NFLX", "META", "INTC", "ORCL")
    return random.choice(known) if random.random() < 0.5 else _letters(random, 3, 4)


def phone(random: Random) -> str:
    a, b, c = random.randint(1, 99), random.randint(100, 999), random.randint(1000, 9999)
    return random.choice((f"+{a} {b} {c}", f"{b}-{c}", f"555-{c}", f"+{a}{b}{c}", f"0{b} {c}"))


def ip(random: Random) -> str:
    return ".".join(str(random.randint(1, 254)) for _ in range(4))


def version(random: Random) -> str:
    return f"{random.randint(0, 12)}.{random.randint(0, 30)}{random.choice(('', f'.{random.randint(0, 20)}'))}"


def hex_id(random: Random) -> str:
    return "".join(random.choices("0123456789abcdef", k=random.choice((6, 7, 8, 12))))


def password_like(random: Random) -> str:
    return "".join(
        random.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!$%#", k=random.randint(7, 12))
    )
