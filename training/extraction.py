"""JSON on demand: a schema in the developer message, a text, and the JSON that says what the text says.

The texts are made of the values, so that every answer is true.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from ossia.types import Message, ResponseFormat
from training import values as v
from training.asking import fill
from training.conversation import Conversation
from training.family import Draw
from training.several import several
from training.stage import Stage, date
from training.tools import schema_of


@dataclass(frozen=True)
class Subject:
    """Thing that texts are about: its properties, with their draws, and texts that name all of them."""

    name: str
    properties: Mapping[str, Draw]
    """Names, with alternatives, to draws."""
    texts: Sequence[str]


SUBJECTS = [
    Subject(
        "person",
        {"name|full_name": v.person, "age|years": v.integer(18, 90), "city|town|home": v.city},
        several(
            """{name} is {age} years old and lives in {city}. | My neighbour {name} turned {age} last week. The
            whole family came to {city}. | I'm {name}, {age}, from {city}. | {name} ({age}) has moved to {city}. |
            At {age}, {name} still works in {city} every day. | In {city} I met {name}, who is {age}. | Her name is
            {name}; she is {age} and her home is {city}."""
        ),
    ),
    Subject(
        "contact",
        {"name": v.person, "email|mail": v.email, "phone|phone_number": v.phone},
        several(
            """You can reach {name} at {email} or {phone}. | {name}: {email}, tel. {phone} | Please write to {email}
            or call {phone} and ask for {name}. | Best regards, {name}, {phone}, {email} | New contact: {name}, mail
            {email}, phone {phone}."""
        ),
    ),
    Subject(
        "event",
        {"title|event|name": v.title, "date|day": v.iso_date, "place|location|venue": v.place},
        several(
            """Don't miss "{title}" on {date} in {place}! | {title} takes place on {date} at {place}. | We meet for
            {title} in {place}, {date}. | Save the date: {date}, {title}, {place}. | On {date} there will be {title}
            in {place}."""
        ),
    ),
    Subject(
        "product",
        {"product|name|item": v.product, "price|cost": v.number(1, 900, 2), "colour|color": v.colour},
        several(
            """The {product} costs {price} and comes in {colour}. | For sale: {product}, {colour}, {price} euros. |
            I bought a {colour} {product} for {price}. | Our {product} in {colour} is now only {price}. | {product}
            ({colour}): {price}"""
        ),
    ),
    Subject(
        "order",
        {
            "order_id|id|number": v.code,
            "customer|customer_name": v.person,
            "quantity|count": v.integer(1, 99),
            "item|product": v.thing,
        },
        several(
            """Order {order_id}: {quantity} x {item} for {customer}. | {customer} ordered {quantity} pieces of
            {item}. The number is {order_id}. | Please ship {quantity} {item} to {customer}, order {order_id}. |
            {order_id}, {customer}, {item}, {quantity} pieces"""
        ),
    ),
    Subject(
        "book",
        {"title|book": v.book, "author|writer": v.person, "year|published": v.integer(1800, 2024)},
        several(
            """{title} was written by {author} in {year}. | In {year}, {author} published {title}. | I'm reading
            {title} by {author} ({year}). | {author}: {title}, {year}. | My favourite book is {title}, which
            {author} wrote in {year}."""
        ),
    ),
    Subject(
        "flight",
        {"flight|flight_number": v.flight, "from|origin": v.city, "to|destination": v.city, "departure|time": v.clock},
        several(
            """Flight {flight} from {from} to {to} leaves at {departure}. | At {departure} we fly from {from} to
            {to} with {flight}. | {flight}: {from} - {to}, {departure} | Your booking: {flight}, departing {from} at
            {departure}, arriving in {to}."""
        ),
    ),
    Subject(
        "job",
        {"name|employee": v.person, "company|employer": v.company, "job|role|position": v.phrase},
        several(
            """{name} works at {company} as {job}. | {company} has hired {name} for {job}. | {name}, {job},
            {company} | At {company}, {name} is responsible for {job}."""
        ),
    ),
    Subject(
        "pet",
        {
            "name|pet_name": v.first_name,
            "animal|species|kind": v.animal,
            "age": v.integer(1, 20),
            "vaccinated": v.flag("is vaccinated", "is not vaccinated"),
        },
        several(
            """{name} is a {animal}, {age} years old, and {vaccinated}. | My {animal} {name} ({age}) {vaccinated}. |
            We adopted {name}, a {animal} of {age} years that {vaccinated}."""
        ),
    ),
    Subject(
        "shopping list",
        {"items|ingredients|products": v.list_of(v.ingredient, 2, 5)},
        several(
            """We need {items}. | Please bring {items} from the market. | Shopping list: {items}. | For the cake I
            still have to buy {items}. | The fridge has {items}."""
        ),
    ),
    Subject(
        "route",
        {"cities|places|stops": v.list_of(v.city, 2, 5)},
        several(
            """Our trip takes us to {cities}. | I have lived in {cities}. | The train stops in {cities}. | We have
            offices in {cities}."""
        ),
    ),
    Subject(
        "team",
        {"team|name": v.team, "members|people": v.list_of(v.first_name, 2, 4), "captain|leader": v.first_name},
        several(
            """{members} play for {team}; {captain} is the captain. | The team {team} is led by {captain}. Its
            members are {members}. | {captain} leads {team} with {members}."""
        ),
    ),
]

_ASKS = several(
    """Extract the {what}: {text} | {text} | Read this and give me the data: {text} | Turn this into JSON: {text} |
    Get the fields from this text: {text} | What does this say? "{text}" | Please extract the information. {text} |
    Text: {text} | Parse this {what}: {text} | Fill in the fields from the following. {text} | Here is a message:
    {text} Extract what is asked for."""
)
_THOUGHTS = several(
    """We fill in the fields from the text. | The answer must be JSON of the schema. | Extract {fields}. | The
    schema wants {fields}. | JSON with {fields}. | Take {fields} from the text. | The user wants the {what} as JSON."""
)
_MORE = several(
    """Only JSON, nothing else. | Every field is in the text. | Copy the values exactly. | Numbers stay numbers. |
    No extra keys. | Keep the order of the schema. | The text says it all."""
)
_NAMES = ("response", "extraction", "result", "answer", "schema", "data", "output", "Info", "Record")


def draw(random: Random) -> Conversation:
    """Compose one request for JSON."""
    stage = Stage.draw(random)
    subject = random.choice(SUBJECTS)
    one, text, keys = _one(random, subject)
    value, wrapped = (one, False) if random.random() < 0.85 else _several(random, subject, keys, one)
    if wrapped:
        text = " ".join(value_text for value_text in value.pop("__texts"))
    schema = _schema(random, value)
    parts = {"what": subject.name, "text": text, "fields": ", ".join(keys.values())}
    thoughts = _thoughts(random, stage, parts)
    messages = [
        Message("user", fill(random.choice(_ASKS), parts)),
        Message("assistant", _written(random, value), thoughts),
    ]
    if random.random() < 0.35:
        messages.insert(0, Message("system", random.choice(_INSTRUCTIONS)))
    name = random.choice((*_NAMES, subject.name.replace(" ", "_")))
    return Conversation(tuple(messages), (), stage.effort, date(random), ResponseFormat(schema, name))


_INSTRUCTIONS = several(
    """You extract data from texts. | Answer in JSON. | You are a helpful assistant. | Extract the fields from the
    user's text. | Reply with JSON that follows the schema."""
)


