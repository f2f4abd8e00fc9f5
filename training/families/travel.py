"""Tools about travel: flights, trains, hotels, rental."""

from random import Random
from typing import Any

from training import values as v
from training.family import Arguments, Family, Parameter, Result
from training.open_sets import such_as
from training.several import several
from training.times import later

_from = Parameter("origin|from|start|departure|from_city|source", v.city, "Where the trip starts|Departure city|From|")
_to = Parameter("destination|to|arrival|end|to_city|target", v.city, "Where it goes|Destination|To|")
_date = Parameter("date|day|travel_date|when|departure_date", v.date, "YYYY-MM-DD|Day of travel|")
_city = Parameter("city|location|place|where|town", v.city, "The city|Where|")
_flight = Parameter("flight|flight_number|flight_no|number|flightNumber", v.flight, "Flight number|Such as LH400|The flight|")
BOOKING = Parameter("booking|code|reference|booking_code|pnr|reservation_id", v.code, "Booking code|The reservation|")
_people = Parameter("travellers|passengers|people|adults|persons", v.integer(1, 8), "How many people|Number of travellers|", "integer")
STATION = Parameter("station|stop|from|station_name", v.place, "The station|Name of the stop|")
_platform = v.choice("1", "2", "3", "4a", "5", "7", "9", "11b", "12")
_line = v.choice("U2", "S7", "4", "12", "M1", "RE5", "N20", "bus 88", "tram 3", "Red Line", "171", "Northern Line")
_gate = v.choice("A12", "B4", "C37", "D9", "E21", "F2", "G16", "12", "33", "7")


def _connection(random: Random, arguments: Arguments) -> dict[str, Any]:
    """Draw a train that leaves after the time asked for, and arrives later."""
    departs = later(arguments["time"], random.randint(2, 70))
    arrives = later(departs, random.randint(12, 400))
    return {"departs|departure": departs, "platform|track": _platform(random), "arrives|arrival": arrives, "changes|transfers": random.randint(0, 3)}


