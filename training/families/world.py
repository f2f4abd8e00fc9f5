"""Tools that look up one attribute of a thing: countries, cities, companies, teams.

The facts are drawn, not known: a model has to say what the tool returned, even where it believes to know better.
"""

from training import values as v
from training.families.knowledge import Attribute, Kind

COUNTRY = Kind(
    "country",
    "country|name|country_name|nation|state|q",
    "The country|Name of a country|English name|",
    v.country,
    "I couldn't find a country called {country}. | There is nothing about {country}, sorry; is the name spelt right?",
)


CITY = Kind(
    "city",
    "city|town|name|municipality|place",
    "The city|Name of the town|",
    v.city,
    "I couldn't find {city}, sorry. | There's no town called {city} in the data.",
)


COMPANY = Kind(
    "company",
    "company|name|company_name|organisation|firm|business",
    "The company|Name of the firm|",
    v.company,
    "I found no company called {company}. | The register knows no {company}, sorry.",
)


TEAM = Kind(
    "team",
    "team|club|name|team_name|side",
    "The team|Name of the club|",
    v.team,
    "I couldn't find a team called {team}. | {team} isn't in this league's records.",
)


ATTRIBUTES = [
    Attribute(
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
    ),
]

FAMILIES = [attribute.family() for attribute in ATTRIBUTES]
