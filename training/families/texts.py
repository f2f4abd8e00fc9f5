"""Tools that work on texts and lists of words, with true results wherever code can compute them."""

import base64
import hashlib
import re
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import quote

from training import values as v
from training.family import Arguments, Draw, Family, Parameter, Result
from training.several import several


def some_text(random: Random) -> Any:
    """A text of one word up to a sentence."""
    return random.choice((v.sentence, v.phrase, v.title, v.thing, v.topic, v.message))(random)


def text(about: str = "The text|Input text|", draw: Draw = some_text) -> Parameter:
    return Parameter("text|string|input|content|s|value", draw, about)


def true(key: str, function: Callable[..., Any]) -> Callable[[Random, Arguments], dict[str, Any]]:
    """Field `key` of a result: `function` of all arguments in their order."""
    return lambda _, arguments: {key: function(*arguments.values())}


WORDS = Parameter("words|items|list|entries|strings", v.list_of(v.word, 3, 5), "The words|Items of the list|", "array")

COUNTING = [
    Family(
        "count_words",
        "count_words|word_count|words_in_text|number_of_words",
        "Count the words of a text|Returns how many words a text has|",
        [text(draw=lambda r: r.choice((v.sentence, v.message, v.question))(r))],
        several("""
            How many words are in "{text}"? | Count the words: {text} | Word count of '{text}' | I may only write a
            few words. How many are these: "{text}"? | {text} - how many words is that? | Please count the words in
            this: {text} | My teacher wants the number of words in "{text}" | "{text}" has how many words? | count
            words {text} | Tell me the number of words here: "{text}" """),
        'the number of words in "{text}"|to know how many words a text has',
        [
            Result(
                true("words", lambda s: len(s.split())),
                several(
                    "It has {words} words. | The word count is {words}. | I count {words} words. | That "
                    "comes to {words} words."
                ),
            )
        ],
        "count",
    ),
    Family(
        "count_characters",
        "count_characters|text_length|string_length|length|char_count",
        "Count the characters of a text|Length of a string, blanks included|",
        [text()],
        several("""
            How many characters does "{text}" have? | Length of '{text}'? | Count the characters: {text} | Does
            "{text}" fit in a tweet? Count its characters. | How long is the string {text}? | I need to know how
            many characters are in "{text}" | Please measure the length of this text: {text} | "{text}": number of
            characters? | The field takes only so many characters. How many are there in '{text}'?"""),
        'the number of characters in "{text}"|to know how long a text is',
        [
            Result(
                true("length", len),
                several(
                    "It has {length} characters. | Blanks included, that's {length} characters. | The "
                    "length is {length}."
                ),
            )
        ],
        "count",
    ),
    Family(
        "count_letter",
        "count_letter|letter_count|count_occurrences|char_occurrences",
        "Count how often a letter stands in a text|Counts one letter in a word or text. Upper and lower "
        "case count alike.",
        [
            text(draw=v.word),
            Parameter("letter|char|character|symbol", v.choice(*"aeiourstnl"), "The letter|A single character|"),
        ],
        several("""
            How many times does the letter {letter} stand in {text}? | How many {letter}'s are in "{text}"? | Count
            the letter {letter} in {text}. | In the word {text}, how often is there an {letter}? | {text}: how many
            {letter}? | I bet nobody knows how often {letter} comes up in "{text}" | letter {letter} in '{text}',
            count please | Take the word {text} and count every {letter} | Is there more than one {letter} in
            {text}?"""),
        "to know how often {letter} stands in {text}|to count the letter {letter} in {text}",
        [
            Result(
                true("count", lambda s, c: s.lower().count(c)),
                several(
                    "The count for {letter} is {count}. | In {text}, the letter {letter} occurs this "
                    "often: {count}. | Number of {letter} in {text}: {count}."
                ),
            )
        ],
        "count",
    ),
    Family(
        "count_substring",
        "count_matches|count_substring|find_count|occurrences",
        "Count how often a word stands in a text|Number of occurrences of a substring|",
        [
            text(draw=v.sentence),
            Parameter(
                "pattern|search|word|needle|substring",
                v.choice("the", "and", "is", "a"),
                "What to look for|The word to count|",
            ),
        ],
        several("""
            How often does "{pattern}" occur in "{text}"? | Count "{pattern}" in: {text} | Find out how many times
            '{pattern}' is in '{text}' | In the text "{text}", how many times is "{pattern}" used? | I overuse
            "{pattern}", I fear. How often is it in "{text}"? | occurrences of "{pattern}" in "{text}" | Here is a
            text: "{text}" Count each "{pattern}" in it, please. | Search '{text}' and count '{pattern}' | How many
            "{pattern}" can you find in this: {text}"""),
        'to know how often "{pattern}" occurs in a text|to count "{pattern}" in a text',
        [
            Result(
                true("matches", lambda s, p: len(re.findall(rf"\b{p}\b", s.lower()))),
                several(
                    """
                        Number of matches for "{pattern}": {matches}. | I counted {matches}. | The text has it this
                        often: {matches}."""
                ),
            )
        ],
        "count",
    ),
]


