"""Tools of laboratories, charts, tables and media."""

from random import Random
from typing import Any

from training import values as v
from training.family import Draw, Family, Parameter, Result, Said
from training.several import several


def failed(reasons: Draw, answers: str = "") -> Result:
    """Result of a call that was refused."""
    return Result(
        {"error|message|reason": reasons},
        several(
            answers
            or "That didn't work: {error}. | I couldn't do it: {error}. | It failed, and the reason given is: {error}."
        ),
    )


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
            Please create sample {sample} with material {material} and site {origin}"""),
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
            Determine {property} ({sample}) | I'd like to know the {property}. The specimen is {sample}."""),
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
            {exposure} seconds, observe {target}"""),
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
            position of {gene} | How long is {gene} in the {organism}? | Search the {organism} genome for {gene}"""),
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
            minutes"""),
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
                the sensor {sensor}"""
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
            {instrument}. Calibrate. | Use {reference} to calibrate the {instrument}"""),
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
            to weigh out a mole of {formula}"""),
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
            high and low water {day} | Please look up the tide in {place} for {day}"""),
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
            {species}) for {place} | We counted {count} of the species {species} at {place} today"""),
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


def series(random: Random) -> Said:
    """Draw points of a chart, said in one of several ways."""
    points = [[i + 1, random.randint(1, 60)] for i in range(random.randint(2, 5))]
    style = random.choice(("({},{})", "[{}, {}]", "({}, {})"))
    words = ", ".join(style.format(*point) for point in points)
    return Said(points, f"[{words}]" if style.startswith("[") else words)


def cells(random: Random) -> Any:
    return [random.choice((v.noun, v.month, v.city))(random) for _ in range(3)]


def numbers(low: int, high: int, least: int, most: int) -> Draw:
    return v.list_of(v.integer(low, high), least, most)


LABELS = several(
    "Anna | Ben | Q1 | Q2 | tea | milk | north | south | red | blue | May | June | cats | dogs | 2024 | 2025"
)

