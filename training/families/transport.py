"""Tools on the way: parking, charging, maps, taxis, tickets, luggage."""

from random import Random
from typing import Any

from training import values as v
from training.families.travel import BOOKING, STATION
from training.family import Arguments, Family, Parameter, Result
from training.open_sets import such_as
from training.several import several

_day = Parameter("day|date|when|travel_day", v.day, "The day|Day of travel|")
_airport = v.choice("JFK", "LHR", "CDG", "FRA", "AMS", "HND", "SIN", "MAD", "OSL", "ZRH", "DXB", "GRU")


def _way(random: Random, arguments: Arguments) -> dict[str, Any]:
    """Draw a route that takes as long as one needs in that way."""
    low, high, speed = {"walking": (0.3, 9, 5), "cycling": (1, 40, 16), "driving": (2, 300, 60), "transit": (1, 60, 28)}[arguments["mode"]]
    km = round(random.uniform(low, high), 1)
    return {"distance_km|km|distance": km, "minutes|duration_min": max(2, round(km / speed * 60)), "via|through": v.street(random)}


FAMILIES: list[Family] = [
    Family(
        "parking_find", "find_parking|nearest_parking|parking_search|where_to_park|free_parking",
        "Find a car park near a place|Free parking spaces and price|Parking search",
        [
            Parameter("place|near|location|address|destination", v.place, "Where you want to park|Near this place|"),
            Parameter("hours|duration|for_hours", v.integer(2, 12), "How long|", "integer", phrases=" for {} hours|, {} hours"),
        ],
        several("""Where can I park near {place}? | Parking {place} | Is there a car park at {place}? | I'm driving to {place}, where do I leave the car? | Find a parking
        space close to {place} | Any free spaces around {place}? | We're late for a concert at {place} and need parking | What's the nearest garage to {place}? | Can
        you find parking near "{place}"? | Park my car by {place}"""),
        "a place to park near {place}|to know where to park|parking at {place}",
        [
            Result({"name|car_park": v.title, "free_spaces|free|available": v.integer(1, 400), "price_per_hour|hourly_rate": v.number(0.5, 6, 2)}, several("""{name} has {free_spaces} free spaces, at
            {price_per_hour} an hour. | Park at {name}: {free_spaces} spaces left, {price_per_hour} per hour. | There are {free_spaces} spaces at {name}; an hour costs
            {price_per_hour}.""")),
            Result({"results": v.choice([])}, several("""I found no parking near {place}. | Everything around {place} is full. | No free space by {place} at the moment."""), 0.4),
        ],
        "parking",
    ),
    Family(
        "parking_pay", "pay_parking|start_parking|buy_parking_ticket|park_car|parking_session",
        "Pay for parking|Starts a parking session for a licence plate in a zone|Digital parking ticket",
        [
            Parameter("plate|licence_plate|vehicle|car", v.plate, "Licence plate|"),
            Parameter("zone|area|zone_code|parking_zone", v.integer(10, 9900), "Number of the zone|", "integer"),
            Parameter("minutes|duration|time", v.duration_minutes, "How long in minutes|", "integer"),
        ],
        several("""Pay parking for {plate} in zone {zone}, {minutes} minutes | {plate} zone {zone} {minutes} min | I parked in zone {zone} with {plate} and stay {minutes}
        minutes | Start parking: {minutes} minutes, zone {zone}, car {plate} | My car {plate} is in zone {zone}; a ticket for {minutes} minutes please | Zone {zone},
        {minutes} minutes, {plate} | Can you buy a parking ticket of {minutes} minutes for {plate}? The zone is {zone} | I don't want a fine: {plate}, {minutes}
        minutes, zone {zone} | For {minutes} minutes I leave {plate} in zone {zone}, pay for it | Parking session, plate {plate}, zone {zone}, {minutes} minutes"""),
        "to pay parking for {plate}|a parking ticket in zone {zone}|to park for {minutes} minutes",
        [
            Result({"cost|price|fee": v.number(0.3, 18, 2), "valid_until|ends_at": v.clock}, several("""Paid: {plate} may stand in zone {zone} until {valid_until}, for {cost}. | It costs {cost}, and
            you can stay until {valid_until}. | Done, the ticket for {plate} is valid until {valid_until} ({cost}).""")),
            Result({"error": v.choice("unknown zone", "only residents may park here", "maximum stay is 60 minutes")}, several("""I couldn't start it: {error}. | Zone {zone} refused, with the message
            "{error}". | Your parking isn't paid: {error}."""), 0.4),
        ],
        "parking",
    ),
    Family(
        "charging", "find_charger|charging_stations|nearest_charger|ev_charging|find_charging_station",
        "Find a charging station for an electric car|Chargers near a place with a minimum power|EV charging search",
        [
            Parameter("place|location|near|city", v.place, "Near this place|"),
            Parameter("power|min_kw|kw|min_power", v.choice(11, 22, 50, 75, 100, 150, 250, 300), "Minimum power in kW|", "integer"),
            Parameter("plug|connector|plug_type", v.choice("CCS", "Type 2", "CHAdeMO"), "Connector|", choices=("CCS", "Type 2", "CHAdeMO"), phrases=" with {}|, plug {}"),
        ],
        several("""Where can I charge near {place} with at least {power} kW? | Charger {place} {power} kW | My battery is almost empty and I'm near {place}; I need {power} kW | Find
        a charging station of {power} kW or more at {place} | Is there a {power} kW charger around {place}? | At {place}, where do I find {power} kW? | {power} kilowatts
        or more, near {place}, please find a charger | Charging stop close to {place}, minimum {power} kW | I'd like to charge the car in {place} with {power} kW | Can you
        show chargers with {power} kW by {place}?"""),
        "a charger near {place}|to charge with {power} kW|a charging station",
        [
            Result({"station|name": v.title, "free|available_plugs": v.integer(1, 8), "price_kwh|price": v.number(0.2, 0.95, 2)}, several("""{station} has {free} free plugs, at {price_kwh} per kWh. | You can
            charge at {station}: {free} plugs are free and a kWh costs {price_kwh}. | Go to {station} ({free} free, {price_kwh} a kWh).""")),
            Result({"stations": v.choice([])}, several("""There's no charger with {power} kW near {place}. | I found none; maybe try with less than {power} kW. | Nothing around {place} has that much
            power."""), 0.4),
        ],
    ),
    Family(
        "directions", "get_directions|directions|route|navigate|plan_route|find_route",
        "Route from one place to another|Directions with distance and time|Navigation by a way of travel",
        [
            Parameter("start|from|origin|from_place", v.place, "Where you are|Start|"), Parameter("end|to|destination|to_place", v.place, "Where you want to go|End|"),
            Parameter("mode|by|travel_mode|transport", v.said_choice({"walking": "on foot", "cycling": "by bike", "driving": "by car", "transit": "by public transport"}), "How|", choices=("walking", "cycling", "driving", "transit")),
            Parameter("avoid_tolls|no_tolls", v.flag("avoiding tolls", "tolls are fine"), "Avoid toll roads|", "boolean", phrases=", {}"),
        ],
        several("""How do I get from {start} to {end} {mode}? | {start} to {end} {mode} | Directions to {end} from {start}, {mode} | I'm at {start} and have to be at {end}; I'm going {mode} |
        What's the best way {mode} from {start} to {end}? | Going {mode}, how long from {start} to {end}? | Show me a route {mode} to {end}, starting at {start} | My friends wait at
        {end}. I'm at {start}, travelling {mode} | Can I go {mode} from {start} to {end}? | Navigate me {mode}: {start} to {end} | From {start}, {mode}, to {end} please"""),
        "the way from {start} to {end} {mode}|a route to {end}|to get to {end} {mode}",
        [
            Result(_way, several("""It's {distance_km} km via {via} and takes {minutes}
            minutes {mode}. | Go via {via}: {distance_km} km, about {minutes} minutes. | {mode}, you need {minutes} minutes for the {distance_km} km, via {via}.""")),
            Result({"error": v.choice("no route found", "a ferry is needed and none runs")}, several("""I can't get you there {mode}: {error}. | There's a problem with that trip: {error}. | Sorry, {error}
            between {start} and {end}."""), 0.3),
        ],
        "maps",
    ),
    Family(
        "distance_places", "get_distance|distance_between|how_far|calculate_distance|measure_distance",
        "Distance between two places|How far apart two cities are|Kilometres from one place to another",
        [Parameter("first|from|place1|a|start", v.city, "First place|"), Parameter("second|to|place2|b|end", v.city, "Second place|")],
        several("""How far is {first} from {second}? | Distance {first} {second} | How many kilometres are there between {first} and {second}? | Is it far from {first} to {second}? | What's
        the distance from {first} to {second}? | I'm thinking of cycling from {first} to {second}, how far is that? | Tell me how far apart {first} and {second} are | {first} to
        {second}, how many km? | Between {first} and {second}, what's the distance? | My brother moved from {first} to {second}. How far away is he now?"""),
        "the distance between {first} and {second}|to know how far {first} is from {second}|the kilometres to {second}",
        [
            Result({"km|distance_km|distance": v.integer(8, 9800)}, several("""It's {km} km from {first} to {second}. | {first} and {second} are {km} kilometres apart. | About {km} km. | Between {first} and
            {second} there are {km} km.""")),
            Result({"error": v.choice("unknown place", "ambiguous name")}, several("""I can't measure that: {error}. | The map gave an error, "{error}". | Sorry, I got no distance ({error})."""), 0.25),
        ],
        "maps",
    ),
    Family(
        "nearby", "find_nearby|nearby_places|search_nearby|places_near|poi_search",
        "Find the nearest place of a kind|Points of interest around a place|What is near: pharmacies, banks and so on",
        [
            Parameter("kind|type|category|what", such_as("pharmacy", "bank", "petrol station", "supermarket", "hospital", "post office", "playground", "bakery", "library", "toilet"), "What to look for|Kind of place|"),
            Parameter("place|near|location|around", v.place, "Around this place|"),
            Parameter("radius|radius_m|within|max_distance", v.choice(200, 500, 800, 1000, 1500, 2000, 5000), "Metres|", "integer", phrases=" within {} metres|, at most {} m away"),
        ],
        several("""Where's the nearest {kind} to {place}? | {kind} near {place} | Is there a {kind} around {place}? | I'm at {place} and need a {kind} | Find a {kind} close to {place} | My kid
        isn't feeling well, is there a {kind} by {place}? | Any {kind} in the area of {place}? | Around {place}, where do I find a {kind}? | Can you show me a {kind} near
        "{place}"? | Look for a {kind} at {place}, please"""),
        "a {kind} near {place}|the nearest {kind}|to find a {kind}",
        [
            Result({"name": v.title, "address|street": v.street, "metres|distance_m": v.integer(40, 1900)}, several("""The nearest is {name} at {address}, {metres} metres away. | {name}, {address}: it's {metres} m
            from there. | There's {name}, {metres} metres on, at {address}.""")),
            Result({"results|places": v.choice([])}, several("""There's no {kind} near {place}. | I found no {kind} around there. | No {kind} turned up close to {place}, sorry."""), 0.35),
        ],
        "maps",
    ),
    Family(
        "taxi", "order_taxi|book_taxi|call_cab|request_ride|get_taxi",
        "Order a taxi|Books a ride from an address at a time|Calls a cab",
        [
            Parameter("pickup|from|address|pickup_address", v.street, "Where to fetch you|"), Parameter("destination|to|dropoff|drop_off", v.place, "Where to go|"),
            Parameter("time|at|when|pickup_time", v.clock, "When, HH:MM|"),
            Parameter("seats|passengers|people", v.integer(1, 7), "How many people|", "integer", phrases=" for {} people|, we are {}"),
        ],
        several("""Order a taxi from {pickup} to {destination} at {time} | Taxi {time}, {pickup} to {destination} | I need a cab at {time}: pick me up at {pickup}, I'm going to {destination} | Can a
        taxi take me to {destination} from {pickup} at {time}? | At {time} I have to leave {pickup} for {destination}, get a taxi | Cab to {destination}, {time}, from {pickup} | My train leaves
        from {destination}; I'd like a taxi at {pickup} for {time} | Send a car to {pickup} at {time}, destination {destination} | Please book a ride to {destination}. I'm at {pickup} and
        ready at {time} | From {pickup}, {time}, by taxi to {destination}"""),
        "a taxi from {pickup} at {time}|a ride to {destination}|a cab to {destination}",
        [
            Result({"driver|driver_name": v.first_name, "car|vehicle": v.plate, "estimate|price": v.number(6, 90, 2)}, several("""{driver} picks you up at {time} in the car {car}; about {estimate}. | Your taxi is booked:
            driver {driver}, plate {car}, some {estimate}. | Done. Look for {car}, driven by {driver}. The ride costs about {estimate}.""")),
            Result({"error": v.choice("no cars free", "address not found")}, several("""I couldn't get a taxi: {error}. | No ride at {time}, sorry ({error}). | The taxi firm says: {error}."""), 0.4),
        ],
    ),
    Family(
        "traffic", "get_traffic|traffic_info|road_conditions|check_traffic|traffic_jams",
        "Traffic on a road|Jams and roadworks on a motorway|Current road conditions",
        [Parameter("road|route|street|motorway", such_as("A1", "A7", "M25", "E45", "I-95", "B10", "A61", "Ring Road", "M6", "Harbour Tunnel"), "The road|")],
        several("""Is there a jam on the {road}? | Traffic {road} | How's the {road} right now? | I have to take the {road} to work, is it clear? | Check the traffic on {road} | Any accidents on the
        {road}? | Should I avoid the {road}? | What's happening on the {road}? We've been standing for ages | Tell me about road works on {road} | Can I get through on the {road}?"""),
        "to know about traffic on {road}|to know if {road} is clear|the state of the {road}",
        [
            Result({"jam_km|queue_km": v.integer(1, 20), "delay_minutes|delay": v.integer(5, 90), "cause|reason": v.choice("roadworks", "an accident", "heavy traffic", "a broken-down lorry")}, several("""There's a
            jam of {jam_km} km on the {road} because of {cause}; it costs you {delay_minutes} minutes. | The {road} is slow: {jam_km} km, {delay_minutes} minutes lost. The cause is {cause}. | Expect
            {delay_minutes} minutes more on the {road}, {jam_km} km of queue due to {cause}.""")),
            Result({"jams|incidents": v.choice([])}, several("""The {road} is clear. | No jams on the {road} at the moment. | Nothing reported, drive on."""), 0.7),
        ],
    ),
    Family(
        "visa", "visa_requirements|check_visa|need_visa|entry_requirements|visa_check",
        "Whether citizens of a country need a visa for another|Entry rules between two countries|Visa requirements",
        [Parameter("nationality|passport|citizenship|from_country", v.country, "Country of the passport|"), Parameter("country|destination|to_country|visiting", v.country, "Country to be visited|")],
        several("""Do I need a visa for {country} with a passport from {nationality}? | Visa {nationality} to {country} | I'm from {nationality} and want to visit {country}, what papers do I need? | Can
        somebody from {nationality} enter {country} without a visa? | Travelling to {country}; my passport is from {nationality} | Passport {nationality}, destination {country}: visa? | My wife has the
        citizenship of {nationality}. Does she need a visa for {country}? | For {country}, what must people from {nationality} have? | Check the entry rules of {country} for citizens of {nationality} | Is
        a visa required for {country}? I hold a passport of {nationality}"""),
        "to know if a visa is needed for {country}|the entry rules of {country}|to travel from {nationality} to {country}",
        [
            Result({"required": v.choice(False), "max_days|stay_days": v.choice(14, 30, 60, 90, 180)}, several("""No visa needed: people from {nationality} may stay in {country} for {max_days} days. | You can go without a
            visa, for up to {max_days} days. | No, {country} lets you in for {max_days} days.""")),
            Result({"required": v.choice(True), "fee|cost": v.integer(10, 190), "processing_days|days": v.integer(1, 40)}, several("""Yes, you need a visa for {country}. It costs {fee} and takes {processing_days} days. | A visa is
            required: {fee}, issued within {processing_days} days. | You do; apply {processing_days} days ahead, the fee is {fee}.""")),
        ],
    ),
    Family(
        "luggage", "track_luggage|find_baggage|trace_bag|baggage_status|lost_luggage",
        "Where a piece of luggage is|Traces a bag by its tag|Baggage tracking",
        [Parameter("tag|bag_tag|tag_number|baggage_id", lambda r: f"{r.choice(('LH', 'BA', 'AF', 'KL'))}{r.randint(100000, 999999)}", "Number on the luggage tag|")],
        several("""Where is my bag {tag}? | Bag {tag} | My suitcase didn't arrive, the tag is {tag} | Trace the luggage with tag {tag} | Has {tag} been found? It's my suitcase | Can you look where bag {tag} is?
        | Luggage tag {tag}, what's its status? | I'm standing at the belt and {tag} isn't there | Find my suitcase: {tag} | Please check on the baggage "{tag}" """),
        "to know where bag {tag} is|the suitcase {tag}|to find the luggage {tag}",
        [
            Result({"location|airport|last_seen": _airport, "status": v.choice("loaded", "being transferred", "waiting at customs", "out for delivery")}, several("""Your bag is at {location}: {status}. | {tag} was last seen at
            {location}; it's {status} now. | It's {status}, at {location}.""")),
            Result({"found": v.choice(False)}, several("""The bag {tag} hasn't been found yet. | There's no trace of {tag} so far, sorry. | Nobody has scanned {tag} yet."""), 0.5),
        ],
    ),
    Family(
        "bike_share", "find_bikes|bike_sharing|available_bikes|bike_station|rent_bike",
        "Free bikes at a station of the bike sharing|How many bikes or e-bikes are free|Bike sharing",
        [STATION, Parameter("electric|ebike|e_bike", v.flag("electric", "ordinary"), "Electric bikes|", "boolean")],
        several("""Are there any {electric} bikes at {station}? | {electric} bikes {station} | I'd like to ride from {station}, is an {electric} bike or two free? | How many {electric} bikes does {station} have? | Check {station}
        for {electric} bikes | I'm late, can I grab one of the {electric} bikes at {station}? | At {station}, are {electric} bikes left? | Look for {electric} bikes at the station {station} | Bikes at {station},
        {electric} ones please | Will I get an {electric} bike at {station}?"""),
        "{electric} bikes at {station}|to rent a bike at {station}|to know how many bikes are free",
        [
            Result({"bikes|available|free": v.integer(2, 24), "docks|free_docks": v.integer(0, 20)}, several("""There are {bikes} {electric} bikes at {station}, and {docks} free docks. | {station} has {bikes} of them ({docks} docks are
            free). | Yes: {bikes} bikes; {docks} docks are empty.""")),
            Result({"bikes|available": v.choice(0), "nearest|next_station": v.place}, several("""None at {station}, but there are some at {nearest}. | {station} is empty; try {nearest}. | No {electric} bikes left there. The next
            station is {nearest}.""")),
        ],
    ),
    Family(
        "ferry", "ferry_times|find_ferry|ferry_schedule|next_ferry|boat_departures",
        "Ferry departures from a harbour|When the next boat to an island leaves|Ferry timetable for a day",
        [Parameter("harbour|port|from|origin", v.city, "Harbour|"), Parameter("island|destination|to", such_as("Crete", "Gotland", "Elba", "Skye", "Corsica", "Bornholm", "Naxos", "Sylt", "Texel", "Menorca"), "Where it goes|"), _day],
        several("""When does the ferry from {harbour} to {island} go {day}? | Ferry {harbour} {island} {day} | I want to be on {island} {day}; is there a boat from {harbour}? | {day}: boats from {harbour} to {island}? | How do I get to {island}
        from {harbour} by ferry {day}? | Next ferry to {island}, out of {harbour}, {day} | From {harbour}, {day}, when is the boat to {island}? | We're camping on {island} and leave {harbour} {day}. Which ferry? | Look up
        the {island} ferry for {day}, port {harbour} | Are ferries going to {island} {day}? We're in {harbour}"""),
        "a ferry from {harbour} to {island}|to go to {island} by boat|the ferry times for {day}",
        [
            Result({"departs|departure": v.clock, "hours|duration_h": v.number(0.5, 12), "car_price|price_car": v.integer(15, 190)}, several("""The ferry leaves {harbour} at {departs} and takes {hours} hours; a car costs {car_price}. | There's one at
            {departs}, {hours} hours to {island}. With a car it's {car_price}. | At {departs}. The crossing lasts {hours} hours, and cars pay {car_price}.""")),
            Result({"running|sails": v.choice(False), "reason": v.choice("high waves", "a strike", "winter break")}, several("""No ferry to {island} then: {reason}. | It doesn't sail {day}, because of {reason}. | The boats stay in {harbour} due to
            {reason}."""), 0.4),
        ],
    ),
    Family(
        "cancel_trip", "cancel_booking|cancel_reservation|cancel_trip|refund_booking|void_booking",
        "Cancel a booking|Cancels a trip and says what is refunded|Cancellation with a reason",
        [BOOKING, Parameter("reason|why|cause", v.choice("illness", "change of plans", "missed connection", "weather", "family emergency"), "Reason|", phrases=" because of {}|; reason: {}")],
        several("""Cancel my trip {booking} | {booking} cancel | I can't travel after all, please cancel {booking} | Can I get my money back for trip {booking}? Cancel it | Call off booking {booking} | We won't make it, drop the reservation
        {booking} | Please annul the travel booking "{booking}" | Cancel reservation {booking} and refund me | My trip {booking} has to be cancelled | I no longer need the booking {booking}"""),
        "to cancel booking {booking}|trip {booking} cancelled|a refund for {booking}",
        [
            Result({"refund|refund_amount|amount": v.money, "days|refund_days": v.integer(2, 21)}, several("""{booking} is cancelled; you get {refund} back within {days} days. | Cancelled. The refund is {refund} and takes up to {days} days. | Done:
            {refund} will be on your account in {days} days.""")),
            Result({"cancelled": v.choice(False), "reason_code|error|message": v.choice("the fare cannot be refunded", "the trip has begun", "unknown booking")}, several("""{booking} couldn't be cancelled: {reason_code}. | That
            wasn't possible, {reason_code}. | The booking stands, because {reason_code}."""), 0.5),
        ],
    ),
    Family(
        "ride_fare", "get_fare|ticket_price|fare_lookup|transit_fare|calculate_fare",
        "Price of a ticket between two stops|Fare by kind of passenger|Public transport fares",
        [
            Parameter("start|from_stop|from|origin", v.place, "First stop|"), Parameter("end|to_stop|to|destination", v.place, "Last stop|"),
            Parameter("passenger|rider|passenger_type|kind", v.said_choice({"adult": "an adult", "child": "a child", "student": "a student", "senior": "a senior"}), "Who travels|", choices=("adult", "child", "student", "senior")),
        ],
        several("""What does a ticket from {start} to {end} cost for {passenger}? | Fare {start} to {end}, {passenger} | How much is the bus to {end} from {start} for {passenger}? | As {passenger}, what do I pay from {start} to {end}? | I have only coins: what
        does {passenger} pay from {start} to {end}? | From {start} to {end}, price for {passenger}? | Ticket price to {end}, starting at {start}, for {passenger} | Tell me the fare for {passenger}, {start} to {end} | Is it expensive for {passenger} to ride
        from {start} to {end}? | {passenger} wants to go to {end} from {start}, what's the fare?"""),
        "the fare from {start} to {end}|the price of a ticket for {passenger}|to know what the ride to {end} costs",
        [
            Result({"fare|price|cost": v.number(0.8, 22, 2), "zones": v.integer(1, 6)}, several("""The fare is {fare}, for {zones} zones. | From {start} to {end} it's {zones} zones, so {passenger} pays {fare}. | {fare} ({zones} zones).""")),
            Result({"error": v.choice("no direct service", "unknown stop")}, several("""I couldn't get a fare: {error}. | There's no price for that trip ({error}). | The fare table says "{error}"."""), 0.3),
        ],
    ),
    Family(
        "packing", "packing_list|what_to_pack|suggest_packing|pack_list|luggage_list",
        "What to pack for a trip|Packing list for a place, a season and a number of days|Suggests things to take along",
        [
            Parameter("place|destination|where", v.place, "Where you go|"), Parameter("month|season|when", v.month, "Month of travel|"),
            Parameter("days|nights|length|duration", v.integer(2, 28), "How long|", "integer"),
        ],
        several("""What should I pack for {days} days in {place} in {month}? | Packing list {place}, {month}, {days} days | Do I need a jacket in {place}? I'm there for {days} days in {month} | I'm off to {place} in {month} for {days} days, what do I take? | In
        {month} we spend {days} days in {place}; what goes in the suitcase? | {days} days, {place}, {month}: what to bring? | Help me pack for {place} ({month}, {days} days) | For {days} days in {month}, what clothes do I need in {place}? | Write me a packing
        list: {month}, {place}, {days} days | Going to {place}! {days} days, {month}. What must not be forgotten?"""),
        "a packing list for {place}|to know what to pack for {days} days|to pack for {month}",
        [
            Result({"items|list": v.list_of(v.choice("rain jacket", "sunscreen", "hiking boots", "swimsuit", "warm sweater", "umbrella", "plug adapter", "gloves", "hat"), 3, 4)}, several("""Take {items}. | For {place} in {month} you should pack {items}. | I'd
            bring {items}, and you're set for {days} days. | Don't forget {items}.""")),
        ],
    ),
]
