"""Tools that make something at random: passwords, names, colours, choices."""

from random import Random
from typing import Any

from training import values as v
from training.family import Arguments, Family, Parameter, Result
from training.several import several


def draw_from(random: Random, alphabet: str, size: int) -> str:
    return "".join(random.choice(alphabet) for _ in range(size))


def password(random: Random, arguments: Arguments) -> dict[str, Any]:
    signs = "!?#%+" if arguments.get("symbols") else ""
    return {
        "password": draw_from(
            random, "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789" + signs, arguments["length"]
        )
    }


GENERATORS = [
    Family(
        "generate_password",
        "generate_password|make_password|new_password|random_password|password_generator",
        "Generate a password|Makes a random password of some length|Random password. Signs such as ! can be included.",
        [
            Parameter("length|size|chars|n", v.integer(6, 24), "Number of characters|", "integer"),
            Parameter(
                "symbols|special|use_symbols|include_symbols",
                v.flag("with special characters", "without special characters"),
                "Whether to use special characters|",
                "boolean",
                phrases=" {}|, {}| ({})",
            ),
        ],
        several("""
            Generate a password with {length} characters. | I need a new password, {length} characters long | Make
            me a random password of length {length} | password, {length} chars | My account wants a password of
            {length} characters. Can you make one? | Give me {length} random characters as a password | Please think
            up a safe password. It should have {length} signs. | A {length}-character password, please | I can't
            come up with a password; {length} characters would be good | My old password is too weak. A new one with
            {length} characters, please."""),
        "a password of {length} characters|a new random password",
        [
            Result(
                password,
                several("Here's your password: {password} | {password} | How about {password} - keep it safe."),
            )
        ],
    ),
    Family(
        "generate_passphrase",
        "generate_passphrase|passphrase|word_password|make_passphrase",
        "Generate a passphrase of words|Random words that are easy to remember|",
        [
            Parameter("words|word_count|n|count", v.integer(3, 7), "Number of words|", "integer"),
            Parameter(
                "separator|sep|delimiter",
                v.said_choice({"-": "hyphens", "_": "underscores", ".": "dots"}),
                "Between the words|",
                choices=("-", "_", "."),
                phrases=" with {} in between| separated by {}",
            ),
        ],
        several("""
            Make a passphrase of {words} words. | I want a password that I can remember, made of {words} words |
            passphrase with {words} words | Give me {words} random words as a passphrase | {words} words for a
            passphrase, please | Can you think of a passphrase? {words} words should do. | My disk needs a
            passphrase; use {words} words | Create a phrase of {words} words to log in with | I'd like a secret of
            {words} words | Something with {words} words that I can use as a passphrase"""),
        "a passphrase of {words} words|a password made of words",
        [
            Result(
                lambda r, a: {"passphrase": a.get("separator", "-").join(v.word(r) for _ in range(a["words"]))},
                several("Your passphrase is {passphrase} | {passphrase} | Here's one: {passphrase}"),
            )
        ],
    ),
    Family(
        "random_integer",
        "random_integer|random_number|randint|pick_number|rand",
        "Random whole number|Draws a number between two bounds, both included|",
        [
            Parameter("low|min|minimum|from|start", v.integer(1, 50), "Smallest number|", "integer"),
            Parameter("high|max|maximum|to|end", v.integer(60, 1000), "Largest number|", "integer"),
        ],
        several("""
            Pick a number between {low} and {high}. | Random number from {low} to {high} | I'm thinking of a game:
            choose something from {low} up to {high} | Give me any number, at least {low} and at most {high} |
            random {low} {high} | Which of the tickets {low} to {high} wins? Draw one. | Draw a number; the highest
            is {high} and the lowest {low} | We need a random winner, the numbers go from {low} to {high} | Between
            {low} and {high}, surprise me with a number | Any number from {low} to {high} will do"""),
        "a random number between {low} and {high}|a number drawn from {low} to {high}",
        [
            Result(
                lambda r, a: {"number": r.randint(a["low"], a["high"])},
                several("It's {number}. | {number} | I drew {number}. | The number is {number}."),
            )
        ],
        near="chance",
    ),
    Family(
        "throw_dice",
        "roll_dice|dice|throw_dice|roll",
        "Roll dice|Rolls some dice with some sides|Returns each roll and the total.",
        [
            Parameter("count|dice|number|n|amount", v.integer(1, 6), "How many dice|", "integer"),
            Parameter("sides|faces|type|die_size", v.choice(4, 6, 8, 10, 12, 20), "Sides of a die|", "integer"),
        ],
        several("""
            Roll {count} dice with {sides} sides. | {count}d{sides} | Throw {count} dice, each has {sides} sides | I
            attack! Roll {count} of the {sides}-sided dice. | Please roll dice for me: {sides} sides, {count} of
            them | We lost our dice. Can you throw {count} with {sides} sides? | {sides}-sided dice, {count} pieces,
            roll | My turn, {count} dice ({sides} sides) | Let's see what {count} dice with {sides} faces show |
            We're playing and it's my turn: {count} dice, {sides} sides each"""),
        "to roll {count} dice with {sides} sides|a throw of dice",
        [
            Result(
                lambda r, a: (lambda x: {"rolls": x, "total": sum(x)})(
                    [r.randint(1, a["sides"]) for _ in range(a["count"])]
                ),
                several(
                    "You rolled {rolls}, which makes {total}. | The dice show {rolls}: {total} in all. | "
                    "{rolls}, so the total is {total}."
                ),
            )
        ],
        near="chance",
    ),
    Family(
        "random_choice",
        "choose|random_choice|pick_one|decide|draw_one",
        "Choose one of several things|Picks one option at random|Decides for you.",
        [Parameter("options|choices|items|candidates|list", v.list_of(v.word, 2, 5), "What to choose from|", "array")],
        several("""
            Choose one of {options}. | {options}: pick one | I can't decide between {options}. | Which shall it be,
            {options}? Pick at random. | Draw one from {options} | Help me decide. My options are {options} | Take
            any of {options} | Let chance choose among {options} | Options: {options}. Your choice. | Who goes
            first, {options}? Draw one."""),
        "one of {options}, chosen at random|a random choice",
        [
            Result(
                lambda r, a: {"choice": r.choice(a["options"])},
                several("I choose {choice}. | {choice} it is. | Take {choice}. | Chance says {choice}."),
            )
        ],
        "choice",
    ),
    Family(
        "shuffle_list",
        "shuffle|shuffle_list|random_order|mix_up",
        "Shuffle a list|Brings items in random order|",
        [Parameter("items|list|names|elements|entries", v.list_of(v.first_name, 3, 6), "What to shuffle|", "array")],
        several("""
            Shuffle {items}. | Put {items} in a random order. | In which order do {items} present? Mix them up. |
            random order: {items} | We are {items}. Who plays when? Shuffle us, please. | Mix up {items} for me | I
            need {items} in any order but this one | Draw a starting order for {items} | The list is {items}; please
            randomise it | It's always the same order. Mix {items} for once."""),
        "{items} in a random order|to shuffle a list",
        [
            Result(
                lambda r, a: {"order": r.sample(a["items"], len(a["items"]))},
                several("The order is {order}. | Shuffled: {order}. | Here's a random order: {order}."),
            )
        ],
        "choice",
    ),
    Family(
        "make_teams",
        "make_teams|split_into_teams|random_groups|form_groups",
        "Split people into two teams|Divides names at random|",
        [Parameter("players|people|names|members", v.list_of(v.first_name, 4, 6), "Who plays|", "array")],
        several("""
            Make two teams of {players}. | Split {players} into two teams. | Who plays with whom? We are {players}.
            | teams: {players} | Football tonight with {players}; draw the teams | Divide {players} in two groups,
            at random | I need fair teams from {players} | Group {players} into two halves | {players} want to play.
            Who's in which team? | There are {players} for the game tonight. Two teams, please."""),
        "two teams of {players}|people split into teams",
        [
            Result(
                lambda r, a: (lambda x: {"team_a": x[::2], "team_b": x[1::2]})(
                    r.sample(a["players"], len(a["players"]))
                ),
                several(
                    "Team A is {team_a}, and team B is {team_b}. | It's {team_a} against {team_b}. | "
                    "First team: {team_a}. Second team: {team_b}."
                ),
            )
        ],
        "choice",
    ),
    Family(
        "generate_names",
        "generate_name|suggest_name|name_generator|invent_name",
        "Invent a name|Suggests a name for something|Name generator for pets, figures and places.",
        [
            Parameter(
                "kind|for|type|thing|subject",
                v.choice(
                    "dragon",
                    "cat",
                    "village",
                    "band",
                    "start-up",
                    "ship",
                    "wizard",
                    "boat",
                    "planet",
                    "goldfish",
                    "robot",
                ),
                "What needs a name|",
            )
        ],
        several("""
            Suggest a name for my {kind}. | I need a name for this new thing of mine, a {kind} | {kind} name please
            | What should I call the {kind}? | Invent a name for the {kind} in my story. | My {kind} has no name yet
            | Think up what a {kind} could be called | Name generator: {kind} | We can't agree on a name for our
            {kind}; have you an idea? | I've no idea what to call a {kind}. Suggest something."""),
        "a name for a {kind}|to have a name invented for the {kind}",
        [
            Result(
                {"name|suggestion": v.invented},
                several("How about {name}? | You could call the {kind} {name}. | My suggestion is {name}."),
            )
        ],
    ),
    Family(
        "random_colour",
        "random_color|color_palette|generate_palette|suggest_colors",
        "Suggest colours|Random colours as hex codes|Makes a palette.",
        [
            Parameter("count|n|size|number", v.integer(2, 5), "How many colours|", "integer"),
            Parameter(
                "mood|style|theme",
                v.choice("warm", "cold", "pastel", "dark", "bright"),
                "Kind of colours|",
                phrases=", {} ones|, the mood should be {}",
            ),
        ],
        several("""
            Give me {count} random colours. | I need {count} colours for my website | Palette of {count} colours |
            Suggest colours, {count} of them | {count} hex colours please | How about {count} colours for a poster?
            | My chart has {count} lines that all need a colour. | Pick {count} colours that go together | Make a
            colour scheme with {count} colours | I'm painting the fence in {count} colours. Which ones?"""),
        "{count} colours|a palette of {count} colours",
        [
            Result(
                lambda r, a: {"colors": [f"#{r.randrange(1 << 24):06x}" for _ in range(a["count"])]},
                several("Try {colors}. | How about {colors}? | These go well: {colors}."),
            )
        ],
    ),
    Family(
        "generate_identifier",
        "generate_uuid|new_id|make_id|unique_id|create_token",
        "Make a unique identifier|Random id with a prefix|",
        [
            Parameter(
                "prefix|type|kind|namespace",
                v.choice("user", "order", "img", "doc", "task", "inv", "dev", "session"),
                "What the id starts with|",
            )
        ],
        several("""
            I need a new id that starts with {prefix} | Generate an identifier with the prefix {prefix}. | unique
            id, prefix {prefix} | Make a fresh {prefix} id | For my database I want an id beginning with "{prefix}".
            | Give me a random id; it should begin with {prefix} | Create an id for a new entry, prefix '{prefix}' |
            {prefix}: next id please | Can you create a token whose prefix is {prefix}? | The next record needs an
            id; it starts with {prefix}"""),
        "a new id with the prefix {prefix}|a unique identifier",
        [
            Result(
                lambda r, a: {"id": f"{a['prefix']}-{draw_from(r, '0123456789abcdef', 6)}"},
                several("The new id is {id} | {id} | Use {id}"),
            )
        ],
    ),
    Family(
        "lorem_ipsum",
        "lorem_ipsum|placeholder_text|dummy_text|filler",
        "Make placeholder text|Filler text for a layout|",
        [
            Parameter("words|length|n|word_count", v.integer(4, 12), "How many words|", "integer"),
            Parameter(
                "language|lang|style", v.language, "Language it looks like|", phrases=" that looks like {}| in {}"
            ),
        ],
        several("""
            I need {words} words of placeholder text. | dummy text, {words} words | Fill my layout with {words}
            words of nonsense | Give me lorem ipsum, {words} words long | Some filler text please: {words} words |
            For a mock-up I want {words} meaningless words | {words} words of lorem ipsum | My design is empty. Put
            in {words} words of anything. | Generate a text of {words} random words | The page looks empty. {words}
            words of dummy text, please."""),
        "{words} words of placeholder text|filler text",
        [
            Result(
                lambda r, a: {"text": " ".join(v.invented(r).lower() for _ in range(a["words"]))},
                several("{text} | Here's your filler: {text} | Placeholder text: {text}"),
            )
        ],
    ),
]

FAMILIES = GENERATORS
