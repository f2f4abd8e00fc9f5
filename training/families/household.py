"""Tools of the house that do work: robots, kitchen machines, the garden."""

from training import values as v
from training.families.home import ROOM
from training.family import Family, Parameter, Result
from training.open_sets import such_as
from training.several import several

FAMILIES: list[Family] = [
    Family(
        "vacuum",
        "start_vacuum|clean_room|robot_clean|vacuum_room|send_robot",
        "Send the vacuum robot to a room|Starts cleaning|Cleans a room with the robot. Modes: quiet, normal, turbo.",
        [
            ROOM,
            Parameter("mode|power|suction", v.choice("quiet", "normal", "turbo"), "Suction|", choices=("quiet", "normal", "turbo"), phrases=" in {} mode|, {} mode please"),
            Parameter("mop|wet|with_mop", v.flag("and mop as well", "without mopping"), "Also mop|", "boolean", phrases=" {}|, {}"),
        ],
        several("""Vacuum the {room} | Send the robot to the {room} | {room} needs cleaning | There are crumbs all over the
        {room}, can the robot take care of it? | Please hoover the {room} | Let the robot clean the {room} | Could the
        {room} be vacuumed? | Guests are coming, clean up the {room} | Start the vacuum in "{room}" | I spilled flour in the
        {room}, vacuum it | Clean: {room}"""),
        "the {room} vacuumed|the robot to clean the {room}|to have the {room} cleaned",
        [
            Result(
                {"minutes|eta_minutes|estimatedMinutes": v.integer(5, 70), "battery|battery_percent": v.percent},
                several("""The robot is
            on its way to the {room}. It'll take about {minutes} minutes, and its battery is at {battery}%. | Cleaning the
            {room} has begun: some {minutes} minutes, battery {battery}%. | Started. The {room} should be clean in
            {minutes} minutes; the battery has {battery}%."""),
            ),
            Result(
                {"started": v.choice(False), "reason|error": v.choice("dust bin is full", "battery too low", "robot is stuck")},
                several("""The
            robot didn't start: {reason}. | I can't clean the {room} right now: {reason}. | Sorry, the {room} has to wait:
            {reason}."""),
                0.5,
            ),
        ],
    ),
    Family(
        "washing",
        "start_washing_machine|start_laundry|wash|run_washer|begin_wash",
        "Start the washing machine|Starts a wash with programme, temperature and spin|Laundry",
        [
            Parameter(
                "program|programme|cycle|mode",
                v.choice("cotton", "wool", "synthetics", "silk", "jeans", "sports"),
                "Wash programme|The cycle|",
                choices=("cotton", "wool", "synthetics", "silk", "jeans", "sports"),
            ),
            Parameter("temperature|temp|celsius|degrees", v.choice(20, 30, 40, 60, 90), "Water in °C|", "integer"),
            Parameter("spin|rpm|spin_speed", v.choice(400, 600, 800, 1000, 1200, 1400), "Spin speed|Turns per minute|", "integer"),
            Parameter("delay|start_in|delay_hours", v.integer(1, 12), "Hours to wait|", "integer", phrases=", starting in {} hours|, {} hours from now"),
        ],
        several("""Wash {program} at {temperature} degrees with {spin} rpm | Start the washing machine: {program},
        {temperature}°C, spin {spin} | {program} {temperature} {spin} | I need a {program} wash at {temperature} degrees,
        spinning at {spin} | Can you run the {program} programme, {temperature} degrees and {spin} turns? | Set {spin} rpm
        and {temperature} degrees for the {program} cycle | My clothes are ready, do {program} at {temperature} with a spin
        of {spin} | At {temperature} degrees, please wash on {program}, {spin} rpm | Laundry on {program}; water
        {temperature} degrees; spin {spin} | Spin at {spin}, wash at {temperature}, programme {program}"""),
        "a {program} wash at {temperature} degrees|to start the laundry|the washing machine started on {program}",
        [
            Result(
                {"finished_at|end_time|ready": v.clock, "minutes|duration": v.integer(25, 190)},
                several("""The machine is washing
            {program} at {temperature}°C and will be done at {finished_at}, in {minutes} minutes. | Started: {minutes}
            minutes, so it's ready at {finished_at}. | Your laundry will be finished at {finished_at} ({minutes}
            minutes)."""),
            ),
            Result(
                {"error": v.choice("door is open", "no water", "this programme allows no more than 800 rpm")},
                several("""The wash
            didn't start: {error}. | The machine refused, with this message: {error}. | Sorry, no {program} wash yet;
            {error}."""),
                0.4,
            ),
        ],
        "wash",
    ),
    Family(
        "oven",
        "preheat_oven|set_oven|start_oven|oven_control|heat_oven",
        "Heat the oven|Set the oven's temperature, mode and time|Starts the oven",
        [
            Parameter("temperature|degrees|temp|celsius", v.choice(80, 120, 150, 160, 175, 180, 190, 200, 220, 250), "In °C|", "integer"),
            Parameter(
                "mode|function|program",
                v.said_choice({"fan": "fan|hot air", "grill": "grill", "top_bottom": "top and bottom heat"}),
                "Kind of heat|",
                choices=("fan", "grill", "top_bottom"),
            ),
            Parameter("minutes|duration|timer", v.duration_minutes, "Time in minutes|", "integer"),
        ],
        several("""Heat the oven to {temperature} degrees with {mode} for {minutes} minutes | Oven {temperature} {mode}
        {minutes} min | {minutes} minutes at {temperature} degrees, {mode} please | I'm baking bread: {mode}, {temperature}
        degrees, {minutes} minutes | Could you set the oven to {mode} at {temperature} for {minutes} minutes? | Use {mode}
        for {minutes} minutes at {temperature}°C | I need the oven on {mode} for {minutes} minutes, {temperature} degrees |
        The lasagne wants {temperature} degrees {mode} and {minutes} minutes, start the oven | Start it with {mode};
        {temperature} degrees; {minutes} minutes | For {minutes} minutes, run the oven at {temperature} with {mode}"""),
        "the oven at {temperature} degrees|to heat the oven with {mode}|the oven on for {minutes} minutes",
        [
            Result(
                {"heats_minutes|preheat_min": v.integer(6, 18), "off_at|ends": v.clock},
                several("""The oven will be at {temperature}°C in
            {heats_minutes} minutes and switches off at {off_at}. | It's heating ({mode}): hot in {heats_minutes} minutes, off at {off_at}. | Done:
            {temperature} degrees in {heats_minutes} minutes; it turns itself off at {off_at}."""),
            ),
            Result(
                {"error|reason": v.choice("door is open", "child lock is on", "cleaning in progress")},
                several("""The oven didn't start:
            {error}. | I couldn't turn it on, because of this: {error}. | No heat yet, sorry. The oven says "{error}"."""),
                0.4,
            ),
        ],
        "cooking_machine",
    ),
    Family(
        "coffee",
        "make_coffee|brew_coffee|coffee_machine|brew|prepare_coffee",
        "Make coffee|Brews a drink in the coffee machine|Starts the machine; size in millilitres and strength from 1 to 5.",
        [
            Parameter("drink|kind|type|beverage", v.choice("espresso", "cappuccino", "latte", "americano", "flat white", "lungo"), "Which drink|"),
            Parameter("cups|count|number|quantity", v.integer(1, 8), "How many cups|", "integer"),
            Parameter("strength|intensity", v.integer(1, 5), "1 (mild) to 5 (strong)|", "integer", phrases=" with strength {}|, strength {}"),
            Parameter("milk|with_milk", v.flag("with milk", "without milk"), "Add milk|", "boolean", phrases=" {}|, {}"),
        ],
        several("""Make {cups} {drink} | {cups} x {drink} please | I need {cups} {drink} to wake up | Can I get {drink},
        {cups} of them? | {drink}: {cups} | We'd love {drink}, {cups} cups | Brew {cups} cups of {drink} | My
        colleagues are here, {cups} times {drink} | Start the coffee machine with {drink}, {cups} cups | Please prepare
        {drink} for {cups}"""),
        "{cups} {drink}|coffee made: {drink}|the machine to brew {drink}",
        [
            Result(
                {"ready_in|seconds|readyInSeconds": v.integer(20, 240)},
                several("""Your {drink} will be ready in {ready_in} seconds. |
            Brewing, {ready_in} seconds to go. | {cups} {drink} coming up in {ready_in} seconds."""),
            ),
            Result(
                {"status": v.choice("stopped"), "reason|message": v.choice("water tank empty", "no beans left", "drip tray full")},
                several("""No
            {drink} yet: {reason}. | The machine stopped. It reports: {reason}. | I couldn't make your {drink}. The machine says: {reason}."""),
                0.5,
            ),
        ],
        "cooking_machine",
    ),
    Family(
        "sprinkler",
        "water_garden|start_sprinkler|irrigate|run_sprinkler|garden_watering",
        "Water a part of the garden|Runs the sprinkler of a zone for some minutes|Garden irrigation",
        [
            Parameter("zone|area|bed|section", such_as("lawn", "roses", "vegetable bed", "hedge", "greenhouse", "front yard", "herb garden"), "Part of the garden|"),
            Parameter("minutes|duration|time", v.duration_minutes, "How long|Minutes|", "integer"),
        ],
        several("""Water the {zone} for {minutes} minutes | {zone}, {minutes} min of water | The {zone} looks dry, give it
        {minutes} minutes | Run the sprinkler {minutes} minutes on the {zone} | Can you irrigate the {zone} for {minutes}
        minutes? | {minutes} minutes of watering for the {zone}, please | We're away, so water the {zone} ({minutes}
        minutes) | I want the {zone} sprinkled, {minutes} minutes | Turn on the water in the {zone} for {minutes} minutes |
        Does the {zone} get {minutes} minutes of water today? Start it"""),
        "the {zone} watered for {minutes} minutes|to water the {zone}|{minutes} minutes of water on the {zone}",
        [
            Result(
                {"litres|water_l|liters": v.integer(10, 400)},
                several("""The {zone} is being watered for {minutes} minutes,
            about {litres} litres. | Sprinkler on: {minutes} minutes, some {litres} litres for the {zone}. | Done, the
            {zone} gets {litres} litres."""),
            ),
            Result(
                {"skipped": v.choice(True), "reason": v.choice("rain is expected", "soil is wet enough", "water ban in force")},
                several("""I
            didn't water the {zone}: {reason}. | No watering today. The reason: {reason}. | The system skipped the {zone}: {reason}."""),
                0.5,
            ),
        ],
        "garden",
    ),
    Family(
        "soil",
        "get_soil_moisture|soil_sensor|plant_status|check_plant|moisture_reading",
        "Soil moisture of a plant|Tells whether a plant needs water|Reads the sensor in a pot",
        [Parameter("plant|name|pot|sensor", v.plant, "The plant|Name of the pot|")],
        several("""Does the {plant} need water? | How dry is the {plant}? | {plant} moisture | My {plant} is drooping, what
        does the sensor say? | Check on the {plant} | Should I water the {plant} today? | What's the soil like at the
        {plant}? | Read the sensor of "{plant}" | Is my {plant} thirsty? | Tell me how the {plant} is doing"""),
        "to know if the {plant} needs water|the soil moisture of the {plant}|to know how the {plant} is",
        [
            Result(
                {"moisture|moisture_percent|value": v.integer(3, 25), "needs_water": v.choice(True)},
                several("""Yes, water the {plant}:
            the soil is down to {moisture}%. | The {plant} is thirsty, with only {moisture}% moisture. | At {moisture}%
            the {plant} could do with some water."""),
            ),
            Result(
                {"moisture|moisture_percent|value": v.integer(35, 90), "needs_water": v.choice(False)},
                several("""No, the {plant} is
            fine: {moisture}% moisture. | The soil of the {plant} is at {moisture}%, so no water needed. | Leave the
            {plant} alone for now; it has {moisture}%."""),
            ),
            Result(
                {"error": v.choice("sensor not found", "no signal from the sensor")},
                several("""I can't tell: {error}. |
            There's no reading for the {plant} ({error}). | Sorry, {error}."""),
                0.3,
            ),
        ],
        "garden",
    ),
    Family(
        "mower",
        "start_mower|mow_lawn|mow|send_mower|lawn_mower",
        "Start the robot mower|Mows a lawn at a cutting height|Lawn mower control",
        [
            Parameter("lawn|area|zone|field", such_as("front lawn", "back lawn", "orchard", "meadow", "strip by the fence", "south lawn"), "Which lawn|"),
            Parameter("height|cut_height|mm|height_mm", v.integer(20, 80), "Cutting height in mm|", "integer"),
        ],
        several("""Mow the {lawn} at {height} mm | {lawn}, {height} millimetres | The grass is too long: {lawn}, cut it to
        {height} mm | Send the mower to the {lawn}, height {height} | Can the robot cut the {lawn} down to {height}
        millimetres? | I'd like {height} mm on the {lawn} | Set {height} mm and mow the {lawn} | We're playing badminton on
        the {lawn}, mow it to {height} mm please | Cut the grass of the {lawn} with {height} mm | At {height} mm, mow the
        {lawn}"""),
        "the {lawn} mown at {height} mm|to mow the {lawn}|the mower on the {lawn}",
        [
            Result(
                {"minutes|duration": v.integer(10, 180)},
                several("""The mower is at work on the {lawn}, at {height} mm; it
            needs {minutes} minutes. | Started. In {minutes} minutes the {lawn} will be done. | The {lawn} takes about
            {minutes} minutes at {height} mm."""),
            ),
            Result(
                {"started": v.choice(False), "reason": v.choice("it is raining", "the battery is charging", "the blade is blocked")},
                several("""The
            mower stayed where it is, because {reason}. | No mowing right now: {reason}. | I couldn't start it;
            {reason}."""),
                0.4,
            ),
        ],
        "garden",
    ),
]
