"""Tools that look up one attribute of a thing: films, words, books, songs, laws.

The facts are drawn, not known: a model has to say what the tool returned, even where it believes to know better.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from training import values as v
from training.family import Draw, Family, Parameter, Result
from training.several import several


@dataclass(frozen=True)
class Kind:
    """Kind of thing that is looked up, {x} standing for one of them."""

    key: str
    names: str
    """Alternatives of the parameter."""
    about: str
    draw: Draw
    missing: str
    """Answers where nothing is known of it."""


@dataclass(frozen=True)
class Attribute:
    """One thing to know about a kind; the templates name the kind by its key and the value by `field`."""

    kind: Kind
    field: str
    draw: Draw | dict[str, Draw]
    """Draw of the value, or of several fields."""
    requests: str
    """Its own ways to ask, beside the common ones."""
    answers: str
    near: str = ""

    def family(self) -> Family:
        key, noun = self.kind.key, self.field.replace("_", " ")
        fields = self.draw if isinstance(self.draw, dict) else {f"{self.field}|result|answer": self.draw}
        verb = "are" if noun.endswith("s") and not noun.endswith("status") else "is"
        asked = "who" if noun in PERSONS else "what"
        thing = f"the {{{key}}}" if self.kind is SPECIES else f"{{{key}}}"
        one = f"an {key}" if key[0] in "aeiou" else f"a {key}"
        common = COMMON[len(self.answers) % len(COMMON)]
        return Family(
            f"{key}_{self.field}",
            f"get_{self.field}|{key}_{self.field}|lookup_{self.field}|{self.field}_of_{key}|find_{key}_{self.field}|"
            f"get_{key}_{self.field}",
            f"Look up the {noun} of {one}|Returns the {noun} for the given {key}|The {noun} of {one}. By its name.",
            [Parameter(self.kind.names, self.kind.draw, self.kind.about)],
            [
                *several(self.requests),
                *(
                    text.replace("is the", f"{verb} the")
                    .replace("What ", f"{asked.capitalize()} ")
                    .replace("what ", f"{asked} ")
                    .replace("NOUN", noun)
                    .replace("THING", thing)
                    for text in common
                ),
            ],
            f"to know the {noun} of {{{key}}}|the {noun} of {{{key}}}|to learn about the {noun} of {{{key}}}",
            [
                Result(fields, several(self.answers), 5),
                Result(
                    {"error|message": v.choice("not found", "no entry", "unknown name", "no match")},
                    several(self.kind.missing),
                    0.7,
                ),
            ],
            self.near,
        )


PERSONS = ("director", "founder", "coach", "author", "mayor", "head of state")


COMMON: Sequence[Sequence[str]] = (
    (
        "What is the NOUN of THING?",
        "THING: NOUN?",
        "Tell me the NOUN of THING, please.",
        "I need the NOUN of THING for a quiz.",
        "Could you look up THING and tell me the NOUN?",
    ),
    (
        "NOUN of THING",
        "Please find out the NOUN of THING.",
        "For THING, what is the NOUN?",
        "We argue about THING: what is the NOUN?",
        "Do you know the NOUN of THING?",
    ),
    (
        "What is the NOUN for THING?",
        "Look up the NOUN of THING.",
        "I'm writing about THING and lack the NOUN.",
        "Can you check the NOUN of THING?",
        "THING - I want to know the NOUN",
    ),
    (
        "Find the NOUN of THING",
        "I'd like to know the NOUN of THING.",
        "My son asks for the NOUN of THING.",
        "Take THING. What is the NOUN?",
        "The NOUN of THING, please",
    ),
)


FILM = Kind(
    "film",
    "film|title|movie|name|movie_title",
    "Title of the film|The movie|",
    v.movie,
    "I found no film called {film}. | {film} isn't in the database, I'm afraid.",
)


WORD = Kind(
    "word",
    "word|term|w|entry|lemma",
    "The word|A single word|",
    v.word,
    "The dictionary has no entry for {word}. | I couldn't find {word}, sorry.",
)


SPECIES = Kind(
    "species",
    "species|animal|name|animal_name|creature",
    "The animal|Name of the species|",
    v.animal,
    "I found nothing about {species}. | There is no entry for {species} in the database.",
)


BOOK = Kind(
    "book",
    "book|title|name|book_title",
    "The book|Title of the book|",
    v.book,
    "I couldn't find a book called {book}. | {book} isn't in the catalogue.",
)


SONG = Kind(
    "song",
    "song|track|title|song_title|name",
    "The song|Title of the track|",
    v.song,
    "I don't find a song called {song}. | No track named {song} turned up.",
)


ATTRIBUTES = [
    Attribute(
        FILM,
        "director",
        v.person,
        """
            Who directed {film}? | Whose film is {film}? | Who made the movie {film}? | I liked {film}. Who was
            behind the camera? | "{film}" is by whom?""",
        "{film} was directed by {director}. | It's a film by {director}. | {director} directed it.",
    ),
    Attribute(
        FILM,
        "release_year",
        {"year": v.year},
        """
            When did {film} come out? | What year is {film} from? | How old is the movie {film}? | In which year
            could one first see {film}? | '{film}' came to cinemas when?""",
        "{film} came out in {year}. | It's from {year}. | It was released in {year}.",
    ),
    Attribute(
        FILM,
        "running_time",
        {"minutes": v.integer(62, 220)},
        """
            How long is {film}? | How many minutes does {film} take? | If we start {film} now, how long will it
            last? | Is {film} a long movie? | We want to watch "{film}" tonight, how long does it run?""",
        "{film} runs for {minutes} minutes. | It's {minutes} minutes long. | It takes {minutes} minutes.",
    ),
    Attribute(
        FILM,
        "cast",
        {"actors|cast|starring": v.list_of(v.person, 2, 3)},
        """
            Who plays in {film}? | Which actors are in {film}? | Who stars in "{film}"? | I'd like to know who acted
            in {film}. | Was there anyone famous in {film}?""",
        "In {film} you'll see {actors}. | It stars {actors}. | The main parts are played by {actors}.",
    ),
    Attribute(
        FILM,
        "rating",
        {"score": v.number(1, 10), "votes": v.integer(20, 90000)},
        """
            Is {film} any good? | How do viewers rate {film}? | Should I see {film}? What do people say? | What
            score does {film} have? | How well was '{film}' received?""",
        "{film} has {score} out of 10, from {votes} votes. | Viewers give it {score} of 10 ({votes} "
        "votes). | It's rated {score}, with {votes} people voting.",
    ),
    Attribute(
        WORD,
        "definition",
        v.sentence,
        """
            What does {word} mean? | Define {word}. | What's the meaning of "{word}"? | I came across the word
            '{word}' and don't know it. | Explain the word {word} from the dictionary""",
        "The dictionary says: {definition} | For {word} it says: {definition} | It's defined like this: {definition}",
    ),
    Attribute(
        WORD,
        "synonyms",
        {"synonyms": v.list_of(v.word, 2, 4)},
        """
            What's another word for {word}? | Give me words that mean the same as {word}. | I keep writing "{word}".
            What could I say instead? | How else can one say {word}? | Words like '{word}'?""",
        "Instead of {word} you can say: {synonyms}. | You could use {synonyms}. | Words with much the "
        "same meaning: {synonyms}.",
    ),
    Attribute(
        WORD,
        "antonym",
        v.word,
        """
            What's the opposite of {word}? | Which word means the contrary of {word}? | {word} and its opposite? | I
            need a word that is just not {word}. | Tell me the reverse of "{word}" in meaning""",
        "The opposite of {word} is {antonym}. | That would be {antonym}. | Its opposite is {antonym}.",
    ),
    Attribute(
        WORD,
        "rhymes",
        {"rhymes": v.list_of(v.word, 2, 4)},
        """
            What rhymes with {word}? | I'm writing a poem and need something that rhymes with "{word}". | Find words
            ending like {word}. | Rhyme: {word} | Help my song along: a rhyme on '{word}'""",
        "These rhyme with {word}: {rhymes}. | You could use {rhymes}. | How about {rhymes}?",
    ),
    Attribute(
        WORD,
        "etymology",
        {"origin": v.language, "root": v.invented},
        """
            Where does the word {word} come from? | From which language is "{word}"? | What's the origin of {word}?
            | How did we get the word {word}? | Who invented '{word}', I mean which language had it first?""",
        "The word {word} comes from {origin}, from the root {root}. | It's of {origin} origin: {root}. | "
        "The root "
        "is {root}, from {origin}.",
    ),
    Attribute(
        BOOK,
        "author",
        v.person,
        """
            Who wrote {book}? | By whom is {book}? | Whose book is "{book}"? | I've just read {book}; who is it by?
            | Who's the writer of '{book}'?""",
        "{book} was written by {author}. | It's by {author}. | {author} wrote it.",
    ),
    Attribute(
        BOOK,
        "page_count",
        {"pages": v.integer(40, 1300)},
        """
            How many pages does {book} have? | How thick is {book}? | Is {book} a long read? | How many pages are in
            "{book}"? | I want to take {book} on holiday, how long is it?""",
        "{book} has {pages} pages. | It's {pages} pages long. | {pages} pages.",
    ),
    Attribute(
        SONG,
        "lyrics",
        {"first_line|lyrics": v.sentence},
        """
            How does {song} go? | What are the words of {song}? | I want to sing {song}. How does it begin? | First
            line of {song}? | Which words does "{song}" start with?""",
        "It begins: {first_line} | The words start like this: {first_line} | {song} opens with: {first_line}",
    ),
    Attribute(
        SONG,
        "tempo",
        {
            "bpm": v.integer(55, 200),
            "key": v.choice("C major", "A minor", "G major", "E minor", "D major", "F sharp minor"),
        },
        """
            How fast is {song}? | In which key and tempo is {song}? | I'm practising {song}. How many beats per
            minute? | Can one dance fast to {song}? | Beats and key of "{song}"?""",
        "{song} has {bpm} beats per minute and is in {key}. | It's in {key}, at {bpm} beats a minute. | "
        "{bpm} bpm, {key}.",
    ),
]


