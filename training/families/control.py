"""Tools that set, move and start things: variables, robots, sounds, modes."""

from training import values as v
from training.family import Family, Parameter, Result
from training.several import several

<<<<<<< HEAD

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
            come up with a password; {length} characters would be good"""),
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
            {words} words"""),
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
            {low} and {high}, surprise me with a number"""),
        "a random number between {low} and {high}|a number drawn from {low} to {high}",
        [
            Result(
                lambda r, a: {"number": r.randint(a["low"], a["high"])},
                several("It's {number}. | {number} | I drew {number}. | The number is {number}."),
            )
        ],
    ),
    Family(
        "roll_dice",
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
            roll | My turn, {count} dice ({sides} sides) | Let's see what {count} dice with {sides} faces show"""),
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
            randomise it"""),
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
            Who's in which team?"""),
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
            {kind}; have you an idea?"""),
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
            Parameter("count|n|size|number", v.integer(1, 5), "How many colours|", "integer"),
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
            colour scheme with {count} colours"""),
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
            {prefix}: next id please | Can you create a token whose prefix is {prefix}?"""),
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
            in {words} words of anything. | Generate a text of {words} random words"""),
        "{words} words of placeholder text|filler text",
        [
            Result(
                lambda r, a: {"text": " ".join(v.invented(r).lower() for _ in range(a["words"]))},
                several("{text} | Here's your filler: {text} | Placeholder text: {text}"),
            )
        ],
    ),
]

