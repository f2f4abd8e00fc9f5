"""Draws of the values that tools take and return: cities, names, codes, dates, texts. It knows nothing of tools.

About a third of all names and things are any word of the vocabulary, or an invented one: a model that has only seen
likely values guesses them instead of copying what it was given.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from training import identifiers
from training import words as w
from training.family import Draw, Said
from training.rare import rare

Text = Callable[[Random], str]

ANY_WORD = 0.4
"""Share of names and things that are any word of the vocabulary, a rare or an invented one."""


def _any_word(random: Random, *, capital: bool) -> str:
    """Draw a word of the vocabulary, a rare or an invented one, in the case asked for most of the time."""
    kind = random.random()
    if kind < 0.4:
        return rare(random, capital=capital)
    if kind < 0.52:
        text = invented(random)
        return text if capital else text.lower()
    if kind < 0.75 and capital:
        return random.choice(w.capitalised())
    text = random.choice(w.lower_case() if random.random() < 0.75 else w.capitalised())
    return text.capitalize() if capital else text.lower()


def invented(random: Random) -> str:
    """Draw a made-up word, capitalised: of syllables, or of parts of the vocabulary's words."""
    if random.random() < 0.5:
        return "".join(random.choices(w.SYLLABLES, k=random.choice((2, 2, 3)))).capitalize()
    return "".join(random.choices(w.pieces(), k=random.choice((2, 2, 3)))).capitalize()


def _one_of(items: Sequence[str], share: float = ANY_WORD) -> Text:
    """Return a draw of an item, or of any words in the case of the items."""
    capital = sum(item[0].isupper() for item in items) * 2 > len(items)

    def draw(random: Random) -> str:
        if random.random() >= share:
            return random.choice(items)
        text = _any_word(random, capital=capital)
        return f"{text} {_any_word(random, capital=capital)}" if random.random() < 0.15 else text

    return draw


def _listed(items: Sequence[str]) -> Text:
    return lambda random: random.choice(items)


def word(random: Random) -> str:
    """Draw any lower-case word of the vocabulary."""
    return random.choice(w.lower_case())


def name(random: Random) -> str:
    """Draw any capitalised word of the vocabulary, or an invented one."""
    return _any_word(random, capital=True)


_city = _one_of(w.CITIES)
country = _one_of(w.COUNTRIES, 0.2)
first_name = _one_of(w.FIRST_NAMES, 0.25)
last_name = _one_of(w.LAST_NAMES, 0.3)
company = _one_of(w.COMPANIES)
animal = _one_of(w.ANIMALS, 0.25)
plant = _one_of(w.PLANTS)
food = _one_of(w.FOODS)
ingredient = _one_of(w.INGREDIENTS)
drink = _one_of(w.DRINKS, 0.25)
colour = _one_of(w.COLOURS, 0.2)
material = _one_of(w.MATERIALS, 0.25)
room = _one_of(w.ROOMS, 0.25)
building = _one_of(w.BUILDINGS, 0.3)
noun = _one_of(w.NOUNS)
adjective = _one_of(w.ADJECTIVES, 0.2)
verb = _listed(w.VERBS)
book = _one_of(w.BOOKS)
movie = _one_of(w.MOVIES)
song = _one_of(w.SONGS)
artist = _one_of(w.ARTISTS)
team = _one_of(w.TEAMS)
sport = _one_of(w.SPORTS, 0.2)
genre = _one_of(w.GENRES, 0.2)
language = _listed(list(w.LANGUAGES))
status = _listed(w.STATUSES)
weather = _listed(w.WEATHERS)
symptom = _one_of(w.SYMPTOMS, 0.2)
month = _listed(w.MONTHS)


code = identifiers.code
plate = identifiers.plate
flight = identifiers.flight
ticker = identifiers.ticker
phone = identifiers.phone
ip = identifiers.ip
version = identifiers.version
hex_id = identifiers.hex_id
password_like = identifiers.password_like


