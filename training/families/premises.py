"""Tools for buildings at work: gates, lifts, vehicles, laboratories, hours of access."""

from training import values as v
from training.family import Family, Parameter, Result
from training.several import several

SAMPLE = Parameter("sample|sample_id|specimen|tube|probe", v.code, "The sample|Id of the sample|")

FAMILIES = [
    Family(
        "open_gate",
        "open_gate|control_gate|gate_control|barrier_control|operate_gate",
        (
            "Open or close a gate.|Moves a gate or a barrier.|Opens a gate for a car with the given "
            "number plate, and closes it again."
        ),
        [
            Parameter(
                "gate|gate_name|entrance|barrier",
                v.choice("north gate", "main gate", "loading gate", "staff gate", "garage door", "east barrier"),
                "Which gate|",
            ),
            Parameter("plate|license_plate|car|vehicle|number_plate", v.plate, "Number plate of the car|"),
        ],
        several("""Open the {gate} for {plate}. | {plate} is waiting at the {gate}, let it in. | {gate}, car {plate},
            open please | Let the car with the plate {plate} through the {gate}. | A visitor has come: {plate} at the
            {gate}. | Please raise the {gate} for the car "{plate}". | There's a truck outside with the number
            {plate}. Open the {gate}. | At the {gate}, give way to {plate}. | Could you let {plate} pass the {gate}? |
            The car {plate} wants to get out by the {gate}, open it."""),
        "the {gate} to open for {plate}|to let {plate} through the {gate}|the car {plate} to pass",
        [
            Result(
                {"opened|ok": v.choice(True), "closes_in_seconds|closes_in|open_for": v.integer(10, 90)},
                several("""The {gate} is open for {plate} and closes in {closes_in_seconds} seconds. | Open! {plate}
                    has {closes_in_seconds} seconds to pass the {gate}. | {plate} can go; the gate shuts again after
                    {closes_in_seconds} seconds."""),
            ),
            Result(
                {
                    "opened|ok": v.choice(False),
                    "reason|error": v.choice("plate is not on the list", "gate is blocked", "gate is locked at night"),
                },
                several(
                    """The {gate} stays closed: {reason}. | I couldn't let {plate} in ({reason}). | It didn't open,
                        the reason is: {reason}."""
                ),
                weight=0.5,
            ),
        ],
    ),
    Family(
        "call_lift",
        "call_lift|call_elevator|send_lift|elevator_call|request_lift",
        (
            "Call a lift.|Sends a lift from one floor to another.|Calls the elevator to a floor and "
            "says where it should go."
        ),
        [
            Parameter("from_floor|floor|start|pickup", v.integer(0, 9), "Floor where it is needed|", "integer"),
            Parameter("to_floor|destination|target|going_to", v.integer(10, 40), "Floor to go to|", "integer"),
        ],
        several("""Call the lift to floor {from_floor}, we go to {to_floor}. | I'm on floor {from_floor} and want to
            go up to {to_floor}. | Elevator from {from_floor} to {to_floor}, please. | Lift: {from_floor} ->
            {to_floor} | We're waiting at floor {from_floor}. Take us to floor {to_floor}. | Get me from the floor
            {from_floor} to the floor {to_floor} by lift. | To floor {to_floor}, please; I'm standing on {from_floor}.
            Send a lift. | Please send the elevator. Someone in a wheelchair has to get from floor {from_floor} to
            floor {to_floor}. | Could the lift come to {from_floor}? Destination: floor {to_floor}. | A delivery needs
            the lift at level {from_floor} and goes to level {to_floor}."""),
        (
            "the lift from floor {from_floor} to floor {to_floor}|to go up to floor {to_floor}|a lift "
            "at floor {from_floor}"
        ),
        [
            Result(
                {"lift|cabin|elevator": v.choice("A", "B", "C", "D"), "wait_seconds|eta|wait": v.integer(5, 120)},
                several(
                    """Lift {lift} comes to floor {from_floor} in {wait_seconds} seconds. | Take lift {lift}; it will
                        be there in {wait_seconds} seconds and goes to {to_floor}. | In {wait_seconds} seconds lift
                        {lift} is with you."""
                ),
            ),
            Result(
                {"error|message": v.choice("all lifts are out of service", "this floor is locked")},
                several(
                    """No lift is coming: {error}. | Sorry, {error}. Please take the stairs. | I couldn't call one
                        ({error})."""
                ),
                weight=0.3,
            ),
        ],
    ),
    Family(
        "vehicle_position",
        "get_vehicle_location|vehicle_position|track_vehicle|fleet_locate|where_is_truck",
        (
            "Where is a vehicle of the fleet?|Position of a truck or van|Locates a vehicle by its "
            "number plate and tells its speed."
        ),
        [Parameter("plate|vehicle|license_plate|vehicle_id|truck", v.plate, "Number plate of the vehicle|")],
        several("""Where is the truck {plate}? | Locate {plate}. | Where's our van with the plate {plate} at the
            moment? | {plate} position? | Is the vehicle {plate} on its way? Where is it? | Find the vehicle "{plate}"
            for me. | The customer is waiting for the van {plate}. Look where it is. | Track {plate} in our fleet. |
            How fast is {plate} going, and where? | Please tell me the position of the truck '{plate}'."""),
        "to know where {plate} is|the position of the vehicle {plate}|to locate the truck {plate}",
        [
            Result(
                {"near|location|place": v.city, "speed_kmh|speed": v.integer(20, 110), "driver": v.person},
                several(
                    """{plate} is near {near}, going {speed_kmh} km/h, with {driver} at the wheel. | {driver} is
                        driving it near {near} at {speed_kmh} km/h. | It's near {near}. {driver} is doing {speed_kmh}
                        km/h."""
                ),
            ),
            Result(
                {"near|location|place": v.city, "parked_minutes|stopped_for": v.integer(3, 400)},
                several(
                    """{plate} has been parked in {near} for {parked_minutes} minutes. | It's standing in {near}, for
                        {parked_minutes} minutes by now. | The vehicle is in {near} and hasn't moved for
                        {parked_minutes} minutes."""
                ),
            ),
            Result(
                {"error|message": v.choice("no signal", "unknown vehicle")},
                several(
                    """I can't locate {plate}: {error}. | No position for {plate} ({error}). | The tracker reports
                        "{error}"."""
                ),
                weight=0.3,
            ),
        ],
    ),
    Family(
        "sample_intake",
        "register_sample|add_sample|log_sample|new_sample|sample_intake",
        (
            "Register a sample in the laboratory.|Adds a sample with its kind and storage place.|Logs "
            "a new sample: what it is, its volume and where it is kept."
        ),
        [
            SAMPLE,
            Parameter(
                "material|kind|type|sample_type",
                v.choice("blood", "water", "soil", "saliva", "milk", "urine", "oil", "air filter"),
                "What it is|",
            ),
            Parameter("volume_ml|volume|ml|amount", v.integer(2, 500), "Volume in millilitres|", "number"),
            Parameter("storage|location|freezer|place", v.code, "Where it is kept|"),
        ],
        several("""Register sample {sample}: {material}, {volume_ml} ml, stored in {storage}. | New sample {sample},
            {volume_ml} ml of {material}, put into {storage} | {volume_ml} ml {material} came in. Its number is
            {sample} and it lies in {storage}. Register it. | Log {sample} ({material}, {volume_ml} ml) at storage
            {storage}. | In {storage} there's a new {material} sample, {sample}, with {volume_ml} ml. Add it, please.
            | Please enter a {material} sample of {volume_ml} ml. Id {sample}, place {storage}. | The sample
            "{sample}" is {material}; I put all {volume_ml} ml into {storage}. | Could you note the sample {sample}?
            It's {volume_ml} ml of {material} and goes to {storage}. | storage {storage}, sample {sample}, {material},
            {volume_ml} ml | We took {volume_ml} ml of {material} today. Store it as sample {sample} in
            '{storage}'."""),
        (
            "to register the sample {sample}|a {material} sample of {volume_ml} ml in {storage}|sample "
            "{sample} to be logged"
        ),
        [
            Result(
                {"barcode|label": v.integer(100000, 999999), "expires|best_before": v.date},
                several("""Sample {sample} is registered with the barcode {barcode} and keeps until {expires}. | Done.
                    The label has the barcode {barcode}; use it by {expires}. | {sample} lies in {storage} under
                    barcode {barcode}, good until {expires}."""),
            ),
            Result(
                {"error|message": v.choice("this place is taken", "the number exists already", "the freezer is full")},
                several(
                    """I couldn't register {sample}: {error}. | The sample wasn't logged ({error}). | That was refused
                        by the system: {error}."""
                ),
                weight=0.4,
            ),
        ],
        near="lab",
    ),
    Family(
        "lab_result",
        "get_lab_result|lab_result|test_result|sample_result|fetch_result",
        (
            "Result of a laboratory test.|What did a test of a sample show?|Returns the result of one "
            "kind of test on a sample."
        ),
        [
            SAMPLE,
            Parameter(
                "test|analysis|parameter|assay",
                v.choice("pH", "glucose", "lead", "nitrate", "iron", "protein", "chlorine", "caffeine"),
                "Which test|",
            ),
        ],
        several("""What's the {test} value of sample {sample}? | {sample}: {test}? | Is the {test} result for sample
            {sample} there? | Get the {test} test of the sample {sample}. | Show me {test} for '{sample}', the sample
            from this morning. | I'm waiting for the {test} result of sample {sample}. | How did sample {sample} do in
            the {test} test? | Look up the result: sample {sample}, test {test} | The doctor asks about {test} in
            sample "{sample}". | For {test}, what did the lab find in sample {sample}?"""),
        "the {test} result of sample {sample}|to know the {test} value of {sample}|the lab's finding on {test}",
        [
            Result(
                {
                    "value|result": v.number(0.2, 90),
                    "unit": v.choice("mg/l", "mmol/l", "µg/l"),
                    "normal|in_range": v.flag("within the normal range", "outside the normal range"),
                },
                several(
                    """The {test} value of {sample} is {value} {unit}, {normal}. | {test}: {value} {unit}. That's
                        {normal}. | The lab found {value} {unit}, which is {normal}."""
                ),
            ),
            Result(
                {
                    "status|state": v.choice("still running", "waiting for the device", "to be repeated"),
                    "ready_at|expected": v.clock,
                },
                several(
                    """The {test} test of {sample} is {status}; expect a result at {ready_at}. | Not there yet: it's
                        {status}. Try again at {ready_at}. | It is {status} and should be ready at {ready_at}."""
                ),
                weight=0.6,
            ),
        ],
        near="lab",
    ),
    Family(
        "run_centrifuge",
        "run_centrifuge|start_centrifuge|centrifuge|spin_sample|spin",
        (
            "Run the centrifuge.|Spins samples.|Starts the centrifuge at a speed for some minutes, "
            "cooled to a temperature."
        ),
        [
            Parameter(
                "speed|rpm|rotation|speed_rpm",
                v.choice(500, 1000, 1500, 2000, 3000, 4000, 5000, 8000, 12000),
                "Revolutions per minute|",
                "integer",
            ),
            Parameter("minutes|duration|time|duration_min", v.integer(2, 45), "How long, in minutes|", "integer"),
            Parameter(
                "temperature|temp|celsius|degrees",
                v.integer(4, 25),
                "Temperature in degrees Celsius|",
                "number",
                phrases=" at {} degrees|, {} degrees Celsius| and keep it at {} degrees",
            ),
        ],
        several("""Spin at {speed} rpm for {minutes} minutes | Centrifuge: {speed} rpm, {minutes} min | Run the
            centrifuge for {minutes} minutes at {speed} | My tubes are in the centrifuge, so start it with {speed}
            rpm, {minutes} minutes | {minutes} minutes in the centrifuge, speed {speed} | Please set the centrifuge to
            {speed} rpm and let it run {minutes} minutes | The protocol says {speed} rpm for {minutes} minutes. Start
            the centrifuge | Could you spin this? {minutes} minutes, {speed} rpm | With {speed} revolutions a minute,
            spin the samples for {minutes} minutes | For {minutes} minutes I need the centrifuge at {speed}"""),
        (
            "to spin at {speed} rpm for {minutes} minutes|the centrifuge to run for {minutes} minutes|"
            "a run of the centrifuge at {speed} rpm"
        ),
        [
            Result(
                {"run|run_id": v.integer(2, 9000), "ends_at|finish": v.clock},
                several(
                    """The centrifuge is running at {speed} rpm until {ends_at} (run {run}). | Run {run} has started
                        and ends at {ends_at}. | It's spinning. Run {run} is over at {ends_at}."""
                ),
            ),
            Result(
                {
                    "error|reason": v.choice(
                        "rotor is out of balance", "lid is open", "speed is too high for this rotor"
                    )
                },
                several(
                    """The centrifuge didn't start: {error}. | It stopped right away ({error}). | No run, because of
                        this: {error}."""
                ),
                weight=0.4,
            ),
        ],
        near="lab",
    ),
    Family(
        "set_access_hours",
        "set_access_hours|access_rule|badge_access|grant_door_access|door_schedule",
        (
            "Give a person access to a door.|Sets when a badge opens a door.|Lets a person through a "
            "door between two times of the day."
        ),
        [
            Parameter("person|holder|name|employee", v.person, "Who may enter|"),
            Parameter("door|area|room|zone", v.room, "Which door|"),
            Parameter("start|from|open_from|start_time", v.clock, "From when|"),
            Parameter("end|until|open_until|end_time", v.clock, "Until when|"),
        ],
        several("""Let {person} into the {door} from {start} to {end}. | {person} needs access to the {door}, {start}
            until {end}. | Badge of {person}: {door}, {start} - {end} | Between {start} and {end}, {person} may open
            the {door}. Set that up. | Give {person} the right to enter the {door} (from {start}, until {end}). | For
            the {door}, add {person}, starting {start} and ending {end}. | Our cleaner {person} comes from {start} to
            {end}. Please open the {door} for that badge. | From {start} on, but only until {end}, {person} should get
            into the {door}. | Could you change the door '{door}' so that {person} can pass from {start} to {end}? |
            Access rule: "{person}", door {door}, {start} to {end}"""),
        (
            "{person} to have access to the {door}|{person} to enter the {door} from {start} to {end}|"
            "to give {person} access"
        ),
        [
            Result(
                {"rule_id|id": v.code, "badge|card": v.integer(1000, 99999)},
                several("""{person}'s badge {badge} opens the {door} from {start} to {end} (rule {rule_id}). | Rule
                    {rule_id} is active: badge {badge}, {door}, {start} to {end}. | Done. {person} can get in with
                    badge {badge}; it's rule {rule_id}."""),
            ),
            Result(
                {"error|message": v.choice("no badge for this person", "this area is restricted")},
                several(
                    """I couldn't give {person} access: {error}. | The {door} stays closed to {person} ({error}). |
                        The door system refused it: {error}."""
                ),
                weight=0.4,
            ),
        ],
    ),
]
