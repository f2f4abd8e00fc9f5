"""Tools that edit texts and lists, with true results."""

import re

from training import values as v
from training.families.texts import text, true
from training.family import Family, Parameter, Result
from training.several import several

WORDS = Parameter("words|items|list|entries|strings", v.list_of(v.word, 3, 5), "The words|Items of the list|", "array")


LISTS = [
    Family(
        "sort_words",
        "sort|sort_words|sort_list|alphabetize|order_items",
        "Sort words|Puts a list in alphabetical order|Sorts a list of strings, from A to Z or back.",
        [
            WORDS,
            Parameter(
                "order|direction|sort_order",
                v.said_choice({"ascending": "from A to Z", "descending": "from Z to A"}),
                "Direction|",
                choices=("ascending", "descending"),
                phrases=", {}| {}|, {} please",
            ),
        ],
        several("""
            Sort {words}. | Put {words} in alphabetical order. | Alphabetize: {words} | My list is {words}. Bring it
            in order. | Which comes first? Sort {words} | Could you sort the words {words}? | order these: {words} |
            I need {words} sorted for an index | Please arrange {words} by the alphabet | {words} - in alphabetical
            order, please"""),
        "to sort {words}|some words in order",
        [
            Result(
                lambda r, a: {"sorted": sorted(a["words"], reverse=a.get("order") == "descending")},
                several("In order: {sorted}. | Sorted, that's {sorted}. | Here they are: {sorted}."),
            )
        ],
    ),
    Family(
        "join_words",
        "join|join_words|concatenate|concat",
        "Join words with a separator|Writes a list as one string|",
        [
            WORDS,
            Parameter(
                "separator|sep|delimiter|glue",
                v.said_choice(
                    {"-": "a hyphen", "_": "an underscore", "/": "a slash", "+": "a plus sign", ";": "a semicolon"}
                ),
                "What goes in between|",
                choices=("-", "_", "/", "+", ";"),
            ),
        ],
        several("""
            Join {words} with {separator}. | Write {words} as one string, with {separator} in between. | With
            {separator} between them, join {words}. | concatenate {words}, separator: {separator} | I need {words}
            in one piece; put {separator} between the parts. | Use {separator} to glue {words} together | Make one
            text of {words} with {separator} as separator | Please combine {words} using {separator}. | Between each
            of {words} put {separator} | I have {words} and want one string with {separator} in between"""),
        "to join {words} with {separator}|one string of some words",
        [
            Result(
                true("words separator", "joined", lambda w, s: s.join(w)),
                several("{joined} | Joined, it's {joined} | Here you are: {joined}"),
            )
        ],
    ),
    Family(
        "longest_word",
        "longest_word|find_longest|longest|max_length",
        "Find the longest word|Returns the longest of some words and its length|",
        [WORDS],
        several("""
            Which is the longest of {words}? | longest: {words} | Find the longest word among {words}. | Of {words},
            which has the most letters? | I play Scrabble with {words}. Which is longest? | Tell me the longest of
            these words: {words} | Compare {words} by length | {words}: which one is the longest? | Among {words} I
            want the longest word | {words}. Which of these has the most letters?"""),
        "the longest of {words}|to know which word is longest",
        [
            Result(
                lambda r, a: {"word": max(a["words"], key=len), "length": max(map(len, a["words"]))},
                several(
                    "The longest is {word}, with {length} letters. | It's {word} ({length} letters). | "
                    "{word}; it has {length} letters."
                ),
            )
        ],
    ),
    Family(
        "unique_items",
        "unique|remove_duplicates|dedupe|distinct",
        "Remove duplicates from a list|Each item once, in the order of the list|",
        [
            Parameter(
                "items|list|values|words|entries",
                lambda r: (lambda w: [*w, r.choice(w)])([v.word(r) for _ in range(3)]),
                "The list|Items, maybe repeated|",
                "array",
            )
        ],
        several("""
            Remove the duplicates from {items}. | unique: {items} | Which different ones are in {items}? | My list
            has repeats: {items}. Clean it up. | Dedupe {items} please | Keep each of {items} only once | I noted
            {items}, some of it twice. What remains without repeats? | Every item once, please: {items} | Take
            doubles out of {items} | {items}: throw out what's there twice"""),
        "{items} without duplicates|a list without repeats",
        [
            Result(
                lambda r, a: {"unique": list(dict.fromkeys(a["items"])), "count": len(set(a["items"]))},
                several(
                    "These {count} remain: {unique}. | Without repeats there are {count}: {unique}. | "
                    "{unique}; that's {count} in all."
                ),
            )
        ],
    ),
]


