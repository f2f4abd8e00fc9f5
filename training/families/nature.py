"""Tools that look up one attribute of a thing: elements, planets, animals, plants, dishes, medicines.

The facts are drawn, not known: a model has to say what the tool returned, even where it believes to know better.
"""

from training import values as v
from training.families.knowledge import SPECIES, Attribute, Kind

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


ATTRIBUTES = [
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
        near="recipes",
    ),
    Attribute(
        DISH,
        "ingredients",
        {"ingredients": v.list_of(v.ingredient, 3, 5)},
        """
            What do I need for {dish}? | What goes into {dish}? | Write me a shopping list for {dish}. | I want to
            make {dish}; what do I have to buy? | What is {dish} made of?""",
        "For {dish} you need {ingredients}. | It's made of {ingredients}. | You'll want {ingredients}.",
        near="recipes",
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
        near="nutrition",
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
    ),
]

FAMILIES = [attribute.family() for attribute in ATTRIBUTES]