def city(random: Random) -> str:
    return random.choice(w.FOREIGN) if random.random() < 0.02 else _city(random)


def place(random: Random) -> str:
    """Draw a city, a landmark or an invented place."""
    kind = random.random()
    if kind < 0.6:
        return city(random)
    return random.choice(w.LANDMARKS) if kind < 0.75 else name(random)


def street(random: Random) -> str:
    """Draw a street with a number: "12 Mill Road"."""
    of = name(random) if random.random() < 0.6 else noun(random).title()
    return f"{random.randint(1, 240)} {of} {random.choice(('Street', 'Road', 'Avenue', 'Lane', 'Square', 'Drive'))}"


def person(random: Random) -> str:
    """Draw a full name, or only a first name."""
    first = first_name(random)
    return first if random.random() < 0.25 else f"{first} {last_name(random)}"


def thing(random: Random) -> str:
    """Draw a thing: "red lamp"."""
    return f"{adjective(random)} {noun(random)}" if random.random() < 0.7 else noun(random)


def product(random: Random) -> str:
    """Draw what a shop sells: "wireless keyboard", "Velora 12"."""
    kind = random.random()
    if kind < 0.55:
        return thing(random)
    return f"{name(random)} {random.randint(1, 30)}" if kind < 0.75 else f"{name(random)} {noun(random)}"


def recipe(random: Random) -> str:
    return food(random) if random.random() < 0.7 else f"{ingredient(random)} {random.choice(('soup', 'pie', 'salad'))}"


def topic(random: Random) -> str:
    """Draw a topic of one to four words: "solar panels"."""
    kind = random.random()
    if kind < 0.35:
        return f"{adjective(random)} {noun(random)}"
    if kind < 0.5:
        return f"{word(random)} {word(random)}"
    if kind < 0.6:
        return f"{noun(random)} and {noun(random)}"
    if kind < 0.7:
        return f"history of {place(random)}"
    return f"{noun(random)} in {place(random)}" if kind < 0.8 else f"{word(random)} {noun(random)}"


def title(random: Random) -> str:
    """Draw the title of a note, an event or a document: "Budget review", "Dinner with Anna"."""
    kind = random.random()
    if kind < 0.3:
        return f"{adjective(random)} {noun(random)}".capitalize()
    if kind < 0.5:
        return f"{verb(random)} the {noun(random)}".capitalize()
    if kind < 0.65:
        return f"{random.choice(('Dinner', 'Lunch', 'Meeting', 'Call', 'Coffee', 'Trip'))} with {first_name(random)}"
    if kind < 0.8:
        return f"{word(random)} {word(random)}".title()
    return f"{name(random)} {noun(random)}"


