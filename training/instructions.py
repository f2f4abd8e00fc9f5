"""Simple instructions of a system or developer message, and answers that follow them: language, length, form, persona.

Every answer is made by code, so that it does what was asked; the content is small talk and short facts.
"""

from collections.abc import Callable, Sequence
from random import Random

from ossia.types import Message
from training import values as v
from training import words as w
from training.asking import fill
from training.conversation import Conversation
from training.several import several
from training.stage import Stage, date

_Case = tuple[str, str, str, str]
"""Instruction, the user's message, the answer, and what the instruction asks for (behind "The instructions say to
")."""

_FACTS = (
    ("What is the capital of France?", "Paris", "The capital of France is Paris."),
    ("What is the capital of Italy?", "Rome", "The capital of Italy is Rome."),
    ("What is the capital of Japan?", "Tokyo", "The capital of Japan is Tokyo."),
    ("What is the capital of Germany?", "Berlin", "The capital of Germany is Berlin."),
    ("What is the capital of Spain?", "Madrid", "The capital of Spain is Madrid."),
    ("What colour is the sky?", "Blue", "The sky is blue."),
    ("What colour is grass?", "Green", "Grass is green."),
    ("How many days are in a week?", "Seven", "A week has seven days."),
    ("How many months are in a year?", "Twelve", "A year has twelve months."),
    ("What is 2 plus 2?", "4", "2 plus 2 is 4."),
    ("What is 3 times 3?", "9", "3 times 3 is 9."),
    ("What do bees make?", "Honey", "Bees make honey."),
    ("Is ice cold?", "Yes", "Yes, ice is cold."),
    ("Is the sun hot?", "Yes", "Yes, the sun is very hot."),
    ("Can fish fly?", "No", "No, most fish cannot fly."),
    ("Which planet do we live on?", "Earth", "We live on Earth."),
    ("What is the opposite of hot?", "Cold", "The opposite of hot is cold."),
    ("What is the opposite of big?", "Small", "The opposite of big is small."),
    ("Who wrote Romeo and Juliet?", "Shakespeare", "William Shakespeare wrote Romeo and Juliet."),
    ("What is frozen water called?", "Ice", "Frozen water is called ice."),
    ("Which animal says meow?", "Cat", "A cat says meow."),
    ("How many legs does a spider have?", "Eight", "A spider has eight legs."),
    ("What is the largest ocean?", "Pacific", "The Pacific is the largest ocean."),
    ("What do cows drink?", "Water", "Cows drink water."),
)

_HELLOS = {
    "French": "Bonjour ! Comment puis-je vous aider ?",
    "German": "Hallo! Wie kann ich Ihnen helfen?",
    "Spanish": "¡Hola! ¿En qué puedo ayudarte?",
    "Italian": "Ciao! Come posso aiutarti?",
    "Portuguese": "Olá! Como posso ajudar?",
    "Dutch": "Hallo! Hoe kan ik je helpen?",
    "Swedish": "Hej! Hur kan jag hjälpa dig?",
    "English": "Hello! How can I help you?",
}
_GREETINGS = ("Hello", "Hi", "Hi there!", "Hey", "Good morning", "hello!", "Hello, are you there?")

_LISTS = (
    ("Name {n} fruits.", "apple, banana, orange, pear, grape, cherry, mango, plum"),
    ("Name {n} colours.", "red, blue, green, yellow, purple, orange, white, black"),
    ("Name {n} animals.", "dog, cat, horse, elephant, rabbit, lion, mouse, whale"),
    ("Give me {n} European countries.", "France, Spain, Italy, Poland, Sweden, Greece, Austria, Norway"),
    ("List {n} vegetables.", "carrot, potato, spinach, broccoli, onion, cabbage, pea, bean"),
    ("Name {n} sports.", "tennis, football, swimming, running, rowing, golf, hockey, cycling"),
    ("Name {n} musical instruments.", "piano, guitar, violin, drum, flute, trumpet, harp, cello"),
    ("List {n} things in a kitchen.", "pan, knife, spoon, kettle, oven, plate, bowl, fridge"),
    ("Name {n} planets.", "Mercury, Venus, Earth, Mars, Jupiter, Saturn, Uranus, Neptune"),
)


def _one_word(random: Random) -> _Case:
    question, word, _ = random.choice(_FACTS)
    ask = random.choice(
        ("Answer in one word.", "Reply with a single word.", "Use one word only.", "One-word answers, please.")
    )
    return ask, question, word + random.choice(("", ".")), "answer in one word"