EDITING = [
    Family(
        "replace_text",
        "replace|replace_text|find_and_replace|substitute|swap_word",
        "Replace a word in a text|Find and replace|Replaces every occurrence of `old` by `new`.",
        [
            text(draw=v.sentence),
            Parameter(
                "old|find|search|from|pattern",
                v.choice("the", "The", "is", "will"),
                "What is replaced|Text to find|",
            ),
            Parameter(
                "new|replacement|replace_with|to|with",
                lambda r: r.choice((v.word, v.invented))(r),
                "What comes in its place|",
            ),
        ],
        several("""
            In "{text}", replace "{old}" with "{new}". | Replace {old} by {new} in this: {text} | Change every
            "{old}" to "{new}" in '{text}' | Find "{old}" in "{text}" and put "{new}" there. | Swap the word {old}
            for {new}: "{text}" | Here's a sentence: "{text}" Write {new} where it says {old}. | I want {new}
            instead of {old} in "{text}" | Please substitute "{new}" for "{old}" in the text {text} | replace
            '{old}' -> '{new}' in '{text}' | Where "{text}" says {old}, it should say {new}."""),
        "to replace {old} by {new}|{new} in place of {old} in a text",
        [
            Result(
                true("text old new", "result", lambda s, o, n: re.sub(rf"\b{o}\b", n, s)),
                several("Now it reads: {result} | Here's the new text: {result} | {result}"),
            )
        ],
    ),
    Family(
        "truncate_text",
        "truncate|shorten_text|cut_text|limit_length",
        "Cut a text to a length|Shortens a text to at most so many characters|",
        [
            text(draw=v.sentence),
            Parameter(
                "length|max_length|limit|n|chars", v.integer(5, 25), "Number of characters|Maximum length|", "integer"
            ),
        ],
        several("""
            Cut "{text}" to {length} characters. | The first {length} characters of "{text}" | Only {length}
            characters fit; shorten this: {text} | Truncate '{text}' at {length} | I have room for {length}
            characters. My text is "{text}" | Limit {text} to {length} characters, please. | Keep {length}
            characters of "{text}" and drop the rest | What remains of "{text}" after {length} characters? | shorten
            '{text}' (max {length} characters) | "{text}" is too long. {length} characters, no more."""),
        "to cut a text to {length} characters|the first {length} characters of a text",
        [
            Result(
                true("text length", "result", lambda s, n: s[:n].rstrip()),
                several("Cut down, it's: {result} | {result} | That leaves: {result}"),
            )
        ],
    ),
    Family(
        "repeat_text",
        "repeat|repeat_text|duplicate_text|say_again",
        "Repeat a text|Returns a text several times, with blanks between|",
        [text(draw=v.word), Parameter("times|count|n|repetitions|repeat", v.integer(2, 6), "How often|", "integer")],
        several("""
            Repeat {text} {times} times. | Write "{text}" {times} times | {times} times {text}, please | I want to
            see the word {text} {times} times in a row. | Say {text} again and again, {times} times in all | Copy
            '{text}' so that it stands there {times} times | As a punishment, write {text} {times} times | Give me
            {times} copies of "{text}" | repeat "{text}", count {times} | {text}, and that {times} times over"""),
        "{text} repeated {times} times|to have {text} {times} times",
        [
            Result(
                true("text times", "result", lambda s, n: " ".join([s] * n)),
                several("{result} | Here you go: {result} | There it is: {result}"),
            )
        ],
    ),
    Family(
        "extract_pattern",
        "extract|regex_extract|find_all|extract_entities|grab",
        "Extract something from a text|Finds all e-mail addresses, numbers or links in a text|Extracts what matches.",
        [
            text(
                draw=lambda r: (
                    f"{v.first_name(r)} paid {r.randint(5, 900)} on day {r.randint(1, 31)}, room {r.randint(100, 400)}"
                )
            ),
            Parameter(
                "kind|type|what|entity",
                v.said_choice({"numbers": "numbers", "names": "names"}),
                "What to extract|",
                choices=("numbers", "names"),
            ),
        ],
        several("""
            Extract all {kind} from "{text}". | Which {kind} are in "{text}"? | Find the {kind} here: {text} | I
            only need the {kind} of this line: {text} | From '{text}' take the {kind}. | List {kind} found in
            "{text}" | Pull the {kind} out of {text} | Are there {kind} in "{text}"? Give them to me. | {kind} in
            '{text}', please | Here: "{text}". Just the {kind}, please."""),
        "the {kind} in a text|to extract {kind} from a text",
        [
            Result(
                lambda r, a: {
                    "matches": re.findall(r"\d+", a["text"])
                    if a["kind"] == "numbers"
                    else [a["text"].split(" paid")[0]]
                },
                several("I found these: {matches}. | In that text: {matches}. | Extracted: {matches}."),
            )
        ],
    ),
    Family(
        "regex_test",
        "regex_test|test_regex|match_pattern|matches",
        "Test a regular expression|Tells if a pattern matches a whole string|",
        [
            Parameter(
                "pattern|regex|expression|re",
                v.choice(r"\d+", "[a-z]+", "[A-Z].*", r"\w+@\w+", "^b.*", "[aeiou].*", ".*ing"),
                "The regular expression|",
            ),
            text(draw=lambda r: r.choice((v.word, v.code, v.city, lambda r: str(r.randint(1, 999))))(r)),
        ],
        several("""
            Does `{pattern}` match "{text}"? | Test the regex {pattern} against {text} | Would "{text}" pass
            {pattern}? | I wrote the expression {pattern}. Does it fit '{text}'? | Check "{text}" with the pattern
            {pattern}. | regex {pattern} on {text}: match? | Is {text} matched by {pattern}? | For the input
            "{text}", does my pattern {pattern} work? | Try {pattern} on the string "{text}" | Would {pattern}
            accept "{text}"?"""),
        "to know if {pattern} matches {text}|to test a regular expression",
        [
            Result(
                lambda r, a: {"verdict": "match" if re.fullmatch(a["pattern"], a["text"]) else "no match"},
                several("The result is: {verdict}. | I tested it: {verdict}. | {pattern} on {text} gives: {verdict}."),
            )
        ],
    ),
]

FAMILIES = [*LISTS, *EDITING]