LAWS = Family(
    "law_article",
    "get_article|read_law|law_text|lookup_law|statute_section|legal_text",
    "Text of a section of a law|Reads one article of a statute|Looks up a law. Needs the law's name and "
    "the number of the section.",
    [
        Parameter(
            "law|statute|act|code|title",
            v.choice(
                "Road Traffic Act",
                "Tenancy Act",
                "Labour Code",
                "Constitution",
                "Civil Code",
                "Data Protection Act",
                "School Act",
                "Consumer Act",
            ),
            "Name of the law|Which statute|",
        ),
        Parameter("section|article|paragraph|number", v.integer(1, 300), "Number of the section|", "integer"),
    ],
    several("""
        What does section {section} of the {law} say? | {law}, article {section} | Read me article {section} of the
        {law}. | My landlord quotes the {law}, section {section}. What's in it? | Please look up paragraph {section}
        in the {law}. | In the {law}, what is written under {section}? | I need the wording of section {section},
        {law}. | Show the text of the {law}, number {section} | What are my rights by the {law} under section
        {section}? | What exactly is in the {law} under section {section}?"""),
    "the text of section {section} of the {law}|to know what article {section} of the {law} says",
    [
        Result(
            {"text": v.sentence, "in_force_since|since": v.year},
            several("""
                Section {section} of the {law} says: "{text}" It has been in force since {in_force_since}. | It
                reads: "{text}" (in force since {in_force_since}). | Since {in_force_since} it says: "{text}" """),
            4,
        ),
        Result(
            {"error": v.choice("no such section", "section repealed", "not found")},
            several(
                "I can't give you that one: {error}. | The lookup failed: {error}. | There's a problem "
                "with section {section}: {error}."
            ),
        ),
    ],
)

FAMILIES = [*(attribute.family() for attribute in ATTRIBUTES), LAWS]
