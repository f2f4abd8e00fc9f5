"""Tools of laboratories and observers: samples, telescopes, genes, sensors."""

from training import values as v
from training.family import Draw, Family, Parameter, Result
from training.several import failed, several


def sample(names: str = "sample|sample_id|specimen|probe") -> Parameter:
    return Parameter(names, v.code, "Id of the sample|Which sample|")


MASSES = {
    "H2O": 18.02,
    "CO2": 44.01,
    "NaCl": 58.44,
    "CH4": 16.04,
    "NH3": 17.03,
    "C6H12O6": 180.16,
    "H2SO4": 98.08,
    "CaCO3": 100.09,
    "C2H5OH": 46.07,
    "O3": 48.0,
    "HCl": 36.46,
    "KOH": 56.11,
    "Fe2O3": 159.69,
}
"""Molar masses in grams by formula."""


def named(*endings: str) -> Draw:
    """Draw of a file's name with one of the endings."""
    return lambda random: f"{v.word(random)}.{random.choice(endings)}"


LAB = [
    Family(
        "register_sample",
        "register_sample|add_sample|log_sample|new_sample|create_specimen",
        "Register a sample in the laboratory|Enters a specimen with its origin and storage|",
        [
            sample(),
            Parameter("material|kind|type|substance", v.material, "What it is|"),
            Parameter("origin|site|location|collected_at", v.place, "Where it comes from|"),
            Parameter(
                "temperature|storage_temp|temp|celsius",
                v.integer(-80, 25),
                "Storage temperature in °C|",
                "integer",
                phrases=", to be kept at {} °C| and store it at {} degrees",
            ),
        ],
        several("""
            Register sample {sample}: {material} from {origin}. | {sample}, {material}, {origin} - new sample | We
            took {material} in {origin}; call it {sample} | Log the specimen {sample}. It's {material} and was
            collected at {origin}. | From {origin} we have some {material}. Its id is {sample}, please enter it. |
            New in the lab: {material}, found near {origin}, number {sample} | Add {sample} to the register (origin
            {origin}, material {material}) | The courier brought {material} of {origin}. Book it in as {sample}. |
            Please create sample {sample} with material {material} and site {origin} | Another one for the fridge:
            {sample}, {material}, taken at {origin}"""),
        "sample {sample} of {material} registered|to enter {material} from {origin} as a sample",
        [
            Result(
                {"shelf|position|rack": v.code, "registered|date": v.date},
                several(
                    "{sample} is registered on {registered} and stands on shelf {shelf}. | Entered on "
                    "{registered}; you'll find it at {shelf}. | Done: shelf {shelf}, dated {registered}."
                ),
                3,
            ),
            failed(v.choice("id is already in use", "freezer full", "material not allowed")),
        ],
    ),
    Family(
        "analyze_sample",
        "analyze_sample|run_analysis|measure_sample|test_sample",
        "Measure a property of a sample|Runs an analysis in the laboratory|",
        [
            sample(),
            Parameter(
                "property|quantity|measure|analysis|method",
                v.said_choice(
                    {
                        "ph": "pH",
                        "density": "density",
                        "salt": "salt content",
                        "lead": "lead content",
                        "conductivity": "conductivity",
                    }
                ),
                "What to measure|",
                choices=("ph", "density", "salt", "lead", "conductivity"),
            ),
        ],
        several("""
            Measure the {property} of {sample}. | {sample}: {property}? | What's the {property} of sample {sample}?
            | Run an analysis of {sample}, I need the {property} | Please test {sample} for its {property}. | The
            {property} of probe {sample} is missing; measure it | In sample {sample}, how high is the {property}? |
            Determine {property} ({sample}) | I'd like to know the {property}. The specimen is {sample}. | I'm
            curious about {sample}. What's its {property}?"""),
        "the {property} of sample {sample}|to measure the {property} of {sample}",
        [
            Result(
                {"value|reading": v.number(0, 14, 2), "uncertainty|error_margin": v.number(0.01, 0.5, 2)},
                several(
                    "The {property} of {sample} is {value}, give or take {uncertainty}. | I measured "
                    "{value} ± {uncertainty}. | The reading is {value}, with an uncertainty of "
                    "{uncertainty}."
                ),
                4,
            ),
            failed(
                v.choice("sample too small", "instrument not calibrated", "sample not found"),
                "{sample} couldn't be measured: {error}. | No reading: {error}.",
            ),
        ],
    ),
    Family(
        "point_telescope",
        "point_telescope|slew_to|observe|aim_telescope|take_exposure",
        "Point the telescope and expose|Slews to an object and takes a picture|Exposure in seconds; "
        "filters are optional.",
        [
            Parameter(
                "target|object|name|object_name",
                v.choice(
                    "Andromeda",
                    "Vega",
                    "Saturn",
                    "Orion",
                    "M13",
                    "Sirius",
                    "M51",
                    "Jupiter",
                    "the Crab Nebula",
                    "Polaris",
                    "NGC 7000",
                    "Rigel",
                ),
                "What to look at|",
            ),
            Parameter("exposure|seconds|exposure_s|time", v.integer(1, 600), "Exposure in seconds|", "integer"),
            Parameter(
                "filter|band|filter_name",
                v.choice("red", "green", "blue", "infrared", "H-alpha"),
                "Filter|",
                choices=("red", "green", "blue", "infrared", "H-alpha"),
                phrases=" with the {} filter|, filter {}",
            ),
        ],
        several("""
            Point the telescope at {target} and expose {exposure} seconds. | {target}, {exposure} s | Take a picture
            of {target}, {exposure} seconds long. | Look at {target} for {exposure} seconds | Tonight I want
            {target} with an exposure of {exposure} seconds | Expose {exposure} seconds on {target} | Swing over to
            {target}; {exposure} seconds, please | The sky is clear. {target}! Exposure {exposure} s. | For
            {exposure} seconds, observe {target} | How about {target} tonight? {exposure} seconds should be enough."""),
        "a picture of {target}, exposed {exposure} seconds|the telescope on {target}",
        [
            Result(
                {"image|file": named("fits", "png"), "altitude|altitude_deg": v.integer(5, 90)},
                several(
                    "The picture of {target} is saved as {image}; it stood {altitude} degrees high. | "
                    "Done: {image}, at an altitude of {altitude}°. | I have {image}. {target} was "
                    "{altitude} degrees above the horizon."
                ),
                3,
            ),
            failed(
                v.choice("below the horizon", "dome closed", "clouds", "guiding lost"),
                "I couldn't observe {target}: {error}. | No picture, because: {error}.",
            ),
        ],
    ),
    Family(
        "find_gene",
        "find_gene|lookup_gene|gene_info|search_genome",
        "Look up a gene|Chromosome and length of a gene in a genome|",
        [
            Parameter(
                "gene|symbol|gene_name|name",
                lambda r: (
                    "".join(r.choice("ABCDEFGHKLMNPRSTX") for _ in range(r.randint(3, 4))) + str(r.randint(1, 30))
                ),
                "Symbol of the gene|",
            ),
            Parameter("organism|species|genome|taxon", v.animal, "Which organism|"),
        ],
        several("""
            Where is the gene {gene} in the {organism}? | {gene} {organism} | On which chromosome does the
            {organism} have {gene}? | Look up {gene} in the genome of the {organism}. | Does the {organism} have
            {gene}? Find it. | Gene {gene}, organism {organism}, please | For my thesis on the {organism} I need the
            position of {gene} | How long is {gene} in the {organism}? | Search the {organism} genome for {gene} | A
            colleague asked about {gene} in the {organism}. Where is it?"""),
        "to know where the gene {gene} is in the {organism}|the gene {gene} looked up",
        [
            Result(
                {"chromosome": v.integer(1, 40), "base_pairs|length": v.integer(300, 900000)},
                several(
                    "{gene} lies on chromosome {chromosome} and is {base_pairs} base pairs long. | It's "
                    "on chromosome {chromosome}, with {base_pairs} base pairs. | Chromosome {chromosome}; "
                    "length: {base_pairs} base pairs."
                ),
                3,
            ),
            failed(
                v.choice("gene not found", "genome not sequenced"),
                "No {gene} in the {organism}: {error}. | I couldn't find it: {error}.",
            ),
        ],
    ),
    Family(
        "start_experiment",
        "start_experiment|run_experiment|begin_trial|launch_run",
        "Start an experiment|Runs an experiment with temperature, duration and repetitions|",
        [
            Parameter("name|experiment|title|protocol", v.topic, "Name of the experiment|"),
            Parameter("temperature|temp|celsius|degrees", v.integer(4, 95), "In °C|", "integer"),
            Parameter("minutes|duration|time|length", v.integer(5, 300), "How long|Minutes|", "integer"),
            Parameter(
                "repetitions|repeats|runs|n",
                v.integer(2, 12),
                "How often|",
                "integer",
                phrases=", {} times| with {} repetitions",
            ),
        ],
        several("""
            Start the experiment {name} at {temperature} degrees for {minutes} minutes. | {name}: {temperature} °C,
            {minutes} min | Run "{name}" for {minutes} minutes at {temperature} °C. | At {temperature} degrees, let
            {name} run {minutes} minutes | For {minutes} minutes I want {name} to run, temperature {temperature} |
            Begin {name}; heat to {temperature} °C and stop after {minutes} minutes. | Everything is ready. Start
            '{name}' ({minutes} minutes, {temperature} degrees). | New trial: {name}, time {minutes} minutes,
            temperature {temperature} | Please launch {name} with {temperature} °C and a duration of {minutes}
            minutes | It's all set up: {name}, {minutes} minutes at {temperature} degrees. Go!"""),
        "to start the experiment {name}|{name} run at {temperature} °C for {minutes} minutes",
        [
            Result(
                {"run_id|id": v.code, "ends_at|finish": v.clock},
                several(
                    "{name} is running as {run_id} and ends at {ends_at}. | Started: run {run_id}, until "
                    "{ends_at}. | It's under way (run {run_id}) and will be done at {ends_at}."
                ),
                3,
            ),
            failed(v.choice("heater not ready", "another run is active", "temperature out of range")),
        ],
    ),
    Family(
        "read_sensor",
        "read_sensor|get_reading|sensor_value|poll_sensor|measure",
        "Read a sensor|Latest value of a sensor with its unit|",
        [Parameter("sensor|sensor_id|device|probe|id", v.code, "Which sensor|")],
        several(
            """
                What does sensor {sensor} say? | Read {sensor} | {sensor}: value? | Give me the latest reading of
                {sensor}. | Is sensor {sensor} still alive? What does it measure? | Check {sensor} | I need the
                current value from sensor {sensor} | The display shows nothing; ask {sensor} directly | Please poll
                the sensor {sensor} | Something's odd with {sensor}. What does it show now?"""
        ),
        "the reading of sensor {sensor}|to know what {sensor} measures",
        [
            Result(
                {
                    "value": v.number(-20, 400),
                    "unit": v.choice("°C", "hPa", "lux", "ppm", "mV", "%"),
                    "battery": v.integer(1, 100),
                },
                several(
                    "{sensor} reads {value} {unit}; its battery is at {battery}%. | It's {value} {unit} "
                    "(battery: {battery}%). | Sensor {sensor} says {value} {unit}, with {battery} percent "
                    "battery."
                ),
                4,
            ),
            failed(
                v.choice("no answer", "sensor offline", "battery empty"),
                "{sensor} gives no reading: {error}. | I couldn't read {sensor}: {error}.",
            ),
        ],
    ),
    Family(
        "calibrate_instrument",
        "calibrate|calibrate_instrument|set_reference|adjust_sensor",
        "Calibrate an instrument|Sets an instrument to a reference value|",
        [
            Parameter(
                "instrument|device|sensor|tool",
                v.choice(
                    "scale", "thermometer", "pH meter", "pressure gauge", "spectrometer", "microphone", "flow meter"
                ),
                "The instrument|",
            ),
            Parameter("reference|value|target|known_value", v.number(0, 200, 2), "Known value|", "number"),
        ],
        several("""
            Calibrate the {instrument} to {reference}. | {instrument}: reference {reference} | The {instrument}
            should show {reference} now; set it | Set the reference of the {instrument} to {reference} | With
            {reference} as the known value, calibrate the {instrument} | Our {instrument} is off. The true value is
            {reference}. | Please adjust the {instrument}, reference value {reference} | I put {reference} on the
            {instrument}. Calibrate. | Use {reference} to calibrate the {instrument} | I don't trust the
            {instrument}. It ought to read {reference}; calibrate it."""),
        "the {instrument} calibrated to {reference}|to calibrate the {instrument}",
        [
            Result(
                {"offset|correction": v.number(-3, 3, 3), "valid_until|next_due": v.date},
                several(
                    "The {instrument} is calibrated; the offset was {offset}. It's valid until "
                    "{valid_until}. | Done, with a correction of {offset}, good until {valid_until}. | "
                    "Offset {offset}; the next calibration is due on {valid_until}."
                ),
                3,
            ),
            failed(v.choice("reading unstable", "instrument warming up")),
        ],
    ),
    Family(
        "molar_mass",
        "molar_mass|molecular_weight|compound_mass|formula_weight",
        "Molar mass of a compound|From its formula|",
        [
            Parameter(
                "formula|compound|molecule|substance",
                v.choice(*MASSES),
                "Formula like H2O|",
            )
        ],
        several("""
            What's the molar mass of {formula}? | {formula} molar mass | How much does a mole of {formula} weigh? |
            I need the molecular weight of {formula}. | Compute the mass of {formula} | For my lab report: one mole
            of {formula} is how many grams? | Molecular mass, please: {formula} | How heavy is {formula}? | I have
            to weigh out a mole of {formula} | What would one mole of {formula} weigh on my scale?"""),
        "the molar mass of {formula}|to know what a mole of {formula} weighs",
        [
            Result(
                lambda r, a: {"grams_per_mole": MASSES[a["formula"]]},
                several(
                    "A mole of {formula} weighs {grams_per_mole} grams. | It's {grams_per_mole} g/mol. | "
                    "The molar mass is {grams_per_mole} grams per mole."
                ),
            )
        ],
    ),
    Family(
        "predict_tide",
        "tide_times|get_tides|predict_tide|high_tide",
        "Times of the tide|High and low water at a place on a day|",
        [
            Parameter("place|harbour|port|station|location", v.place, "The harbour|"),
            Parameter("day|date|when|on", v.day, "Day|"),
        ],
        several("""
            When is high tide in {place} {day}? | Tides {place} {day} | {day} we sail from {place}. When is the
            water high? | In {place}, when is low water {day}? | Tide table for {place}, {day} | I want to walk on
            the beach of {place} {day}; when is the tide low? | For {day}, give me the tides at {place} | {place}:
            high and low water {day} | Please look up the tide in {place} for {day} | We want to swim in {place}
            {day}. How are the tides?"""),
        "the tides at {place} for {day}|to know when the water is high in {place}",
        [
            Result(
                {"high|high_water": v.clock, "low|low_water": v.clock},
                several(
                    "High water is at {high} and low water at {low}. | In {place} the tide is high at "
                    "{high} and low at {low}. | {high} is high tide; low tide comes at {low}."
                ),
            ),
            failed(
                v.choice("no tide station here", "no data for that day"),
                "I can't say: {error}. | No tides for {place}: {error}.",
            ),
        ],
    ),
    Family(
        "report_sighting",
        "report_sighting|log_observation|add_sighting|record_animal",
        "Record an animal that was seen|Enters an observation of wildlife|",
        [
            Parameter("species|animal|kind|what", v.animal, "Which animal|"),
            Parameter("place|location|where|site", v.place, "Where it was seen|"),
            Parameter("count|number|how_many|n", v.integer(2, 60), "How many|", "integer"),
            Parameter("date|day|seen_on|when", v.date, "When|", phrases=" on {}|, seen on {}"),
        ],
        several("""
            Record a sighting: {count} of {species}, {place}. | I saw {count} of these in {place}: {species} |
            {species}, {count}, {place} | In {place} there were {count} animals of the kind {species}; note it | Log
            {count} x {species} at {place} | Write down what we saw near {place}: {species}, number {count} | New
            observation! Animal: {species}. Place: {place}. Count: {count}. | Please enter {count} (species:
            {species}) for {place} | We counted {count} of the species {species} at {place} today | You won't
            believe it: {species} in {place}, {count} of them! Note it down."""),
        "to record {count} of {species} at {place}|a sighting entered",
        [
            Result(
                {"observation_id|id": v.integer(100, 99999), "frequency|status": v.choice("rare", "common", "new")},
                several(
                    "Thank you, it's recorded as {observation_id}; the species is {frequency} there. | "
                    "Recorded: number {observation_id}. Around {place} it is {frequency}. | Entered under "
                    "{observation_id}. By our data it's {frequency}."
                ),
            ),
            failed(v.choice("place unknown", "species not in the list")),
        ],
    ),
]

FAMILIES = LAB