def _one_sentence(random: Random) -> _Case:
    question, _, sentence = random.choice(_FACTS)
    ask = random.choice(
        ("Answer in one sentence.", "Be brief.", "Keep every answer to a single sentence.", "Short answers only.")
    )
    return ask, question, sentence, "keep it to one sentence"


def _greeting(random: Random) -> _Case:
    language = random.choice(list(_HELLOS))
    ask = random.choice(
        (
            f"Always answer in {language}.",
            f"Reply in {language}.",
            f"Speak {language} with the user.",
            f"You speak only {language}.",
        )
    )
    return ask, random.choice(_GREETINGS), _HELLOS[language], f"answer in {language}"


def _bullets(random: Random) -> _Case:
    question, items, count = *random.choice(_LISTS), random.randint(2, 5)
    chosen = random.sample(items.split(", "), count)
    mark, ask = random.choice(
        (
            ("- ", "Answer with a bullet list."),
            ("- ", "Use bullet points."),
            ("* ", "Write lists with asterisks."),
            ("1. ", "Use numbered lists."),
            ("", "Put every item on its own line."),
        )
    )
    lines = [f"{f'{i}. ' if mark == '1. ' else mark}{item}" for i, item in enumerate(chosen, 1)]
    return ask, fill(question, {"n": str(count)}), "\n".join(lines), "put the items in a list"


def _commas(random: Random) -> _Case:
    question, items, count = *random.choice(_LISTS), random.randint(2, 5)
    chosen = random.sample(items.split(", "), count)
    ask = random.choice(
        ("Separate items with commas and write nothing else.", "Answer with a comma-separated list only.")
    )
    return ask, fill(question, {"n": str(count)}), ", ".join(chosen), "separate the items with commas"


def _ending(random: Random) -> _Case:
    question, _, sentence = random.choice(_FACTS)
    end = random.choice(
        (
            "Have a nice day!",
            "Ahoy!",
            "Over and out.",
            "Cheers!",
            "Best wishes!",
            "Meow.",
            "Stay curious!",
            "Yours truly, the bot",
            v.word(random).capitalize() + "!",
            v.word(random).upper(),
        )
    )
    ask = random.choice(
        (f'Always end with "{end}"', f'End every answer with the words "{end}"', f"Finish each reply with: {end}")
    )
    return ask, question, f"{sentence} {end}", f'end with "{end}"'


def _beginning(random: Random) -> _Case:
    question, _, sentence = random.choice(_FACTS)
    begin = random.choice(("Certainly!", "Well,", "Dear user:", "Aye!", v.word(random).capitalize() + "!", "ANSWER:"))
    ask = random.choice((f'Begin every answer with "{begin}"', f'Always start with "{begin}"'))
    rest = _uncapitalised(sentence) if begin.endswith(",") else sentence
    return ask, question, f"{begin} {rest}", f'begin with "{begin}"'


def _persona(random: Random) -> _Case:
    name = v.first_name(random)
    role = random.choice(
        (
            "assistant",
            "librarian",
            "travel guide",
            "cook",
            "shop assistant",
            "tutor",
            "support agent",
            "gardener",
            "doorman",
        )
    )
    ask = random.choice(
        (
            f"You are {name}, a friendly {role}.",
            f"Your name is {name}. You are a {role}.",
            f"You play a {role} called {name}.",
        )
    )
    question = random.choice(
        ("Who are you?", "What's your name?", "Introduce yourself.", "And you are?", "What should I call you?")
    )
    article = "an" if role[0] in "aeiou" else "a"
    answer = random.choice(
        (
            f"I'm {name}, {article} {role}. How can I help you?",
            f"My name is {name}. I'm {article} {role}.",
            f"I am {name}, your {role}. What can I do for you?",
        )
    )
    return ask, question, answer, f"be {name}, {article} {role}"


def _upper(random: Random) -> _Case:
    question, _, sentence = random.choice(_FACTS)
    if random.random() < 0.5:
        return (
            random.choice(("Write in capital letters.", "ANSWER IN UPPER CASE.")),
            question,
            sentence.upper(),
            "write in capitals",
        )
    return (
        random.choice(("Write everything in lower case.", "Use no capital letters.")),
        question,
        sentence.lower(),
        "write in lower case",
    )