FAMILIES: list[Family] = [
    Family(
        "flight_status", "get_flight_status|flight_status|track_flight|check_flight|flight_info|flight_lookup",
        "Status of a flight|Tells whether a flight is on time, and its gate|Live flight information by flight number.",
        [_flight],
        several("""Is {flight} on time? | Flight {flight} status | My sister is flying in on {flight}, has it landed? | When does {flight}
        arrive? | Check flight {flight} for me | Which gate does {flight} leave from? | I'm picking somebody up from {flight}, is it
        late? | {flight}? | Tell me about the flight {flight} | Can you see where {flight} is? | Do I have to hurry for {flight}? | I need
        the status of "{flight}", please"""),
        "to know if flight {flight} is on time|the status of {flight}|to know about the flight {flight}",
        [
            Result({"status|state": v.choice("on time", "boarding", "at the gate"), "gate": _gate, "departure|departs|departureTime": v.clock}, several("""{flight} is
            {status}. It leaves at {departure} from gate {gate}. | Flight {flight}: {status}, gate {gate}, departure {departure}. | Good news: {flight} is {status}. It's gate {gate}, at {departure}.""")),
            Result({"status": v.choice("delayed"), "delay_minutes|delay|delayMin": v.integer(8, 240), "estimated|new_time|eta": v.clock}, several("""{flight} is
            {delay_minutes} minutes late and is now expected at {estimated}. | There's a delay of {delay_minutes} minutes; the new time is
            {estimated}. | Sorry, {flight} is delayed by {delay_minutes} minutes, to {estimated}.""")),
            Result({"status": v.choice("cancelled"), "reason|cause": v.choice("fog", "a strike", "a technical problem", "a storm")}, several("""{flight} has been
            cancelled because of {reason}. | Bad news: {flight} was cancelled; the reason is {reason}. | It won't fly, {flight} is cancelled due to
            {reason}."""), 0.5),
            Result({"status": v.choice("landed"), "landed_at|arrival": v.clock, "belt|baggage_belt": v.integer(1, 20)}, several("""{flight} landed at {landed_at};
            the bags come out at belt {belt}. | It has landed, at {landed_at}. Luggage is at belt {belt}. | Yes, {flight} touched down at
            {landed_at} (belt {belt}).""")),
        ],
        "flight",
    ),
    Family(
        "flight_search", "search_flights|find_flights|flight_search|look_for_flights|get_flights",
        "Find flights between two cities on a date|Flight search with the cheapest price|Searches for flights",
        [
            _from, _to, _date,
            Parameter("cabin|class|travel_class", v.choice("economy", "business", "first"), "Class|", choices=("economy", "business", "first"), phrases=" in {} class|, {} class"),
            Parameter("direct|nonstop|direct_only", v.flag("without stops", "with stops if need be"), "Only direct flights|", "boolean", phrases=", {}|, {} please"),
        ],
        several("""Find a flight from {origin} to {destination} on {date} | {origin} to {destination}, {date}, flights | How can I fly from {origin}
        to {destination} on {date}? | On {date} I have to fly to {destination} from {origin} | I need to be in {destination} on {date}; I'd fly
        from {origin} | Search flights to {destination}, leaving {origin} on {date} | What does it cost to fly on {date}, {origin} to
        {destination}? | We want to go to {destination} by plane, starting in {origin}, on {date} | My cousin marries in {destination} and I live
        in {origin}: any flights on {date}? | For {date}, flights out of {origin} into {destination} please | Are there planes to {destination}
        from {origin} on {date}?"""),
        "a flight from {origin} to {destination} on {date}|to fly to {destination}|flights on {date}",
        [
            Result({"flight|number": v.flight, "departs|departure": v.clock, "price|fare": v.money, "stops": v.integer(0, 2)}, several("""The best one is {flight} at
            {departs} for {price}, with {stops} stops. | {flight} leaves {origin} at {departs}; it costs {price} and has {stops} stops. | You could
            take {flight}: departure {departs}, {stops} stops, {price}.""")),
            Result({"flights|results": v.choice([])}, several("""I found no flights from {origin} to {destination} that day. | There's nothing on {date}, sorry;
            would another day do? | No flights to {destination} on {date}."""), 0.4),
        ],
        "flight",
    ),
    Family(
        "flight_checkin", "check_in|online_check_in|flight_checkin|checkin_passenger|web_checkin",
        "Check a passenger in for a flight|Online check-in with a wish for the seat|Gets the boarding pass",
        [
            BOOKING,
            Parameter("last_name|surname|name|passenger", v.last_name, "Last name of the passenger|"),
            Parameter("seat|seat_preference|position", v.choice("window", "aisle", "middle"), "Preferred seat|", choices=("window", "aisle", "middle")),
        ],
        several("""Check me in: booking {booking}, name {last_name}, {seat} seat | Check in {last_name}, {booking}, {seat} | I'd like the {seat} seat for
        {booking}, the name is {last_name} | My booking is {booking} and I'm called {last_name}; {seat} seat please | Can you do the check-in
        for {last_name} with code {booking}, {seat} seat if possible? | Online check-in, {seat}: {last_name}, {booking} | {last_name} is flying
        with {booking}. Get one by the {seat} | Use the code {booking} to check in {last_name}, at the {seat} | Boarding pass for {last_name},
        reference {booking}, {seat} seat | We fly tomorrow! {booking}, {last_name}, and I want the {seat}"""),
        "to check in {last_name} for {booking}|the {seat} seat for {last_name}|a boarding pass for {booking}",
        [
            Result({"seat_number|assigned_seat": v.choice("12A", "7C", "23F", "31D", "4B", "18A"), "boarding|boarding_time": v.clock, "gate": _gate}, several("""You're checked
            in: seat {seat_number}, boarding at {boarding}, gate {gate}. | Done, seat {seat_number}. Be at gate {gate} by {boarding}. | Checked in. The
            seat is {seat_number}, and boarding begins at {boarding} at gate {gate}.""")),
            Result({"error|reason": v.choice("check-in is not open yet", "booking and name do not match", "the flight is closed")}, several("""The check-in
            failed: {error}. | I couldn't check you in, because {error}. | No boarding pass yet. The airline says: {error}."""), 0.5),
        ],
        "flight",
    ),
    Family(
        "train_search", "find_train|search_trains|next_train|train_connections|get_connections|train_times",
        "Find a train between two places|Next connection with platform|Train search. Takes the earliest departure.",
        [
            _from, _to,
            Parameter("time|after|departure_time|at|earliest", v.clock, "Earliest departure|HH:MM|"),
            Parameter("first_class|firstClass|first", v.flag("in first class", "in second class"), "First class|", "boolean", phrases=" {}|, {}"),
        ],
        several("""When is the next train from {origin} to {destination} after {time}? | Trains {origin} {destination} {time} | I have to get to
        {destination} from {origin} and can leave at {time} | Is there a train to {destination} around {time}? I'm in {origin} | After {time}, how do
        I get from {origin} to {destination} by train? | My meeting ends at {time}; find me a train home to {destination} from {origin} | Find a
        connection, {origin} to {destination}, {time} | From {origin}, at {time}, which train goes to {destination}? | Leaving {origin} at {time} for
        {destination}, what are my options? | Look up the train to {destination} that leaves {origin} after {time} | {time} is the earliest I can
        leave {origin}, how do I reach {destination}?"""),
        "a train from {origin} to {destination}|to go to {destination} by train|a train after {time}",
        [
            Result(_connection, several("""The {departs} from
            platform {platform} gets you to {destination} at {arrives}, with {changes} changes. | Take the train at {departs} (platform {platform}); you
            arrive at {arrives} after {changes} changes. | There's one at {departs} from platform {platform}, arriving at {arrives}. Number of changes: {changes}.""")),
            Result({"connections|trains": v.choice([]), "reason|note": v.choice("engineering works", "no service at night", "the line is closed")}, several("""There is no train
            after {time}: {reason}. | I found no connection from {origin} to {destination} ({reason}). | No trains, sorry. The reason given is
            "{reason}"."""), 0.4),
        ],
        "train",
    ),
    Family(
        "departures", "get_departures|departure_board|next_departures|station_departures|live_departures",
        "Next departures of a line at a station|Departure board|When a bus, tram or train leaves from a stop",
        [STATION, Parameter("line|route|service|number", _line, "Which line|The line|")],
        several("""When does {line} leave {station}? | {station} {line} | Next {line} from {station}? | I'm running to {station}, will I still catch {line}?
        | Departures of {line} at {station} please | At {station}, when is the next {line}? | Is {line} on time at {station}? | How many minutes
        until {line} comes to {station}? | I'm waiting for {line} at {station}, where is it? | Can you look up line {line} from '{station}'?"""),
        "to know when {line} leaves {station}|the next {line} at {station}|departures at {station}",
        [
            Result({"minutes|in_minutes|minutesUntil": v.integer(1, 40), "towards|direction": v.place, "platform": _platform}, several("""{line} towards {towards} leaves in
            {minutes} minutes from platform {platform}. | The next one goes in {minutes} minutes, towards {towards}, platform {platform}. | In {minutes}
            minutes, from platform {platform}; its destination is {towards}.""")),
            Result({"scheduled|time": v.clock, "delay_minutes|delay": v.integer(2, 45), "platform": _platform}, several("""The {scheduled} is running {delay_minutes} minutes
            late and leaves from platform {platform}. | {line} should have gone at {scheduled} but is {delay_minutes} minutes late (platform
            {platform}). | It's late by {delay_minutes} minutes; planned at {scheduled}, platform {platform}.""")),
            Result({"departures": v.choice([])}, several("""No {line} leaves {station} any more today. | There are no departures of {line} listed at {station}. |
            I see nothing for {line} at {station}, sorry."""), 0.4),
        ],
        "train",
    ),
    Family(
        "line_disruption", "get_disruptions|line_status|service_status|transit_alerts|check_line",
        "Disruptions on a line of public transport|Is a line running normally|Service alerts",
        [Parameter("line|route|service|line_name", _line, "The line|")],
        several("""Is {line} running? | Any problems on {line}? | {line} status | I take {line} to work, is it all right this morning? | Are there delays on
        {line}? | Check for disruptions on {line} | What's wrong with {line} today? | Can I rely on {line} right now? | Has {line} been
        suspended? | Tell me if there's trouble on the line "{line}" """),
        "to know if {line} is running|the state of {line}|disruptions on {line}",
        [
            Result({"status": v.choice("good service", "normal")}, several("""{line} is running normally. | No problems on {line}. | All good, {line} runs as planned.""")),
            Result({"status": v.choice("disrupted"), "cause|reason": v.choice("a signal failure", "a fallen tree", "a strike", "an accident", "staff shortage"), "until|expected_end": v.clock},
            several("""{line} is disrupted by {cause}, probably until {until}. | There's trouble on {line}: {cause}, until about {until}. | Because of {cause},
            {line} won't be back to normal before {until}.""")),
        ],
        "train",
    ),
    Family(
        "train_ticket", "book_train|buy_ticket|book_train_ticket|purchase_ticket|train_booking",
        "Buy train tickets|Books seats on a train for a number of travellers|Train ticket purchase",
        [_from, _to, _date, _people, Parameter("bike|with_bike|bicycle", v.flag("with a bike", "without bikes"), "Take a bicycle along|", "boolean", phrases=", {}| {}")],
        several("""Buy {travellers} train tickets from {origin} to {destination} for {date} | {travellers} tickets {origin} - {destination}, {date} | On {date}
        we're going from {origin} to {destination}, {travellers} people by train; get the tickets | Book the train to {destination} on {date} from
        {origin} for {travellers} | I need tickets for {travellers}: {origin} to {destination} on {date} | There are {travellers} of us taking the train
        to {destination}. Start: {origin}, day: {date} | Can you book {travellers} seats on a train, {date}, {origin} to {destination}? | Train tickets
        please, {date}, out of {origin}, to {destination}, {travellers} persons | From {origin} on {date}, {travellers} of us want to travel to
        {destination} by rail | Get {travellers} rail tickets to {destination}, we leave {origin} on {date}"""),
        "{travellers} train tickets to {destination}|to book a train on {date}|tickets from {origin} to {destination}",
        [
            Result({"booking_id|order|ticket": v.code, "total|price": v.money, "train": v.choice("ICE 577", "TGV 8421", "IC 2014", "EC 113", "RE 5", "Thalys 9321")}, several("""Booked: {travellers}
            tickets on {train} for {total}. The code is {booking_id}. | You're on {train} to {destination}; {total} in all, code {booking_id}. | Done. Train
            {train}, {travellers} travellers, {total}, booking {booking_id}.""")),
            Result({"booked": v.choice(False), "reason": v.choice("sold out", "payment declined", "tickets are not on sale yet")}, several("""I couldn't book that: {reason}. | No
            tickets to {destination}, sorry; {reason}. | The booking failed ({reason})."""), 0.4),
        ],
    ),
    Family(
        "hotel_search", "find_hotels|search_hotels|hotel_search|find_accommodation|look_for_hotel",
        "Find a hotel in a city|Hotels with free rooms at a price|Hotel search by city, arrival and nights",
        [
            _city,
            Parameter("check_in|arrival|checkin|from_date|start_date", v.date, "Day of arrival|YYYY-MM-DD|"),
            Parameter("nights|stay|num_nights|length", v.integer(2, 14), "Number of nights|", "integer"),
            Parameter("max_price|budget|price_limit", v.integer(40, 400), "Highest price a night|", "integer", phrases=" for at most {} a night|, up to {} per night"),
            Parameter("pets|pet_friendly", v.flag("that allows pets", "where pets do not matter"), "Pets allowed|", "boolean", phrases=" {}"),
        ],
        several("""Find a hotel in {city} from {check_in} for {nights} nights | Hotel {city}, {check_in}, {nights} nights | I'm staying in {city} for {nights}
        nights from {check_in}; where can I sleep? | We need a room for {nights} nights in {city}, arriving {check_in} | Are there free hotels in {city} on
        {check_in}, {nights} nights? | From {check_in} on, {nights} nights in {city} please | My firm sends me to {city} on {check_in} and I need a bed for
        {nights} nights | Search for a place to stay: {nights} nights, {city}, starting {check_in} | Arriving in {city} on {check_in}, staying {nights} nights,
        what's there? | {nights} nights in {city}, arrival {check_in}, find me a hotel"""),
        "a hotel in {city} for {nights} nights|to stay in {city} from {check_in}|a room in {city}",
        [
            Result({"hotel|name": v.choice("Hotel Astoria", "Park Inn", "The Harbour House", "Pension Vera", "Grand Central", "Casa Luna", "City Lodge"), "price|per_night|pricePerNight": v.integer(45, 380), "rating": v.number(3, 5)},
            several("""{hotel} has a room at {price} a night and is rated {rating}. | I'd suggest {hotel}: {price} per night, guests give it {rating}. | In {city}
            there's {hotel}, {price} a night, with {rating} stars.""")),
            Result({"hotels": v.choice([])}, several("""Nothing is free in {city} then. | I found no hotel in {city} for these {nights} nights. | Sorry, {city} is booked out
            from {check_in}."""), 0.4),
        ],
        "hotel",
    ),
    Family(
        "hotel_book", "book_hotel|reserve_room|book_room|hotel_reservation|make_hotel_booking",
        "Book a hotel room|Reserves a room for a guest with breakfast or not|Hotel reservation",
        [
            Parameter("hotel|name|property|hotel_name", such_as("Hotel Astoria", "Park Inn", "The Harbour House", "Pension Vera", "Grand Central", "Casa Luna"), "The hotel|"),
            Parameter("guest|guest_name|name_of_guest|person", v.person, "Who stays|Name of the guest|"),
            Parameter("check_in|arrival|from", v.date, "Arrival|"),
            Parameter("nights|stay|days", v.integer(2, 14), "How many nights|", "integer"),
            Parameter("breakfast|with_breakfast|includes_breakfast", v.flag("with breakfast", "without breakfast"), "Breakfast included|", "boolean"),
        ],
        several("""Book {hotel} for {guest}, {check_in}, {nights} nights, {breakfast} | Reserve a room {breakfast} at {hotel} from {check_in} for {nights} nights,
        guest: {guest} | {guest} needs a room {breakfast} at {hotel}: {nights} nights from {check_in} | {hotel}, {nights} nights, {breakfast}, arrival
        {check_in}, name {guest} | Can you book {nights} nights {breakfast} for {guest} at {hotel}, arriving {check_in}? | On {check_in} {guest} arrives at
        {hotel} and stays {nights} nights {breakfast}; book it | I'd like a room at {hotel} {breakfast}. {nights} nights, from {check_in}, for {guest} | Room
        for {guest} {breakfast}, {check_in}, {nights} nights, {hotel} | Put {guest} up at {hotel} for {nights} nights {breakfast}, starting {check_in} | For
        {nights} nights from {check_in}, {guest} wants to stay at {hotel} {breakfast}"""),
        "a room at {hotel} for {guest}|to book {hotel} for {nights} nights|a hotel room {breakfast}",
        [
            Result({"confirmation|booking_id|code": v.code, "total|price": v.money, "room": v.integer(101, 620)}, several("""Booked: room {room} at {hotel} for {guest}, {total} in
            all. The confirmation is {confirmation}. | {guest} has room {room}; it comes to {total}, confirmation {confirmation}. | Done, {nights} nights {breakfast}
            cost {total}. Room {room}, code {confirmation}.""")),
            Result({"error|reason": v.choice("no rooms left", "at least three nights are required", "card was declined")}, several("""I couldn't book {hotel}: {error}. | {hotel} turned
            it down, with the reason: {error}. | The room for {guest} isn't booked ({error})."""), 0.4),
        ],
        "hotel",
    ),
    Family(
        "rental_car", "rent_car|book_rental_car|car_rental|reserve_car|hire_car",
        "Rent a car|Books a rental car of a class in a city|Car hire",
        [
            _city,
            Parameter("car_class|category|type|size", v.choice("small", "compact", "estate", "van", "electric", "luxury", "convertible"), "Kind of car|",),
            Parameter("pickup|start|pickup_date|from_date", v.date, "When it is fetched|"),
            Parameter("days|duration|rental_days|length", v.integer(2, 21), "For how many days|", "integer"),
        ],
        several("""Rent a car ({car_class}) in {city} from {pickup} for {days} days | Rental in {city}: {car_class}, {pickup}, {days} days | From {pickup} I need wheels in {city}
        for {days} days, category {car_class} | We land in {city} on {pickup} and want something {car_class} to drive for {days} days | Hire car, {days} days,
        {car_class}, {city}, {pickup} | Could you book me a rental car, class "{car_class}", in {city}? From {pickup}, {days} days | For {days} days from {pickup}:
        car rental in {city}, {car_class} | Get me a rental of the {car_class} class on {pickup} in {city} for {days} days | In {city} I'd like to drive for {days} days,
        {car_class} class, starting {pickup} | My family is big, so the {car_class} class please: {city}, {pickup}, {days} days, rental"""),
        "a rental car in {city}|to rent a car for {days} days|a car of the {car_class} class",
        [
            Result({"model|car": v.choice("VW Polo", "Toyota Corolla", "Volvo V60", "Ford Transit", "Renault Zoe", "BMW 7", "Fiat 500"), "total|price": v.money, "reservation|booking": v.code}, several("""You get a
            {model} in {city} for {total}; the reservation is {reservation}. | Reserved: {model}, {total} for {days} days, code {reservation}. | A {model} is waiting in
            {city} on {pickup}. It costs {total} (reservation {reservation}).""")),
            Result({"available": v.choice(False)}, several("""There's no such car in {city} then. | Nothing in the {car_class} class is left in {city} on {pickup}. | No luck, the {car_class} cars in
            {city} are all gone."""), 0.4),
        ],
    ),
]
