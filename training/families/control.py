"""Tools that set, move and start things: variables, robots, sounds, modes."""

from training import values as v
from training.family import Family, Parameter, Result
from training.several import several

CONTROL = [
    Family(
        "set_variable",
        "set_variable|set_var|assign|store_value|set_value|put",
        "Set a variable|Stores a value under a name|Sets a variable to a number. Overwrites the old value.",
        [
            Parameter(
                "name|variable|key|var", lambda r: r.choice((v.word, v.invented, v.noun))(r), "Name of the variable|"
            ),
            Parameter("value|val|number|to", v.integer(-20, 999), "New value|", "integer"),
        ],
        several("""
            Set {name} to {value}. | {name} = {value} | Let {name} be {value} | The variable {name} should be
            {value}. | Store {value} under the name {name} | Put {value} into {name} | From now on {name} has the
            value {value} | Remember: {name} is {value} | Change {name}; its new value is {value} | I want the
            variable "{name}" at {value}"""),
        "to set {name} to {value}|the variable {name} at {value}",
        [
            Result(
                {"previous|old_value": v.integer(0, 99)},
                several(
                    "{name} is now {value}; before it was {previous}. | Done: {name} went from {previous} "
                    "to {value}. | I've set {name} to {value}. It was {previous}."
                ),
                2,
            ),
            Result(
                {"error": v.choice("variable is read-only", "name is reserved", "memory full")},
                several(
                    "I couldn't set {name}: {error}. | {name} stays as it was, because: {error}. | That "
                    "didn't work: {error}."
                ),
            ),
        ],
        "variable",
    ),
    Family(
        "get_variable",
        "get_variable|read_variable|get_var|read_value|recall_value",
        "Read a variable|Returns the value stored under a name|",
        [
            Parameter(
                "name|variable|key|var", lambda r: r.choice((v.word, v.invented, v.noun))(r), "Name of the variable|"
            )
        ],
        several("""
            What's the value of {name}? | Read the variable {name} | {name}? I mean the variable. | Which number is
            stored under "{name}"? | I set {name} yesterday. What is it now? | Get {name} | Show me what is in
            {name} | Tell me the stored value of {name} | print the variable {name} | I don't remember what {name}
            was set to."""),
        "the value of {name}|to know what {name} is set to",
        [
            Result(
                {"value": v.integer(-20, 999)},
                several("{name} is {value}. | The value of {name} is {value}. | It's set to {value}."),
                3,
            ),
            Result(
                {"error": v.choice("not set", "no such variable", "undefined")},
                several(
                    "There's no value for {name}: {error}. | {name} can't be read, it says: {error}. | I "
                    "couldn't read it; the error is: {error}."
                ),
            ),
        ],
        "variable",
    ),
    Family(
        "turn_robot",
        "turn|rotate|turn_robot|rotate_robot|spin",
        "Turn the robot|Rotates the robot on the spot|Turns left or right by some degrees.",
        [
            Parameter("direction|side|way|dir", v.choice("left", "right"), "left or right|", choices=("left", "right")),
            Parameter("degrees|angle|deg|by", v.integer(5, 180), "How far|Angle in degrees|", "integer"),
        ],
        several("""
            Turn the robot {direction} by {degrees} degrees. | {degrees} degrees {direction} | Rotate {direction},
            {degrees}° | The robot has to look further {direction}: {degrees} degrees. | By {degrees} degrees, turn
            to the {direction} | Make a {direction} turn of {degrees} degrees | turn {direction} {degrees} | Please
            spin it {degrees} degrees to the {direction} | I want the rover facing {degrees} degrees more to the
            {direction} | It faces the wrong way. {degrees} degrees to the {direction}, please."""),
        "to turn the robot {direction} by {degrees} degrees|a {direction} turn of {degrees} degrees",
        [
            Result(
                {"heading": v.integer(0, 359), "status": v.choice("stopped", "ready", "idle")},
                several(
                    "Turned {direction}; the heading is now {heading} degrees and the robot is {status}. "
                    "| It's {status}, at a heading of {heading}°. | The robot faces {heading} degrees and "
                    "is {status}."
                ),
                3,
            ),
            Result(
                {"error": v.choice("motor blocked", "battery low", "emergency stop pressed")},
                several(
                    "The robot couldn't turn: {error}. | It didn't move, because: {error}. | No turn; the "
                    "robot reports: {error}."
                ),
            ),
        ],
        "robot",
    ),
    Family(
        "move_robot",
        "move|drive|move_robot|go|step",
        "Drive the robot|Moves the robot forward or back|Distance in centimetres, speed from 1 to 10.",
        [
            Parameter(
                "direction|way|dir|heading",
                v.choice("forward", "backward"),
                "forward or backward|",
                choices=("forward", "backward"),
            ),
            Parameter("distance|cm|length|how_far", v.integer(5, 300), "Centimetres|", "integer"),
            Parameter(
                "speed|velocity|pace", v.integer(1, 10), "1 to 10|", "integer", phrases=" at speed {}|, speed {}"
            ),
        ],
        several("""
            Drive the robot {direction} {distance} cm. | {direction} by {distance} centimetres | Go {distance} cm
            {direction} | Let the robot roll {direction}, {distance} cm | Move {direction}: {distance} centimetres |
            It stands too close. {distance} cm {direction}, please. | I want the robot {distance} cm further
            {direction} | Have it go {direction} for {distance} cm | robot {direction} {distance} | {distance} cm
            {direction} and then stop"""),
        "to drive the robot {direction} by {distance} cm|the robot moved",
        [
            Result(
                lambda r, a: {"moved_cm": a["distance"], "obstacle": False},
                several(
                    "The robot drove {moved_cm} cm and met no obstacle. | Nothing was in the way; it went "
                    "{moved_cm} cm. | Moved {moved_cm} centimetres, no obstacle."
                ),
                2,
            ),
            Result(
                {"moved_cm|travelled": v.integer(0, 4), "obstacle": v.choice(True)},
                several(
                    "Something is in the way: the robot got only {moved_cm} cm. | It met an obstacle "
                    "after {moved_cm} cm. | There's an obstacle; it went {moved_cm} cm."
                ),
            ),
        ],
        "robot",
    ),
    Family(
        "play_sound",
        "play_sound|sound|play_effect|beep|make_noise",
        "Play a sound|Plays a sound effect|",
        [
            Parameter(
                "sound|name|effect|clip",
                v.choice(
                    "bell",
                    "applause",
                    "drum roll",
                    "thunder",
                    "doorbell",
                    "siren",
                    "birdsong",
                    "rain",
                    "gong",
                    "whistle",
                    "horn",
                ),
                "Which sound|",
            ),
            Parameter(
                "volume|level|loudness",
                v.integer(1, 100),
                "Loudness in percent|",
                "integer",
                phrases=" at volume {}| with a volume of {}",
            ),
            Parameter("repeat|times|count", v.integer(2, 9), "How often|", "integer", phrases=", {} times| {} times"),
        ],
        several(
            """
                Play the {sound} sound. | Let me hear {sound} | {sound}! | I want to hear this sound: {sound} |
                Sound effect please: {sound} | Make a noise like {sound} | Time for "{sound}", play it | Can you
                play '{sound}'? | Our show needs {sound} now | Start the sound {sound}"""
        ),
        "to hear {sound}|the sound {sound} played",
        [
            Result(
                {"status": v.choice("playing", "played"), "seconds|duration": v.integer(1, 30)},
                several(
                    "It's {status}; the sound takes {seconds} seconds. | {sound}, {status} ({seconds} "
                    "seconds). | The sound is {status} and lasts {seconds} seconds."
                ),
                3,
            ),
            Result(
                {"error": v.choice("sound is muted", "no such sound", "speaker busy")},
                several("I couldn't play it: {error}. | No sound, because: {error}. | That failed: {error}."),
            ),
        ],
    ),
    Family(
        "toggle_mode",
        "set_mode|switch_mode|change_mode|select_mode|activate_mode",
        "Switch to another mode|Changes the mode of the device|Sets the mode until it is changed again.",
        [
            Parameter(
                "mode|name|profile|state",
                v.said_choice(
                    {
                        "quiet": "quiet mode",
                        "night": "night mode",
                        "guest": "guest mode",
                        "demo": "demo mode",
                        "eco": "eco mode",
                        "maintenance": "maintenance mode",
                    }
                ),
                "The mode|",
                choices=("quiet", "night", "guest", "demo", "eco", "maintenance"),
            )
        ],
        several(
            """
                Switch to {mode}. | {mode} please | Turn on {mode} | I'd like the device in {mode} | Activate {mode}
                now | From here on, {mode} | Can you change it to {mode}? | It should run in {mode} | Put everything
                in {mode}, I'm going to bed | The baby's asleep. Better use {mode}."""
        ),
        "{mode}|the device in {mode}",
        [
            Result(
                {"mode_before|previous": v.choice("normal", "boost", "standby"), "changed|ok": v.choice(True)},
                several(
                    "Done, it was in {mode_before} before and has been changed. | It's switched to "
                    "{mode}; before that it was {mode_before}. | {mode} is on, instead of {mode_before}."
                ),
                3,
            ),
            Result(
                {
                    "changed|ok": v.choice(False),
                    "reason": v.choice("a task is running", "this needs a restart", "the device is locked"),
                },
                several(
                    "It couldn't be changed: {reason}. | The mode stays as it is, because {reason}. | No "
                    "change; {reason}."
                ),
            ),
        ],
    ),
    Family(
        "press_button",
        "press_button|press|push_button|press_key|click",
        "Press a button|Pushes a button of the panel|",
        [
            Parameter("button|name|label|key", lambda r: r.choice((v.colour, v.noun, v.word))(r), "Which button|"),
            Parameter(
                "seconds|hold|duration",
                v.integer(2, 15),
                "How long to hold it|",
                "integer",
                phrases=" for {} seconds| and hold it {} seconds",
            ),
        ],
        several("""
            Press the {button} button. | Push {button} | The button {button}, press it | Please press "{button}" |
            Hit the button that says {button} | I can't reach the {button} button; press it for me | button {button}
            | On the panel, push '{button}' | Somebody has to press {button} now | What happens when you press
            {button}? Try it."""),
        "the {button} button pressed|to press {button}",
        [
            Result(
                {
                    "effect|result": v.choice(
                        "the door opens",
                        "a lamp lights up",
                        "the lift comes",
                        "nothing happens",
                        "a bell rings",
                        "the machine starts",
                    )
                },
                several("I pressed it, and {effect}. | Pressed: {effect}. | The button is pressed; {effect}."),
            )
        ],
    ),
    Family(
        "set_position",
        "move_to|goto|set_position|go_to_coordinates|move_arm",
        "Move the arm to a position|Drives the arm to x, y, z in millimetres|",
        [
            Parameter("x|pos_x|px|x_mm", v.integer(-300, 300), "x in mm|", "integer"),
            Parameter("y|pos_y|py|y_mm", v.integer(-300, 300), "y in mm|", "integer"),
            Parameter("z|pos_z|pz|height", v.integer(0, 400), "z in mm|Height|", "integer"),
        ],
        several("""
            Move the arm to ({x}, {y}, {z}). | x {x}, y {y}, z {z} | Go to x={x}, y={y} and a height z={z} | Arm to
            {x} {y} {z} | The gripper should be at ({x}, {y}, {z}) | Drive to position {x}, {y}, {z} please | I want
            the arm at x {x} and y {y}, with z at {z} | Set z to {z}, y to {y} and x to {x} | Next stop of the arm:
            {x}, {y}, {z} | I need the gripper exactly at {x}, {y}, {z}"""),
        "the arm at ({x}, {y}, {z})|to move the arm to a position",
        [
            Result(
                {"reached": v.choice(True), "error_mm|deviation": v.number(0, 1, 2)},
                several(
                    "The arm has reached the position, {error_mm} mm off. | It's there, with a deviation "
                    "of {error_mm} mm. | Reached, within {error_mm} millimetres."
                ),
                3,
            ),
            Result(
                {"reached": v.choice(False), "reason": v.choice("out of reach", "collision ahead", "joint limit")},
                several(
                    "The arm couldn't get there: {reason}. | It didn't reach the position, because: "
                    "{reason}. | Not reached: {reason}."
                ),
            ),
        ],
    ),
    Family(
        "blink_light",
        "blink|blink_led|flash|flash_led|signal",
        "Blink a light|Makes an LED blink in a colour|",
        [
            Parameter("color|colour|led_color|c", v.colour, "Colour|"),
            Parameter("times|count|n|blinks", v.integer(2, 20), "How often|", "integer"),
            Parameter(
                "interval_ms|interval|delay|pause",
                v.integer(50, 900),
                "Pause in milliseconds|",
                "integer",
                phrases=" every {} milliseconds|, {} ms apart",
            ),
        ],
        several("""
            Blink {color} {times} times. | {times} times {color}, blink | Let the light flash {color}, {times} times
            | Flash the LED {times} times in {color} | I want a signal: {color}, {times} flashes | Make it blink in
            {color} and stop after {times} | LED {color} x {times} | Signal with {times} blinks of {color} light |
            Please wink at me in {color}, {times} times | So that they see us: {times} flashes in {color}"""),
        "the light to blink {color} {times} times|a signal in {color}",
        [
            Result(
                lambda r, a: {"blinks": a["times"]},
                several(
                    "Done, the light blinked in {color}, {blinks} times. | It has flashed {blinks} times "
                    "in {color}. | {blinks} blinks, all in {color}."
                ),
            )
        ],
    ),
]

FAMILIES = CONTROL
