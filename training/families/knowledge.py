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


<<<<<<< HEAD
COUNTRY = Kind(
    "country",
    "country|name|country_name|nation|state|q",
    "The country|Name of a country|English name|",
    v.country,
    "I couldn't find a country called {country}. | There is nothing about {country}, sorry; is the name spelt right?",
)
FILM = Kind(
    "film",
    "film|title|movie|name|movie_title",
    "Title of the film|The movie|",
    v.movie,
    "I found no film called {film}. | {film} isn't in the database, I'm afraid.",
)
ELEMENT = Kind(
    "element",
    "element|name|element_name|symbol|substance",
    "Name of the element|Chemical element|",
    v.choice(
        "iron",
        "gold",
        "silver",
        "copper",
        "helium",
        "neon",
        "oxygen",
        "carbon",
        "zinc",
        "tin",
        "lead",
        "uranium",
        "sodium",
        "calcium",
        "iodine",
        "xenon",
        "titanium",
        "nickel",
        "argon",
        "cobalt",
        "sulfur",
        "boron",
        "krypton",
        "radium",
        "tungsten",
    ),
    "There's no element called {element} in the table. | I couldn't find {element} among the elements.",
)
COMPANY = Kind(
    "company",
    "company|name|company_name|organisation|firm|business",
    "The company|Name of the firm|",
    v.company,
    "I found no company called {company}. | The register knows no {company}, sorry.",
)
PLANET = Kind(
    "planet",
    "planet|name|body|celestial_body|world",
    "Planet or moon|Name of the body|",
    v.choice(
        "Mercury",
        "Venus",
        "Mars",
        "Jupiter",
        "Saturn",
        "Uranus",
        "Neptune",
        "Pluto",
        "Titan",
        "Europa",
        "Ganymede",
        "Callisto",
        "Ceres",
        "Triton",
        "Io",
    ),
    "There's no entry for {planet}. | I couldn't find anything about {planet}.",
)
TEAM = Kind(
    "team",
    "team|club|name|team_name|side",
    "The team|Name of the club|",
    v.team,
    "I couldn't find a team called {team}. | {team} isn't in this league's records.",
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
PLANT = Kind(
    "plant",
    "plant|name|plant_name|crop|flower",
    "The plant|Name of the plant|",
    v.plant,
    "I couldn't find {plant} in the garden database. | There's nothing about {plant}, sorry.",
)
DISH = Kind(
    "dish",
    "dish|recipe|name|recipe_name|meal",
    "The dish|Name of the recipe|",
    v.recipe,
    "I have no recipe for {dish}. | I couldn't find {dish}; maybe it has another name?",
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
CITY = Kind(
    "city",
    "city|town|name|municipality|place",
    "The city|Name of the town|",
    v.city,
    "I couldn't find {city}, sorry. | There's no town called {city} in the data.",
)
DRUG = Kind(
    "medicine",
    "medicine|drug|name|drug_name|product",
    "Name of the medicine|",
    v.choice(
        "ibuprofen",
        "paracetamol",
        "aspirin",
        "amoxicillin",
        "metformin",
        "cetirizine",
        "omeprazole",
        "diazepam",
        "insulin",
        "loratadine",
        "naproxen",
        "codeine",
    ),
    "I couldn't find a medicine called {medicine}. | The list has no {medicine}; please ask a pharmacist.",
)


=======
>>>>>>> families-c
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
<<<<<<< HEAD
        COUNTRY,
        "capital",
        v.city,
        """
            Which city is the capital of {country}? | What's {country}'s capital? | From which city is {country}
            governed? | Where does the government of {country} sit? | Capital of {country}?""",
        "The capital of {country} is {capital}. | It's {capital}. | {country} is governed from {capital}.",
    ),
    Attribute(
        COUNTRY,
        "population",
        v.integer(90_000, 90_000_000),
        """
            How many people live in {country}? | How many inhabitants does {country} have? | Is {country} a populous
            place? I need a number. | {country} has how many people? | Count the heads in {country} for me, roughly""",
        "About {population} people live in {country}. | {country} has {population} inhabitants. | The "
        "population is {population}.",
    ),
    Attribute(
        COUNTRY,
        "official_languages",
        {"languages": v.list_of(v.language, 1, 3)},
        """
            Which languages are official in {country}? | What do people speak in {country}? | In which languages are
            the laws of {country} written? | I'm moving to {country}, what language do I have to learn? | Official
            tongues of {country}?""",
        "In {country} the official languages are: {languages}. | Officially, {country} uses {languages}. "
        "| Officially spoken there: {languages}.",
    ),
    Attribute(
        COUNTRY,
        "calling_code",
        v.integer(20, 998),
        """
            How do I call somebody in {country}? I need the code. | What do I dial before a number in {country}? |
            Which prefix do phone numbers from {country} have? | I want to phone {country}; what's the code? |
            {country} phone prefix""",
        "The calling code is +{calling_code}. | Dial +{calling_code} for {country}. | Numbers in "
        "{country} start with +{calling_code}.",
    ),
    Attribute(
        COUNTRY,
        "currency",
        {
            "currency": v.choice("crown", "dollar", "peso", "franc", "dinar", "pound", "rupee", "shilling", "lira"),
            "code": v.currency,
        },
        """
            What do people pay with in {country}? | Which money do I need in {country}? | I'm travelling to
            {country}. What's the money called there? | What are prices in {country} given in? | With what currency
            does one pay in {country}?""",
        "They pay with the {currency} ({code}). | In {country} it's the {currency}, code {code}. | You'll "
        "need the {currency}, {code} for short.",
    ),
    Attribute(
        COUNTRY,
        "head_of_state",
        {"title": v.choice("president", "king", "queen", "chancellor", "prince"), "name": v.person},
        """
            Who is the head of state in {country}? | Who rules {country}? | Who stands at the top of {country} right
            now? | Name the leader of {country}. | Who's in charge of {country}?""",
        "{name} is the head of state; the title is {title}. | {country} is headed by {name}, as {title}. "
        "| It's {name} ({title}).",
    ),
    Attribute(
        COUNTRY,
        "area",
        {"area_km2": v.integer(300, 9_000_000)},
        """
            How large is {country}? | How many square kilometres does {country} cover? | How big is {country}, as
            land goes? | Size of {country} in square kilometres? | Compared with ours, how large is {country}?""",
        "{country} covers {area_km2} square kilometres. | It's {area_km2} km² large. | The area is "
        "{area_km2} square kilometres.",
    ),
    Attribute(
        COUNTRY,
        "national_holiday",
        {
            "holiday": v.choice("Independence Day", "Constitution Day", "Republic Day", "Unity Day", "Liberation Day"),
            "date": v.choice("1 May", "14 July", "3 October", "26 January", "6 December", "9 August"),
        },
        """
            When does {country} celebrate its national day? | On which day is everything closed in {country} because
            of the national holiday? | What does {country} celebrate once a year? | Which is the big public holiday
            in {country}? | {country}'s national day, when is it?""",
        "{country} celebrates {holiday} on {date}. | It's {holiday}, on {date}. | On {date}; it's called {holiday}.",
    ),
    Attribute(
=======
>>>>>>> families-c
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
<<<<<<< HEAD
    ),
    Attribute(
        ELEMENT,
        "atomic_number",
        v.integer(1, 118),
        """
            How many protons does {element} have? | What number is {element} in the periodic table? | Which place
            does {element} have in the periodic table? | Protons in an atom of {element}? | At which number do I
            find {element}?""",
        "The atomic number of {element} is {atomic_number}. | In the table, {element} is number "
        "{atomic_number}. | It "
        "has {atomic_number} protons, so that's its number.",
    ),
    Attribute(
        ELEMENT,
        "melting_point",
        {"celsius": v.integer(-250, 3400)},
        """
            At what temperature does {element} melt? | When does {element} turn liquid? | How hot must {element} be
            to melt? | I want to melt {element}. How many degrees does it take? | {element} melts at?""",
        "It melts at {celsius} °C. | Its melting point is {celsius} degrees Celsius. | It takes {celsius} °C.",
    ),
    Attribute(
        ELEMENT,
        "density",
        {"density": v.number(0.1, 22, 2)},
        """
            How dense is {element}? | How heavy is {element} for its size? | What does a cubic centimetre of
            {element} weigh? | Would {element} swim on water? I need to know how dense it is | How many grams has a
            cm³ of {element}?""",
        "The density of {element} is {density} grams per cubic centimetre. | It's {density} g/cm³. | A "
        "cubic centimetre of {element} weighs {density} grams.",
    ),
    Attribute(
        COMPANY,
        "founder",
        {"founder": v.person, "founded": v.year},
        """
            Who founded {company}? | Who started {company} and when? | Whose idea was {company}? | I have an
            interview at {company}; who set it up? | Since when does {company} exist, and who began it?""",
        "{company} was founded by {founder} in {founded}. | {founder} started it in {founded}. | It goes "
        "back to {founder}, in {founded}.",
    ),
    Attribute(
        COMPANY,
        "headquarters",
        {"city": v.city, "country": v.country},
        """
            Where is {company} based? | In which town does {company} have its main office? | Where do I find the
            head office of {company}? | {company} sits where? | From where is {company} run?""",
        "{company} is based in {city}, {country}. | Its main office is in {city} ({country}). | You'll "
        "find it in {city}, {country}.",
    ),
    Attribute(
        COMPANY,
        "number_of_employees",
        {"employees": v.integer(3, 90000)},
        """
            How many people work at {company}? | How big is {company} by staff? | What's the headcount at {company}?
            | Is {company} a large employer? | How many jobs does {company} have?""",
        "{company} has {employees} employees. | About {employees} people work there. | The headcount is {employees}.",
    ),
    Attribute(
        COMPANY,
        "revenue",
        {"revenue_millions|revenue": v.integer(1, 900), "currency": v.choice("EUR", "USD", "GBP", "CHF")},
        """
            How much does {company} turn over in a year? | How much money does {company} make? | What sales did
            {company} report? | Does {company} earn well? Last year's figure, please | What did {company} take in
            last year?""",
        "{company} took in {revenue_millions} million {currency}. | Last year's revenue was "
        "{revenue_millions} million {currency}. | It turns over {revenue_millions} million {currency} a "
        "year.",
    ),
    Attribute(
        PLANET,
        "number_of_moons",
        {"count": v.integer(0, 95), "largest": v.invented},
        """
            How many moons does {planet} have? | Does anything orbit {planet}? | Which is the biggest of {planet}'s
            moons, and how many are there? | Count the moons around {planet} | How many companions has {planet}?""",
        "{planet} has {count} of them; the largest is {largest}. | It's {count}, and {largest} is the "
        "biggest. | {count} in all, with {largest} the largest.",
    ),
    Attribute(
        PLANET,
        "gravity",
        {"gravity": v.number(0.2, 25, 2)},
        """
            How strong is the pull on {planet}? | Would I be heavier on {planet}? | How fast do things fall on
            {planet}? | How much does {planet} pull things down? | Could one jump high on {planet}?""",
        "Gravity on {planet} is {gravity} m/s². | Things fall there at {gravity} m/s². | It's {gravity} "
        "metres per second squared.",
    ),
    Attribute(
        PLANET,
        "day_length",
        {"hours": v.number(9, 5800)},
        """
            How long is a day on {planet}? | How many hours does {planet} take to turn once? | When does the sun
            rise again on {planet}? I want the hours. | How fast does {planet} spin? | In how many hours does
            {planet} rotate?""",
        "A day on {planet} lasts {hours} hours. | It turns once in {hours} hours. | That takes {hours} hours there.",
    ),
    Attribute(
        TEAM,
        "league_position",
        {"position": v.integer(1, 20), "points": v.integer(3, 90)},
        """
            Where is {team} in the table? | How is {team} doing this season? | What place is {team} in? | Is {team}
            near the top? | {team} stands where in the league?""",
        "{team} is in place {position} with {points} points. | They are number {position}, with {points} "
        "points. | Place {position}, {points} points so far.",
    ),
    Attribute(
        TEAM,
        "coach",
        {"coach": v.person, "since": v.integer(2008, 2026)},
        """
            Who coaches {team}? | Who is the manager at {team} now? | Who trains {team}? | Does {team} have a new
            coach? | Under whom does {team} play?""",
        "{team} has been coached by {coach} since {since}. | It's {coach}, since {since}. | {coach} took "
        "over in {since}.",
    ),
    Attribute(
        TEAM,
        "last_result",
        {"opponent": v.team, "score": v.choice("2-1", "0-0", "3-1", "1-4", "0-2", "5-2", "88-79")},
        """
            How did {team} play? | Did {team} win? | What was the score in {team}'s latest game? | I missed the
            {team} match. How did it end? | Who did {team} play last, and how?""",
        "{team} played against {opponent}; it ended {score}. | It was {score} against {opponent}. | The "
        "game with {opponent} ended {score}.",
    ),
    Attribute(
        TEAM,
        "stadium",
        {"stadium": v.place, "seats|capacity": v.integer(2000, 90000)},
        """
            Where does {team} play at home? | In which arena is {team} at home? | How many fans fit in where {team}
            plays, and what is it called? | Where do I go to see {team}? | Home ground of {team}?""",
        "{team} plays at {stadium}, which has {seats} seats. | Their home is {stadium}, with room for "
        "{seats}. | At {stadium}; it seats {seats}.",
=======
>>>>>>> families-c
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
<<<<<<< HEAD
    ),
    Attribute(
        SPECIES,
        "lifespan",
        {"years": v.integer(1, 120)},
        """
            How old does this animal get: {species}? | How long does an animal like the {species} live? | Up to what
            age does the {species} live? | Years that the {species} can live? | My kids would love to keep this
            animal: {species}. How long would it be with us?""",
        "It lives for about {years} years. | Up to {years} years. | The {species} can grow {years} years old.",
    ),
    Attribute(
        SPECIES,
        "conservation_status",
        {
            "status": v.choice(
                "endangered", "vulnerable", "of least concern", "critically endangered", "near threatened"
            ),
            "remaining|population": v.integer(90, 900000),
        },
        """
            Is the {species} endangered? | Are there many of the {species} left? | How is the {species} doing in the
            wild? | Do we have to worry about the {species}? | How many are left of the {species}?""",
        "The {species} is {status}; about {remaining} are left. | It's listed as {status}, with "
        "{remaining} remaining. | {remaining} of them are left, and it is {status}.",
    ),
    Attribute(
        SPECIES,
        "diet",
        {"food|diet": v.food, "type": v.choice("herbivore", "carnivore", "omnivore")},
        """
            What does the {species} eat? | What do I feed the {species}? | Is the {species} a meat eater? | What's
            on the menu of the {species}? | Food for the {species}?""",
        "Mostly {food}; it's classed as: {type}. | It eats {food} (type: {type}). | The {species} lives "
        "on {food}; its type is {type}.",
    ),
    Attribute(
        PLANT,
        "sowing_time",
        {"from_month|from": v.month, "to_month|until": v.month},
        """
            When do I sow {plant}? | From when can {plant} go into the ground? | Is it too late to plant {plant}? |
            In which months is {plant} sown? | I've bought seeds of {plant}; when do they go out?""",
        "Sow {plant} between {from_month} and {to_month}. | From {from_month} until {to_month}. | The "
        "time for it is {from_month} to {to_month}.",
    ),
    Attribute(
        PLANT,
        "watering",
        {"every_days|interval_days": v.integer(2, 30), "amount_ml": v.integer(50, 900)},
        """
            How often does {plant} need water? | When do I water {plant}? | How much water does {plant} want? | My
            {plant} hangs its head. How often should I water it? | Water for {plant}: how much, how often?""",
        "Give {plant} {amount_ml} ml every {every_days} days. | Every {every_days} days, about "
        "{amount_ml} ml. | It needs {amount_ml} millilitres of water every {every_days} days.",
    ),
    Attribute(
        DISH,
        "cooking_time",
        {"minutes": v.integer(5, 240)},
        """
            How long does {dish} take to cook? | How long must I cook {dish}? | When will {dish} be ready if I start
            now? | Is {dish} quick to make? | Minutes for {dish}?""",
        "Cooking {dish} takes {minutes} minutes. | You need {minutes} minutes. | Plan {minutes} minutes for it.",
    ),
    Attribute(
        DISH,
        "ingredients",
        {"ingredients": v.list_of(v.ingredient, 3, 5)},
        """
            What do I need for {dish}? | What goes into {dish}? | Write me a shopping list for {dish}. | I want to
            make {dish}; what do I have to buy? | What is {dish} made of?""",
        "For {dish} you need {ingredients}. | It's made of {ingredients}. | You'll want {ingredients}.",
    ),
    Attribute(
        DISH,
        "calories",
        {"kcal|calories": v.integer(80, 1400), "per": v.choice("serving", "100 g", "plate")},
        """
            How many calories are in {dish}? | Is {dish} fattening? | I'm counting calories. What does {dish} have?
            | How much energy is in {dish}? | kcal in {dish}?""",
        "You get {kcal} kcal per {per} of {dish}. | That's {kcal} kilocalories per {per}. | Per {per} "
        "it's {kcal} kcal.",
=======
>>>>>>> families-c
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
<<<<<<< HEAD
    ),
    Attribute(
        CITY,
        "mayor",
        {
            "mayor": v.person,
            "party": v.choice(
                "the Greens", "the Liberals", "the Labour Party", "the Farmers' Party", "the Centre Party"
            ),
        },
        """
            Who is the mayor of {city}? | Who runs the town hall of {city}? | Who governs {city}? | Whom do I write
            to as mayor in {city}? | Which party leads {city}, and who is the mayor?""",
        "The mayor of {city} is {mayor}, of {party}. | {mayor} ({party}) is the mayor. | It's {mayor}, of {party}.",
    ),
    Attribute(
        CITY,
        "elevation",
        {"metres": v.integer(1, 3900)},
        """
            How high is {city} above the sea? | How many metres up is {city}? | Does {city} lie high? | Is the air
            thin in {city}? I'd like to know how high it is | How far above sea level is {city}?""",
        "{city} lies {metres} metres above the sea. | It's at {metres} metres. | {metres} metres above sea level.",
    ),
    Attribute(
        DRUG,
        "side_effects",
        {"common": v.list_of(v.symptom, 1, 3)},
        """
            What side effects can {medicine} have? | Does {medicine} do anything unpleasant? | I was given
            {medicine}. What may happen? | Is {medicine} known to cause trouble? | Risks of taking {medicine}?""",
        "With {medicine}, these are common: {common}. | People sometimes report {common}. | Known side "
        "effects: {common}. If you feel unwell, ask a doctor.",
    ),
    Attribute(
        DRUG,
        "maximum_dose",
        {"mg_per_day|max_mg": v.integer(10, 4000)},
        """
            How much {medicine} may one take in a day? | What's the most {medicine} I can take? | Up to how many
            milligrams of {medicine} are safe? | Daily limit for {medicine}? | I've had {medicine} twice today; what
            is the limit?""",
        "At most {mg_per_day} mg of {medicine} a day. | The limit is {mg_per_day} milligrams per day. | "
        "Not more than {mg_per_day} mg in a day; ask a doctor if you're unsure.",
=======
>>>>>>> families-c
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
<<<<<<< HEAD
        {section}?"""),
=======
        {section}? | What exactly is in the {law} under section {section}?"""),
>>>>>>> families-c
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