STEPS = Parameter("steps|distance|n|count|units", v.integer(1, 30), "How many steps|", "integer")
=======
>>>>>>> families-c
CONTROL = [
    Family(
        "set_variable",
        "set_variable|set_var|assign|store_value|set_value|put",
        "Set a variable|Stores a value under a name|Sets a variable to a number. Overwrites the old value.",
        [
            Parameter(
                "name|variable|key|var", lambda r: r.choice((v.word, v.invented, v.noun))(r), "Name of the variable|"
            ),
            Parameter("value|val|number|to", v.integer(-20, 999), "New value|", "integer"),
        ],
        several("""
            Set {name} to {value}. | {name} = {value} | Let {name} be {value} | The variable {name} should be
            {value}. | Store {value} under the name {name} | Put {value} into {name} | From now on {name} has the
            value {value} | Remember: {name} is {value} | Change {name}; its new value is {value} | I want the
            variable "{name}" at {value}"""),
        "to set {name} to {value}|the variable {name} at {value}",
        [
            Result(
                {"previous|old_value": v.integer(0, 99)},
                several(
                    "{name} is now {value}; before it was {previous}. | Done: {name} went from {previous} "
                    "to {value}. | I've set {name} to {value}. It was {previous}."
                ),
                2,
            ),
            Result(
                {"error": v.choice("variable is read-only", "name is reserved", "memory full")},
                several(
                    "I couldn't set {name}: {error}. | {name} stays as it was, because: {error}. | That "
                    "didn't work: {error}."
                ),
            ),
        ],
        "variable",
    ),
    Family(
        "get_variable",
        "get_variable|read_variable|get_var|read_value|recall_value",
        "Read a variable|Returns the value stored under a name|",
        [
            Parameter(
                "name|variable|key|var", lambda r: r.choice((v.word, v.invented, v.noun))(r), "Name of the variable|"
            )
        ],
        several("""
            What's the value of {name}? | Read the variable {name} | {name}? I mean the variable. | Which number is
            stored under "{name}"? | I set {name} yesterday. What is it now? | Get {name} | Show me what is in
<<<<<<< HEAD
            {name} | Tell me the stored value of {name} | print the variable {name}"""),
=======
            {name} | Tell me the stored value of {name} | print the variable {name} | I don't remember what {name}
            was set to."""),
>>>>>>> families-c
        "the value of {name}|to know what {name} is set to",
        [
            Result(
                {"value": v.integer(-20, 999)},
                several("{name} is {value}. | The value of {name} is {value}. | It's set to {value}."),
                3,
            ),
            Result(
                {"error": v.choice("not set", "no such variable", "undefined")},
                several(
                    "There's no value for {name}: {error}. | {name} can't be read, it says: {error}. | I "
                    "couldn't read it; the error is: {error}."
                ),
            ),
        ],
        "variable",
    ),
    Family(
<<<<<<< HEAD
        "increment_counter",
        "increment|count_up|increase_counter|add_to_counter|bump",
        "Add to a counter|Raises a named counter|",
        [
            Parameter("counter|name|key|id", v.noun, "Which counter|"),
            Parameter("by|amount|step|delta", v.integer(1, 20), "How much to add|", "integer"),
        ],
        several("""
            Raise the {counter} counter by {by}. | Count {by} more for {counter}. | {counter} +{by} | Add {by} to
            the counter {counter} | I've just had {by} more on my tally "{counter}" | Increase {counter} by {by} |
            Another {by} for {counter}, please count them | Bump {counter}, add {by} | The counter '{counter}' goes
            up by {by}"""),
        "to add {by} to the counter {counter}|the counter {counter} raised",
        [
            Result(
                {"total|value|count": v.integer(21, 400)},
                several(
                    "{counter} stands at {total} now. | Counted. The new total is {total}. | Added {by}; "
                    "that makes {total}."
                ),
            )
        ],
        "variable",
    ),
    Family(
        "cast_vote",
        "vote|cast_vote|submit_vote|vote_for",
        "Vote in a poll|Casts a vote for an option|Each member has one vote.",
        [
            Parameter("poll|poll_id|question|ballot", v.topic, "Which poll|"),
            Parameter("option|choice|answer|candidate", v.word, "What to vote for|"),
            Parameter(
                "anonymous|secret|hidden",
                v.flag("anonymously", "openly"),
                "Hide my name|",
                "boolean",
                phrases=", {}| {}",
            ),
        ],
        several("""
            Vote for {option} in the poll {poll}. | In the poll "{poll}" I take {option}. | {poll}: {option} gets my
            vote | My vote on {poll} is {option} | I'd like to vote. The poll is {poll} and I'm for {option}. | Cast
            my vote for "{option}" in '{poll}' | Please register a vote: {option}, poll {poll} | Put me down for
            {option} in the {poll} poll | For {poll}, vote {option}"""),
        "to vote for {option} in the poll {poll}|a vote cast for {option}",
        [
            Result(
                {"status": v.choice("accepted", "counted", "registered"), "votes|total_votes": v.integer(2, 400)},
                several(
                    "Your vote for {option} was {status}; {votes} people have voted. | Done: the vote is "
                    "{status}. There are {votes} votes so far. | It's {status}, number {votes} in this "
                    "poll."
                ),
                3,
            ),
            Result(
                {"error": v.choice("poll is closed", "you have already voted", "unknown option")},
                several(
                    "I couldn't vote: {error}. | Your vote wasn't counted, because: {error}. | No luck, "
                    "it says: {error}."
                ),
            ),
        ],
    ),
    Family(
        "draw_card",
        "draw_card|draw|take_card|deal_cards",
        "Draw cards from a deck|Takes cards off the top of the deck|",
        [
            Parameter("count|n|number|cards", v.integer(1, 5), "How many cards|", "integer"),
            Parameter(
                "deck|deck_id|pile|stack",
                v.choice("main", "left", "right", "bonus", "treasure"),
                "Which deck|",
                phrases=" from the {} deck| (deck: {})",
            ),
        ],
        several(
            """
                Draw {count} from the cards | I take cards, {count} please | Deal me {count} | {count} new ones for
                my hand: draw cards | Give me cards. I'm allowed {count}. | draw {count} | My turn: I draw {count} |
                How many? {count}. Draw them off the pile. | Take {count} off the top of the deck"""
        ),
        "to draw {count} from the cards|cards drawn",
        [
            Result(
                lambda r, a: {
                    "cards": [
                        f"{r.choice(['2', '5', '7', '9', 'jack', 'queen', 'king', 'ace'])} of {r.choice(['hearts', 'spades', 'clubs', 'diamonds'])}"
                        for _ in range(a["count"])
                    ],
                    "remaining": r.randint(3, 47),
                },
                several(
                    "You drew {cards}; {remaining} are left in the deck. | {cards}, with {remaining} "
                    "remaining. | In your hand now: {cards}. The deck has {remaining} left."
                ),
            )
        ],
        "cards",
    ),
    Family(
        "move_piece",
        "move_piece|make_move|play_move|chess_move",
        "Move a piece on the board|Makes a move in the current game|Squares are named like e4.",
        [
            Parameter(
                "from_square|from|source|origin|start",
                lambda r: r.choice("abcdefgh") + r.choice("1234"),
                "Where the piece stands|",
            ),
            Parameter(
                "to_square|to|target|destination|end",
                lambda r: r.choice("abcdefgh") + r.choice("5678"),
                "Where it goes|",
            ),
        ],
        several(
            """
                Move the piece from {from_square} to {from_to}. | {from_square} {from_to} | I play {from_square} to
                {from_to}. | Take what's on {from_square} and put it on {from_to} | To {from_to}, from {from_square}
                | My move: {from_square}-{from_to} | The knight on {from_square} jumps to {from_to} | Please move
                {from_square} to {from_to} for me | I attack {from_to} with my piece on {from_square}""".replace(
                "{from_to}", "{to_square}"
            )
        ),
        "to move from {from_square} to {to_square}|a move on the board",
        [
            Result(
                {
                    "legal": v.choice(True),
                    "reply|opponent_move": lambda r: (
                        r.choice("abcdefgh") + r.choice("78") + " to " + r.choice("abcdefgh") + r.choice("456")
                    ),
                },
                several(
                    "The move is legal, and your opponent answers {reply}. | Played; that was allowed. "
                    "The reply is {reply}. | Done. Your opponent goes {reply}, your move having been "
                    "legal."
                ),
                3,
            ),
            Result(
                {
                    "legal": v.choice(False),
                    "reason": v.choice(
                        "your king would be in check",
                        "the way is blocked",
                        "no piece stands there",
                        "it is not your turn",
                    ),
                },
                several(
                    "That move isn't legal: {reason}. | You can't play that, because {reason}. | Not allowed; {reason}."
                ),
            ),
        ],
    ),
    Family(
=======
>>>>>>> families-c
        "turn_robot",
        "turn|rotate|turn_robot|rotate_robot|spin",
        "Turn the robot|Rotates the robot on the spot|Turns left or right by some degrees.",
        [
            Parameter("direction|side|way|dir", v.choice("left", "right"), "left or right|", choices=("left", "right")),
            Parameter("degrees|angle|deg|by", v.integer(5, 180), "How far|Angle in degrees|", "integer"),
        ],
        several("""
            Turn the robot {direction} by {degrees} degrees. | {degrees} degrees {direction} | Rotate {direction},
            {degrees}° | The robot has to look further {direction}: {degrees} degrees. | By {degrees} degrees, turn
            to the {direction} | Make a {direction} turn of {degrees} degrees | turn {direction} {degrees} | Please
            spin it {degrees} degrees to the {direction} | I want the rover facing {degrees} degrees more to the
<<<<<<< HEAD
            {direction}"""),
=======
            {direction} | It faces the wrong way. {degrees} degrees to the {direction}, please."""),
>>>>>>> families-c
        "to turn the robot {direction} by {degrees} degrees|a {direction} turn of {degrees} degrees",
        [
            Result(
                {"heading": v.integer(0, 359), "status": v.choice("stopped", "ready", "idle")},
                several(
                    "Turned {direction}; the heading is now {heading} degrees and the robot is {status}. "
                    "| It's {status}, at a heading of {heading}°. | The robot faces {heading} degrees and "
                    "is {status}."
                ),
                3,
            ),
            Result(
                {"error": v.choice("motor blocked", "battery low", "emergency stop pressed")},
                several(
                    "The robot couldn't turn: {error}. | It didn't move, because: {error}. | No turn; the "
                    "robot reports: {error}."
                ),
            ),
        ],
        "robot",
    ),
    Family(
        "move_robot",
        "move|drive|move_robot|go|step",
        "Drive the robot|Moves the robot forward or back|Distance in centimetres, speed from 1 to 10.",
        [
            Parameter(
                "direction|way|dir|heading",
                v.choice("forward", "backward"),
                "forward or backward|",
                choices=("forward", "backward"),
            ),
            Parameter("distance|cm|length|how_far", v.integer(5, 300), "Centimetres|", "integer"),
            Parameter(
                "speed|velocity|pace", v.integer(1, 10), "1 to 10|", "integer", phrases=" at speed {}|, speed {}"
            ),
        ],
        several("""
            Drive the robot {direction} {distance} cm. | {direction} by {distance} centimetres | Go {distance} cm
            {direction} | Let the robot roll {direction}, {distance} cm | Move {direction}: {distance} centimetres |
            It stands too close. {distance} cm {direction}, please. | I want the robot {distance} cm further
<<<<<<< HEAD
            {direction} | Have it go {direction} for {distance} cm | robot {direction} {distance}"""),
=======
            {direction} | Have it go {direction} for {distance} cm | robot {direction} {distance} | {distance} cm
            {direction} and then stop"""),
>>>>>>> families-c
        "to drive the robot {direction} by {distance} cm|the robot moved",
        [
            Result(
                lambda r, a: {"moved_cm": a["distance"], "obstacle": False},
                several(
                    "The robot drove {moved_cm} cm and met no obstacle. | Nothing was in the way; it went "
                    "{moved_cm} cm. | Moved {moved_cm} centimetres, no obstacle."
                ),
                2,
            ),
            Result(
                {"moved_cm|travelled": v.integer(0, 4), "obstacle": v.choice(True)},
                several(
                    "Something is in the way: the robot got only {moved_cm} cm. | It met an obstacle "
                    "after {moved_cm} cm. | There's an obstacle; it went {moved_cm} cm."
                ),
            ),
        ],
        "robot",
    ),
    Family(
        "play_sound",
        "play_sound|sound|play_effect|beep|make_noise",
        "Play a sound|Plays a sound effect|",
        [
            Parameter(
                "sound|name|effect|clip",
                v.choice(
                    "bell",
                    "applause",
                    "drum roll",
                    "thunder",
                    "doorbell",
                    "siren",
                    "birdsong",
                    "rain",
                    "gong",
                    "whistle",
                    "horn",
                ),
                "Which sound|",
            ),
            Parameter(
                "volume|level|loudness",
                v.integer(1, 100),
                "Loudness in percent|",
                "integer",
                phrases=" at volume {}| with a volume of {}",
            ),
            Parameter("repeat|times|count", v.integer(2, 9), "How often|", "integer", phrases=", {} times| {} times"),
        ],
        several(
            """
                Play the {sound} sound. | Let me hear {sound} | {sound}! | I want to hear this sound: {sound} |
                Sound effect please: {sound} | Make a noise like {sound} | Time for "{sound}", play it | Can you
                play '{sound}'? | Our show needs {sound} now | Start the sound {sound}"""
        ),
        "to hear {sound}|the sound {sound} played",
        [
            Result(
                {"status": v.choice("playing", "played"), "seconds|duration": v.integer(1, 30)},
                several(
                    "It's {status}; the sound takes {seconds} seconds. | {sound}, {status} ({seconds} "
                    "seconds). | The sound is {status} and lasts {seconds} seconds."
                ),
                3,
            ),
            Result(
                {"error": v.choice("sound is muted", "no such sound", "speaker busy")},
                several("I couldn't play it: {error}. | No sound, because: {error}. | That failed: {error}."),
            ),
        ],
    ),
    Family(
<<<<<<< HEAD
        "start_countdown",
        "start_timer|set_timer|countdown|start_countdown|timer",
        "Start a timer|Counts down some minutes and rings|Several timers can run; the label tells them apart.",
        [
            Parameter("minutes|duration|time|length|mins", v.integer(1, 120), "Minutes|", "integer"),
            Parameter("label|name|title|for", v.food, "What it is for|", phrases=" for the {}| called {}|, label: {}"),
        ],
        several("""
            Set a timer: {minutes} minutes | {minutes} minutes, start | Start a countdown of {minutes} minutes |
            Wake me in {minutes} minutes, with a timer | timer {minutes} min | Ring when {minutes} minutes are over
            | I need a timer. It should run {minutes} minutes | Count down from {minutes} minutes | In {minutes}
            minutes it has to ring, please set that | Please time {minutes} minutes"""),
        "a timer of {minutes} minutes|to be reminded in {minutes} minutes",
        [
            Result(
                {"timer_id|id": v.integer(1, 99), "ends_at|rings_at": v.clock},
                several(
                    "Timer {timer_id} is running; it rings at {ends_at}. | Started. That's timer "
                    "{timer_id}, and it ends at {ends_at}. | {minutes} minutes, until {ends_at}. The "
                    "timer has number {timer_id}."
                ),
                4,
            ),
            Result(
                {"error": v.choice("too many timers", "clock not set")},
                several("I couldn't start the timer: {error}. | No timer is running, because: {error}."),
            ),
        ],
    ),
    Family(
=======
>>>>>>> families-c
        "toggle_mode",
        "set_mode|switch_mode|change_mode|select_mode|activate_mode",
        "Switch to another mode|Changes the mode of the device|Sets the mode until it is changed again.",
        [
            Parameter(
                "mode|name|profile|state",
                v.said_choice(
                    {
                        "quiet": "quiet mode",
                        "night": "night mode",
                        "guest": "guest mode",
                        "demo": "demo mode",
                        "eco": "eco mode",
                        "maintenance": "maintenance mode",
                    }
                ),
                "The mode|",
                choices=("quiet", "night", "guest", "demo", "eco", "maintenance"),
            )
        ],
        several(
            """
                Switch to {mode}. | {mode} please | Turn on {mode} | I'd like the device in {mode} | Activate {mode}
                now | From here on, {mode} | Can you change it to {mode}? | It should run in {mode} | Put everything
<<<<<<< HEAD
                in {mode}, I'm going to bed"""
=======
                in {mode}, I'm going to bed | The baby's asleep. Better use {mode}."""
>>>>>>> families-c
        ),
        "{mode}|the device in {mode}",
        [
            Result(
                {"mode_before|previous": v.choice("normal", "boost", "standby"), "changed|ok": v.choice(True)},
                several(
                    "Done, it was in {mode_before} before and has been changed. | It's switched to "
                    "{mode}; before that it was {mode_before}. | {mode} is on, instead of {mode_before}."
                ),
                3,
            ),
            Result(
                {
                    "changed|ok": v.choice(False),
                    "reason": v.choice("a task is running", "this needs a restart", "the device is locked"),
                },
                several(
                    "It couldn't be changed: {reason}. | The mode stays as it is, because {reason}. | No "
                    "change; {reason}."
                ),
            ),
        ],
    ),
    Family(
        "press_button",
        "press_button|press|push_button|press_key|click",
        "Press a button|Pushes a button of the panel|",
        [
            Parameter("button|name|label|key", lambda r: r.choice((v.colour, v.noun, v.word))(r), "Which button|"),
            Parameter(
                "seconds|hold|duration",
                v.integer(2, 15),
                "How long to hold it|",
                "integer",
                phrases=" for {} seconds| and hold it {} seconds",
            ),
        ],
        several("""
            Press the {button} button. | Push {button} | The button {button}, press it | Please press "{button}" |
            Hit the button that says {button} | I can't reach the {button} button; press it for me | button {button}
<<<<<<< HEAD
            | On the panel, push '{button}' | Somebody has to press {button} now"""),
=======
            | On the panel, push '{button}' | Somebody has to press {button} now | What happens when you press
            {button}? Try it."""),
