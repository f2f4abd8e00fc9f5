"""Tools for devices at work: sensors, printers, machines, meters."""

from training import values as v
from training.family import Draw, Family, Parameter, Result
from training.several import several

MACHINE = Parameter("machine|machine_id|device|unit|equipment", v.code, "The machine|Id of the machine|")
PRINTER = Parameter("printer|printer_name|device|name", v.server_name, "The printer|Name of the printer|")
OFFLINE = v.choice("device is offline", "no answer from the device", "unknown device", "device is in maintenance mode")

MEASUREMENTS: list[tuple[str, str, str, Draw]] = [
    ("temperature", "degrees Celsius", "Is it too warm at sensor {sensor}?", v.number(-20, 90)),
    ("humidity", "%", "How damp is it at sensor {sensor}?", v.integer(15, 95)),
    ("pressure", "bar", "Is there enough pressure at sensor {sensor}?", v.number(0.5, 12)),
    ("vibration", "mm/s", "Does anything shake where sensor {sensor} is? Check the vibration.", v.number(0.1, 15)),
    ("noise level", "dB", "How loud is it at sensor {sensor}?", v.integer(30, 110)),
    ("water level", "cm", "How high is the water at sensor {sensor}?", v.integer(2, 400)),
]
"""Quantities of sensors: name, unit, an indirect request, and a draw of values."""


def sensor_family(what: str, unit: str, indirect: str, draw: Draw) -> Family:
    """Family of a tool that reads one kind of sensor."""
    key = what.replace(" ", "_")
    requests = f"""What is the {what} at sensor {{sensor}}? | {indirect} | Read the {what} of sensor {{sensor}}. |
        {{sensor}} {what}? | Sensor {{sensor}}: {what}, please | Which {what} does the sensor '{{sensor}}' show? | I
        need the current {what} from sensor {{sensor}} for my log. | Tell me what sensor {{sensor}} says about the
        {what}. | Could you look at the {what} sensor "{{sensor}}"? | An alarm came from {{sensor}}. What's the {what}
        there? | Get me the {what} reading of {{sensor}}."""
    return Family(
        f"read_{key}_sensor",
        f"get_{key}|read_{key}|{key}_sensor|{key}_reading|measure_{key}",
        (
            f"Read the {what} from a sensor.|Current {what} at a sensor|Returns the {what} that a "
            f"sensor measures, in {unit}.|Reads one sensor. Values are in {unit}."
        ),
        [Parameter("sensor|sensor_id|id|device|probe", v.code, "The sensor|Id of the sensor|")],
        several(requests),
        (
            f"to know the {what} at sensor {{sensor}}|the {what} that sensor {{sensor}} measures|a "
            f"reading of the {what} sensor {{sensor}}"
        ),
        [
            Result(
                {f"value|reading|{key}": draw, "measured_at|time|timestamp": v.clock},
                several(f"""The {what} at sensor {{sensor}} is {{value}} {unit}, measured at {{measured_at}}. |
                    {{sensor}} shows {{value}} {unit} (at {{measured_at}}). | It's {{value}} {unit}; the reading is
                    from {{measured_at}}."""),
            ),
            Result(
                {"error|message": OFFLINE},
                several(
                    f"""I couldn't read {{sensor}}: {{error}}. | No {what} available: {{error}}. | Sensor {{sensor}}
                        gave no value ({{error}})."""
                ),
                weight=0.4,
            ),
        ],
        near="sensor",
    )


