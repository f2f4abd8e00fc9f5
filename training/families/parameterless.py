"""Tools without any parameter."""

from collections.abc import Callable
from random import Random
from typing import Any

from training import values as v
from training.family import Arguments, Family, Result
from training.several import several


def bare(
    name: str,
    names: str,
    about: str,
    requests: str,
    goals: str,
    fields: dict[str, Any] | Callable[[Random, Arguments], dict[str, Any]],
    answers: str,
    other: Result | None = None,
    near: str = "",
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
        near,
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
            eat in the canteen? | Tell me what's cooking today | Should I go to the canteen or bring my own food?
            What do they have?""",
        "to know what's for lunch|today's menu",
        {"main|dish": v.recipe, "vegetarian|veggie": v.recipe, "price": v.number(3, 15, 2)},
        "Today there's {main}, or {vegetarian} without meat, for {price}. | You can have {main} or, "
        "vegetarian, {vegetarian}; it costs {price}. | On the menu: {main} and {vegetarian} (vegetarian), "
        "{price} each.",
        near="restaurant",
    ),
    bare(
        "undo_last",
        "undo|undo_last|revert_last|take_back",
        "Undo the last action|Takes back what was done last|",
        """
            Undo that. | Take it back! | Oops, that was wrong, undo | Can you reverse the last step? | undo | I
            didn't mean to do that | Please restore how it was before | Go one step back | Never mind the last
            change, revert it | I pressed the wrong button, please bring it back""",
        "the last action undone|to take back the last step",
        {
            "undone|action": v.choice("delete row", "rename file", "move card", "change colour", "insert text"),
            "left|remaining_undos": v.integer(0, 30),
        },
        "Taken back: {undone}. Steps that can still be undone: {left}. "
        '| I\'ve undone "{undone}"; {left} more could follow. | Undone: {undone} (left: {left}).',
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
            Which things are on the list? | What is missing at home? | I'm standing in the shop and forgot what we
            need""",
        "their shopping list|to know what to buy",
        {"items|list": v.list_of(v.ingredient, 2, 5)},
        "On the list: {items}. | You need {items}. | Please get {items}.",
        Result(
            {"items|list": lambda r: []},
            several("The shopping list is empty. | There's nothing on the list. | Nothing to buy: the list is empty."),
        ),
        near="shopping",
    ),
    bare(
        "joke",
        "tell_joke|random_joke|joke|get_joke",
        "A random joke|Returns a joke|",
        """
            Tell me a joke. | Make me laugh | I need cheering up | Know any jokes? | joke please | Something funny,
            quick! | Say something funny from your collection | It's been a long day, how about a joke? | Do you
            have a joke for me? | Can you be funny?""",
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
            today's quote | Something to think about today, please""",
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
            Where is this? | my location | Give me our current position | Which place is this? | Locate me, please |
            I have no idea where I've ended up. Can you tell?""",
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
        "toss_a_coin",
        "flip_coin|coin_toss|toss_coin|heads_or_tails",
        "Toss a coin|Heads or tails|",
        """
            Flip a coin. | Heads or tails? | Toss a coin for us | We need to decide who starts, throw a coin | coin
            flip | Let a coin decide | Should I stay or go? Toss a coin. | Please throw a coin for me | I call
            heads. Flip! | We can't agree. Heads or tails, you throw.""",
        "a coin to be tossed|heads or tails",
        {"side|result|outcome": v.choice("heads", "tails")},
        "It's {side}. | The coin shows {side}. | It came down {side}.",
        near="chance",
    ),
    bare(
        "battery_state",
        "battery_status|get_battery|battery|power_level",
        "State of the battery|Charge in percent and minutes left|",
        """
            How full is the battery? | Do I need to charge? | battery? | How long will the battery last? | Check the
            charge | Can I leave without the charger? How's the battery? | Power left? | Tell me the battery level |
            Is there enough juice for an hour? | Will it last until tonight without a charger?""",
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
            meeting? | Tell me my next appointment | Where do I have to go next? | Am I free now, or is there
            something soon?""",
        "their next meeting|to know what's next",
        {"title": v.title, "time|start": v.clock, "room": v.room},
        'Next is "{title}" at {time}, in this room: {room}. | At {time} you have "{title}" ({room}). '
        '| Your next meeting is "{title}": {time}, {room}.',
        Result(
            {"message": v.choice("no meetings today", "calendar is free")},
            several("Nothing is coming up: {message}. | You're free; it says: {message}."),
        ),
        near="calendar",
    ),
    bare(
        "who_is_online",
        "who_is_online|online_users|active_users|list_users",
        "Users who are online|People who are logged in|",
        """
            Who's online? | Is anybody there? | Which users are logged in? | online now? | Show me who is active |
            Am I alone on the server? | List the people online | Who else is working right now? | Who could I chat
            with at the moment? | Is anyone around to help me right now?""",
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
            What's new in the mailbox? | I was away for a day. Did I miss any messages?""",
        "to know if there are new messages|the unread messages counted",
        {"unread|count": v.integer(1, 90), "latest_from|last_sender": v.person},
        "You have {unread} unread; the latest is from {latest_from}. | Unread messages: {unread}. The "
        "last one came from {latest_from}. | {unread} are waiting, the newest from {latest_from}.",
        near="messages",
    ),
    bare(
        "app_version",
        "get_version|version|app_version|about_app",
        "Version of the program|Version and date of the build|",
        """
            Which version is this? | What version am I running? | Is my app up to date? Show its version. | version
            | Tell me the version number | For my bug report I need the version | How old is this build? | About
            this program? | Show version information | Am I on the newest build? Which one is it?""",
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
            stop | Please end everything that is running | Cancel it all | Freeze! Nothing may move. | Something's
            burning! Shut it all down!""",
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
            rooms. | What are the rooms called? | Before I switch on any lights: which rooms do you know?""",
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
            saved last night? | Tell me about the last backup | If my disk died today, what would I lose? Look at
            the last backup.""",
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

FAMILIES = BARE