_SENTENCES: Sequence[Callable[[Random], str]] = (
    lambda r: f"The {noun(r)} is {adjective(r)}.",
    lambda r: f"The {adjective(r)} {noun(r)} and the {noun(r)} are ready.",
    lambda r: f"We need {r.randint(2, 90)} more boxes of {noun(r)}.",
    lambda r: f"{first_name(r)} likes the {adjective(r)} {noun(r)}.",
    lambda r: f"{first_name(r)} will {verb(r)} the {noun(r)} tomorrow.",
    lambda r: f"The {noun(r)} costs {r.randint(2, 900)} dollars.",
    lambda r: f"I saw a {noun(r)} near {place(r)}.",
    lambda r: f"My {noun(r)} does not work on {r.choice(w.DAYS)}.",
    lambda r: f"It was a {adjective(r)} day in {city(r)}.",
    lambda r: f"{name(r)} is the {word(r)} of {name(r)}.",
)
_MESSAGES: Sequence[Callable[[Random], str]] = (
    lambda r: f"I will be {r.randint(5, 60)} minutes late",
    lambda r: f"Please {verb(r)} the {noun(r)}",
    lambda r: f"Do not forget the {noun(r)}",
    lambda r: f"Meet me at the {noun(r)} at {clock(r)}",
    lambda r: f"Can you {verb(r)} my {adjective(r)} {noun(r)}?",
    lambda r: f"Happy birthday, {first_name(r)}!",
    lambda r: f"The {noun(r)} is {adjective(r)} now",
    lambda r: f"See you on {r.choice(w.DAYS)}",
    lambda r: f"I left the {noun(r)} in the {room(r)}",
    lambda r: f"Thanks for the {noun(r)}, {first_name(r)}",
    lambda r: f"The {word(r)} {noun(r)} arrives at {clock(r)}",
    lambda r: f"Let's meet in {city(r)} next week",
)
_QUESTIONS: Sequence[Callable[[Random], str]] = (
    lambda r: f"How do I {verb(r)} a {noun(r)}?",
    lambda r: f"Where is the {adjective(r)} {noun(r)}?",
    lambda r: f"What is the best {noun(r)} for {first_name(r)}?",
    lambda r: f"Is the {noun(r)} {adjective(r)} or {adjective(r)}?",
    lambda r: f"Who will {verb(r)} the {noun(r)}?",
    lambda r: f"When should I {verb(r)} my {noun(r)}?",
    lambda r: f"Why is the {noun(r)} {adjective(r)}?",
    lambda r: f"How many {noun(r)}s are there in {place(r)}?",
)


def sentence(random: Random) -> str:
    return random.choice(w.FOREIGN_TEXTS) if random.random() < 0.05 else random.choice(_SENTENCES)(random)


def message(random: Random) -> str:
    """Draw what one writes to a friend or colleague."""
    return random.choice(w.FOREIGN_TEXTS) if random.random() < 0.05 else random.choice(_MESSAGES)(random)


def question(random: Random) -> str:
    return random.choice(_QUESTIONS)(random)


def phrase(random: Random) -> str:
    """Draw some words without a full stop."""
    kind = random.random()
    if kind < 0.4:
        return f"{adjective(random)} {noun(random)}"
    if kind < 0.7:
        return " ".join(word(random) for _ in range(random.randint(2, 4)))
    return f"{verb(random)} the {adjective(random)} {noun(random)}"


def integer(low: int, high: int) -> Callable[[Random], int]:
    return lambda random: random.randint(low, high)


def number(low: float, high: float, decimals: int = 1) -> Callable[[Random], float]:
    return lambda random: round(random.uniform(low, high), decimals)


def money(random: Random) -> float:
    kind = random.random()
    if kind < 0.4:
        return random.randint(1, 200) * 5
    return random.randint(3, 999) if kind < 0.6 else round(random.uniform(1, 900), 2)


def percent(random: Random) -> int:
    return random.choice((random.randint(1, 20) * 5, random.randint(1, 99)))


def iso_date(random: Random) -> str:
    return f"{random.randint(2023, 2029)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"


def date(random: Random) -> Any:
    """Draw a date in ISO's form, said so or as "3 May 2025"."""
    iso = iso_date(random)
    if random.random() < 0.7:
        return iso
    year, month, day = iso.split("-")
    called = w.MONTHS[int(month) - 1]
    return Said(iso, random.choice((f"{int(day)} {called} {year}", f"{called} {int(day)}, {year}")))


def day(random: Random) -> str:
    return random.choice([*w.DAYS, "tomorrow", "today", "next week", "tonight", "this weekend"])


def clock(random: Random) -> str:
    return f"{random.randint(0, 23):02}:{random.choice((0, 5, 10, 15, 20, 30, 40, 45, 50)):02}"


def year(random: Random) -> int:
    return random.randint(1850, 2030)


def duration_minutes(random: Random) -> int:
    return random.choice((5, 10, 15, 20, 25, 30, 40, 45, 50, 60, 75, 90, 120, random.randint(1, 180)))