FAMILIES = [
    *[sensor_family(*row) for row in MEASUREMENTS],
    Family(
        "print_file",
        "print_file|print_document|send_to_printer|start_print|print_job",
        "Print a file.|Sends a file to a printer.|Prints copies of a file, on both sides if wanted.",
        [
            Parameter("file|path|document|filename", v.filename, "File to print|"),
            PRINTER,
            Parameter("copies|count|number|n", v.integer(2, 50), "Number of copies|", "integer"),
            Parameter(
                "duplex|double_sided|both_sides|two_sided",
                v.flag("on both sides", "on one side"),
                "Print on both sides|",
                "boolean",
                phrases=" {}|, {}",
            ),
        ],
        several("""Print {copies} copies of {file} on {printer} | {file}, {copies} copies, printer {printer} | Please
            send {file} to the printer {printer}; I need {copies} copies | On {printer}, print {file} {copies} times |
            We need {copies} copies of '{file}' for the meeting. Use the printer {printer} | Could {printer} print
            {file}? {copies} copies please | Let the printer "{printer}" make {copies} copies of {file} | {copies}
            times {file} on paper, from printer {printer} | I want {file} printed at {printer}, {copies} copies | To
            {printer}: {file} x {copies}"""),
        "{copies} copies of {file}|to print {file} on {printer}|{file} to be printed {copies} times",
        [
            Result(
                {"job_id|job|id": v.integer(2, 9000), "pages|total_pages": v.integer(2, 300)},
                several(
                    """{file} is printing on {printer}: job {job_id}, {pages} pages. | Job {job_id} with {pages} pages
                        is in the queue of {printer}. | {printer} has job {job_id} now, {pages} pages in all."""
                ),
            ),
            Result(
                {
                    "error|message": v.choice(
                        "out of paper", "toner is empty", "paper jam", "file not found", "printer is offline"
                    )
                },
                several(
                    """{file} couldn't be printed: {error}. | {printer} reports a problem: {error}. | Nothing was
                        printed yet ({error})."""
                ),
                weight=0.5,
            ),
        ],
        near="printer",
    ),
    Family(
        "printer_status",
        "printer_status|get_printer_status|check_printer|toner_level|printer_info",
        "State of a printer.|Toner and paper of a printer|Tells whether a printer is ready, and how much toner it has.",
        [PRINTER],
        several("""Is the printer {printer} ready? | How much toner is left in {printer}? | Printer {printer}? | Why
            doesn't {printer} print? Check it, please. | Look at the state of printer {printer}. | I have to print a
            hundred pages on {printer}. Is there enough toner and paper? | What's wrong with the printer '{printer}'?
            | Status of printer "{printer}" | Does {printer} need paper or toner? | Can I use the printer {printer}
            right now?"""),
        "to know whether the printer {printer} is ready|the state of printer {printer}|to check the toner of {printer}",
        [
            Result(
                {
                    "status|state": v.choice("ready", "idle", "printing"),
                    "toner_percent|toner": v.integer(5, 100),
                    "pages_left|paper": v.integer(10, 500),
                },
                several("""{printer} is {status}, with {toner_percent} % toner and paper for {pages_left} pages. |
                    It's {status}. The toner is at {toner_percent} %, and there are {pages_left} sheets. | The printer
                    is {status}: {toner_percent} % toner, {pages_left} sheets of paper."""),
            ),
            Result(
                {
                    "status|state": v.choice("error"),
                    "problem|error|message": v.choice("paper jam", "no toner", "the cover is open", "no paper"),
                },
                several(
                    """{printer} can't print: {problem}. | There's a problem with {printer}, namely this: {problem}. |
                        It reports an {status}: {problem}."""
                ),
                weight=0.6,
            ),
        ],
        near="printer",
    ),
    Family(
        "start_machine",
        "start_machine|run_machine|machine_start|start_program|launch_machine",
        (
            "Start a machine with a program.|Runs a program on a machine.|Starts a machine at a speed "
            "with the program given."
        ),
        [
            MACHINE,
            Parameter("program|program_name|recipe|mode", v.word, "Program to run|"),
            Parameter("speed|rpm|rotation|spindle_speed", v.integer(50, 9000), "Revolutions per minute|", "integer"),
        ],
        several("""Start machine {machine} with the program {program} at {speed} rpm. | {machine}: program {program},
            {speed} rpm, start | Run the program "{program}" on {machine} with a speed of {speed}. | At {speed} rpm,
            let machine {machine} run {program}. | The material is in place. Start {machine}, program '{program}',
            speed {speed}. | I need {program} running on the machine {machine}; {speed} revolutions per minute. | Set
            {machine} to {speed} rpm and begin with {program}. | Could you launch {program} on '{machine}'? {speed}
            rpm is right. | With {speed} rpm and the program {program}, turn on machine {machine}. | Program {program}
            goes to machine {machine}, speed {speed}; please start it."""),
        (
            "machine {machine} to run {program}|to start {machine} at {speed} rpm|the program "
            "{program} to run on {machine}"
        ),
        [
            Result(
                {"state|status": v.choice("running"), "finish_at|ends|done_at": v.clock},
                several(
                    """{machine} is {state} with {program} at {speed} rpm and will finish at {finish_at}. | Started:
                        {program} on {machine}, done by {finish_at}. | The machine is {state}. It should be ready at
                        {finish_at}."""
                ),
            ),
            Result(
                {
                    "error|reason": v.choice(
                        "safety door is open", "program not found", "speed is too high", "emergency stop is pressed"
                    )
                },
                several(
                    """{machine} didn't start: {error}. | I couldn't start {program}, because of this: {error}. | The
                        machine refused ({error})."""
                ),
                weight=0.5,
            ),
        ],
        near="machine",
    ),
    Family(
        "stop_machine",
        "stop_machine|machine_stop|halt_machine|emergency_stop|shutdown_machine",
        "Stop a machine.|Halts a machine.|Stops a machine and tells how many pieces it made.",
        [MACHINE],
        several("""Stop machine {machine}. | Halt {machine}! | {machine} makes strange noises, stop that machine. |
            Please turn off the machine {machine}. | Shut down machine '{machine}'. | The shift is over, so stop
            {machine}. | machine {machine}: stop | Could you bring {machine} to a halt? It's the machine at the
            window. | I want machine "{machine}" to stop now. | Take the machine {machine} out of operation."""),
        "to stop machine {machine}|machine {machine} to be halted|the machine {machine} turned off",
        [
            Result(
                {"pieces|produced|count": v.integer(2, 5000), "stopped_at|time": v.clock},
                several(
                    """{machine} stopped at {stopped_at} after {pieces} pieces. | Stopped. It had made {pieces} pieces
                        by {stopped_at}. | The machine {machine} stands still since {stopped_at}; it made {pieces}
                        pieces."""
                ),
            ),
            Result(
                {"error|message": OFFLINE},
                several(
                    """I couldn't stop {machine}: {error}! Please use the switch on the machine. | {machine} didn't
                        react ({error}). | That failed, the reason is: {error}."""
                ),
                weight=0.3,
            ),
        ],
        near="machine",
    ),
    Family(
        "schedule_maintenance",
        "schedule_maintenance|plan_service|book_maintenance|request_service|maintenance_order",
        (
            "Plan maintenance of a machine.|Books a technician.|Plans the service of a machine: the "
            "day, what is to be done, and by whom."
        ),
        [
            MACHINE,
            Parameter("date|day|when|service_date", v.date, "Day of the service|"),
            Parameter(
                "work|task|job|description",
                v.choice(
                    "oil change",
                    "inspection",
                    "belt replacement",
                    "calibration",
                    "cleaning",
                    "software update",
                    "filter change",
                ),
                "What is to be done|",
            ),
            Parameter("technician|person|mechanic|assigned_to", v.person, "Who does it|"),
        ],
        several("""Plan a {work} of {machine} on {date} by {technician}. | {technician} should do the {work} on
            machine {machine}; make it {date}. | {date}: {work}, {machine}, {technician} | On {date}, {machine} gets
            its {work}. Send {technician}. | Please book {technician} for {machine} on {date}. It's about a {work}. |
            Machine {machine} is due for {work}. Schedule it for {date} with {technician}. | Maintenance order:
            machine {machine}, work {work}, date {date}, technician {technician} | I talked to {technician}, who can
            come on {date} for the {work} of '{machine}'. Enter that. | Could you put the {work} for {machine} on
            {date}? {technician} takes care of it. | For the {work} at {machine} we have {technician} on {date};
            schedule it, please."""),
        "a {work} of machine {machine} on {date}|{technician} to do the {work}|to plan the maintenance of {machine}",
        [
            Result(
                {"order_id|id": v.code, "downtime_hours|hours": v.integer(2, 12)},
                several("""The {work} of {machine} is planned for {date} with {technician}; it takes {downtime_hours}
                    hours (order {order_id}). | Order {order_id}: {technician} comes on {date}. Expect
                    {downtime_hours} hours without the machine. | Done. {machine} will be out for {downtime_hours}
                    hours on {date}, under order {order_id}."""),
            ),
            Result(
                {"error|reason": v.choice("technician is busy that day", "spare parts are missing", "unknown machine")},
                several(
                    """I couldn't plan that: {error}. | The {work} isn't scheduled ({error}). | {date} doesn't work,
                        because of this: {error}."""
                ),
                weight=0.4,
            ),
        ],
    ),
    Family(
        "read_meter",
        "read_meter|get_meter_reading|meter_reading|meter_value|consumption",
        (
            "Read a meter.|Reading of a power, gas or water meter|Returns what a meter shows and what "
            "was used since the last reading."
        ),
        [
            Parameter(
                "kind|type|meter_type|utility",
                v.choice("electricity", "gas", "water", "heat"),
                "Kind of meter|",
                choices=["electricity", "gas", "water", "heat"],
            ),
            Parameter("building|location|site|house", v.building, "The building|Where the meter is|"),
        ],
        several("""What does the {kind} meter of the {building} show? | Read the {kind} meter in the {building}. |
            {building}, {kind} meter? | How much {kind} did the {building} use? Read the meter. | The {building} has a
            {kind} meter, and I need its reading. | For my report: {kind} meter, {building} | I'd like the reading of
            the {kind} meter at the {building}. | Please check what the meter for {kind} says in '{building}'. | Get
            the {kind} consumption for the {building}. | Could you look at the {building}? I need to know the {kind}
            meter's value."""),
        (
            "the reading of the {kind} meter|to know how much {kind} the {building} used|to read the "
            "{kind} meter of the {building}"
        ),
        [
            Result(
                {
                    "reading|value|counter": v.integer(1000, 99999),
                    "used|consumption|since_last": v.integer(5, 900),
                    "unit": v.choice("kWh", "m³"),
                },
                several("""The {kind} meter shows {reading} {unit}; that's {used} {unit} since the last reading. |
                    It's at {reading} {unit}, which means {used} {unit} were used. | {reading} {unit} for {kind} in
                    the {building}, {used} {unit} more than last time."""),
            ),
            Result(
                {
                    "error|message": v.choice(
                        "no meter there", "the meter doesn't answer", "battery of the meter is empty"
                    )
                },
                several(
                    """I couldn't read the meter: {error}. | There's no value from the {building} ({error}). | No
                        reading for {kind}: {error}."""
                ),
                weight=0.4,
            ),
        ],
    ),
]
