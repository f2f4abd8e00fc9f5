"""Tools of the house that watch and move: cameras, alarm, car, drone, routines and devices."""

from random import Random

from training import values as v
from training.families.home import DONE, ROOM
from training.family import Family, Parameter, Result
from training.open_sets import such_as
from training.several import several
from training.times import later


def _picture(random: Random) -> str:
    return f"{v.word(random)}-{random.randint(1, 99)}.jpg"


FAMILIES: list[Family] = [
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
            ROOM,
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
                DONE,
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