def username(random: Random) -> str:
    stem = random.choice((first_name(random).split()[0].lower(), word(random), invented(random).lower()))
    return stem + random.choice(("", str(random.randint(1, 99)), "_" + word(random), "." + word(random)))


def email(random: Random) -> str:
    hosts = "example.com", "example.org", "mail.org", f"{word(random)}.com", f"{invented(random).lower()}.net"
    tail = random.choice(("", f".{word(random)}", str(random.randint(1, 99))))
    return f"{random.choice(w.FIRST_NAMES[:70]).lower()}{tail}@{random.choice(hosts)}"


def url(random: Random) -> str:
    host = random.choice((invented(random).lower(), word(random), f"{word(random)}-{word(random)}"))
    tail = random.choice(("", "", f"/{word(random)}", f"/{word(random)}/{random.randint(1, 99)}"))
    return f"https://{random.choice(('', 'www.'))}{host}.{random.choice(('com', 'org', 'net', 'io', 'dev'))}{tail}"


def filename(random: Random) -> str:
    stem = random.choice(
        (
            word(random),
            f"{word(random)}_{word(random)}",
            f"{noun(random).replace(' ', '-').lower()}",
            f"{word(random)}{random.randint(1, 30)}",
        )
    )
    return stem + random.choice((".txt", ".py", ".csv", ".json", ".md", ".pdf", ".log", ".png", ".docx", ".xlsx"))


def path(random: Random) -> str:
    folder = random.choice(("/home/", "docs/", "src/", "/var/log/", "~/", "/etc/", "data/", "./"))
    return f"{folder}{random.choice(('', f'{word(random)}/'))}{filename(random)}"


def server_name(random: Random) -> str:
    kind = random.choice(("web", "db", "mail", "api", "cache", "build"))
    return random.choice(
        (
            f"{kind}-{random.randint(1, 30):02}",
            word(random),
            f"{word(random)}-{random.randint(1, 9)}",
            f"{kind}.{word(random)}.net",
        )
    )


def currency(random: Random) -> Any:
    """Draw the code of a currency, sometimes said by its name."""
    code = random.choice(list(w.CURRENCIES))
    return code if random.random() < 0.6 else Said(code, w.CURRENCIES[code])


def language_code(random: Random) -> Said:
    """Draw the code of a language, said by its name."""
    called = random.choice(list(w.LANGUAGES))
    return Said(w.LANGUAGES[called], called)


def choice(*values: Any) -> Draw:
    """Return a draw of one of the values, each of which may be a Said."""
    return lambda random: random.choice(values)


def said_choice(words: Mapping[Any, str]) -> Draw:
    """Return a draw of one of the keys, said with its words; alternatives are divided by "|"."""
    pairs = list(words.items())

    def draw(random: Random) -> Said:
        value, text = random.choice(pairs)
        return Said(value, random.choice(text.split("|")))

    return draw


def flag(yes: str, no: str) -> Draw:
    """Return a draw of a boolean, said with one of the words for it."""
    return said_choice({True: yes, False: no})


def list_of(draw: Draw, low: int = 1, high: int = 4) -> Draw:
    """Return a draw of an array of different elements, said as "a, b and c"."""

    def many(random: Random) -> Said:
        said = [value_and_words(draw(random)) for _ in range(random.randint(low, high))]
        different = list({words: value for value, words in said}.items())
        values, texts = [value for _, value in different], [words for words, _ in different]
        if len(texts) == 1 or random.random() < 0.25:
            return Said(values, ", ".join(texts))
        return Said(values, f"{', '.join(texts[:-1])} and {texts[-1]}")

    return many


def value_and_words(drawn: Any) -> tuple[Any, str]:
    """Return a drawn value and the words for it."""
    if isinstance(drawn, Said):
        return drawn.value, drawn.words
    if isinstance(drawn, bool):
        return drawn, "yes" if drawn else "no"
    if isinstance(drawn, list):
        return drawn, ", ".join(value_and_words(item)[1] for item in drawn)
    return drawn, str(drawn)