def _one(random: Random, subject: Subject) -> tuple[dict[str, Any], str, dict[str, str]]:
    """Draw one thing: its JSON, the text that says it, and its properties' chosen names."""
    keys = {names.split("|")[0]: random.choice(names.split("|")) for names in subject.properties}
    value, text = _filled(random, subject, keys)
    if len(value) > 1 and random.random() < 0.25:  # not everything that a text says is wanted
        dropped = random.choice(list(value))
        del value[dropped]
        keys = {key: name for key, name in keys.items() if name != dropped}
    return value, text, keys


def _filled(random: Random, subject: Subject, keys: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    drawn = {names.split("|")[0]: v.value_and_words(draw(random)) for names, draw in subject.properties.items()}
    text = fill(random.choice(subject.texts), {key: words for key, (_, words) in drawn.items()})
    return {keys[key]: value for key, (value, _) in drawn.items() if key in keys}, text


def _several(random: Random, subject: Subject, keys: Mapping[str, str], _: object) -> tuple[dict[str, Any], bool]:
    """Draw several things as an array."""
    things = [_filled(random, subject, keys) for _ in range(random.randint(2, 3))]
    plural = random.choice(("items", "results", "entries", "records", f"{subject.name.replace(' ', '_')}s"))
    return {plural: [value for value, _ in things], "__texts": [text for _, text in things]}, True


def _schema(random: Random, value: dict[str, Any]) -> dict[str, Any]:
    schema = schema_of(value)
    if random.random() < 0.5:
        schema["additionalProperties"] = False
    if random.random() < 0.2:
        schema = _titled(schema)
    return schema


def _titled(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema as pydantic writes it."""
    properties = {k: {"title": k.replace("_", " ").title(), **s} for k, s in schema["properties"].items()}
    return {"properties": properties, "required": schema["required"], "title": "Answer", "type": "object"}


def _written(random: Random, value: Any) -> str:
    style = random.random()
    return json.dumps(value, ensure_ascii=False, indent=2 if style > 0.9 else None)


def _thoughts(random: Random, stage: Stage, parts: Mapping[str, str]) -> str:
    first = fill(random.choice(_THOUGHTS), parts)
    match stage.effort:
        case "none":
            return ""
        case "low":
            return first
        case "medium":
            return f"{first} {random.choice(_MORE)}" if random.random() < 0.6 else first
        case _:
            return f"{first} {' '.join(random.sample(_MORE, random.choice((2, 3))))}"