>>>>>>> families-c
        "the {button} button pressed|to press {button}",
        [
            Result(
                {
                    "effect|result": v.choice(
                        "the door opens",
                        "a lamp lights up",
                        "the lift comes",
                        "nothing happens",
                        "a bell rings",
                        "the machine starts",
                    )
                },
                several("I pressed it, and {effect}. | Pressed: {effect}. | The button is pressed; {effect}."),
            )
        ],
    ),
    Family(
        "set_position",
        "move_to|goto|set_position|go_to_coordinates|move_arm",
        "Move the arm to a position|Drives the arm to x, y, z in millimetres|",
        [
            Parameter("x|pos_x|px|x_mm", v.integer(-300, 300), "x in mm|", "integer"),
            Parameter("y|pos_y|py|y_mm", v.integer(-300, 300), "y in mm|", "integer"),
            Parameter("z|pos_z|pz|height", v.integer(0, 400), "z in mm|Height|", "integer"),
        ],
        several("""
            Move the arm to ({x}, {y}, {z}). | x {x}, y {y}, z {z} | Go to x={x}, y={y} and a height z={z} | Arm to
            {x} {y} {z} | The gripper should be at ({x}, {y}, {z}) | Drive to position {x}, {y}, {z} please | I want
            the arm at x {x} and y {y}, with z at {z} | Set z to {z}, y to {y} and x to {x} | Next stop of the arm:
<<<<<<< HEAD
            {x}, {y}, {z}"""),
=======
            {x}, {y}, {z} | I need the gripper exactly at {x}, {y}, {z}"""),
>>>>>>> families-c
        "the arm at ({x}, {y}, {z})|to move the arm to a position",
        [
            Result(
                {"reached": v.choice(True), "error_mm|deviation": v.number(0, 1, 2)},
                several(
                    "The arm has reached the position, {error_mm} mm off. | It's there, with a deviation "
                    "of {error_mm} mm. | Reached, within {error_mm} millimetres."
                ),
                3,
            ),
            Result(
                {"reached": v.choice(False), "reason": v.choice("out of reach", "collision ahead", "joint limit")},
                several(
                    "The arm couldn't get there: {reason}. | It didn't reach the position, because: "
                    "{reason}. | Not reached: {reason}."
                ),
            ),
        ],
    ),
    Family(
        "blink_light",
        "blink|blink_led|flash|flash_led|signal",
        "Blink a light|Makes an LED blink in a colour|",
        [
            Parameter("color|colour|led_color|c", v.colour, "Colour|"),
            Parameter("times|count|n|blinks", v.integer(2, 20), "How often|", "integer"),
            Parameter(
                "interval_ms|interval|delay|pause",
                v.integer(50, 900),
                "Pause in milliseconds|",
                "integer",
                phrases=" every {} milliseconds|, {} ms apart",
            ),
        ],
        several("""
            Blink {color} {times} times. | {times} times {color}, blink | Let the light flash {color}, {times} times
            | Flash the LED {times} times in {color} | I want a signal: {color}, {times} flashes | Make it blink in
            {color} and stop after {times} | LED {color} x {times} | Signal with {times} blinks of {color} light |
<<<<<<< HEAD
            Please wink at me in {color}, {times} times"""),
=======
            Please wink at me in {color}, {times} times | So that they see us: {times} flashes in {color}"""),
