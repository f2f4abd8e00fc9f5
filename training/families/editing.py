"""Tools that edit texts and lists, with true results, and tools that need a language model's help, without."""

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
            "{word}"? | {word} - is that how it's written?"""),
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
            this down: {text} | Please shorten "{text}" to the main point | The short version of '{text}' | {text} -
            what's the short version?"""),
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
                | tts "{text}" | Pronounce "{text}" for me | I can't look at the screen now. Read me this: {text}"""
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
            the readability score for: {text} | "{text}": easy or hard to read?"""),
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
            {text}; can you tell me the language? | My new neighbour said "{text}". Which language could that be?"""),
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
            Check its sentiment. | "{text}": nice or nasty?"""),
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

FAMILIES = [*LISTS, *EDITING, *LANGUAGE]