def change(
    name: str,
    names: str,
    about: str,
    requests: str,
    goals: str,
    function: Callable[[str], str],
    answers: str,
    draw: Draw = some_text,
    near: str = "",
) -> Family:
    """Family that turns one text into another, returned as `result`."""
    return Family(
        name,
        names,
        about,
        [text(draw=draw)],
        several(requests),
        goals,
        [Result(true("result", function), several(answers))],
        near,
    )


CHANGING = [
    change(
        "reverse_text",
        "reverse|reverse_text|reverse_string|backwards|flip_text",
        "Reverse a text|Writes a text backwards|Returns the characters in reverse order.",
        """
            {text} backwards | What is "{text}" spelt backwards? | Reverse {text}. | How does {text} read from right
            to left? | Is {text} a palindrome? Turn it round for me. | Please write '{text}' in reverse | I want a
            secret word: {text}, but back to front | Flip the letters of "{text}" | Turn "{text}" around | If I hold
            {text} to a mirror, how is it spelt?""",
        '{text} backwards|to reverse "{text}"',
        lambda s: s[::-1],
        "Backwards it's {result}. | {result} | That reads {result}. | Reversed: {result}",
        lambda r: r.choice((v.word, v.invented, v.first_name, v.city))(r),
    ),
    change(
        "to_uppercase",
        "to_uppercase|uppercase|upper|capitalize_all|shout",
        "Change a text to capitals|Converts a text to upper case|",
        """
            Put "{text}" in capitals. | {text} in upper case | Make '{text}' all caps | Write this in capital
            letters: {text} | The sign should be in capitals. Its text: "{text}" | Can you uppercase "{text}"? | I
            need "{text}" shouted, all capitals | Convert {text} to upper case | How does "{text}" look in block
            capitals?""",
        '"{text}" in capitals|to put a text in upper case',
        str.upper,
        "{result} | In capitals: {result} | Here it is: {result}",
        near="case",
    ),
    change(
        "to_lowercase",
        "to_lowercase|lowercase|lower|small_letters",
        "Change a text to small letters|Converts a text to lower case|",
        """
            Put "{text}" in lower case. | {text} in small letters please | No capitals, please: "{text}" | Lowercase
            this: {text} | I hit caps lock. Can you make '{text}' small? | Convert "{text}" to lower case | Write
            {text} without capital letters | The key must be lower case. It's "{text}" | make "{text}" lowercase""",
        '"{text}" in small letters|to put a text in lower case',
        str.lower,
        "{result} | In lower case: {result} | Here you are: {result}",
        lambda r: r.choice((v.title, v.person, v.company, v.city))(r),
        "case",
    ),
    change(
        "title_case",
        "title_case|to_title_case|capitalize_words|headline_case",
        "Capitalize each word|Puts a text in title case|Every word gets a capital letter.",
        """
            Make "{text}" a headline: every word with a capital | title case: {text} | Capitalize each word of
            '{text}' | I need "{text}" in title case | Put {text} into title case, please. | The first letter of
            each word should be big in "{text}" | Write the title "{text}" with capitals at the start of the words |
            Headline style for {text} | Can you capitalise the words in "{text}"?""",
        '"{text}" in title case|each word of a text with a capital',
        str.title,
        "{result} | As a headline: {result} | In title case it's {result}",
        lambda r: r.choice((v.topic, v.thing))(r),
        "case",
    ),
    change(
        "slugify",
        "slugify|make_slug|url_slug|to_slug",
        "Turn a title into a URL slug|Makes a name that fits in a web address|Lower case, with hyphens.",
        """
            Make a slug of "{text}". | slugify {text} | I need a web address for my post '{text}'. What slug fits? |
            Turn the title {text} into something for a URL | URL slug, please: {text} | My blog article is called
            "{text}", how should it look in the link? | Convert "{text}" to a slug | For the page {text} I want a
            slug | What's the slug of '{text}'?""",
        'a URL slug for "{text}"|to turn "{text}" into a slug',
        lambda s: re.sub(r"[^a-z0-9]+", "-", s.lower()).strip("-"),
        "The slug is {result}. | Use {result} | {result}",
        lambda r: r.choice((v.title, v.topic))(r),
    ),
    change(
        "to_snake_case",
        "to_snake_case|snake_case|variable_name|identifier_from_text",
        "Turn words into a snake_case name|Makes an identifier for code|",
        """
            {text} in snake case | What's a good variable name for "{text}"? Snake case. | Convert "{text}" to
            snake_case. | Make an identifier of '{text}', with underscores | My column is called {text}; I need it
            in snake case | snake_case for {text} please | Put underscores between the words of "{text}" | Rename
            "{text}" so that it fits as a Python name | How do I write {text} in snake case?""",
        '"{text}" in snake case|a name for code from "{text}"',
        lambda s: re.sub(r"[^a-z0-9]+", "_", s.lower()).strip("_"),
        "{result} | In snake case that's {result} | Call it {result}",
        lambda r: r.choice((v.topic, v.thing))(r),
    ),
    change(
        "acronym",
        "acronym|make_acronym|initials|abbreviate",
        "First letters of the words|Makes an acronym of a name|",
        """
            What's the acronym for {text}? | Abbreviate "{text}" | Initials of {text}? | Our club is called
            '{text}'. What would that be for short? | Make an acronym from {text} | Take the first letters of
            "{text}" | Shorten {text} to its initials, please | I need an abbreviation, the name is {text} | {text},
            abbreviated""",
        "an acronym for {text}|the initials of {text}",
        lambda s: "".join(w[0] for w in s.split()).upper(),
        "{result} | For short: {result} | That would be {result}.",
        lambda r: r.choice((v.topic, v.thing, v.person))(r),
    ),
    change(
        "encode_base64",
        "encode_base64|base64_encode|to_base64|b64",
        "Encode a text in base64|Base64 of a string|",
        """
            Encode "{text}" in base64. | base64 of {text} | I need '{text}' as base64 | What does "{text}" look like
            in base64? | Please turn {text} into base64 | The header wants base64. My value is "{text}" | b64 encode
            {text} | Convert this to base64: {text} | Give me the base64 for "{text}" """,
        '"{text}" in base64|the base64 of a text',
        lambda s: base64.b64encode(s.encode()).decode(),
        "{result} | In base64: {result} | It's {result}",
        lambda r: r.choice((v.word, v.username, v.invented))(r),
        "encode",
    ),
    change(
        "hash_text",
        "sha256|hash_text|checksum|digest|fingerprint",
        "First eight digits of the SHA-256 of a text|Short hash of a string|Computes a fingerprint.",
        """
            Hash "{text}". | What's the checksum of {text}? | fingerprint for '{text}' please | I need a hash of
            {text} to compare | Compute the digest of "{text}" | sha256 {text} | Give me the short hash of the
            string "{text}" | For {text}, what hash do you get? | Has '{text}' the hash that I remember? Compute it.""",
        'a hash of "{text}"|the checksum of a text',
        lambda s: hashlib.sha256(s.encode()).hexdigest()[:8],
        "The hash is {result}. | {result} | I get {result}.",
        lambda r: r.choice((v.word, v.filename, v.invented))(r),
        "encode",
    ),
    change(
        "url_encode",
        "url_encode|percent_encode|escape_url|urlencode",
        "Escape a text for a URL|Percent-encodes a string|",
        """
            How do I put "{text}" in a link? | URL-encode {text} | Percent encoding of "{text}" please | Escape
            '{text}' for a web address | My query is "{text}". I have to put it in a URL. | Make {text} safe for a
            URL | urlencode "{text}" | What does "{text}" become in an address bar? | Encode the text {text} for use
            in a link""",
        '"{text}" escaped for a URL|a text percent-encoded',
        quote,
        "{result} | In a URL it's written {result} | Use {result}",
        lambda r: r.choice((v.topic, v.phrase, v.title))(r),
        "encode",
    ),
    change(
        "rot13",
        "rot13|caesar|encode_secret|cipher_text|shift_letters",
        "Encode a text with ROT13|Shifts each letter by 13 places|A simple secret code; the same step decodes it.",
        """
            Put "{text}" in ROT13. | rot13 {text} | Encode {text} as a secret message | Shift every letter of
            '{text}' by thirteen | I want to hide the word {text} from my brother; use ROT13 | Can you encrypt
            "{text}" the simple way, with ROT13? | ROT13 of "{text}"? | My spoiler is "{text}", please scramble it
            with ROT13 | Caesar cipher by 13 for {text}""",
        '"{text}" in ROT13|a text hidden with ROT13',
        lambda s: s.translate(
            str.maketrans(
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
                "nopqrstuvwxyzabcdefghijklmNOPQRSTUVWXYZABCDEFGHIJKLM",
            )
        ),
        "{result} | In ROT13 it's {result} | Encoded: {result}",
        lambda r: r.choice((v.word, v.first_name))(r),
        "encode",
    ),
    change(
        "remove_vowels",
        "remove_vowels|strip_vowels|drop_vowels|disemvowel",
        "Remove the vowels of a text|Text without a, e, i, o and u|",
        """
            Take the vowels out of {text}. | {text} without vowels | Remove a, e, i, o and u from "{text}" | What's
            left of '{text}' if the vowels go? | Strip vowels: {text} | For a puzzle I need {text} with its vowels
            removed | Drop all vowels from "{text}", please | How would one write {text} with consonants only? |
            disemvowel {text}""",
        "{text} without vowels|the vowels of {text} removed",
        lambda s: re.sub("[aeiou]", "", s, flags=re.I),
        "{result} | Without vowels it's {result} | That leaves {result}",
        lambda r: r.choice((v.word, v.city, v.first_name))(r),
    ),
    change(
        "spell_out",
        "spell_out|spell_word|letter_by_letter|spell",
        "Spell a word letter by letter|Letters with hyphens between them|",
        """
            Spell {text} for me. | How do you spell {text}? | {text}, letter by letter | I have to dictate "{text}"
            on the phone, so spell it | Spell out '{text}' please | Letters of the word {text}? | Can you spell the
            name {text}? | Give me {text} one letter at a time | My child asks how {text} is spelt.""",
        "to have {text} spelt out|the letters of {text}",
        lambda s: "-".join(s.upper()),
        "{result} | It's spelt {result}. | Letter by letter: {result}",
        lambda r: r.choice((v.word, v.first_name, v.city))(r),
    ),
]

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
            I need {words} sorted for an index | Please arrange {words} by the alphabet"""),
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
            of {words} put {separator}"""),
        "to join {words} with {separator}|one string of some words",
        [
            Result(
                true("joined", lambda w, s: s.join(w)),
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
            want the longest word"""),
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
            doubles out of {items}"""),
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
            '{old}' -> '{new}' in '{text}'"""),
        "to replace {old} by {new}|{new} in place of {old} in a text",
        [
            Result(
                true("result", lambda s, o, n: re.sub(rf"\b{o}\b", n, s)),
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
            '{text}' (max {length} characters)"""),
        "to cut a text to {length} characters|the first {length} characters of a text",
        [
            Result(
                true("result", lambda s, n: s[:n].rstrip()),
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
            {times} copies of "{text}" | repeat "{text}", count {times}"""),
        "{text} repeated {times} times|to have {text} {times} times",
        [
            Result(
                true("result", lambda s, n: " ".join([s] * n)),
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
            '{text}', please"""),
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
            "{text}", does my pattern {pattern} work? | Try {pattern} on the string "{text}" """),
        "to know if {pattern} matches {text}|to test a regular expression",
        [
            Result(
                lambda r, a: {"verdict": "match" if re.fullmatch(a["pattern"], a["text"]) else "no match"},
                several("The result is: {verdict}. | I tested it: {verdict}. | {pattern} on {text} gives: {verdict}."),
            )
        ],
    ),
]

LANGUAGE = [
    Family(
        "translate_text",
        "translate|translate_text|translation|say_in_language",
        "Translate a text|Translates text into another language|Translation. Give the name of the language.",
        [
            text(),
            Parameter(
                "language|target_language|to|target|lang", v.language, "Target language|Language to translate into|"
            ),
        ],
        several("""
            Translate "{text}" into {language}. | How do you say "{text}" in {language}? | {language} for '{text}'?
            | What's "{text}" in {language}? | I'm writing to a friend who reads {language}. How do I put: {text} |
            Put this into {language}: {text} | Please translate to {language}: "{text}" | In {language}, what would
            "{text}" be? | I need a {language} version of "{text}" | "{text}" - into {language} please"""),
        'to translate a text into {language}|"{text}" in {language}',
        [
            Result(
                {"translation|translated_text|result": v.phrase},
                several(
                    """
                        In {language} that's "{translation}". | "{translation}" | You'd say "{translation}". | The
                        {language} version is: {translation}"""
                ),
                4,
            ),
            Result(
                {"error": v.choice("language not supported", "service unavailable", "text not recognised")},
                several(
                    "I couldn't translate it: {error}. | That didn't work: {error}. | No luck with {language}: {error}."
                ),
            ),
        ],
    ),
    Family(
        "check_spelling",
        "check_spelling|spell_check|spellcheck|correct_spelling",
        "Check how a word is spelt|Spell checker for single words|",
        [Parameter("word|term|text|input", v.word, "The word to check|")],
        several("""
            Is {word} spelt right? | Spell check: {word} | Have I spelt "{word}" correctly? | Check the spelling of
            '{word}'. | I'm never sure about {word}; is it written like that? | Does one write {word} so? | {word}
            looks odd. Is the spelling correct? | Please run the spell checker on {word} | correct spelling of
            "{word}"?"""),
        "to know if {word} is spelt right|the spelling of {word} checked",
        [
            Result(
                {"correct|ok": v.choice(True)},
                several(
                    "Yes, {word} is spelt correctly. | {word} is right as it is. | That's correct; nothing to change."
                ),
                1.5,
            ),
            Result(
                {"correct|ok": v.choice(False), "suggestion": v.word},
                several(
                    "No, it should probably be {suggestion}. | That's not in the dictionary; did you mean "
                    "{suggestion}? | It's wrong. Try {suggestion}."
                ),
            ),
        ],
    ),
    Family(
        "summarize_text",
        "summarize|summarize_text|shorten|tldr|make_summary",
        "Summarize a text|Short version of a longer text|",
        [
            text(draw=lambda r: f"{v.sentence(r)} {v.sentence(r)}"),
            Parameter(
                "sentences|max_sentences|length|n",
                v.integer(1, 3),
                "Sentences of the summary|",
                "integer",
                phrases=" in {} sentences| (at most {} sentences)",
            ),
        ],
        several("""
            Summarize: {text} | Give me the gist of "{text}" | tl;dr of this: {text} | What does this say in short?
            "{text}" | I have no time to read it all: {text} Sum it up, please. | Make a summary of "{text}" | Boil
            this down: {text} | Please shorten "{text}" to the main point | The short version of '{text}'"""),
        "a summary of a text|the gist of a text",
        [Result({"summary": v.sentence}, several("In short: {summary} | The gist of it: {summary} | {summary}"))],
    ),
    Family(
        "read_aloud",
        "speak|read_aloud|text_to_speech|say|tts",
        "Read a text aloud|Speech synthesis|Speaks a text through the loudspeaker.",
        [
            text(draw=v.sentence),
            Parameter(
                "speed|rate|pace",
                v.said_choice({"slow": "slowly", "fast": "fast"}),
                "How fast|",
                choices=("slow", "normal", "fast"),
                phrases=", {}|, but {}",
            ),
            Parameter(
                "voice|speaker|voice_name",
                v.first_name,
                "Name of the voice|",
                phrases=" with the voice {}| in {}'s voice",
            ),
        ],
        several(
            """
                Read "{text}" aloud. | Say "{text}" | Speak this: {text} | I'd like to hear '{text}' spoken | Let
                the speaker say "{text}" | Read this out to me: {text} | My eyes are tired, please read out "{text}"
                | tts "{text}" | Pronounce "{text}" for me"""
        ),
        'to hear "{text}"|a text read aloud',
        [
            Result(
                {"status": v.choice("spoken", "done", "played"), "seconds|duration": v.integer(1, 20)},
                several(
                    "Done, it took {seconds} seconds. | I've read it aloud; that was {seconds} seconds of "
                    "speech. | The text has been spoken, in {seconds} seconds."
                ),
                4,
            ),
            Result(
                {"error": v.choice("no loudspeaker", "audio is muted", "voice not installed")},
                several(
                    "I couldn't read it out: {error}. | Nothing was spoken, because: {error}. | That failed: {error}."
                ),
            ),
        ],
    ),
    Family(
        "readability_score",
        "readability|readability_score|reading_level|text_difficulty",
        "How hard a text is to read|Score from 0 (hard) to 100 (easy) and school grade|",
        [text(draw=v.sentence)],
        several("""
            How hard is this to read: {text} | Readability of "{text}"? | Can a child understand "{text}"? Score it.
            | Rate the reading level of '{text}' | Is "{text}" easy enough? I'd like its score. | readability {text}
            | What grade do you need to read "{text}"? | My readers are young. How difficult is "{text}"? | Give me
            the readability score for: {text}"""),
        "to know how hard a text is to read|the readability of a text",
        [
            Result(
                {"score": v.integer(5, 100), "grade|grade_level": v.integer(1, 14)},
                several(
                    "It scores {score} of 100 and suits grade {grade}. | Readers in grade {grade} can "
                    "manage it; the score is {score}. | The score is {score}, which means grade {grade}."
                ),
            )
        ],
    ),
    Family(
        "detect_language",
        "detect_language|identify_language|language_of|which_language|guess_language",
        "Detect the language of a text|Tells which language a text is in|",
        [text()],
        several("""
            Which language is "{text}"? | What language is this: {text} | Detect the language of '{text}'. | I got a
            note that says "{text}". In what language is it? | {text} - what tongue is that? | Find out the
            language: {text} | Is "{text}" English or something else? | language of "{text}"? | Somebody wrote
            {text}; can you tell me the language?"""),
        'to know the language of a text|which language "{text}" is',
        [
            Result(
                {"language": v.language, "confidence": v.integer(40, 99)},
                several(
                    "It's {language}; I'm {confidence}% sure. | That looks like {language}, with "
                    "{confidence} percent confidence. | {language}, by {confidence}%."
                ),
            )
        ],
        "language",
    ),
    Family(
        "sentiment",
        "analyze_sentiment|sentiment|mood_of_text|classify_sentiment|tone",
        "Sentiment of a text|Tells if a text is positive or negative|Classifies the mood of a message.",
        [text(draw=v.message)],
        several("""
            Is this friendly or angry: {text} | Sentiment of "{text}"? | How does "{text}" sound? | Analyze the mood
            of '{text}' | A customer wrote "{text}". Is that good or bad? | Does "{text}" read as positive? | Tell
            me the tone of this message: {text} | sentiment: {text} | I can't tell if "{text}" is meant kindly.
            Check its sentiment."""),
        "to know if a text is positive or negative|the sentiment of a text",
        [
            Result(
                {"sentiment|label": v.choice("positive", "negative", "neutral", "mixed"), "score": v.number(0, 1, 2)},
                several(
                    "It's {sentiment}, with a score of {score}. | The mood is {sentiment} ({score}). | "
                    "I'd call it {sentiment}; the score is {score}."
                ),
            )
        ],
    ),
]

FAMILIES = [*COUNTING, *CHANGING, *LISTS, *EDITING, *LANGUAGE]