>>>>>>> families-c
        "the light to blink {color} {times} times|a signal in {color}",
        [
            Result(
                lambda r, a: {"blinks": a["times"]},
                several(
                    "Done, the light blinked in {color}, {blinks} times. | It has flashed {blinks} times "
                    "in {color}. | {blinks} blinks, all in {color}."
<<<<<<< HEAD
                ),
            )
        ],
    ),
    Family(
        "set_score",
        "set_score|award_points|add_points|give_points|score",
        "Give points to a player|Adds points to a score|Points can be given with a reason.",
        [
            Parameter("player|name|who|user", v.first_name, "Who gets the points|"),
            Parameter("points|amount|score_points|n", v.integer(1, 100), "How many points|", "integer"),
            Parameter("reason|why|for|note", v.phrase, "What for|", phrases=" for {}| because of {}"),
        ],
        several("""
            Give {player} {points} points. | {points} points to {player} | {player} scores {points} | Add {points}
            to the score of {player} | Write down {points} points for {player} | {player} has earned {points}
            points, please note them | I award {player} {points} points | Points for {player}: {points} | The judges
            gave {points}; put them on the account of {player}"""),
        "{points} points for {player}|to give points to {player}",
        [
            Result(
                {"total|score": v.integer(100, 900), "rank|place": v.integer(1, 20)},
                several(
                    "{player} now has {total} points and is in place {rank}. | That makes {total} points, "
                    "place {rank}. | Noted: {total} in all, which is rank {rank}."
=======
>>>>>>> families-c
                ),
            )
        ],
    ),
]