CHARTS = [
    Family(
        "plot_points",
        "make_chart|plot|plot_points|draw_chart|create_chart",
        "Draw a chart from points|Makes a chart—use it for plots, graphs and diagrams|Draws pairs of x "
        "and y as a line, bars or a scatter plot.",
        [
            Parameter(
                "points|data|series|xy|coordinates", series, "Pairs of x and y|List of [x, y]|", "array", "array"
            ),
            Parameter(
                "kind|chart_type|type|style",
                v.said_choice({"line": "line chart|line", "bar": "bar chart|bar", "scatter": "scatter plot|scatter"}),
                "line, bar or scatter|",
                choices=("line", "bar", "scatter"),
            ),
            Parameter("title|caption|heading", v.title, "Title|", phrases=' titled "{}"| with the title "{}"'),
            Parameter("x_label|x_title|xlabel", v.noun, "Label of the x axis|", phrases=', x axis "{}"'),
            Parameter("y_label|y_title|ylabel", v.noun, "Label of the y axis|", phrases=', y axis "{}"'),
        ],
        several(
            """
                Make a {kind} from {points} | Plot {points} as a {kind} | {kind}: {points} | Draw {points}, please,
                as a {kind} | I have the points {points} and want a {kind} | Could you put {points} in a chart? A
                {kind} would be best. | Show my measurements {points} as a {kind} | A {kind} of {points} please |
                For my slides: {points}, drawn as a {kind}"""
        ),
        "a {kind} of some points|to see points drawn",
        [
            Result(
                {"url|chart_url|image": v.url},
                several("Here's your chart: {url} | The chart is at {url} | I've drawn it: {url}"),
                4,
            ),
            failed(
                v.choice("too few points", "renderer not available"),
                "I couldn't draw it: {error}. | No chart: {error}.",
            ),
        ],
        "chart",
    ),
    Family(
        "bar_chart",
        "bar_chart|make_bar_chart|draw_bars|column_chart",
        "Draw a bar chart|Labels and one number for each|",
        [
            Parameter(
                "labels|categories|names|x",
                lambda r: r.sample(LABELS, 3),
                "Name of each bar|",
                "array",
            ),
            Parameter(
                "values|data|heights|y", lambda r: r.sample(range(1, 90), 3), "Height of each bar|", "array", "number"
            ),
            Parameter("color|colour|bar_color", v.colour, "Colour|", phrases=" in {}|, bars in {}"),
        ],
        several("""
            Draw a bar chart of {values} for {labels}. | bars: {labels} with {values} | The bars are {labels} and
            their heights {values}. Chart it! | For {labels} we have {values}; make a bar chart | Bar chart please,
            labels {labels}, values {values} | Show {values} as columns, named {labels} | I need a chart with
            columns for {labels}; the numbers are {values} | Values {values} over {labels} as bars | Please make
            columns out of {labels}: {values}"""),
        "a bar chart of {labels}|columns for some numbers",
        [
            Result(
                {"file|image": named("png", "svg"), "width": v.integer(300, 1200), "height": v.integer(200, 900)},
                several(
                    "The chart is in {file}, {width} by {height} pixels. | Done: {file} ({width} x "
                    "{height}). | I've saved it as {file}; it's {width} pixels wide and {height} high."
                ),
            ),
            failed(v.choice("disk full", "labels and values differ in number")),
        ],
        "chart",
    ),
    Family(
        "pie_chart",
        "pie_chart|make_pie|draw_pie|share_chart",
        "Draw a pie chart|Shares of a whole as slices|",
        [
            Parameter("shares|values|slices|data", numbers(5, 60, 2, 4), "Size of each slice|", "array", "number"),
            Parameter("title|caption|heading", v.topic, "Title|"),
        ],
        several("""
            Make a pie chart "{title}" with the shares {shares}. | pie: {title}, {shares} | The slices are {shares},
            the title is {title}. Draw a pie. | I'd like a pie chart of {shares}, called {title} | For "{title}"
            draw a pie with {shares} | Shares of {shares}; as a pie chart with the heading '{title}' | Show {shares}
            as a pie, title: {title} | Cake diagram please, {title}: {shares} | Title {title}, slices {shares}, pie
            chart"""),
        "a pie chart of {shares}|a pie called {title}",
        [
            Result(
                {"url|image_url": v.url},
                several("Here's the pie: {url} | The chart \"{title}\" is at {url} | It's ready: {url}"),
            ),
            failed(v.choice("shares must be positive", "title too long")),
        ],
        "chart",
    ),
    Family(
        "query_data_table",
        "query_table|select_rows|table_query|read_table|fetch_rows",
        "Read columns of a table|Selects columns from a table, with filter, order and limit|Queries the "
        "database. The filter is SQL without WHERE.",
        [
            Parameter("table|table_name|from_table|source", v.noun, "Name of the table|"),
            Parameter("columns|fields|select|cols", v.list_of(v.word, 2, 3), "Columns to return|", "array"),
            Parameter(
                "filter|where|condition",
                lambda r: f"{v.word(r)} > {r.randint(1, 900)}",
                "Condition|SQL without WHERE|",
                phrases=" where {}| (only those with {})",
            ),
            Parameter(
                "limit|max_rows|n|top",
                v.integer(1, 100),
                "At most so many rows|",
                "integer",
                phrases=", at most {} rows| limit {}",
            ),
            Parameter("order_by|sort|sort_by", v.word, "Column to sort by|", phrases=", sorted by {}| ordered by {}"),
        ],
        several(
            """
                Get {columns} from the table {table} | Which {columns} are in {table}? | From {table}, select
                {columns} | table {table}, columns {columns} | Show me the columns {columns} of {table} | Query the
                {table} table for {columns} | I need {columns}; they're in the table {table} | Read {columns} out of
                {table} | Our data is in "{table}". Fetch {columns}"""
        ),
        "the columns {columns} of the table {table}|to read from {table}",
        [
            Result(
                {"rows|count": v.integer(1, 400), "first": v.phrase},
                several(
                    'I found {rows} rows in {table}; the first is "{first}". | {rows} rows. The first one says "{first}". | {table} gives {rows} rows, beginning with "{first}".'
                ),
                3,
            ),
            Result(
                {"rows|count": v.choice(0)}, several("The query found {rows} rows. | Nothing there: {rows} rows."), 0.7
            ),
            failed(
                v.choice("no such table", "unknown column", "syntax error"),
                "The query failed: {error}. | {table} can't be read: {error}.",
            ),
        ],
    ),
    Family(
        "add_table_row",
        "add_row|append_row|insert_row|new_record",
        "Add a row to a table|Appends cells to a spreadsheet|",
        [
            Parameter("sheet|table|spreadsheet|file", v.title, "Which sheet|"),
            Parameter("cells|values|row|data", cells, "Cells from left to right|", "array"),
        ],
        several(
            """
                Add the row {cells} to {sheet}. | {sheet}: new row {cells} | Append {cells} to the sheet "{sheet}" |
                In {sheet}, write {cells} at the bottom | Please put {cells} in a new line of {sheet} | Another row
                for '{sheet}': {cells} | Record {cells} in the spreadsheet {sheet} | I forgot a line in {sheet}.
                It's {cells}. | Insert the cells {cells} in {sheet}"""
        ),
        "the row {cells} in {sheet}|to add a row to {sheet}",
        [
            Result(
                {"row|row_number": v.integer(2, 900)},
                several("It's in row {row} of {sheet}. | Added as row {row}. | {sheet} has it in row {row} now."),
                4,
            ),
            failed(
                v.choice("sheet is protected", "sheet not found"),
                "The row wasn't added: {error}. | I couldn't write to {sheet}: {error}.",
            ),
        ],
    ),
]


