"""Tools about nature and places: animals, plants, mountains, water, snow, sky, air."""

from random import Random
from typing import Any

from training import values as v
from training.family import Arguments, Family, Parameter, Result
from training.open_sets import such_as
from training.several import several

_place = Parameter("place|location|city|where|area", v.place, "The place|Where|Name of the place|")
_day = Parameter("day|date|when|on", v.day, "Which day|")
_animal = Parameter("animal|species|name|creature|kind", v.animal, "The animal|Name of the species|")
_plant = Parameter("plant|species|name|flower|crop", v.plant, "The plant|Name of the plant|")
_mountain = such_as("Mont Blanc", "Ben Nevis", "Kilimanjaro", "the Matterhorn", "Mount Fuji", "Snowdon", "the Zugspitze", "Denali", "Etna", "K2", "Aconcagua", "Triglav")
_river = such_as("the Rhine", "the Thames", "the Danube", "the Elbe", "the Loire", "the Po", "the Hudson", "the Severn", "the Oder", "the Tagus")
_planet = such_as("Mars", "Venus", "Jupiter", "Saturn", "Mercury", "the ISS", "Uranus", "Neptune", "Halley's comet")


def _uv(random: Random, arguments: Arguments) -> dict[str, Any]:
    """Draw a UV index, and the time until sunburn that goes with it."""
    index = random.randint(1, 12)
    minutes = round({"fair": 70, "medium": 120, "dark": 240}[arguments["skin"]] / index) + 4
    return {"uv|uv_index|index": index, "minutes|burn_minutes": minutes, "spf": 15 if index < 4 else 30 if index < 8 else 50}


