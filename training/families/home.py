"""Tools of the house: lights, heating, doors, kitchen machines, garden, robots, cameras, car."""

from random import Random

from training import values as v
from training.family import Family, Parameter, Result
from training.open_sets import such_as
from training.several import several
from training.times import later

_room = Parameter("room|location|area|zone|room_name", v.room, "The room|Name of the room|Room as named in the app|")
_on = v.said_choice({True: "on", False: "off"})
_done = {"status|result|state": v.choice("ok", "done", "success")}
_device = such_as("coffee machine", "fan", "heater", "lamp", "radio", "television", "router", "printer", "kettle")


def _picture(random: Random) -> str:
    return f"{v.word(random)}-{random.randint(1, 99)}.jpg"


FAMILIES: list[Family] = [
    Family(
        "light_switch",
        "set_light|switch_light|light_control|toggle_lights|control_lights|lights",
        "Turn the lights of a room on or off|Switches a room's lights|Light control. Takes the room and the new state.",
        [_room, Parameter("on|state|power|enabled|is_on", _on, "True for on|New state||Whether it is on", "boolean")],
        several("""Turn {on} the lights in the {room} | {room} lights {on} | Please switch the {room} light {on} |
        Can you turn the light in the {room} {on}? | I'd like the lights {on} in the {room} | Lights {on}, {room} |
        We're going to the {room} now, could you have the lights {on}? | Light in "{room}": {on} |
        The {room} lights should be {on} | In the {room}, switch the lamps {on} please | Switch {on} the lamps: {room} |
        I can't sleep like this, switch the light {on} in the {room}"""),
        "to have the lights in the {room} switched {on}|the {room} lights {on}|to switch the lights of the {room} {on}",
        [
            Result(
                _done,
                several("""The lights in the {room} are {on}. | Done, the {room} lights are now {on}. |
            I've switched the {room} lights {on}. | The {room} lights are {on} now."""),
            ),
            Result(
                {"error": v.choice("device offline", "bridge not reachable")},
                several("""The {room} lights didn't
            react: {error}. | I couldn't switch the {room} lights, because the system says "{error}". | That didn't
            work, sorry. The answer was: {error}."""),
                0.3,
            ),
        ],
        "lights",
    ),
    Family(
        "light_scene",
        "set_light_color|color_light|set_lamp_colour|light_color_and_brightness|change_light",
        "Set colour and brightness of a room's lights|Change how the lights look|Colour (name) and brightness in percent",
        [
            _room,
            Parameter("colour|color|hue|light_color", v.colour, "Colour by name|The colour|"),
            Parameter("brightness|level|dim|percent", v.percent, "In percent|0 to 100|", "integer"),
        ],
        several("""Make the {room} lights {colour} at {brightness} percent | {room}: {colour}, {brightness}% |
        I want {colour} light in the {room}, brightness {brightness} | Set {brightness}% of {colour} in the {room} |
        Can the lamps in the {room} be {colour} at {brightness} percent? | At {brightness}% and in {colour}, please,
        the {room} lights | We're having a party in the {room}; make it {colour} with brightness {brightness} |
        Dim the {room} to {brightness} percent and turn it {colour} | Something cosy: {colour} light at {brightness}% for
        the {room} | The lights should go {colour}, {brightness} percent bright, in the {room} |
        Change the light of the {room} to '{colour}' and {brightness} percent"""),
        "{colour} light at {brightness} percent in the {room}|to set colour and brightness in the {room}|the {room} lights to be {colour}",
        [
            Result(
                _done,
                several("""The {room} now has {colour} light at {brightness}%. | Done: {colour} at {brightness}
            percent in the {room}. | I've set the lights in the {room} to {colour}, {brightness}% bright. |
            Your {room} glows {colour} now, at {brightness}%."""),
            ),
            Result(
                {"status": v.choice("rejected"), "reason|message": v.choice("this lamp has white light only", "unknown colour")},
                several("""I couldn't set that: {reason}. | The {room} lights stay as they are, because of this: {reason}. |
            Sorry, the lamp refused {colour}: {reason}."""),
                0.3,
            ),
        ],
        "lights",
    ),
    Family(
        "thermostat_set",
        "set_thermostat|set_temperature|adjust_heating|heating_set|set_room_temperature",
        "Set the target temperature of a room|Adjusts the heating. Degrees Celsius.|Heating control",
        [
            _room,
            Parameter("temperature|target|degrees|temp|setpoint", v.number(15, 26), "Degrees Celsius|Target|", "number"),
            Parameter("until|end_time|till", v.clock, "Back to the plan at this time|HH:MM|", phrases=" until {}|, just until {}"),
        ],
        several("""Heat the {room} to {temperature} degrees | Set the {room} to {temperature} | {room} {temperature}°C |
        It's freezing in the {room}, make it {temperature} degrees | Could you put the thermostat at {temperature} in the
        {room}? | I want {temperature} degrees in the {room} | {temperature} degrees would be nice in the {room} |
        My mother is staying in the {room} and likes it at {temperature} degrees | The {room} should be at {temperature} |
        Please set the heating for the {room}: {temperature} | Change the temperature to {temperature} in the {room}"""),
        "the {room} at {temperature} degrees|to heat the {room} to {temperature} degrees|a different temperature in the {room}",
        [
            Result(
                {"current_temperature|current|now": v.number(12, 25), "ready_in|minutes|minutesToTarget": v.integer(5, 90)},
                several("""The {room} is set to {temperature}°C. It's {current_temperature}°C now and will get there in about
            {ready_in} minutes. | Done. From {current_temperature} to {temperature} degrees will take some {ready_in}
            minutes. | I've set {temperature}°C; the {room} has {current_temperature}°C at the moment, so give it
            {ready_in} minutes."""),
            ),
            Result(
                {"ok": v.choice(False), "reason": v.choice("a window is open", "the valve does not answer", "the boiler is off")},
                several("""I couldn't heat the {room}: {reason}. | The heating in the {room} wasn't changed, because {reason}. |
            No luck with the {room}, {reason}."""),
                0.4,
            ),
        ],
        "heating",
    ),
    Family(
        "room_climate",
        "get_room_temperature|read_sensor|room_climate|indoor_temperature|get_climate|room_status",
        "Temperature and humidity inside a room|Reads the room sensor|What the indoor sensor of a room measures",
        [_room],
        several("""How warm is it in the {room}? | What's the temperature in the {room}? | {room} temperature | Is it too
        damp in the {room}? | Can you check how cold the {room} is? | I'm worried about mould in the {room}, what does the
        sensor say? | Tell me the climate of the {room} | Is the {room} warm enough for the baby? | In the {room}, how many
        degrees is it? | Read the sensor in "{room}" | Give me the readings for the {room}, please"""),
        "to know how warm it is in the {room}|the readings of the {room}|to know the temperature indoors",
        [
            Result(
                {"temperature|temp_c|celsius": v.number(8, 29), "humidity|rh|humidityPercent": v.integer(25, 85)},
                several("""It's {temperature}°C in the {room}, with {humidity}% humidity. | The {room} is at {temperature}
            degrees, and the humidity is {humidity} percent. | {temperature}°C and {humidity}% humidity in the {room}. |
            The sensor in the {room} shows {temperature} degrees and {humidity}% humidity."""),
            ),
            Result(
                {"error": v.choice("no sensor in this room", "sensor battery empty")},
                several("""I can't tell for the
            {room}: {error}. | There's no reading from the {room}; the reason is "{error}". | Sorry, {error}."""),
                0.3,
            ),
        ],
        "heating",
    ),
    Family(
        "plug",
        "set_plug|switch_device|smart_plug|turn_device|device_power|power_switch",
        "Switch a device on or off through its smart plug|Turns devices on and off|Power for one device",
        [
            Parameter("device|name|appliance|device_name|plug", _device, "The device|Name of the plug|"),
            Parameter("on|power|state|enable", _on, "True means on||Desired state", "boolean"),
            Parameter("minutes|duration|for_minutes", v.duration_minutes, "Switch back after so many minutes|", "integer", phrases=" for {} minutes"),
        ],
        several("""Turn the {device} {on} | {device} {on} | Switch {on} my {device} | I want the {device} {on} |
        Can you have the {device} {on}? | I forgot to turn {on} the {device}, please do it | Please have the {device}
        switched {on} | Nobody is home: {device} {on} | Set the plug of the {device} to {on} | The {device} has to be
        {on} | Would you mind switching the {device} {on}"""),
        "the {device} {on}|to switch the {device} {on}|the {device} to be {on}",
        [
            Result(
                {"watts|power_w|load": v.integer(0, 1900)},
                several("""The {device} is {on} and draws {watts} watts. |
            Done, the {device} is {on} ({watts} W). | I've switched the {device} {on}; it's using {watts} watts now."""),
            ),
            Result(
                {"error|message": v.choice("plug offline", "child lock is active")},
                several("""I couldn't switch the
            {device} {on}: {error}. | The {device} didn't change. The plug says: {error}. | Sorry, {error}, so the
            {device} stays as it is."""),
                0.3,
            ),
        ],
    ),
    Family(
        "energy_use",
        "get_energy_usage|power_consumption|energy_report|electricity_usage|consumption",
        "How much electricity a device has used|Energy of a device over the last days|Consumption in kWh and its cost",
        [Parameter("device|appliance|name|meter", _device, "The device|"), Parameter("days|period|last_days|n_days", v.integer(2, 90), "How many days back|", "integer")],
        several("""How much power did the {device} use in the last {days} days? | {device} consumption, {days} days | What
        has the {device} cost me over {days} days? | In the past {days} days, what did the {device} use? | My bill is huge.
        Look at the {device} for the last {days} days | Show the energy of the {device} for {days} days | Is the {device} a
        power hog? Check {days} days | I'd like to see {days} days of electricity for the {device} | Tell me the kWh of the
        {device}, {days} days back | Electricity of the '{device}' over {days} days please"""),
        "to know what the {device} used in {days} days|the consumption of the {device}|the electricity used by the {device}",
        [
            Result(
                {"kwh|energy_kwh|total": v.number(0.2, 90), "cost|price|costEuro": v.number(0.1, 30, 2)},
                several("""In the last
            {days} days the {device} used {kwh} kWh, which cost {cost}. | The {device} has used {kwh} kWh over {days} days;
            that's {cost} on your bill. | {kwh} kWh in {days} days, so about {cost}."""),
            ),
            Result(
                {"kwh": v.choice(None), "note|reason": v.choice("no data for this period", "device is not metered")},
                several("""I have no figures for the {device}: {note}. | Nothing was recorded for it; {note}. | I can't say what
            the {device} used, because the meter reports "{note}"."""),
                0.25,
            ),
        ],
    ),
    Family(
        "door_lock",
        "lock_door|set_lock|door_lock|control_lock|smart_lock",
        "Lock or unlock a door|Controls a smart lock|Changes the state of a door's lock",
        [
            Parameter("door|name|lock|door_name", such_as("front door", "back door", "garage door", "cellar door", "garden gate", "side door"), "Which door|The door|"),
            Parameter("action|command|operation", v.choice("lock", "unlock"), "What to do|lock or unlock|", choices=("lock", "unlock")),
        ],
        several("""{action} the {door} | Please {action} the {door} for me | Can you {action} the {door}? | I'm in bed
        already, would you {action} the {door}? | The {door}: {action} it | I need you to {action} the {door} | The dog
        sitter is coming, so {action} the {door} | Go ahead and {action} the {door} now | {door}, {action} | Did I forget to
        {action} the {door}? Do it, please | My hands are full, {action} the {door}"""),
        "to {action} the {door}|the {door}: {action}|me to {action} the {door}",
        [
            Result(
                lambda r, a: {"state|status": a["action"] + "ed", "battery|battery_level|batteryPercent": v.percent(r)},
                several(
                    """The {door} is {state} now. Its battery is at {battery}%. | Done, the {door} is {state}; the battery of the lock stands at {battery}%. | I've {state} the {door} (battery: {battery}%)."""
                ),
            ),
            Result(
                {"ok": v.choice(False), "reason|error": v.choice("the door is not closed", "the bolt is jammed", "the lock is offline")},
                several("""I couldn't {action} the {door}: {reason}. | The {door} didn't obey: {reason}. | Better have
            a look at the {door}: {reason}."""),
                0.5,
            ),
        ],
        "doors",
    ),
    Family(
        "door_state",
        "is_door_locked|get_lock_state|door_status|check_door|window_status",
        "Tell whether a door or window is open or locked|State of a door|Reads a contact sensor",
        [Parameter("door|name|sensor|entry", such_as("front door", "back door", "garage door", "bathroom window", "kitchen window", "garden gate"), "Door or window|")],
        several("""Is the {door} closed? | Did I lock the {door}? | {door} status | I left in a hurry, is the {door} shut? |
        Check the {door} for me | Can you see whether the {door} is open? | What about the {door}, locked? | Tell me if
        someone opened the {door} | State of the {door} please | I need to know if the {door} is locked"""),
        "to know if the {door} is closed|the state of the {door}|to be sure about the {door}",
        [
            Result(
                {"open": v.choice(False), "locked": v.choice(True), "since|last_change": v.clock},
                several("""Yes, the {door} is closed and
            locked, since {since}. | Don't worry, the {door} has been shut and locked since {since}. | The {door} is locked.
            Nobody has touched it since {since}."""),
            ),
            Result(
                {"open": v.choice(True), "locked": v.choice(False), "since|opened_at": v.clock},
                several("""No, the {door} has been open
            since {since}. | The {door} is open, and has been since {since}. | It's open! The {door} was opened at
            {since}."""),
            ),
            Result(
                {"open": v.choice(False), "locked": v.choice(False)},
                several("""The {door} is closed but not locked. | It's shut,
            but nobody locked the {door}. | Closed, yes; locked, no: that's the {door}."""),
            ),
        ],
        "doors",
    ),
    Family(
        "blinds",
        "set_blinds|move_blinds|shutter_position|control_shutters|set_shades",
        "Move the blinds of a room|Opens or closes shutters to a position|0 is open and 100 is closed",
        [_room, Parameter("position|percent|level|closed", v.percent, "How far closed, in percent|0 open, 100 closed|", "integer")],
        several("""Close the blinds in the {room} to {position} percent | Blinds {room} {position}% | The sun is blinding me
        in the {room}, shut the blinds {position}% | Could you lower the {room} shutters to {position} percent? |
        {position} percent closed, please, in the {room} | I'd like the {room} blinds at {position} | Set the shades of the
        {room} to {position} | Move the shutters ({room}) to {position}% | Put the blinds at {position} percent in the
        {room} | For the film, darken the {room}: blinds at {position}"""),
        "the {room} blinds at {position} percent|to move the blinds of the {room}|the shutters in the {room} moved",
        [
            Result(
                _done,
                several("""The blinds in the {room} are {position}% closed. | Done, {position} percent in the
            {room}. | I've moved the {room} blinds to {position}%."""),
            ),
            Result(
                {"moved": v.choice(False), "reason": v.choice("wind alarm", "motor blocked", "manual mode is on")},
                several("""The
            {room} blinds didn't move: {reason}. | I couldn't set {position}% because of this: {reason}. | No change in the
            {room}; the system reports "{reason}"."""),
                0.4,
            ),
        ],
    ),
    Family(
        "vacuum",
        "start_vacuum|clean_room|robot_clean|vacuum_room|send_robot",
        "Send the vacuum robot to a room|Starts cleaning|Cleans a room with the robot. Modes: quiet, normal, turbo.",
        [
            _room,
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
    Family(
        "camera_snapshot",
        "take_snapshot|camera_snapshot|get_camera_image|capture|look_at_camera",
        "Take a picture with a camera of the house|Snapshot and what is seen|Looks through a camera",
        [Parameter("camera|camera_name|cam|location", such_as("driveway", "garden", "front door", "garage", "hall", "nursery", "terrace"), "Which camera|")],
        several("""What's going on at the {camera}? | Take a picture of the {camera} | {camera} camera | Is anybody at the
        {camera}? | Show me the {camera} | I heard a noise by the {camera}, have a look | Can you look at the {camera}? |
        Snapshot from "{camera}", please | Who is at the {camera} right now? | Check the {camera} camera for me"""),
        "to see the {camera}|a picture from the {camera} camera|to know what is going on at the {camera}",
        [
            Result(
                {"objects|detected|labels": v.list_of(v.choice("a person", "a car", "a dog", "a cat", "a parcel", "a bicycle"), 1, 3), "file|image|path": _picture},
                several("""The
            {camera} camera sees {objects}. The picture is saved as {file}. | At the {camera} there's {objects}; I've saved
            {file}. | I can see {objects} there. Picture: {file}."""),
            ),
            Result(
                {"objects|detected": v.choice([]), "file|image": _picture},
                several("""Nothing there: the {camera} is empty. I saved the
            picture as {file}. | All quiet at the {camera} ({file}). | No one is at the {camera}; see {file}."""),
                0.5,
            ),
            Result(
                {"error": v.choice("camera offline", "privacy mode is on")},
                several("""I got no picture from the {camera}: {error}. |
            The camera didn't answer ({error}). | Sorry, {error}."""),
                0.3,
            ),
        ],
        "camera",
    ),
    Family(
        "alarm_arm",
        "arm_alarm|set_alarm_mode|security_mode|arm_system|house_alarm",
        "Arm or disarm the burglar alarm|Sets the mode of the alarm system. Needs the PIN.|House security",
        [
            Parameter("mode|state|level", v.choice("away", "home", "night", "off"), "New mode|", choices=("away", "home", "night", "off")),
            Parameter("pin|code|passcode", lambda random: f"{random.randint(0, 9999):04}", "Four digits|The PIN|"),
        ],
        several("""Set the alarm to {mode}, PIN {pin} | Alarm {mode} {pin} | My pin is {pin}, switch the alarm to {mode} |
        Can you put the security system in {mode} mode with {pin}? | The house should be on "{mode}"; the code is {pin} |
        With code {pin}: alarm mode {mode} | I'm about to go to bed, alarm on {mode} please, {pin} | Change the alarm mode to
        {mode} using PIN {pin} | Use {pin} and set the burglar alarm to {mode} | We need the alarm on {mode}. Code:
        {pin}"""),
        "the alarm in {mode} mode|to set the alarm to {mode}|the security system on {mode}",
        [
            Result(
                {"armed_state|state": v.choice("set"), "open_windows|openSensors": v.integer(0, 4)},
                several("""The alarm is on {mode} now; windows
            open: {open_windows}. | Done, {mode} mode. The number of open windows is {open_windows}. | It's set to {mode},
            with {open_windows} windows open."""),
            ),
            Result(
                {"ok": v.choice(False), "error|reason": v.choice("wrong PIN", "too many attempts")},
                several("""The alarm wasn't
            changed: {error}. | That was refused ({error}). | I couldn't set {mode}: {error}. Please check the code."""),
                0.5,
            ),
        ],
    ),
    Family(
        "car_climate",
        "precondition_car|start_car_climate|warm_up_car|car_climate|preheat_car",
        "Warm or cool the car before driving|Starts the climate control of the car|Car preconditioning by departure time",
        [
            Parameter("temperature|degrees|target_temp|celsius", v.integer(16, 28), "Degrees Celsius|", "integer"),
            Parameter("departure|time|leave_at|ready_by", v.clock, "When you leave, HH:MM|"),
        ],
        several("""Warm the car to {temperature} degrees for {departure} | Car at {temperature}°C by {departure} | I leave at
        {departure} and want {temperature} degrees in the car | It's icy, have the car at {temperature} when I go at
        {departure} | Could the car be {temperature} degrees at {departure}? | {departure} departure, {temperature} degrees
        please, for the car | Precondition the car ({temperature} degrees, {departure}) | At {departure} the car should
        have {temperature} degrees | I hate cold seats! {temperature} degrees in the car at {departure} | Get the car ready
        for {departure}, {temperature} degrees"""),
        "the car at {temperature} degrees at {departure}|a warm car at {departure}|to heat or cool the car before leaving",
        [
            Result(
                lambda r, a: {"starts_at|start": later(a["departure"], -r.randint(8, 40)), "battery_cost|range_loss_km": r.randint(1, 15)},
                several("""The car starts its climate control
            at {starts_at} and will have {temperature}°C at {departure}. It costs {battery_cost} km of range. | All set:
            on from {starts_at}, {battery_cost} km less range. | Your car will be ready at {departure}. Heating or cooling
            begins at {starts_at} and takes {battery_cost} km of range."""),
            ),
            Result(
                {"error": v.choice("battery below 20 percent", "car is not reachable")},
                several("""That won't work: {error}. | The car
            refused, because of this: {error}. | I couldn't set it up for {departure} ({error})."""),
                0.35,
            ),
        ],
        "car",
    ),
    Family(
        "car_state",
        "get_car_status|vehicle_status|car_info|check_car|car_state",
        "Fuel or charge, range and mileage of a car|State of a vehicle by its plate|Vehicle status",
        [Parameter("plate|licence_plate|vehicle|car", v.plate, "Licence plate|The car|")],
        several("""How far can I still drive with {plate}? | State of car {plate} | {plate} range | Do I need to fill up
        {plate}? | Is there enough in the tank of {plate}? | I've a long trip ahead with {plate}, what's the range? | Check
        the vehicle {plate} | What's the mileage of the car with plate {plate}? | Give me the status of '{plate}' | Can you
        look up car {plate} for me?"""),
        "the state of the car {plate}|to know the range of {plate}|to know how much is left in {plate}",
        [
            Result(
                {"level_percent|fuel|charge": v.percent, "range_km|range": v.integer(15, 800), "odometer|mileage_km": v.integer(900, 240000)},
                several("""{plate} is at {level_percent}%, enough for {range_km} km. It has {odometer} km on the clock. | You can
            drive another {range_km} km with {level_percent}%; the odometer shows {odometer} km. | The car has
            {level_percent}% left, so {range_km} km, and has done {odometer} km."""),
            ),
            Result(
                {"error": v.choice("no such vehicle", "last contact 3 days ago")},
                several("""I have nothing for {plate}: {error}. | I can't
            see the car {plate} ({error}). | Sorry, the answer for {plate} was "{error}"."""),
                0.3,
            ),
        ],
        "car",
    ),
    Family(
        "drone",
        "fly_drone|drone_goto|send_drone|move_drone|drone_fly_to",
        "Fly the drone to coordinates|Sends the drone to a point at a height|Drone control. Metres and degrees.",
        [
            Parameter("latitude|lat|y", v.number(-60, 65, 4), "Latitude|Degrees north|", "number"),
            Parameter("longitude|lon|lng|x", v.number(-170, 170, 4), "Longitude|Degrees east|", "number"),
            Parameter("altitude|height|alt|metres", v.integer(5, 120), "Height in metres|", "integer"),
            Parameter("speed|velocity", v.integer(1, 15), "Metres a second|", "integer", phrases=" with {} m/s|, speed {}"),
        ],
        several("""Fly the drone to {latitude}, {longitude} at {altitude} m | Drone: {latitude} {longitude}, height {altitude} |
        Send it up {altitude} metres and over to {latitude}, {longitude} | I want the drone at latitude {latitude} and
        longitude {longitude}, {altitude} m high | At {altitude} metres, fly to {latitude}, {longitude} | Longitude
        {longitude}, latitude {latitude}, altitude {altitude}: go there with the drone | Could the drone fly to ({latitude},
        {longitude}) at {altitude} metres? | We lost a sheep near {latitude}, {longitude}; send the drone at {altitude} m |
        Move to lat {latitude} lon {longitude} alt {altitude} | Take the drone {altitude} metres up to {latitude} /
        {longitude}"""),
        "the drone at {latitude}, {longitude}|to fly the drone at {altitude} metres|the drone sent somewhere",
        [
            Result(
                {"eta_seconds|eta|arrival_s": v.integer(5, 400), "battery|battery_percent": v.percent},
                several("""The drone is flying there
            at {altitude} metres and arrives in {eta_seconds} seconds. Battery: {battery}%. | It's on its way,
            {eta_seconds} seconds to go with {battery}% of battery. | Off it goes. {eta_seconds} seconds, {battery}%
            battery left."""),
            ),
            Result(
                {"accepted": v.choice(False), "reason": v.choice("no-fly zone", "wind too strong", "battery too low for the way back")},
                several("""The
            drone stays on the ground: {reason}. | I can't send it there, the reason is: {reason}. | That flight was refused
            ({reason})."""),
                0.5,
            ),
        ],
    ),
    Family(
        "routine",
        "run_routine|start_scene|activate_scene|run_scene|trigger_routine",
        "Run a routine of the smart home by its name|Starts a scene|Activates a saved scene",
        [Parameter("name|scene|routine|title", v.title, "Name of the routine|The scene|")],
        several("""Start the routine "{name}" | Run '{name}' | Activate the scene {name} | I'm home, do the {name} routine |
        Could you start {name}? That's one of my scenes | Scene: {name} | Please run my {name} scene | Time for the routine
        called {name} | Set the house to '{name}', the scene I saved | Let's have {name}, the scene for the evening"""),
        "the routine {name}|the scene {name} to start|to run {name}",
        [
            Result(
                {"devices|changed_devices|count": v.integer(1, 14)},
                several(""""{name}" is running; {devices} devices were changed. |
            Done, {name} has set {devices} devices. | The scene {name} is on ({devices} devices)."""),
            ),
            Result(
                {"error": v.choice("not found")},
                several("""There's no scene called "{name}". | I couldn't find a routine
            named {name}. | Nothing is saved under {name}, sorry."""),
                0.4,
            ),
        ],
    ),
    Family(
        "device_battery",
        "low_batteries|list_low_batteries|check_batteries|battery_report|batteries",
        "List devices of the house whose batteries are low|Battery check|Which sensors need new batteries",
        [],
        several("""Which batteries do I have to change? | Are any batteries low? | Battery check | Something in the house is
        beeping, is a battery empty? | Look for devices with low batteries | Do any sensors need new batteries? | I'm going
        to the shop, should I buy batteries? | Show me the empty batteries | Can you check all the batteries in the house? |
        Please list devices with weak batteries"""),
        "to know which batteries are low|a battery check|the devices with low batteries",
        [
            Result(
                {"devices|low": v.list_of(v.choice("door sensor", "smoke alarm", "remote control", "window sensor", "doorbell", "thermostat"), 1, 4)},
                several("""These need new batteries: {devices}. | Batteries are low in {devices}. | You should change the
            batteries of {devices}."""),
            ),
            Result(
                {"devices|low": v.choice([])},
                several("""No, all batteries are fine. | Everything has enough charge. |
            Nothing to change, no battery is low."""),
                0.6,
            ),
        ],
    ),
    Family(
        "appliance_left",
        "get_remaining_time|appliance_status|time_left|cycle_status|machine_status",
        "How long a machine still runs|Progress of a running appliance|Remaining time of dishwasher, dryer and others",
        [Parameter("machine|appliance|device|name", such_as("dishwasher", "washing machine", "dryer", "oven", "bread maker", "rice cooker"), "Which machine|")],
        several("""When is the {machine} done? | How long does the {machine} still take? | {machine} time left | Is the
        {machine} finished? | I need to leave soon, what about the {machine}? | Can I empty the {machine} yet? | Check the
        {machine} | How far along is the {machine}? | Tell me when the {machine} will be ready | Has the {machine} stopped
        yet?"""),
        "to know when the {machine} is done|the remaining time of the {machine}|to know if the {machine} has finished",
        [
            Result(
                {"remaining_minutes|minutes_left|remaining": v.integer(1, 150), "phase|step": v.choice("rinsing", "heating", "drying", "cooling down", "the main phase")},
                several("""The {machine} needs another {remaining_minutes} minutes; it's in {phase} right now. | Not yet,
            {remaining_minutes} minutes left. Current step: {phase}. | It's at {phase}, with {remaining_minutes} minutes to
            go."""),
            ),
            Result(
                {"running": v.choice(False), "finished_at|ended": v.clock},
                several("""The {machine} has been done since {finished_at}. |
            Yes, it finished at {finished_at}. | The {machine} stopped at {finished_at}, you can open it."""),
            ),
        ],
        "wash",
    ),
    Family(
        "fridge_content",
        "check_fridge|fridge_inventory|is_in_fridge|find_in_fridge|fridge_contents",
        "Tell whether something is in the fridge|Looks in the fridge by its camera|How much of an item is left",
        [Parameter("item|product|food|name", v.ingredient, "What to look for|")],
        several("""Is there any {item} in the fridge? | Do we still have {item}? | {item} left? | I'm at the supermarket, do
        we need {item}? | How much {item} is in the fridge? | Look in the fridge for {item} | Are we out of {item}? | Check
        if there's {item} at home | Before I cook: have we got {item}? | Tell me whether we've {item} left"""),
        "to know if there is {item} in the fridge|to know how much {item} is left|to check the fridge for {item}",
        [
            Result(
                {"found": v.choice(True), "amount|quantity": v.choice("200 g", "half a litre", "3 pieces", "one pack", "a little"), "best_before|expires": v.date},
                several("""Yes, there's {item}: {amount}, best before {best_before}. | You have {amount} of {item} left, good
            until {best_before}. | There is some: {amount}, and it keeps until {best_before}."""),
            ),
            Result(
                {"found": v.choice(False)},
                several("""No, there's no {item} in the fridge. | You're out of {item}. | I see no
            {item}, better buy some."""),
            ),
        ],
    ),
    Family(
        "air_purifier",
        "set_fan|set_fan_speed|air_purifier|ventilation|fan_control",
        "Set the speed of a room's fan, and whether it swings|Ventilation of a room|Fan control",
        [
            _room,
            Parameter("speed|level|power|step", v.integer(1, 10), "Speed, 1 to 10|", "integer"),
            Parameter("swing|oscillate|rotate", v.flag("swinging", "not swinging"), "Whether it turns from side to side|", "boolean"),
        ],
        several("""Fan in the {room} to {speed}, {swing} | {room} fan {speed} {swing} | It's so hot! Set the {room} fan to
        speed {speed}, {swing} | I want the fan {swing} at speed {speed} in the {room} | Could the {room} fan run at {speed},
        {swing}? | Speed {speed} and {swing}: the fan in the {room} please | Run the fan of the {room}, {swing}, at level
        {speed} | Put the ventilator in the {room} on {speed}, {swing} | In the {room}, fan {swing} with speed {speed} |
        Level {speed} for the fan in '{room}', {swing}"""),
        "the {room} fan at speed {speed}, {swing}|to set the fan of the {room}|the fan in the {room} {swing}",
        [
            Result(
                _done,
                several("""The fan in the {room} runs at speed {speed}, {swing}. | Done: speed {speed}, {swing}. |
            The {room} fan is at {speed} now, {swing}."""),
            ),
            Result(
                {"error": v.choice("fan not connected", "speed not supported")},
                several("""That didn't work for the {room}: {error}. |
            The fan in the {room} answers "{error}". | Sorry, {error}."""),
                0.3,
            ),
        ],
        "heating",
    ),
]