def markdown(random: Random) -> str:
    """Draw a short text with Markdown's signs."""
    forms = (
        lambda r: f"# {v.title(r)}\n\n- {v.phrase(r)}\n- {v.phrase(r)}",
        lambda r: f"**{v.word(r)}** and *{v.word(r)}*",
        lambda r: f"## {v.title(r)}\n\n{v.sentence(r)}",
        lambda r: f"> {v.sentence(r)}",
        lambda r: f"1. {v.noun(r)}\n2. {v.noun(r)}\n3. {v.noun(r)}",
        lambda r: f"`{v.word(r)}` is **{v.adjective(r)}**",
    )
    return random.choice(forms)(random)


FOREIGN = (
    "Straße und Größe",
    "où est la gare ?",
    "mañana por la mañana",
    "Привет, мир",
    "こんにちは",
    "ありがとう",
    "今日は寒い",
    "żółw i łabędź",
    "café crème",
    "καλημέρα",
    "Доброе утро",
    "guten Abend, schöne Grüße",
    "às oito da manhã",
    "bonne année à tous",
    "你好，世界",
    "smörgåsbord",
    "çok güzel",
    "Как дела?",
)


def foreign(random: Random) -> str:
    """Draw a text in another language or script."""
    return " ".join(random.sample(FOREIGN, random.choice((1, 1, 1, 2))))