FAMILIES: list[Family] = [
    Family(
        "tides", "get_tides|tide_times|tide_table|tides|high_tide",
        "High and low tide at a place|Tide times of a day|Tide table",
        [_place, _day],
        several("""When is high tide in {place} {day}? | {place} tide times {day} | Can we walk on the beach of {place} {day} or is the water in? | Tides {day} at {place} | We want to swim at {place} {day}, when's high water? | {day} in {place}: low tide when? | I'm going fishing at {place} {day},
        tell me the tides | What does the tide table say for {place}, {day}? | For {day}, get me the tides in {place} | When will the sea go out {day}? I'm in {place}"""),
        "the tides in {place} {day}|to know when high tide is|the tide table of {place}",
        [
            Result({"high|high_tide": v.clock, "low|low_tide": v.clock}, several("""In {place} it's high tide at {high} and low tide at {low}. | High water comes at {high}, low water at {low}. | The sea is highest at {high} and lowest at {low}.""")),
            Result({"error": v.choice("not on the coast", "no gauge nearby")}, several("""I have no tides for {place}: {error}. | There's no tide table for it ({error}). | Sorry, {place} is {error}, according to the service."""), 0.35),
        ],
        "water",
    ),
    Family(
        "water_temp", "water_temperature|sea_temperature|lake_temperature|bathing_water|get_water_quality",
        "Temperature and quality of bathing water|How warm the sea or a lake is|Water for swimming",
        [_place],
        several("""How warm is the water in {place}? | Water temperature {place} | Can we swim in {place}? | Is the sea too cold in {place}? | I'm packing my swimsuit for {place}, how's the water? | Is the lake at {place} clean? | Check the bathing water of {place} | What about a swim at {place}, would I
        freeze? | Tell me the temperature of the water, {place} | Does anybody bathe in {place} yet? How warm is it in the water?"""),
        "to know how warm the water is in {place}|to swim in {place}|the bathing water of {place}",
        [
            Result({"celsius|temp_c|temperature": v.number(6, 28), "quality|rating": v.choice("excellent", "good", "poor")}, several("""The water in {place} has {celsius}°C, and its quality is {quality}. | It's {celsius} degrees; the water quality is {quality}. | {celsius}°C in the water, quality
            {quality}.""")),
            Result({"closed": v.choice(True), "reason": v.choice("blue-green algae", "jellyfish", "strong currents", "bacteria")}, several("""Better not: {place} is closed because of {reason}. | Bathing is forbidden in {place} at the moment. The reason: {reason}. | Nobody may swim there now, due to {reason}."""), 0.45),
        ],
        "water",
    ),
    Family(
        "river_level", "river_level|water_level|get_gauge|flood_level|river_gauge",
        "Water level of a river at a place|Flood warning for a gauge|River gauge in centimetres",
        [Parameter("river|name|water|stream", _river, "The river|"), _place],
        several("""How high is {river} in {place}? | {river} {place} level | Is {river} flooding {place}? | I live close to {river} in {place}, must I worry? | Water level of {river} at {place} please | In {place}, how much water does {river} carry? | Check the gauge {place} on {river} | Can we canoe on
        {river} at {place} or is the water too high? | What's the state of {river} near {place}? | We have a cellar in {place}; is {river} rising?"""),
        "the level of {river} in {place}|to know if {river} floods {place}|the gauge at {place}",
        [
            Result({"cm|level_cm|level": v.integer(40, 900), "trend": v.choice("rising", "falling", "steady"), "warning": v.choice("none", "level 1", "level 2")}, several("""{river} stands at {cm} cm in {place} and is {trend}; flood warning: {warning}. | At {place} it's {cm} cm, {trend}. Warning:
            {warning}. | The gauge shows {cm} cm ({trend}), warning {warning}.""")),
            Result({"error": v.choice("no gauge at this place", "gauge out of order")}, several("""I can't say: {error}. | There's no level for {place}, {error}. | The answer for {river} was "{error}"."""), 0.3),
        ],
        "water",
    ),
    Family(
        "snow", "snow_report|get_snow|ski_conditions|snow_depth|slope_status",
        "Snow depth and open slopes of a ski resort|Skiing conditions|Snow report",
        [Parameter("resort|place|ski_area|mountain", v.place, "The ski resort|")],
        several("""How much snow is there in {resort}? | Snow report {resort} | Can I go skiing in {resort}? | Are the slopes open in {resort}? | We've booked a week in {resort}, is there snow? | {resort}: how are the pistes? | Is it worth taking the skis to {resort}? | Check the ski conditions at {resort} | How many lifts are
        running in {resort}? | Tell me about the snow in "{resort}" """),
        "to know how much snow {resort} has|to ski in {resort}|the snow report of {resort}",
        [
            Result({"snow_cm|depth|snowDepth": v.integer(15, 320), "open_lifts|lifts": v.integer(2, 60), "avalanche_level|avalanche": v.integer(1, 5)}, several("""{resort} has {snow_cm} cm of snow and {open_lifts} open lifts; the avalanche level is {avalanche_level}. | {snow_cm} centimetres, {open_lifts} lifts are running. Avalanche
            risk: {avalanche_level} of 5. | There's {snow_cm} cm, with {open_lifts} lifts open and avalanche level {avalanche_level}.""")),
            Result({"open": v.choice(False), "opens_on|season_start": v.date}, several("""{resort} is still closed and opens on {opens_on}. | No skiing yet: the season begins on {opens_on}. | The lifts stand still until {opens_on}."""), 0.5),
        ],
    ),
    Family(
        "sunrise", "get_sunrise|sun_times|sunrise_sunset|daylight|sun_info",
        "Sunrise and sunset at a place|When the sun goes up and down on a day|Daylight",
        [_place, _day],
        several("""When does the sun rise in {place} {day}? | Sunset {place} {day} | When will it get dark in {place} {day}? | How long is it light {day} in {place}? | I want to photograph the sunrise in {place} {day}, when must I be there? | {day}, {place}: sunrise and sunset | At what time does the sun go down {day} in
        {place}? | For {day}, tell me the sun times of {place} | We're hiking near {place} {day}. Until when is there daylight? | Sun in {place}, {day} please"""),
        "the sunrise in {place} {day}|to know when it gets dark in {place}|the sun times for {day}",
        [
            Result({"sunrise|rise": v.choice("04:52", "05:31", "06:14", "07:05", "07:48", "08:10"), "sunset|set": v.choice("15:58", "16:41", "18:20", "19:37", "20:55", "21:40")}, several("""The sun rises at {sunrise} and sets at {sunset}. | In {place} it's light from {sunrise} to {sunset}. | Sunrise is at {sunrise}, sunset at {sunset}.""")),
            Result({"polar": v.choice(True), "note": v.choice("the sun does not set", "the sun does not rise")}, several("""In {place}, {note} at this time of year. | There's nothing to tell: {note} {day}. | That's far north or south: {note}."""), 0.2),
        ],
        "sky",
    ),
    Family(
        "moon", "moon_phase|get_moon|moon_info|lunar_phase|next_full_moon",
        "Phase of the moon on a date|When the next full moon is|Moon calendar",
        [Parameter("date|day|on|when", v.date, "YYYY-MM-DD|")],
        several("""What's the moon like on {date}? | Moon phase {date} | Is it full moon on {date}? | How bright will the moon be on {date}? | We go for a night walk on {date}, is there a moon? | {date}: which phase of the moon? | Is the moon waxing on {date}? | I can't sleep at full moon, so what about {date}? | Look up the moon
        for {date} | On {date}, how much of the moon can we see?"""),
        "the moon phase on {date}|to know if there is a full moon on {date}|to know about the moon",
        [
            Result({"phase": v.choice("waxing", "waning"), "illumination|percent_lit": v.integer(2, 98), "next_full|nextFullMoon": v.date}, several("""On {date} the moon is {phase} and {illumination}% lit. The next full moon is on {next_full}. | It's {phase}, with {illumination} percent of it bright; full moon comes on {next_full}. | The moon will be {phase} ({illumination}%). The next time it's full is {next_full}.""")),
        ],
        "sky",
    ),
    Family(
        "planet_visible", "is_planet_visible|sky_object|planet_position|visible_tonight|find_in_sky",
        "When and where an object of the sky can be seen|Whether a planet is visible from a place|Stargazing",
        [Parameter("object|planet|body|target", _planet, "What to see|The object|"), _place, _day],
        several("""Can I see {object} from {place} {day}? | {object}, {place}, {day} | When does {object} pass over {place} {day}? | I've a new telescope! Where's {object} {day}? I'm in {place} | Is {object} visible {day} in {place}? | {day} in {place}: in which direction is {object}? | My kids want to see {object};
        we're in {place} {day} | From {place}, {day}, at what time can one spot {object}? | Find {object} in the sky over {place} {day} | Look for {object} {day} ({place})"""),
        "to see {object} from {place}|to know when {object} is visible|to find {object} in the sky",
        [
            Result({"visible": v.choice(True), "time|from": v.clock, "direction|azimuth": v.choice("south", "south-west", "east", "north-east", "west"), "altitude|degrees": v.integer(8, 80)}, several("""Yes, from {time} look {direction}, {altitude} degrees above the horizon. | {object} can be seen at {time} in the
            {direction}, {altitude}° high. | At {time}, in the {direction}, at a height of {altitude} degrees.""")),
            Result({"visible": v.choice(False), "next|next_visible": v.date}, several("""No, {object} can't be seen then; the next chance is on {next}. | It stays below the horizon. Try again on {next}. | Not {day}, but on {next}."""), 0.5),
        ],
        "sky",
    ),
    Family(
        "air_quality", "get_air_quality|air_quality|aqi|air_pollution|check_air",
        "Air quality at a place|Fine dust and index|How clean the air is",
        [_place],
        several("""How's the air in {place}? | Air quality {place} | Is the air in {place} bad right now? | Can I go running in {place} or is there smog? | My daughter has asthma and we're in {place}, is the air all right? | Check the pollution at {place} | How much fine dust is in the air of {place}? | {place} AQI |
        Should I wear a mask outside in {place}? | What do the air sensors in {place} say?"""),
        "to know how the air is in {place}|the air quality of {place}|to know about pollution in {place}",
        [
            Result({"aqi|index": v.integer(8, 300), "pm25|pm2_5": v.integer(2, 180), "level|category": v.choice("good", "moderate", "unhealthy", "very unhealthy")}, several("""The air in {place} is {level}: index {aqi}, fine dust {pm25} µg/m³. | It's {level} there, with an index of {aqi} and {pm25} µg of fine
            dust. | Index {aqi} ({level}); fine dust is at {pm25} µg/m³.""")),
            Result({"error": v.choice("no station nearby", "data is 2 days old")}, several("""I can't say for {place}: {error}. | There's no reliable reading ({error}). | Sorry, {error}."""), 0.3),
        ],
        "air",
    ),
    Family(
        "pollen", "pollen_count|get_pollen|pollen_forecast|allergy_forecast|pollen_level",
        "Pollen of a plant at a place|Hay fever forecast|How much pollen is in the air",
        [Parameter("plant|pollen|kind|allergen", such_as("birch", "grass", "hazel", "ragweed", "alder", "ash", "mugwort", "olive"), "Which pollen|"), _place, _day],
        several("""How much {plant} pollen is there in {place} {day}? | {plant} pollen {place} {day} | I'm allergic to {plant}; is {place} all right {day}? | Will the {plant} pollen be bad in {place} {day}? | {day} I'm in {place}, do I need my pills for {plant}? | Pollen in {place} {day}: {plant}? | For someone with a {plant} allergy, how
        is {day} in {place}? | Check {place} for {plant} pollen {day} | My nose is running. {plant} pollen, {place}, {day}? | In {place}, does {plant} fly {day}?"""),
        "the {plant} pollen in {place}|to know how bad the pollen is {day}|a pollen forecast",
        [
            Result({"level|intensity": v.choice("low", "moderate", "high", "very high"), "count|grains_per_m3": v.integer(1, 400)}, several("""The {plant} pollen in {place} is {level} {day}, {count} grains per cubic metre. | It's {level}: {count} grains per m³. | Expect a {level} level with {count} grains of {plant}.""")),
            Result({"level": v.choice("none")}, several("""No {plant} pollen {day}, you can breathe freely. | There's none in {place}. | Nothing from {plant} {day}."""), 0.5),
        ],
        "air",
    ),
    Family(
        "uv_index", "get_uv_index|uv_index|sun_protection|uv_level|sunburn_risk",
        "UV index and time until sunburn|Sun protection for a type of skin|How strong the sun is",
        [_place, Parameter("skin|skin_type|type", v.choice("fair", "medium", "dark"), "Type of skin|", choices=("fair", "medium", "dark"))],
        several("""How long can I stay in the sun in {place} with {skin} skin? | UV {place}, {skin} skin | Do I need sunscreen in {place}? My skin is {skin} | I have {skin} skin; is the sun in {place} dangerous? | With {skin} skin, how fast do I burn in {place}? | What's the UV index in {place} for {skin} skin? | {skin} skin,
        {place}: which sun protection? | We're on the beach at {place} and my son has {skin} skin, is that fine? | Sunburn risk at {place} for a {skin} type | In {place}, can people with {skin} skin go without a hat?"""),
        "to know how strong the sun is in {place}|sun protection for {skin} skin|the UV index",
        [
            Result(_uv, several("""The UV index is {uv}; {skin} skin burns after {minutes} minutes. Use SPF {spf}. | At an index of {uv} you have {minutes} minutes without protection, so take SPF {spf}. | UV {uv}: SPF {spf} is
            advised, and without it {minutes} minutes are enough to burn.""")),
        ],
        "air",
    ),
    Family(
        "earthquake", "recent_earthquakes|get_earthquakes|earthquake_lookup|quake_info|seismic_activity",
        "Latest earthquake near a place|Earthquakes above a magnitude|Seismic activity",
        [_place, Parameter("magnitude|min_magnitude|min_mag|stronger_than", v.number(1, 7), "Smallest magnitude|", "number")],
        several("""Was there an earthquake of {magnitude} or more near {place}? | Earthquakes {place} over {magnitude} | Did the ground shake in {place}? Anything above {magnitude} | My friend in {place} felt something, has there been a quake of at least {magnitude}? | Look for quakes with magnitude {magnitude} and up around
        {place} | In {place}, which was the last earthquake stronger than {magnitude}? | Over {magnitude}, near {place}: any seismic activity? | Any quakes at {place} lately, {magnitude} or stronger? | Check {place} for earthquakes from {magnitude} up | Minimum {magnitude}: did {place} have an earthquake?"""),
        "to know about earthquakes near {place}|quakes of {magnitude} or more|to know if {place} had an earthquake",
        [
            Result(lambda r, a: {"measured|mag|strength": round(a["magnitude"] + r.uniform(0, 1.5), 1), "depth_km|depth": r.randint(3, 200), "at|time": v.clock(r)}, several("""Yes, one of {measured} at {at}, {depth_km} km deep. | The last one had a magnitude of {measured}, at {at}, in a depth of {depth_km} km. | At {at} there was a quake of {measured}, {depth_km} km below ground.""")),
            Result({"events": v.choice([])}, several("""No, nothing like that near {place}. | There was no such earthquake around {place}. | All quiet in {place}."""), 0.6),
        ],
    ),
    Family(
        "animal_facts", "get_animal|animal_info|animal_facts|species_info|lookup_animal",
        "Weight, age and food of an animal|Facts about a species|Animal encyclopaedia",
        [_animal],
        several("""What does a {animal} eat? | How old does a {animal} get? | {animal} facts | Tell me about the {animal} | My class is learning about the {animal}, what should they know? | How heavy is a {animal}? | Look up the animal {animal} | I saw a {animal} at the zoo; how long do they live? | Give me
        some facts on the {animal} | What kind of animal is a {animal}?"""),
        "facts about the {animal}|to know what a {animal} eats|to know more about the {animal}",
        [
            Result({"eats|diet|food": v.choice("grass", "fish", "insects", "fruit and seeds", "meat", "leaves", "plankton"), "lifespan|years|max_age": v.integer(1, 90), "weight_kg|kg": v.number(0.1, 900)}, several("""A {animal} eats {eats}, lives up to {lifespan} years and weighs about {weight_kg} kg. | It lives on
            {eats} and gets {lifespan} years old; its weight is around {weight_kg} kg. | Up to {lifespan} years and {weight_kg} kg, on a diet of {eats}: that's the {animal}.""")),
            Result({"found": v.choice(False)}, several("""I found nothing about a {animal}. | There's no animal called {animal} in the book. | {animal}? That species isn't listed."""), 0.3),
        ],
        "animals",
    ),
    Family(
        "sighting", "report_sighting|log_sighting|record_animal|wildlife_report|add_observation",
        "Report that an animal was seen|Records a sighting with place, number and date|Wildlife observation",
        [_animal, Parameter("count|number|how_many|quantity", v.integer(1, 60), "How many|", "integer"), _place, Parameter("date|seen_on|day|on", v.date, "YYYY-MM-DD|")],
        several("""I saw {count} {animal} in {place} on {date} | Sighting: {animal}, {count}, {place}, {date} | On {date} there were {count} of the species {animal} at {place}, please report it | Report {animal} at {place}: {count} on {date} | In {place} I counted {count} {animal} on {date} | Add an observation from {date}: {place}, {count} x
        {animal} | {place}, {date}. {count} {animal}! Record that | You won't believe it, {count} {animal} in {place}, on {date}; log the sighting | Log {count} {animal}, seen on {date} near {place} | Wildlife report for {date}: {animal} at {place}, number {count}"""),
        "a sighting of {animal} reported|{count} {animal} recorded|to report what was seen in {place}",
        [
            Result({"id|observation_id": v.code, "rare": v.choice(False)}, several("""Thank you, the sighting is recorded as {id}. | Reported: {count} {animal} in {place}, number {id}. | It's in the database ({id}).""")),
            Result({"id|observation_id": v.code, "rare": v.choice(True)}, several("""Recorded as {id}, and that's a rare one! | Thank you! {animal} is rare there; your report is {id}. | A rare sighting, well spotted. It's saved as {id}.""")),
            Result({"error": v.choice("unknown species", "date is in the future")}, several("""I couldn't report it: {error}. | That wasn't accepted ({error}). | The sighting isn't saved: {error}."""), 0.3),
        ],
        "animals",
    ),
    Family(
        "shelter_search", "find_pet|search_shelter|adopt_pet|shelter_animals|pets_for_adoption",
        "Animals of a shelter that look for a home|Finds a pet by kind, age and city|Adoption search",
        [
            Parameter("kind|animal|species|type", such_as("dog", "cat", "rabbit", "guinea pig", "parrot", "hamster", "ferret"), "Kind of animal|"), Parameter("city|place|near", v.city, "The city|"),
            Parameter("max_age|age|years", v.integer(1, 12), "Oldest age in years|", "integer"),
        ],
        several("""Find a {kind} in a shelter in {city}, not older than {max_age} | {kind}, {city}, up to {max_age} years, shelter | We'd like to adopt a {kind} of at most {max_age} years in {city} | Is there a {kind} looking for a home in {city}? {max_age} years at most | In {city}, which shelter has a {kind} under {max_age}? | Our family wants a
        {kind}. We're in {city}, and it shouldn't be more than {max_age} | Maximum age {max_age}: a {kind} to adopt in {city} | Adopt a {kind}: {city}, maximum {max_age} years | Could you look in {city} for a {kind}, {max_age} years or younger, that needs a home? | Up to {max_age} years old, a {kind}, near {city} please"""),
        "a {kind} to adopt in {city}|a {kind} of at most {max_age} years|a pet from a shelter",
        [
            Result(lambda r, a: {"name": v.first_name(r), "age": r.randint(1, a["max_age"]), "shelter": v.title(r)}, several("""{name} is {age} years old and waits at {shelter}. | At {shelter} there's {name}, {age} years old. | Meet {name}, a {kind} of {age} at {shelter}.""")),
            Result({"animals|results": v.choice([])}, several("""There's no {kind} like that in {city} right now. | I found none in {city}. | No {kind} is waiting in {city}; try again in some days."""), 0.4),
        ],
        "animals",
    ),
    Family(
        "plant_care", "plant_care|care_guide|get_plant_care|plant_info|how_to_care",
        "How to look after a plant|Light and water a plant needs|Care guide",
        [_plant],
        several("""How do I look after a {plant}? | {plant} care | How often does a {plant} need water? | Does {plant} like the sun? | My {plant} is losing leaves, what does it need? | I got a {plant} as a present. How do I keep it alive? | Where should I put the {plant}? | Care tips for
        {plant} | Can a {plant} stand in the shade? | Tell me what the {plant} wants"""),
        "to look after a {plant}|care tips for the {plant}|to know what a {plant} needs",
        [
            Result({"light|sun": v.choice("full sun", "half shade", "bright but not direct light", "shade"), "water_days|watering_interval": v.integer(2, 21), "min_temp|hardy_to": v.integer(-15, 15)}, several("""It wants {light}, water every {water_days} days, and no less than {min_temp}°C. | Give it {light} and
            water it every {water_days} days; keep it above {min_temp} degrees. | It likes {light}. Water: every {water_days} days. It stands {min_temp}°C at the least.""")),
            Result({"found": v.choice(False)}, several("""I have no care guide for {plant}. | {plant} isn't in the plant book. | Nothing on {plant}, sorry."""), 0.3),
        ],
        "plants",
    ),
    Family(
        "plant_when", "planting_time|when_to_plant|sowing_calendar|planting_calendar|when_to_sow",
        "When to sow or plant something in a region|Sowing calendar with the harvest|Garden calendar",
        [_plant, Parameter("region|place|climate|where", v.country, "Country or region|"), Parameter("indoors|inside|greenhouse", v.flag("indoors", "outside"), "Start indoors|", "boolean")],
        several("""When do I sow {plant} {indoors} in {region}? | {plant}, {region}, {indoors}: when to plant? | I live in {region}, is it time for {plant} {indoors}? | Can {plant} be planted {indoors} in {region} yet? | In {region}, when does one start {plant} {indoors}? | My neighbour in {region} has {plant} {indoors}; when should I begin? |
        Sowing time of {plant} in {region}, {indoors} | For growing {indoors}: {plant} in {region}, which month? | Growing {plant} {indoors}, {region}, when do I start? | Look up the planting time for {plant} {indoors} ({region})"""),
        "to know when to sow {plant}|to plant {plant} {indoors}|the sowing time of {plant} in {region}",
        [
            Result({"sow|month|start": v.month, "harvest|harvest_month": v.month}, several("""Sow it in {sow}; you harvest in {harvest}. | {sow} is right, and the harvest comes in {harvest}. | In {region}, {indoors}, begin in {sow} and harvest in {harvest}.""")),
            Result({"suitable": v.choice(False), "why|reason": v.choice("too cold", "too dry", "too little light")}, several("""{plant} doesn't grow {indoors} in {region}: it's {why}. | That won't work, {region} is {why} for it. | Better not; it's {why} there."""), 0.35),
        ],
        "plants",
    ),
    Family(
        "mountain_info", "get_mountain|mountain_info|peak_info|summit_lookup|mountain_height",
        "Height of a mountain and its first ascent|Facts about a peak|Mountain lookup",
        [Parameter("mountain|peak|name|summit", _mountain, "The mountain|")],
        several("""How high is {mountain}? | {mountain} height | Who was first on top of {mountain}? | Tell me about {mountain} | When was {mountain} first climbed? | I want to impress my friends: how many metres has {mountain}? | Look up {mountain}, the mountain | Is {mountain} taller than the others? How tall is it? | What
        should I know about {mountain}? | Facts on {mountain}, please"""),
        "the height of {mountain}|to know about {mountain}|facts on the mountain",
        [
            Result({"height_m|elevation|metres": v.integer(900, 8800), "first_ascent|year": v.integer(1650, 1965)}, several("""{mountain} is {height_m} metres high and was first climbed in {first_ascent}. | It has {height_m} m; the first ascent was in {first_ascent}. | {height_m} metres, first climbed in {first_ascent}.""")),
        ],
        "mountains",
    ),
    Family(
        "hike_find", "find_hikes|search_trails|hiking_trails|suggest_hike|trail_finder",
        "Find a hike near a place|Trails by length and difficulty|Walking routes",
        [
            _place, Parameter("km|max_km|length|distance", v.integer(3, 30), "Longest length in km|", "integer"), Parameter("difficulty|level|grade", v.choice("easy", "medium", "hard"), "How difficult|", choices=("easy", "medium", "hard")),
            Parameter("dog|dogs_allowed|with_dog", v.flag("with the dog", "without the dog"), "Dogs allowed|", "boolean", phrases=" {}|, {}"),
        ],
        several("""Find me a {difficulty} hike of at most {km} km near {place} | Hike {place}, {km} km, {difficulty} | We're in {place} and want to walk up to {km} kilometres, something {difficulty} | Any {difficulty} trails around {place} under {km} km? | {difficulty}, {km} km, from {place}: which walk? | Grandpa comes along, so {difficulty} please: a walk
        near {place}, {km} km at most | Where can I hike near {place}? It should be {difficulty} and no longer than {km} km | Up to {km} km on foot, {difficulty}, starting in {place} | Suggest a {difficulty} walk by {place} of {km} km or less | The sun is out! A {difficulty} tour, {km} km or less, around {place}"""),
        "a {difficulty} hike near {place}|to walk up to {km} km|a trail at {place}",
        [
            Result(lambda r, a: {"trail|name": v.title(r), "length_km|lengthKm": round(r.uniform(0.6, 1) * a["km"], 1),  "ascent_m|climb": r.randint(10, 900), "hours": round(a["km"] / 4 + r.uniform(0, 1), 1)}, several("""{trail}: {length_km} km, {ascent_m} m up, about {hours} hours. | I'd walk {trail}. It's {length_km} km with {ascent_m} metres of climbing and takes {hours} hours. | Try {trail}, {length_km} km in
            {hours} hours ({ascent_m} m of ascent).""")),
            Result({"trails": v.choice([])}, several("""I found no {difficulty} hike near {place} within {km} km. | Nothing fits around {place}. | No trail matches; would a longer one do?"""), 0.35),
        ],
        "mountains",
    ),
    Family(
        "park_permit", "request_permit|camping_permit|book_campsite|park_permit|reserve_campsite",
        "Book a place on a campsite|Reserves a pitch for a tent or camper|Camping permit",
        [
            Parameter("site|campsite|park|place", v.title, "The campsite|"), Parameter("arrival|check_in|from_date|start", v.date, "YYYY-MM-DD|"), Parameter("nights|stay|n_nights", v.integer(2, 14), "How many nights|", "integer"),
            Parameter("kind|vehicle|type|accommodation", v.choice("tent", "caravan", "camper van", "hammock"), "What you sleep in|",), Parameter("people|persons|guests", v.integer(1, 8), "How many people|", "integer"),
        ],
        several("""Book a pitch at {site} from {arrival} for {nights} nights: {kind}, {people} people | {site}, {arrival}, {nights} nights, {people} people, {kind} | We're {people} with a {kind} and want to camp at {site} for {nights} nights from {arrival} | From {arrival}, {nights} nights at the campsite {site}, {people} persons in a {kind} | Is there room for a {kind} and
        {people} people at {site}? Arriving {arrival}, {nights} nights; book it | Camping! {people} of us, {kind}, {site}, {arrival}, {nights} nights | Reserve {nights} nights at {site} for {people} people with a {kind}, starting {arrival} | {people} campers with a {kind} arrive at {site} on {arrival} and stay {nights} nights | Please get us a permit for {site}: {kind}, {nights} nights,
        {people} people, {arrival} | With our {kind} we're going to {site} on {arrival}, {nights} nights for {people}"""),
        "a pitch at {site} for {nights} nights|to camp at {site}|{people} people on a campsite",
        [
            Result({"pitch|spot": v.integer(1, 140), "total|price": v.money, "code": v.code}, several("""You have pitch {pitch} at {site} for {total}; the code is {code}. | Booked: pitch {pitch}, {nights} nights, {total}. Code {code}. | Done. Pitch {pitch} is yours for {total} ({code}).""")),
            Result({"available": v.choice(False), "next_free|from": v.date}, several("""{site} is full until {next_free}. | No room then, but from {next_free} on. | They're booked out; the next free pitch is on {next_free}."""), 0.4),
        ],
    ),
]
