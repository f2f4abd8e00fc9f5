"""Tools of the house: lights, heating, plugs, doors, blinds."""

from training import values as v
from training.family import Family, Parameter, Result
from training.open_sets import such_as
from training.several import several

ROOM = Parameter("room|location|area|zone|room_name", v.room, "The room|Name of the room|Room as named in the app|")
_on = v.said_choice({True: "on", False: "off"})
DONE = {"status|result|state": v.choice("ok", "done", "success")}
_device = such_as("coffee machine", "fan", "heater", "lamp", "radio", "television", "router", "printer", "kettle")

FAMILIES: list[Family] = [
    Family(
        "light_switch",
        "set_light|switch_light|light_control|toggle_lights|control_lights|lights",
        "Turn the lights of a room on or off|Switches a room's lights|Light control. Takes the room and the new state.",
        [ROOM, Parameter("on|state|power|enabled|is_on", _on, "True for on|New state||Whether it is on", "boolean")],
        several("""Turn {on} the lights in the {room} | {room} lights {on} | Please switch the {room} light {on} |
        Can you turn the light in the {room} {on}? | I'd like the lights {on} in the {room} | Lights {on}, {room} |
        We're going to the {room} now, could you have the lights {on}? | Light in "{room}": {on} |
        The {room} lights should be {on} | In the {room}, switch the lamps {on} please | Switch {on} the lamps: {room} |
        I can't sleep like this, switch the light {on} in the {room}"""),
        "to have the lights in the {room} switched {on}|the {room} lights {on}|to switch the lights of the {room} {on}",
        [
            Result(
                DONE,
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
            ROOM,
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
                DONE,
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
            ROOM,
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
        [ROOM],
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
        [ROOM, Parameter("position|percent|level|closed", v.percent, "How far closed, in percent|0 open, 100 closed|", "integer")],
        several("""Close the blinds in the {room} to {position} percent | Blinds {room} {position}% | The sun is blinding me
        in the {room}, shut the blinds {position}% | Could you lower the {room} shutters to {position} percent? |
        {position} percent closed, please, in the {room} | I'd like the {room} blinds at {position} | Set the shades of the
        {room} to {position} | Move the shutters ({room}) to {position}% | Put the blinds at {position} percent in the
        {room} | For the film, darken the {room}: blinds at {position}"""),
        "the {room} blinds at {position} percent|to move the blinds of the {room}|the shutters in the {room} moved",
        [
            Result(
                DONE,
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
]
