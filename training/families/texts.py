"""Tools that count in texts or write them in another form, with true results."""

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


def true(names: str, key: str, function: Callable[..., Any]) -> Callable[[Random, Arguments], dict[str, Any]]:
    """Field `key` of a result: `function` of the arguments named (divided by spaces)."""
    return lambda _, arguments: {key: function(*(arguments[name] for name in names.split()))}


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
                true("text", "words", lambda s: len(s.split())),
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
            characters? | The field takes only so many characters. How many are there in '{text}'? | My username
            will be "{text}". How many characters is that?"""),
        'the number of characters in "{text}"|to know how long a text is',
        [
            Result(
                true("text", "length", len),
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
            {text}? | Look at {text}: how often do you see {letter}?"""),
        "to know how often {letter} stands in {text}|to count the letter {letter} in {text}",
        [
            Result(
                true("text letter", "count", lambda s, c: s.lower().count(c)),
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
            "{pattern}" can you find in this: {text} | I wrote "{text}". How often have I used the word "{pattern}"?"""),
        'to know how often "{pattern}" occurs in a text|to count "{pattern}" in a text',
        [
            Result(
                true("text pattern", "matches", lambda s, p: len(re.findall(rf"\b{p}\b", s.lower()))),
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
        [Result(true("text", "result", function), several(answers))],
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
            capitals? | {text} should be all capitals""",
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
            {text} without capital letters | The key must be lower case. It's "{text}" | make "{text}" lowercase |
            Somebody shouted "{text}". Make it quiet, lower case please.""",
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
            Headline style for {text} | Can you capitalise the words in "{text}"? | "{text}" is going to be a
            headline. Capitals, please.""",
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
            slug | What's the slug of '{text}'? | "{text}" as part of a link, please""",
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
            "{text}" so that it fits as a Python name | How do I write {text} in snake case? | How would I name a
            function for "{text}" in snake case?""",
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
            abbreviated | What do the first letters of {text} make?""",
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
            {text} | Convert this to base64: {text} | Give me the base64 for "{text}" | "{text}", but in base64""",
        '"{text}" in base64|the base64 of a text',
        lambda s: base64.b64encode(s.encode()).decode(),
        "{result} | In base64: {result} | It's {result}",
        lambda r: r.choice((v.word, v.username, v.invented))(r),
        "encode",
    ),
    change(
        "hash_of_text",
        "sha256|hash_text|checksum|digest|fingerprint",
        "First eight digits of the SHA-256 of a text|Short hash of a string|Computes a fingerprint.",
        """
            Hash "{text}". | What's the checksum of {text}? | fingerprint for '{text}' please | I need a hash of
            {text} to compare | Compute the digest of "{text}" | sha256 {text} | Give me the short hash of the
            string "{text}" | For {text}, what hash do you get? | Has '{text}' the hash that I remember? Compute it.
            | "{text}" - hash it, please""",
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
            in a link | "{text}" has blanks. What does it look like in a URL?""",
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
            with ROT13 | Caesar cipher by 13 for {text} | Nobody should be able to read "{text}" at once. ROT13,
            please.""",
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
            disemvowel {text} | Leave only the consonants of {text}""",
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
            name {text}? | Give me {text} one letter at a time | My child asks how {text} is spelt. | On the phone
            they didn't get "{text}". Spell it out.""",
        "to have {text} spelt out|the letters of {text}",
        lambda s: "-".join(s.upper()),
        "{result} | It's spelt {result}. | Letter by letter: {result}",
        lambda r: r.choice((v.word, v.first_name, v.city))(r),
    ),
]

FAMILIES = [*COUNTING, *CHANGING]