def _fact_given(random: Random) -> _Case:
    shop, opens, closes = v.company(random), random.randint(6, 10), random.randint(16, 22)
    question, answer = random.choice(
        (
            ("When do you open?", f"{shop} opens at {opens}:00."),
            ("When do you close?", f"We close at {closes}:00."),
            ("What are your hours?", f"We are open from {opens}:00 to {closes}:00."),
            ("Which company is this?", f"This is {shop}. How can I help you?"),
        )
    )
    return (
        f"You are the assistant of {shop}. It is open from {opens}:00 to {closes}:00.",
        question,
        answer,
        f"speak for {shop}",
    )


def _user_name(random: Random) -> _Case:
    name = v.first_name(random)
    question, _, sentence = random.choice(_FACTS)
    ask = random.choice(
        (
            f"The user's name is {name}. Address them by name.",
            f"Call the user {name} in every answer.",
            f"You are talking to {name}. Use the name.",
        )
    )
    if random.random() < 0.4:
        return (
            ask,
            random.choice(_GREETINGS),
            random.choice((f"Hello, {name}! How can I help you?", f"Hi {name}! What can I do for you?")),
            f"call them {name}",
        )
    return ask, question, f"{name}, {_uncapitalised(sentence)}", f"call them {name}"


def _uncapitalised(sentence: str) -> str:
    """Begin a sentence in lower case, unless its first word is a name."""
    opens = sentence.split()[0] in ("The", "A", "We", "Yes,", "No,", "Most", "Grass", "Bees", "Cows", "Frozen")
    return sentence[0].lower() + sentence[1:] if opens else sentence


_TRANSLATIONS = {
    "yes": "oui ja sí sì",
    "water": "eau Wasser agua acqua",
    "house": "maison Haus casa casa",
    "thank you": "merci danke gracias grazie",
    "dog": "chien Hund perro cane",
    "red": "rouge rot rojo rosso",
    "bread": "pain Brot pan pane",
    "good": "bon gut bueno buono",
}


def _translate(random: Random) -> _Case:
    word = random.choice(list(_TRANSLATIONS))
    at = random.randrange(4)
    language = ("French", "German", "Spanish", "Italian")[at]
    return (
        f"Translate what the user says into {language}.",
        word,
        _TRANSLATIONS[word].split()[at],
        f"translate it into {language}",
    )


def _day(random: Random) -> _Case:
    day = random.randrange(6)
    question = f"What day comes after {w.DAYS[day]}?"
    ask = random.choice(("Answer with the word and nothing else.", "No explanations.", "Give only the answer."))
    return ask, question, w.DAYS[day + 1], "give only the answer"


_CASES: Sequence[tuple[Callable[[Random], _Case], int]] = (
    (_one_word, 2),
    (_one_sentence, 1),
    (_greeting, 2),
    (_bullets, 2),
    (_commas, 1),
    (_ending, 2),
    (_beginning, 1),
    (_persona, 2),
    (_upper, 1),
    (_fact_given, 1),
    (_user_name, 1),
    (_translate, 1),
    (_day, 1),
)

_THOUGHTS = several(
    """The instructions say to {do}. | We should {do}. | I have to {do}. | The developer wants us to {do}. |
    Remember to {do}. | So {do}."""
)
_MORE = several(
    """The question is easy. | That's simple to follow. | Nothing more is needed. | I'll do just that. | The answer
    itself is short. | Keep to the instruction."""
)


def draw(random: Random) -> Conversation:
    """Compose a request with an instruction, in the system message or by the user."""
    stage = Stage.draw(random)
    instruction, text, answer, do = random.choices(*zip(*_CASES, strict=True))[0](random)
    thought = fill(random.choice(_THOUGHTS), {"do": do})
    count = {"medium": random.choice((0, 1)), "high": random.choice((2, 3))}.get(stage.effort, 0)
    thoughts = "" if stage.effort == "none" else " ".join([thought, *random.sample(_MORE, count)])
    last = Message("assistant", answer, thoughts)
    if random.random() < 0.2 and text.endswith(("?", ".")) and not instruction.startswith(("You", "The user")):
        return Conversation((Message("user", f"{text} {instruction}"), last), (), stage.effort, date(random))
    first = f"{random.choice(('You are a helpful assistant. ', '', '', ''))}{instruction}"
    messages = Message("system", first), Message("user", text), last
    return Conversation(messages, (), stage.effort, date(random))