IMAGE = Parameter(
    "image|file|path|filename|picture",
    lambda r: v.word(r) + r.choice((".png", ".jpg", ".webp")),
    "The image|Name of the image file|",
)
MEDIA = [
    Family(
        "resize_image",
        "resize_image|scale_image|image_resize|set_image_size",
        "Resize an image|Changes width and height of an image in pixels|",
        [
            IMAGE,
            Parameter("width|w|new_width|px_wide", v.integer(16, 4000), "Width in pixels|", "integer"),
            Parameter("height|h|new_height|px_high", v.integer(16, 4000), "Height in pixels|", "integer"),
            Parameter(
                "keep_ratio|preserve_aspect|lock_ratio",
                v.flag("keeping its proportions", "without keeping its proportions"),
                "Keep the proportions|",
                "boolean",
                phrases=", {}| {}",
            ),
        ],
        several("""
            Resize {image} to {width} by {height}. | {image} -> {width}x{height} | Make {image} {width} pixels wide
            and {height} high. | I need {image} with a height of {height} and a width of {width} | The website wants
            {width} x {height} pixels, and I have {image} | Scale {image}: width {width}, height {height} | Height
            {height}, width {width}, image {image}: resize please | Can you bring {image} to a size of {width} times
            {height}? | Please shrink or stretch {image} so that it's {width} by {height}"""),
        "{image} resized to {width} by {height}|an image of {width} by {height} pixels",
        [
            Result(
                {"output|file": named("png", "jpg", "webp"), "size_kb|kilobytes": v.integer(5, 4000)},
                several(
                    "The new image is {output}, {size_kb} kB large. | Done: {output} ({size_kb} kB). | "
                    "{image} is resized; the result, {output}, has {size_kb} kB."
                ),
                4,
            ),
            failed(
                v.choice("file not found", "not an image", "image is damaged"),
                "{image} couldn't be resized: {error}. | No luck with {image}: {error}.",
            ),
        ],
    ),
    Family(
        "rotate_image",
        "rotate_image|turn_image|image_rotate|flip_picture",
        "Rotate an image|Turns an image clockwise by some degrees|",
        [
            IMAGE,
            Parameter(
                "degrees|angle|rotation|deg", v.choice(90, 180, 270, 45, 30, 15), "Degrees, clockwise|", "integer"
            ),
        ],
        several("""
            Rotate {image} by {degrees} degrees. | {image}, {degrees}° | Turn {image} {degrees} degrees clockwise |
            My photo {image} lies on its side; turn it by {degrees} degrees | By {degrees} degrees, please rotate
            {image} | The scan {image} is crooked. {degrees} degrees should do. | Give {image} a turn of {degrees}
            degrees | rotate "{image}" {degrees} | Can you turn the picture {image} through {degrees} degrees?"""),
        "{image} turned by {degrees} degrees|to rotate {image}",
        [
            Result(
                {"output|file": named("png", "jpg")},
                several("The rotated picture is {output} | I turned it; see {output} | Done, saved as {output}"),
                4,
            ),
            failed(
                v.choice("file not found", "file is read-only"),
                "{image} wasn't turned: {error}. | I couldn't rotate {image}: {error}.",
            ),
        ],
    ),
    Family(
        "convert_audio",
        "convert_audio|audio_convert|transcode|change_audio_format",
        "Convert an audio file|Writes a recording in another format|Bit rate in kbit/s.",
        [
            Parameter(
                "file|input|source|audio|track_file",
                lambda r: v.word(r) + r.choice((".wav", ".aiff", ".m4a")),
                "Audio file|",
            ),
            Parameter(
                "format|to|target|output_format",
                v.choice("mp3", "ogg", "flac", "opus"),
                "New format|",
                choices=("mp3", "ogg", "flac", "opus"),
            ),
            Parameter(
                "bitrate|kbps|quality|rate",
                v.choice(64, 96, 128, 192, 256, 320),
                "kbit/s|",
                "integer",
                phrases=" at {} kbit/s|, {} kbps",
            ),
        ],
        several(
            """
                Convert {file} to {format}. | {file} as {format} | Make {format} of {file} | My player only knows
                {format}, and I have {file} | I'd like {file} in the format {format} | Into {format}, please: {file}
                | Turn the recording {file} into {format} | transcode {file} -> {format} | Save "{file}" as {format}"""
        ),
        "{file} as {format}|a recording converted to {format}",
        [
            Result(
                lambda r, a: {"output": f"{v.word(r)}.{a['format']}", "seconds": r.randint(10, 900)},
                several(
                    "It's saved as {output}; the recording lasts {seconds} seconds. | Converted: "
                    "{output}, {seconds} seconds long. | {output} is ready ({seconds} seconds)."
                ),
                3,
            ),
            failed(
                v.choice("unknown codec", "file not found", "disk full"),
                "{file} couldn't be converted: {error}. | The conversion failed: {error}.",
            ),
        ],
    ),
    Family(
        "trim_video",
        "trim_video|cut_video|clip_video|extract_clip",
        "Cut a piece out of a video|Keeps what lies between two times|Times in seconds from the start.",
        [
            Parameter(
                "video|file|clip|input|source", lambda r: v.word(r) + r.choice((".mp4", ".mov", ".webm")), "The video|"
            ),
            Parameter("start|from|begin|start_s", v.integer(0, 60), "Start in seconds|", "integer"),
            Parameter("end|to|stop|end_s", v.integer(61, 600), "End in seconds|", "integer"),
            Parameter(
                "mute|no_sound|silent",
                v.flag("without sound", "with its sound"),
                "Take the sound away|",
                "boolean",
                phrases=", {}| {}",
            ),
        ],
        several("""
            Cut {video} from second {start} to {end}. | {video} {start}-{end} s | I only want the part of {video}
            between {start} and {end} seconds | Trim {video}: start {start}, end {end} | Keep what happens from
            {start} to {end} seconds in {video} | From {video}, take the seconds {start} to {end} | The funny bit of
            {video} goes from {start} s to {end} s; cut it out | Clip starting at {start} and ending at {end}, video
            {video} | Please shorten {video} so that it begins at {start} and ends at {end} seconds"""),
        "the part of {video} from {start} to {end} seconds|to cut {video}",
        [
            Result(
                lambda r, a: {"output": f"{v.word(r)}.mp4", "seconds": a["end"] - a["start"]},
                several(
                    "The clip is {output}, {seconds} seconds long. | Done: {output}, with {seconds} "
                    "seconds. | I've cut it; {output} lasts {seconds} seconds."
                ),
                4,
            ),
            failed(
                v.choice("video is shorter", "file not found", "format not supported"),
                "{video} wasn't cut: {error}. | I couldn't trim it: {error}.",
            ),
        ],
    ),
    Family(
        "caption_image",
        "describe_image|caption_image|image_caption|what_is_in_picture",
        "Describe an image|Says what can be seen in a picture|",
        [IMAGE],
        several(
            """
                What's in the picture {image}? | Describe {image} | I can't see well. What does {image} show? |
                caption for {image} | Tell me what one can see on {image} | Write a caption for the photo {image}. |
                {image} - what is it? | Is there anybody in {image}? Describe it, please. | I need an alternative
                text for {image}"""
        ),
        "to know what {image} shows|a caption for {image}",
        [
            Result(
                {"caption|description": v.thing, "confidence|score": v.integer(40, 99)},
                several(
                    "It shows this: {caption}. I'm {confidence}% sure. | On {image} one sees: {caption} "
                    "({confidence}% sure). | {caption}, with {confidence} percent confidence."
                ),
            ),
            failed(
                v.choice("file not found", "image too dark"),
                "I can't say what's in {image}: {error}. | No description: {error}.",
            ),
        ],
    ),
    Family(
        "render_markdown",
        "render_markdown|markdown_to_html|md_to_html|convert_markdown|preview",
        "Convert Markdown to HTML|Renders a Markdown text—use for previews|",
        [Parameter("markdown|text|source|content|md", markdown, "Markdown text|", "string")],
        several("""
            Convert this Markdown to HTML: {markdown} | Render this: {markdown} | What does this look like as HTML?
            {markdown} | Markdown to HTML please: {markdown} | Please show a preview of {markdown} | My notes are in
            Markdown. Make HTML of them: {markdown} | Turn the following Markdown into a page: {markdown} | render
            {markdown} | Here's some Markdown, convert it: {markdown}"""),
        "Markdown converted to HTML|a preview of some Markdown",
        [
            Result(
                {"bytes|size": v.integer(20, 900), "url|preview_url": v.url},
                several(
                    "The page is at {url}; it has {bytes} bytes. | Rendered, {bytes} bytes: {url} | See "
                    "{url} ({bytes} bytes)."
                ),
            ),
            failed(v.choice("renderer offline", "text too long")),
        ],
    ),
    Family(
        "identify_foreign",
        "identify_language|detect_script|language_id|which_language_is_it",
        "Tell the language of a foreign text|Detects language and script|Works for all scripts.",
        [Parameter("text|input|content|sample|string", foreign, "The text|")],
        several(
            """
                What language is "{text}"? | Somebody wrote me: {text} - which language is that? | Detect the
                language of '{text}' | {text} - where is this from? | I can't read this sign: {text} | Which script
                is "{text}" in? | Find out what language this is: {text} | Is "{text}" written in Greek? Check it. |
                language of: {text}"""
        ),
        'to know the language of a text|which language "{text}" is',
        [
            Result(
                {"language": v.language, "script": v.choice("Latin", "Cyrillic", "Greek", "Kana", "Han")},
                several(
                    "It's {language}, in {script} letters. | That's {language}; the script is {script}. | "
                    "{language} (script: {script})."
                ),
            )
        ],
        "language",
    ),
    Family(
        "convert_document",
        "convert_document|convert_file|file_convert|export_as",
        "Convert a document|Writes a document in another format|",
        [
            Parameter("file|document|path|input", v.filename, "The document|"),
            Parameter(
                "format|to|target|output_format",
                v.choice("html", "epub", "odt", "rtf", "xml"),
                "New format|",
                choices=("html", "epub", "odt", "rtf", "xml"),
            ),
        ],
        several(
            """
                Convert {file} to {format}. | {file} in {format}, please | I need {file} as {format} | Export
                {file}; the format should be {format} | Can you make {format} out of {file}? | To {format}: {file} |
                My boss can only open {format}. Here's {file}. | Save the document {file} as {format} | Turn
                "{file}" into {format}"""
        ),
        "{file} as {format}|to convert {file}",
        [
            Result(
                lambda r, a: {"output": f"{v.word(r)}.{a['format']}", "pages": r.randint(1, 90)},
                several(
                    "Converted: {output}, {pages} pages. | The new file is {output} and has {pages} "
                    "pages. | {output} is ready, with {pages} pages."
                ),
                3,
            ),
            failed(
                v.choice("file is protected", "format not supported", "file not found"),
                "{file} couldn't be converted: {error}. | That failed: {error}.",
            ),
        ],
    ),
    Family(
        "make_qr_code",
        "make_qr|generate_qr_code|qr_code|create_qr",
        "Make a QR code|QR code of a text or link, with size and colour|",
        [
            Parameter("content|data|text|link|url", v.url, "What the code holds|"),
            Parameter("size|pixels|width|px", v.integer(100, 900), "Side in pixels|", "integer"),
            Parameter("color|colour|foreground", v.colour, "Colour|", phrases=" in {}|, colour {}"),
        ],
        several("""
            Make a QR code for {content}, {size} pixels. | QR {content} {size} | I want to print {content} as a QR
            code, {size} pixels wide | Put {content} into a QR code of {size} pixels | {size} pixels, QR code, link
            {content} | Our poster needs a code for {content}; make it {size} pixels large | Generate a QR code
            (size {size}) that leads to {content} | With {size} pixels on each side, encode {content} as QR | Please
            create a code people can scan to open {content}, size {size}"""),
        "a QR code for {content}|{content} as a code of {size} pixels",
        [
            Result(
                {"file|image": named("png", "svg")},
                several("The code is in {file} | Here it is: {file} | I've saved the QR code as {file}"),
            ),
            failed(
                v.choice("content too long", "size too small"),
                "No code was made: {error}. | I couldn't make it: {error}.",
            ),
        ],
    ),
    Family(
        "transcribe_audio",
        "transcribe|transcribe_audio|speech_to_text|write_down_recording",
        "Write down a recording|Speech to text, in a language|",
        [
            Parameter(
                "recording|audio|file|input|clip",
                lambda r: v.word(r) + r.choice((".mp3", ".wav", ".ogg")),
                "The recording|",
            ),
            Parameter("language|lang|spoken_language|locale", v.language, "Language spoken|"),
        ],
        several("""
            Transcribe {recording}; it's in {language}. | {recording} to text, {language} | Write down what is said
            in {recording} ({language}). | In {language} somebody talks on {recording}. What do they say? | I have
            an interview in {language}, {recording}. Type it up, please. | Speech to text: {recording}, language
            {language} | The {language} recording {recording} has to be written down | Make a transcript of
            {recording}, spoken in {language} | Turn {recording} into text. They speak {language}."""),
        "the recording {recording} written down|a transcript of {recording}",
        [
            Result(
                {"text|transcript": v.sentence, "minutes|duration": v.integer(1, 90)},
                several(
                    'The recording ({minutes} minutes) says: "{text}" | In {minutes} minutes they say: "{text}" | "{text}" That\'s all of its {minutes} minutes.'
                ),
                3,
            ),
            failed(
                v.choice("no speech found", "file not found", "language not supported"),
                "{recording} couldn't be written down: {error}. | No transcript: {error}.",
            ),
        ],
    ),
]

FAMILIES = [*LAB, *CHARTS, *MEDIA]