<<<<<<< HEAD

def bare(
    name: str,
    names: str,
    about: str,
    requests: str,
    goals: str,
    fields: dict[str, Any] | Callable[[Random, Arguments], dict[str, Any]],
    answers: str,
    other: Result | None = None,
) -> Family:
    """Family without parameters."""
    return Family(
        name,
        names,
        about,
        [],
        several(requests),
        goals,
        [Result(fields, several(answers), 3), *([other] if other else [])],
    )


JOKES = (
    ("Why did the bicycle fall over?", "it was two tired"),
    ("What do you call a fish without eyes?", "a fsh"),
    ("Why don't eggs tell jokes?", "they would crack up"),
    ("What did one wall say to the other?", "I'll meet you at the corner"),
    ("Why was the maths book sad?", "it had too many problems"),
    ("What do you call cheese that isn't yours?", "nacho cheese"),
    ("Why can't a leopard hide?", "it is always spotted"),
    ("What has hands but can't clap?", "a clock"),
    ("Why did the tomato turn red?", "it saw the salad dressing"),
    ("What is orange and sounds like a parrot?", "a carrot"),
    ("Why do bees have sticky hair?", "they use honeycombs"),
    ("What do you call a sleeping bull?", "a bulldozer"),
    ("How does the moon cut its hair?", "eclipse it"),
    ("Why did the coffee go to the police?", "it got mugged"),
)

