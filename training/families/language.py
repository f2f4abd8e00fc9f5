"""Tools that need a language model's help elsewhere, without it: translation, spelling, reading aloud, moods."""


from training import values as v
from training.families.texts import text
from training.family import Family, Parameter, Result
from training.several import several

FAMILIES = [
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
