"""Tools of games and polls: votes, cards, moves, scores, counters."""

from training import values as v
from training.family import Family, Parameter, Result
from training.several import several

RANKS = several("2 | 3 | 5 | 7 | 8 | 9 | 10 | jack | queen | king | ace")
SUITS = several("hearts | spades | clubs | diamonds")

GAMES = [
    Family(
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
            up by {by} | Here come {by} more for the {counter} count"""),
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
            {option} in the {poll} poll | For {poll}, vote {option} | I've made up my mind about {poll}: {option}."""),
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
                How many? {count}. Draw them off the pile. | Take {count} off the top of the deck | The rules say I
                take {count}. Draw the cards, please."""
        ),
        "to draw {count} from the cards|cards drawn",
        [
            Result(
                lambda r, a: {
                    "cards": [f"{r.choice(RANKS)} of {r.choice(SUITS)}" for _ in range(a["count"])],
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
                {from_square} to {from_to} for me | I attack {from_to} with my piece on {from_square} | The rook
                goes from {from_square} to {to_square}""".replace("{from_to}", "{to_square}")
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
        near="reminder",
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
            gave {points}; put them on the account of {player} | Well done, {player}! That's worth {points} points."""),
        "{points} points for {player}|to give points to {player}",
        [
            Result(
                {"total|score": v.integer(100, 900), "rank|place": v.integer(1, 20)},
                several(
                    "{player} now has {total} points and is in place {rank}. | That makes {total} points, "
                    "place {rank}. | Noted: {total} in all, which is rank {rank}."
                ),
            )
        ],
    ),
]

FAMILIES = GAMES