BARE = [
    bare(
        "system_health",
        "system_health|health_check|get_status|check_health|service_status",
        "Health of the system|Tells if everything runs—use it for questions about the state of the "
        "service|Returns status and uptime. Takes no input.",
        """
            Is everything running? | How's the system doing? | Any problems right now? | health check | Are we up? |
            Status of the service, please | Something feels slow. Is the system all right? | Check that everything
            works | Are all services fine today? | Before I start my talk: does it all work?""",
        "to know if the system is all right|the state of the system",
        {"status": v.choice("healthy", "ok", "operational"), "uptime_hours|uptime": v.integer(1, 4000)},
        "Everything is {status}; it has been up for {uptime_hours} hours. | All good: the status is "
        "{status}, after {uptime_hours} hours without a break. | The system is {status} (up "
        "{uptime_hours} hours).",
        Result(
            {
                "status": v.choice("degraded", "partly down"),
                "failing|component": v.choice("database", "queue", "storage", "login", "mail server"),
            },
            several(
                "Not quite: the system is {status}, and the trouble is here: {failing}. | It's {status}; "
                "failing: {failing}. | There's a problem with the {failing}; the status is {status}."
            ),
        ),
    ),
    bare(
        "todays_menu",
        "todays_menu|get_menu|lunch_menu|canteen_menu|daily_dishes",
        "Today's menu of the canteen|What there is for lunch today|",
        """
            What's for lunch? | What does the canteen have today? | Today's menu | Is there anything good to eat
            downstairs? | menu? | I'm hungry. What are they serving? | Show me the dishes of the day | What can I
            eat in the canteen? | Tell me what's cooking today""",
        "to know what's for lunch|today's menu",
        {"main|dish": v.recipe, "vegetarian|veggie": v.recipe, "price": v.number(3, 15, 2)},
        "Today there's {main}, or {vegetarian} without meat, for {price}. | You can have {main} or, "
        "vegetarian, {vegetarian}; it costs {price}. | On the menu: {main} and {vegetarian} (vegetarian), "
        "{price} each.",
    ),
    bare(
        "undo_last",
        "undo|undo_last|revert_last|take_back",
        "Undo the last action|Takes back what was done last|",
        """
            Undo that. | Take it back! | Oops, that was wrong, undo | Can you reverse the last step? | undo | I
            didn't mean to do that | Please restore how it was before | Go one step back | Never mind the last
            change, revert it""",
        "the last action undone|to take back the last step",
        {
            "undone|action": v.choice("delete row", "rename file", "move card", "change colour", "insert text"),
            "left|remaining_undos": v.integer(0, 30),
        },
        'Taken back: {undone}. Steps that can still be undone: {left}. | I\'ve undone "{undone}"; {left} more could follow. | Undone: {undone} (left: {left}).',
        Result(
            {"error|message": v.choice("nothing to undo", "history is empty")},
            several("That's not possible: {error}. | I can't take anything back: {error}."),
        ),
    ),
    bare(
        "list_shopping",
        "get_shopping_list|shopping_list|show_list|read_list",
        "The shopping list|Everything that is to be bought|",
        """
            What's on my shopping list? | What do we need from the shop? | shopping list | I'm at the supermarket,
            what was I to buy? | Read me the list | Did I write down anything to buy? | Show what we have to get |
            Which things are on the list? | What is missing at home?""",
        "their shopping list|to know what to buy",
        {"items|list": v.list_of(v.ingredient, 2, 5)},
        "On the list: {items}. | You need {items}. | Please get {items}.",
        Result(
            {"items|list": lambda r: []},
            several("The shopping list is empty. | There's nothing on the list. | Nothing to buy: the list is empty."),
        ),
    ),
    bare(
        "joke",
        "tell_joke|random_joke|joke|get_joke",
        "A random joke|Returns a joke|",
        """
            Tell me a joke. | Make me laugh | I need cheering up | Know any jokes? | joke please | Something funny,
            quick! | Say something funny from your collection | It's been a long day, how about a joke? | Do you
            have a joke for me?""",
        "to hear a joke|a joke",
        lambda r, a: dict(zip(("setup", "punchline"), r.choice(JOKES), strict=True)),
        "{setup} ... {punchline}! | Here's one: {setup} {punchline}! | {setup} The answer: {punchline}.",
    ),
    bare(
        "fortune",
        "fortune_cookie|daily_fortune|quote_of_the_day|get_quote",
        "A saying for the day|Quote with its author|",
        """
            Give me a quote. | What's the saying of the day? | Open a fortune cookie for me | I could use some wise
            words | quote of the day | Inspire me | Any wisdom for today? | Start my day with a saying | Read me
            today's quote""",
        "a saying for the day|a quote",
        {"quote|text": v.sentence, "author": v.person},
        '{author} says: "{quote}" | {author} put it like this: "{quote}" | Today\'s words: "{quote}" ({author})',
    ),
    bare(
        "where_am_i",
        "get_location|current_position|where_am_i|gps_position",
        "Current position|Where the device is|",
        """
            Where am I? | What's my position? | In which town are we right now? | Find out where I am | I'm lost.
            Where is this? | my location | Give me our current position | Which place is this? | Locate me, please""",
        "to know where they are|their position",
        {"place|city": v.city, "accuracy_m|accuracy": v.integer(3, 400)},
        "You're in {place}, give or take {accuracy_m} metres. | That's {place} (within {accuracy_m} m). | "
        "Your position is {place}, to {accuracy_m} metres.",
        Result(
            {"error": v.choice("no GPS signal", "location is switched off")},
            several("I can't tell where you are: {error}. | No position, I'm afraid: {error}."),
        ),
    ),
    bare(
        "flip_coin",
        "flip_coin|coin_toss|toss_coin|heads_or_tails",
        "Toss a coin|Heads or tails|",
        """
            Flip a coin. | Heads or tails? | Toss a coin for us | We need to decide who starts, throw a coin | coin
            flip | Let a coin decide | Should I stay or go? Toss a coin. | Please throw a coin for me | I call
            heads. Flip!""",
        "a coin to be tossed|heads or tails",
        {"side|result|outcome": v.choice("heads", "tails")},
        "It's {side}. | The coin shows {side}. | It's {side}!",
    ),
    bare(
        "battery_state",
        "battery_status|get_battery|battery|power_level",
        "State of the battery|Charge in percent and minutes left|",
        """
            How full is the battery? | Do I need to charge? | battery? | How long will the battery last? | Check the
            charge | Can I leave without the charger? How's the battery? | Power left? | Tell me the battery level |
            Is there enough juice for an hour?""",
        "to know how full the battery is|the charge left",
        {"percent|level": v.integer(1, 100), "minutes_left|remaining_minutes": v.integer(3, 700)},
        "The battery is at {percent}%, enough for {minutes_left} minutes. | {percent} percent; that lasts "
        "another {minutes_left} minutes. | It's {percent}% full and lasts {minutes_left} minutes more.",
    ),
    bare(
        "next_meeting",
        "next_meeting|upcoming_event|next_appointment|whats_next",
        "The next meeting|What is next in the calendar|",
        """
            What's next on my calendar? | When is my next meeting? | Do I have to be anywhere soon? | next
            appointment | What's coming up? | Whom do I meet next? | Have I time for a coffee, or is there a
            meeting? | Tell me my next appointment | Where do I have to go next?""",
        "their next meeting|to know what's next",
        {"title": v.title, "time|start": v.clock, "room": v.room},
        'Next is "{title}" at {time}, in this room: {room}. | At {time} you have "{title}" ({room}). | Your next meeting is "{title}": {time}, {room}.',
        Result(
            {"message": v.choice("no meetings today", "calendar is free")},
            several("Nothing is coming up: {message}. | You're free; it says: {message}."),
        ),
    ),
    bare(
        "who_is_online",
        "who_is_online|online_users|active_users|list_users",
        "Users who are online|People who are logged in|",
        """
            Who's online? | Is anybody there? | Which users are logged in? | online now? | Show me who is active |
            Am I alone on the server? | List the people online | Who else is working right now? | Who could I chat
            with at the moment?""",
        "to know who is online|the users who are logged in",
        {"users|names|online": v.list_of(v.first_name, 1, 4)},
        "Online now: {users}. | These people are logged in: {users}. | I see {users}.",
        Result(
            {"users|names|online": lambda r: []},
            several("Nobody is online at the moment. | You're alone: no one else is logged in."),
        ),
    ),
    bare(
        "unread_messages",
        "unread_count|check_inbox|count_unread|new_messages",
        "Number of unread messages|How many messages wait, and from whom the latest is|",
        """
            Do I have new messages? | Anything in my inbox? | How many unread messages are there? | Did somebody
            write to me? | inbox? | Check my messages | Has anyone written? | Are there unread messages waiting? |
            What's new in the mailbox?""",
        "to know if there are new messages|the unread messages counted",
        {"unread|count": v.integer(1, 90), "latest_from|last_sender": v.person},
        "You have {unread} unread; the latest is from {latest_from}. | Unread messages: {unread}. The "
        "last one came from {latest_from}. | {unread} are waiting, the newest from {latest_from}.",
    ),
    bare(
        "app_version",
        "get_version|version|app_version|about_app",
        "Version of the program|Version and date of the build|",
        """
            Which version is this? | What version am I running? | Is my app up to date? Show its version. | version
            | Tell me the version number | For my bug report I need the version | How old is this build? | About
            this program? | Show version information""",
        "to know the version|the version of the program",
        {"version": v.version, "built|build_date": v.integer(2018, 2027)},
        "This is version {version}, built in {built}. | You're running {version}, from {built}. | Version "
        "{version} ({built}).",
    ),
    bare(
        "stop_everything",
        "stop|stop_all|emergency_stop|halt|abort",
        "Stop all that is running|Emergency stop|Stops everything at once. Use it when asked to stop.",
        """
            Stop! | Stop everything now | Halt all machines | Emergency, switch it all off! | abort | That's enough,
            stop | Please end everything that is running | Cancel it all | Freeze! Nothing may move.""",
        "everything stopped|all that is running to stop",
        {"stopped|count": v.integer(1, 30), "status": v.choice("halted", "safe", "idle")},
        "Stopped: {stopped}. The status is {status}. | Everything is {status}; {stopped} running jobs "
        "have been ended. | Done. {stopped} stopped, and all is {status}.",
    ),
    bare(
        "list_rooms",
        "list_rooms|get_rooms|show_rooms|available_rooms",
        "Rooms of the house|All rooms that are known|",
        """
            Which rooms are there? | List the rooms | What rooms does the house have? | rooms? | Show me all rooms |
            I forgot how I named the rooms. | Name every room you know | Where can I switch things? Give me the
            rooms. | What are the rooms called?""",
        "the rooms of the house|to know which rooms there are",
        {"rooms": v.list_of(v.room, 2, 4)},
        "There are these rooms: {rooms}. | The house has these: {rooms}. | I know {rooms}.",
    ),
    bare(
        "backup_state",
        "backup_status|last_backup|check_backup|backup_info",
        "State of the last backup|When the last backup ran and how large it is|",
        """
            When was the last backup? | Are my files safe? | backup status | Did the backup run? | Check the backup
            | How large is our latest backup? | My laptop makes noises. Is there a recent backup? | Was everything
            saved last night? | Tell me about the last backup""",
        "to know about the last backup|the state of the backup",
        {"last_run|finished": v.date, "size_gb|size": v.integer(1, 900)},
        "The last backup ran on {last_run} and has {size_gb} GB. | It's from {last_run}, {size_gb} "
        "gigabytes large. | Your files were saved on {last_run} ({size_gb} GB).",
        Result(
            {"error": v.choice("disk full", "never run", "drive not connected")},
            several("The backup is not in order: {error}. | There's a problem with the backup: {error}."),
        ),
    ),
]

FAMILIES = [*GENERATORS, *CONTROL, *BARE]
=======
FAMILIES = CONTROL
>>>>>>> families-c
