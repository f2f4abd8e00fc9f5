"""Tools about people and family life: contacts, calendar, reminders, messages, lists, parcels, bookings, children."""

from random import Random
from typing import Any

from training import values as v
from training.family import Arguments, Family, Parameter, Result
from training.open_sets import such_as
from training.several import several
from training.times import later

_person = Parameter("person|name|contact|who|contact_name|recipient", v.person, "The person|Name of the contact|Who|")
_day = Parameter("day|date|when|on", v.day, "Which day|The day|")
_date = Parameter("date|day|on|when", v.date, "YYYY-MM-DD|The date|")
_time = Parameter("time|at|start_time|hour|start", v.clock, "HH:MM|The time|")
_title = Parameter("title|name|event|subject|summary", v.title, "Title of the event|What it is|")
_item = Parameter("item|product|what|entry|article", v.ingredient, "What to buy|The item|")
_event_id = Parameter("event|id|event_id|appointment", v.code, "The event|Id of the appointment|")
_child = Parameter("child|name|kid|student", v.first_name, "Name of the child|The child|")
_quoted = v.choice("no such contact", "several people have this name", "the address book is locked")


def _slot(random: Random, arguments: Arguments) -> dict[str, Any]:
    """Draw a free time of the length asked for."""
    start = f"{random.randint(8, 18):02}:{random.choice((0, 15, 30, 45)):02}"
    return {"start|from": start, "end|until": later(start, arguments["minutes"])}


FAMILIES: list[Family] = [
    Family(
        "contact_find", "find_contact|get_contact|lookup_contact|search_contacts|contact_info",
        "Look up a person in the address book|Phone and email of a contact|Finds a contact by name",
        [_person],
        several("""What's the phone number of {person}? | How can I reach {person}? | {person}, number? | I need to call {person}, do I have the number? | Find {person} in my contacts | Is
        {person} in my address book? | Give me the details of {person} | I lost the address of {person}, can you look? | Contact "{person}" please | Do you know how to get hold of
        {person}? | Look up {person}'s contact data"""),
        "the contact data of {person}|to reach {person}|to know the number of {person}",
        [
            Result({"phone|mobile|phoneNumber": v.phone, "email|mail": v.email}, several("""You can reach {person} at {phone} or {email}. | {person}: {phone}, email {email}. | The number is {phone}, and the
            email address is {email}.""")),
            Result({"phone|mobile": v.phone}, several("""{person}'s number is {phone}. | Call {person} at {phone}. | I have {phone} for {person}.""")),
            Result({"error": v.choice("not found", "no entry")}, several("""{person} isn't in your contacts. | I found nobody called {person}. | There's no entry for {person}, sorry."""), 0.4),
        ],
        "contacts",
    ),
    Family(
        "contact_add", "add_contact|create_contact|save_contact|new_contact|store_number",
        "Add a person to the address book|Saves a name with a phone number|New contact",
        [
            _person, Parameter("phone|number|mobile|phone_number", v.phone, "Phone number|"),
            Parameter("email|mail|email_address", v.email, "Email address|", phrases=", email {}| and the email {}"),
            Parameter("group|label|list", v.choice("family", "work", "friends", "school", "club"), "Group|", choices=("family", "work", "friends", "school", "club"), phrases=", in the group {}|, group {}"),
        ],
        several("""Save {person} with the number {phone} | New contact: {person}, {phone} | {person}'s number is {phone}, please keep it | {phone} is {person}. Add to contacts | Add {person} ({phone}) to my
        address book | I met {person} yesterday, the number is {phone}, store it | Can you put {phone} in my contacts under {person}? | Create a contact for {person}: {phone} | Store the number
        {phone} as "{person}" | Don't let me lose this: {person}, phone {phone}"""),
        "{person} saved with {phone}|a new contact for {person}|to keep the number {phone}",
        [
            Result({"id|contact_id": v.integer(10, 9000)}, several("""{person} is saved with {phone}. | Done, {person} is in your contacts now ({phone}). | I've added {person} with the number {phone}.""")),
            Result({"duplicate": v.choice(True), "existing_number|old_phone": v.phone}, several("""{person} is already there, with {existing_number}. Shall I replace it? | You have an entry for {person} with
            {existing_number}; nothing was changed. | There's a {person} already. The number on file is {existing_number}."""), 0.4),
        ],
        "contacts",
    ),
    Family(
        "birthday", "get_birthday|birthday_of|when_is_birthday|lookup_birthday|birthday_lookup",
        "Birthday of a person|When somebody has birthday, and how old they become|Looks up a birthday",
        [_person],
        several("""When is {person}'s birthday? | {person} birthday | When was {person} born? | How old will {person} be? | Don't tell me I missed the birthday of {person}! | I want to send {person} a card, when's the
        birthday? | Do you know the birthday of {person}? | Is {person}'s birthday coming up? | Birthday of "{person}"? | Look up when {person} has birthday"""),
        "the birthday of {person}|to know when {person} was born|to know how old {person} is",
        [
            Result({"birthday|date": v.date, "turns|age": v.integer(1, 95), "days_left|in_days": v.integer(1, 360)}, several("""{person}'s birthday is on {birthday}, in {days_left} days; it's number {turns}. | On {birthday} {person} turns
            {turns}. That's {days_left} days from now. | {days_left} days to go: {person} turns {turns} on {birthday}.""")),
            Result({"birthday": v.choice(None)}, several("""I don't have {person}'s birthday. | No birthday is noted for {person}. | Sorry, nobody has entered a birthday for {person}."""), 0.35),
        ],
        "contacts",
    ),
    Family(
        "event_create", "create_event|add_event|schedule_event|calendar_add|new_appointment|add_to_calendar",
        "Put an event into the calendar|Creates an appointment with day, time and length|New calendar entry",
        [
            _title, _date, _time,
            Parameter("minutes|duration|length", v.duration_minutes, "Length in minutes|", "integer", phrases=" for {} minutes|, {} minutes long"),
            Parameter("place|location|where", v.place, "Where|", phrases=" in {}|, place: {}"),
        ],
        several("""Put "{title}" in my calendar on {date} at {time} | {title}, {date}, {time} | Add an event called {title} on {date}, starting {time} | On {date} at {time} I have {title}, write it down please | Calendar: {title} on
        {date} at {time} | I've got an appointment, '{title}', {date} at {time}. Enter it | At {time} on {date}: {title} | Could you schedule {title} for {date}? It starts at {time} | Enter {date}, {time}, {title} | Before I forget,
        {title} is on {date} at {time}, so block that | For {date}, {time}, create the appointment {title}"""),
        "{title} in the calendar on {date}|an event on {date} at {time}|an appointment called {title}",
        [
            Result({"event_id|id": v.code, "conflict": v.choice(None)}, several("""{title} is in your calendar on {date} at {time}. | Done: {title}, {date}, {time}. | I've entered {title} for {date} at {time}.""")),
            Result({"event_id|id": v.code, "conflict|overlaps_with": v.title}, several("""{title} is entered for {date}, but it overlaps with {conflict}. | Done, though at {time} you also have {conflict}. | I've put it in. Mind
            that {conflict} is at the same time."""), 0.5),
            Result({"error": v.choice("date is in the past", "calendar is read-only")}, several("""I couldn't enter {title}: {error}. | The calendar refused that, because of this: {error}. | {title} isn't saved ({error})."""), 0.3),
        ],
        "calendar",
    ),
    Family(
        "event_list", "get_events|list_events|agenda|calendar_day|whats_on|get_schedule",
        "Events of a day|What is in the calendar|Shows the agenda",
        [_day],
        several("""What do I have {day}? | Agenda {day} | Am I free {day}? | What's in my calendar for {day}? | Anything planned {day}? | My friend wants to meet {day}, is there something on? | Show me the appointments of
        {day} | Do I have time {day}? | Tell me my schedule for {day} | How busy am I {day}? | Read me the calendar: {day}"""),
        "to know what is planned for {day}|the calendar of {day}|to know if there is time {day}",
        [
            Result({"events|titles|entries": v.list_of(v.title, 1, 3), "first_at|first_start": v.clock}, several("""You have {events}, beginning at {first_at}. | There's {events}; it starts at {first_at}. | Your calendar says {events},
            from {first_at} on.""")),
            Result({"events|entries": v.choice([])}, several("""Nothing, you're free {day}. | Your calendar is empty {day}. | You have no appointments {day}.""")),
        ],
        "calendar",
    ),
    Family(
        "event_move", "move_event|reschedule|reschedule_event|change_event_time|postpone",
        "Move an event to another day and time|Reschedules an appointment|Changes when an event is",
        [_title, _day, _time],
        several("""Move {title} to {day} at {time} | Reschedule "{title}": {day}, {time} | {title} has to be {day} at {time} instead | I can't make {title}; put it {day}, {time} | Could {title} be moved to {day}, {time}? | {title}
        to {day} {time} please | Shift the appointment '{title}' to {time} {day} | {day} at {time} suits me better for {title} | My dentist called, {title} is {day} now, {time} | Change {title}, new day {day}, new time {time}"""),
        "{title} moved to {day} at {time}|another time for {title}|to reschedule {title}",
        [
            Result({"old_time|previous": v.clock}, several("""{title} is now {day} at {time} instead of {old_time}. | Moved: {title}, {day}, {time} (it was at {old_time}). | Done, {title} goes from {old_time} to {time}, {day}.""")),
            Result({"moved": v.choice(False), "reason": v.choice("no such event", "you have something else then", "only the organiser can move it")}, several("""I couldn't move {title}: {reason}. | {title} stays where it is, because
            of this: {reason}. | That wasn't possible ({reason})."""), 0.4),
        ],
        "calendar",
    ),
    Family(
        "event_delete", "delete_event|cancel_event|remove_event|cancel_appointment|drop_event",
        "Delete an event from the calendar|Cancels an appointment|Removes a calendar entry by its id",
        [_event_id, Parameter("notify|inform_guests|send_notice", v.flag("and tell the guests", "without telling anybody"), "Inform the guests|", "boolean", phrases=" {}|, {}")],
        several("""Delete the event {event} | Cancel appointment {event} | I'm not going to {event}, take it out of my calendar | {event} is off, remove the appointment | Could you drop event {event}? | Event {event}: cancel |
        Clear {event} from the calendar please | There's no need for the meeting {event} any more, cancel it | The appointment with id {event} must go | I'm ill, so strike the event {event}"""),
        "event {event} deleted|to cancel appointment {event}|{event} out of the calendar",
        [
            Result({"deleted": v.choice(True), "title|name": v.title}, several("""{title} ({event}) is cancelled. | Done, I've removed {title} from your calendar. | {event} is gone; it was {title}.""")),
            Result({"error": v.choice("not found", "already deleted")}, several("""I couldn't delete {event}: {error}. | The calendar says "{error}" for {event}. | Nothing was removed: {event} {error}."""), 0.4),
        ],
        "calendar",
    ),
    Family(
        "free_slot", "find_free_slot|find_meeting_time|free_time|common_slot|suggest_time",
        "Find a time when several people are free|Suggests a slot of some minutes|Looks for a common free time",
        [
            Parameter("people|attendees|with|persons", v.list_of(v.first_name, 1, 4), "Who takes part|Names|", "array"),
            Parameter("minutes|duration|length", v.duration_minutes, "How long|", "integer"), _day,
        ],
        several("""When can {people} and I meet for {minutes} minutes {day}? | Find {minutes} minutes {day} with {people} | {day}, {minutes} minutes, {people}: when? | I need to sit down with {people} for {minutes} minutes {day} | Is there
        a free slot of {minutes} minutes for {people} {day}? | Look for a time {day} that suits {people}, {minutes} minutes | For {minutes} minutes I want to see {people} {day}, what works? | Could we fit in {minutes} minutes
        {day}? It's with {people} | Which time {day} is good for {people}? It takes {minutes} minutes | A get-together with {people}, {minutes} minutes, {day}: suggest a time"""),
        "a free time with {people}|{minutes} minutes {day}|to meet {people}",
        [
            Result(_slot, several("""You could meet from {start} to {end}. | {start} to {end} works for everybody. | Everyone is free between {start} and {end}.""")),
            Result({"slots": v.choice([]), "blocked_by|busy": v.first_name}, several("""There's no common time {day}; {blocked_by} is busy all day. | Nothing fits, because {blocked_by} has no gap. | I found no slot: {blocked_by} is booked
            up."""), 0.5),
        ],
        "calendar",
    ),
    Family(
        "reminder_time", "set_reminder|create_reminder|remind_me|add_reminder|new_reminder",
        "Remind the user of something at a time|Sets a reminder for a day and time|Reminder with a text",
        [Parameter("text|what|message|task|note", v.phrase, "What to be reminded of|The text|"), _day, _time],
        several("""Remind me of {text} {day} at {time} | Reminder: {text}, {day}, {time} | {day} at {time} I mustn't forget: {text} | Could you remind me {day} at {time}? It's about {text} | Set a reminder for {day}, {time}: "{text}" | I always
        forget '{text}', so remind me {day} at {time} | At {time} {day}, tell me "{text}" | Ping me {day} around {time} for {text} | {text} - {day} {time}, a reminder please | Please don't let me forget {text}; {day} at {time} would be
        good | I need a nudge {day}, {time}, saying '{text}'"""),
        "to be reminded of {text}|a reminder {day} at {time}|not to forget {text}",
        [
            Result({"reminder_id|id": v.integer(1, 9000)}, several("""I'll remind you {day} at {time}: {text}. | Reminder set: {text}, {day} at {time}. | Done, you'll hear from me {day} at {time} about {text}.""")),
            Result({"error": v.choice("the time has passed", "too many reminders")}, several("""I couldn't set the reminder: {error}. | No reminder, sorry; {error}. | That failed, because of this: {error}."""), 0.3),
        ],
        "reminder",
    ),
    Family(
        "reminder_list", "list_reminders|get_reminders|show_reminders|open_reminders|pending_reminders",
        "List open reminders|What the user wanted to be reminded of|Shows reminders that are still to come",
        [],
        several("""What reminders do I have? | Show my reminders | Did I ask you to remind me of something? | List all open reminders | Is there anything I should not forget? | Reminders? | I've a feeling I forgot something,
        look at my reminders | Which reminders are still open? | Read me my reminders please | Can I see what you'll remind me of?"""),
        "to see the reminders|to know which reminders are open|a list of reminders",
        [
            Result({"reminders|items": v.list_of(v.phrase, 1, 3)}, several("""You have these reminders: {reminders}. | Still to come: {reminders}. | I'm to remind you of {reminders}.""")),
            Result({"reminders|items": v.choice([])}, several("""You have no open reminders. | There's nothing to remind you of. | No, the list is empty."""), 0.6),
        ],
        "reminder",
    ),
    Family(
        "reminder_place", "remind_at_place|location_reminder|geo_reminder|place_reminder|reminder_on_arrival",
        "Remind the user when arriving at or leaving a place|Location reminder|Reminder that is bound to a place",
        [
            Parameter("text|what|task|message", v.phrase, "What|"), Parameter("place|location|where", v.place, "At which place|"),
            Parameter("trigger|on|when|event", v.said_choice({"arrive": "get to|arrive at|reach", "leave": "leave"}), "arrive or leave|", choices=("arrive", "leave")),
        ],
        several("""When I {trigger} {place}, remind me: {text} | As soon as I {trigger} {place}, tell me "{text}" | Remind me of {text} when I {trigger} {place} | I have to think of '{text}' the moment I {trigger} {place} | Should I
        {trigger} {place}, say {text} | Could you remind me about {text}? When I {trigger} {place}, please | Once I {trigger} {place}: {text} | Set a reminder "{text}" for when I {trigger} {place} | The next time I
        {trigger} {place}, I need to hear {text} | I'll forget {text} otherwise, so tell me when I {trigger} {place}"""),
        "to be reminded of {text} at {place}|a reminder at {place}|not to forget {text}",
        [
            Result({"active": v.choice(True), "radius_m|radius": v.choice(50, 100, 200, 300)}, several("""I'll remind you of {text} when you {trigger} {place} (within {radius_m} metres). | Set: {text}, as soon as you {trigger} {place}. The
            radius is {radius_m} m. | Done. When you {trigger} {place}, give or take {radius_m} metres, you'll hear "{text}".""")),
            Result({"error": v.choice("location access is off", "unknown place")}, several("""I couldn't set that: {error}. | No reminder for {place}: {error}. | The phone refuses, with the message "{error}"."""), 0.35),
        ],
        "reminder",
    ),
    Family(
        "message_send", "send_message|text_person|send_text|message_contact|write_message",
        "Send a text message to a person|Texts a contact|Sends a short message by phone",
        [
            _person, Parameter("text|message|body|content", v.message, "What to write|The message|"),
            Parameter("app|via|channel|service", v.choice("sms", "signal", "whatsapp", "telegram"), "How it is sent|", choices=("sms", "signal", "whatsapp", "telegram"), phrases=" by {}|, via {}"),
        ],
        several("""Text {person}: {text} | Tell {person} "{text}" | Message to {person}: '{text}' | Send {person} the message "{text}" | I'm driving, can you write {person} this: "{text}" | Let {person} know: {text} | Could you text
        {person}? Say '{text}' | Write "{text}" to {person} | "{text}" - send that to {person} please | {person} should get this: {text} | Say '{text}' to {person} for me"""),
        "a message sent to {person}|to tell {person} something|to text {person}",
        [
            Result({"delivered": v.choice(True), "at|sent_at": v.clock}, several("""Sent to {person} at {at}: "{text}" | {person} got your message at {at}. | Your message reached {person} at {at}.""")),
            Result({"delivered": v.choice(False), "reason|error": _quoted}, several("""The message to {person} wasn't sent: {reason}. | I couldn't text {person}, since {reason}. | That didn't go out ({reason})."""), 0.35),
        ],
        "messages",
    ),
    Family(
        "message_read", "read_messages|get_messages|last_message|unread_messages|check_messages",
        "Read the last message of a person|Unread messages from a contact|Shows what somebody wrote",
        [_person],
        several("""Did {person} write to me? | Any message from {person}? | Read me the last message from {person} | What does {person} say? | I'm waiting for {person}, has anything come in? | Messages from {person} | Check whether
        {person} answered | Has {person} texted? | My phone buzzed, was it {person}? | What did {person} text me?"""),
        "to know what {person} wrote|the last message from {person}|to know if {person} answered",
        [
            Result({"text|message|body": v.message, "received|at|time": v.clock}, several("""{person} wrote at {received}: "{text}" | Yes, at {received}: "{text}" | The last one came at {received} and says "{text}".""")),
            Result({"unread": v.choice(0), "messages": v.choice([])}, several("""No, nothing from {person}. | {person} hasn't written. | There are no new messages from {person}.""")),
        ],
        "messages",
    ),
    Family(
        "call_log", "missed_calls|get_missed_calls|call_history|recent_calls|who_called",
        "Missed calls since a time|Who called|Calls that were not answered",
        [Parameter("since|after|from_time|start", v.clock, "HH:MM|Since when|")],
        several("""Who called since {since}? | Missed calls after {since} | I've been in a meeting from {since} on, did anybody ring? | Has anyone tried to call me since {since}? | Calls since {since}? | Did I miss a call after {since}? |
        My phone was off from {since}; who tried to reach me? | List the calls I missed since {since} | Since {since}, has there been a call? | Tell me who rang after {since}"""),
        "to know who called since {since}|the missed calls|to know about calls after {since}",
        [
            Result({"callers|names": v.list_of(v.person, 1, 3), "last_at|latest": v.clock}, several("""{callers} called, the last time at {last_at}. | You missed {callers}; the latest call was at {last_at}. | Since {since} there were calls
            from {callers}, most recently at {last_at}.""")),
            Result({"callers|calls": v.choice([])}, several("""Nobody called since {since}. | You didn't miss any calls. | No calls after {since}.""")),
        ],
        "messages",
    ),
    Family(
        "shopping_add", "add_to_shopping_list|shopping_list_add|add_item|buy_list_add|list_add",
        "Put something on the shopping list|Adds an item with an amount|Shopping list",
        [
            _item, Parameter("quantity|amount|count|number", v.integer(1, 24), "How many|", "integer"),
            Parameter("shop|store|where", v.choice("the bakery", "the market", "the supermarket", "the pharmacy", "the butcher"), "Where to buy it|", phrases=" from {}|, at {}"),
            Parameter("urgent|priority|important", v.flag("urgently", "whenever there is time"), "Urgent|", "boolean", phrases=", {}|; we need it {}"),
        ],
        several("""Put {quantity} {item} on the shopping list | Shopping list: {quantity} x {item} | We need {item}, {quantity} of it, add that to the list | Add {item} to the shopping list, {quantity} pieces | The {item} is finished, write down
        {quantity} for shopping | {quantity} {item} for the shopping list please | Don't let us forget {item} when shopping! {quantity} of them | Could you note {item} for the supermarket? {quantity} will do | I want
        {quantity} more {item} on the list | On the list go {item}, number: {quantity}"""),
        "{quantity} {item} on the shopping list|to buy {item}|{item} added to the list",
        [
            Result({"total_items|count|itemsOnList": v.integer(1, 40)}, several("""{quantity} {item} are on the list, which has {total_items} items now. | Added: {quantity} {item}. The list has {total_items} entries. | Noted, {item} ({quantity}). Items on the list:
            {total_items}.""")),
            Result({"already_listed": v.choice(True), "quantity_now|new_quantity": v.integer(2, 40)}, several("""{item} was on the list already; it's {quantity_now} in all now. | There was some {item} on it, so now it says {quantity_now}. | I've raised {item} to
            {quantity_now}."""), 0.5),
        ],
        "shopping",
    ),
    Family(
        "shopping_show", "get_shopping_list|show_shopping_list|what_to_buy|read_list|shopping_list",
        "Show the shopping list|What has to be bought|Reads the list of a shop",
        [Parameter("shop|store|at|list", v.choice("the bakery", "the market", "the supermarket", "the pharmacy", "the butcher"), "Only for this shop|", phrases=" at {}|, for {}")],
        several("""What's on the shopping list | What do I have to buy | Show me the shopping list | Shopping list | I'm in town now, do we need anything | Read me our shopping list, please | Is there something left to buy |
        Tell me what we still need | Which things are on my list | I'm off to do the shopping, what do we need"""),
        "to see the shopping list|to know what to buy|the list of things to buy",
        [
            Result({"items|list": v.list_of(v.ingredient, 1, 5)}, several("""You need {items}. | On the list: {items}. | Please get {items}.""")),
            Result({"items": v.choice([])}, several("""The list is empty. | You don't need to buy anything. | Nothing at all, everything has been bought."""), 0.5),
        ],
        "shopping",
    ),
    Family(
        "parcel_track", "track_parcel|track_package|parcel_status|where_is_parcel|shipment_status",
        "Where a parcel is|Status and day of delivery of a shipment|Parcel tracking by number",
        [
            Parameter("number|tracking_number|parcel|tracking_id|id", v.code, "Tracking number|"),
            Parameter("carrier|company|service", v.choice("DHL", "UPS", "FedEx", "Royal Mail", "DPD", "Hermes"), "Who carries it|", phrases=", sent with {}|. It comes by {}"),
        ],
        several("""Where is my parcel {number}? | Track {number} | When does the package {number} come? | I'm waiting for a present, number {number}, is it near? | Has parcel {number} been delivered? | {number}, where's that shipment? | Check
        the tracking number {number} | The shop says it shipped {number}, can you look? | Will {number} arrive this week? It's a parcel | Status of my package "{number}" please"""),
        "to know where parcel {number} is|the status of {number}|to know when the package comes",
        [
            Result({"status|state": v.choice("in transit", "at customs", "out for delivery", "at the sorting centre"), "place|location": v.city, "expected|eta": v.date}, several("""Your parcel is {status} in {place} and should arrive on {expected}. |
            {number} is {status} ({place}); expect it on {expected}. | It's {status} at the moment, in {place}. Delivery is planned for {expected}.""")),
            Result({"status": v.choice("delivered"), "signed_by|received_by": v.person, "at|time": v.clock}, several("""It was delivered at {at}; {signed_by} took it. | {number} has arrived: {signed_by} signed for it at {at}. | Delivered at {at}, to
            {signed_by}.""")),
            Result({"error": v.choice("unknown number")}, several("""There's no parcel with the number {number}. | I couldn't find {number}. | {number} isn't known; is it typed correctly?"""), 0.35),
        ],
        "parcels",
    ),
    Family(
        "parcel_pickup", "schedule_pickup|book_pickup|parcel_pickup|request_collection|collect_parcel",
        "Have a parcel collected|Books a courier to an address on a day|Parcel collection, weight in kg",
        [
            Parameter("address|from|street|pickup_address", v.street, "Where to collect|"), _day,
            Parameter("weight|kg|weight_kg", v.number(0.3, 30), "In kilograms|", "number"),
        ],
        several("""Have a parcel of {weight} kg collected at {address} {day} | Pickup {day}, {address}, {weight} kg | I want to send {weight} kilos; can a courier come to {address} {day}? | {day} someone should fetch a package at {address}, weight {weight} kg |
        Courier to {address} {day} for {weight} kg please | My parcel weighs {weight} kg and is at {address}. Collect it {day} | Book a collection: {address}, {weight} kg, {day} | At {address} there's a box of {weight} kg to be picked up {day} | I can't carry
        {weight} kg to the post office, so send somebody {day} to {address} | For {day}: parcel pickup, {weight} kilograms, {address}"""),
        "a parcel collected at {address}|a courier {day}|to send {weight} kg",
        [
            Result({"pickup_id|code": v.code, "window|between": v.choice("8 to 10", "9 to 12", "13 to 15", "15 to 18"), "price": v.number(3, 40, 2)}, several("""The courier comes {day} from {window}; it costs {price}, code {pickup_id}. | Booked: {day}, {window}, for {price} ({pickup_id}). |
            Someone will be at {address} from {window}. Price {price}, number {pickup_id}.""")),
            Result({"error": v.choice("no courier on this day", "too heavy")}, several("""I couldn't book the pickup: {error}. | No collection at {address}: {error}. | The firm declined ({error})."""), 0.35),
        ],
        "parcels",
    ),
    Family(
        "appointment_doctor", "book_appointment|doctor_appointment|make_appointment|book_slot|request_appointment",
        "Book an appointment with a doctor, hairdresser or the like|Makes an appointment for a person|Appointment booking",
        [
            Parameter("with|provider|practice|who", such_as("the dentist", "the hairdresser", "Dr. Weber", "the optician", "the vet", "Dr. Rossi", "the physiotherapist", "the town hall"), "Where or with whom|"),
            _person, _day, _time,
        ],
        several("""Book an appointment with {with} for {person}, {day} at {time} | {person} needs to see {with} {day} at {time} | {with}: {person}, {day}, {time} | Can {person} get an appointment with {with} {day}, around {time}? | {day} at {time},
        {person} has to go to {with}, please arrange it | I'd like to make an appointment for {person} with {with}: {day}, {time} | At {time} {day} {person} would be free for {with} | Arrange {with} for {person}. {day}, {time} | It hurts! Get {person} an
        appointment with {with} {day} at {time} | For {person}: {with}, {time}, {day}"""),
        "an appointment with {with} for {person}|to see {with} {day}|{person} to have an appointment",
        [
            Result({"confirmed": v.choice(True), "reference|id": v.code}, several("""{person} has an appointment with {with} {day} at {time}. The reference is {reference}. | Booked: {day}, {time} (reference {reference}). | Done, {with} expects {person}
            at {time}; reference {reference}.""")),
            Result({"confirmed": v.choice(False), "next_free|alternative": v.clock}, several("""{time} is taken, but {next_free} is free. Shall I book that? | Nothing at {time}, sorry; the next free time is {next_free}. | They could take {person} at {next_free} instead of
            {time}."""), 0.6),
        ],
    ),
    Family(
        "todo_add", "add_todo|create_task|add_task|new_todo|todo_add",
        "Add a task to the to-do list|New to-do with a due date and a person|Household tasks",
        [
            Parameter("task|text|title|what", v.phrase, "What has to be done|"), _person, Parameter("due|due_date|deadline|until", v.date, "YYYY-MM-DD|"),
        ],
        several("""{person} has to do this until {due}: {task} | New task for {person}: {task}, due {due} | Put "{task}" on the to-do list of {person}, deadline {due} | By {due}, {person} should take care of '{task}' | Add a to-do: {task} ({person}, {due}) | To-do,
        {person}, {due}: {task} | Could you give {person} the task "{task}"? It's due {due} | We agreed that {person} does "{task}" by {due}, note it | Let {person} handle {task}; it must be done on {due} | Write down: '{task}', {person}, until {due}"""),
        "a task for {person}|{task} on the to-do list|{person} to do something until {due}",
        [
            Result({"task_id|id": v.integer(1, 4000), "open_tasks|open": v.integer(1, 20)}, several("""Added for {person}, due {due}: {task}. That makes {open_tasks} open tasks. | {person} has {open_tasks} open tasks now; the new one is {task}, due
            {due}. | Done. {task} is on the list of {person} until {due} ({open_tasks} open).""")),
            Result({"error": v.choice("unknown person", "date is in the past")}, several("""I couldn't add the task: {error}. | The list refused it ({error}). | Not added, because of this: {error}."""), 0.3),
        ],
        "todo",
    ),
    Family(
        "todo_done", "complete_task|mark_done|finish_todo|check_off|task_done",
        "Mark a task as done|Checks off a to-do|Completes a household task",
        [Parameter("task|title|name|text", v.phrase, "The task|")],
        several(""""{task}" is done | Check off {task} | I've finished '{task}', tick it off | Mark {task} as done | Done: {task} | You can take "{task}" off my list, I did it | {task} - finished at last! | Please tick {task} | Could you mark the task
        {task} as complete? | We managed "{task}" this morning, so check it off"""),
        "{task} marked as done|to check off {task}|the task {task} completed",
        [
            Result({"done": v.choice(True), "remaining|open": v.integer(1, 20)}, several("""Well done! {task} is ticked off; {remaining} tasks remain. | {task} is done, {remaining} left. | Checked off. You have {remaining} open tasks now.""")),
            Result({"done": v.choice(True), "remaining|open": v.choice(0)}, several("""{task} is done, and that was the last one. | Ticked off. Nothing is left on your list! | Done, your list is empty now."""), 0.4),
            Result({"error": v.choice("not found")}, several("""There's no task called {task} on the list. | I couldn't find {task} among your tasks. | {task} isn't on the list."""), 0.35),
        ],
        "todo",
    ),
    Family(
        "pocket_money", "give_allowance|pay_pocket_money|allowance|pocket_money|add_allowance",
        "Pay pocket money to a child|Books an allowance with a reason|Keeps track of the children's money",
        [_child, Parameter("amount|sum|money|value", v.number(1, 30, 2), "How much|", "number"), Parameter("reason|for|purpose", such_as("good grades", "washing the car", "this week", "babysitting", "mowing the lawn"), "What for|")],
        several("""Give {child} {amount} for {reason} | {child} gets {amount}, {reason} | {amount} pocket money for {child}: {reason} | {child} has earned {amount} for {reason}, book it | I owe {child} {amount} for {reason}, put that on the account | For
        {reason}, {child} should get {amount} | Pay {child} an allowance of {amount} for {reason} | Could you add {amount} to the money of {child}? It's for {reason} | Pocket money: {child}, {amount}, {reason} | Because of {reason} I want to give {child}
        {amount}"""),
        "{amount} for {child}|pocket money for {child}|{child} paid for {reason}",
        [
            Result({"balance|new_balance|total": v.number(2, 200, 2)}, several("""{child} got {amount} and has {balance} now. | Booked: {amount} for {reason}. The balance of {child} is {balance}. | Done, {child} now owns {balance}.""")),
            Result({"error": v.choice("unknown child", "monthly limit reached")}, several("""I couldn't book it: {error}. | No money for {child} yet; {error}. | That was refused ({error})."""), 0.3),
        ],
        "children",
    ),
    Family(
        "homework", "get_homework|homework|school_tasks|homework_for|check_homework",
        "Homework of a child in a subject|What has to be done for school|School homework lookup",
        [_child, Parameter("subject|class|course", such_as("maths", "biology", "French", "history", "music", "chemistry", "geography", "English"), "School subject|")],
        several("""What homework does {child} have in {subject}? | {child} {subject} homework | Does {child} have to do anything for {subject}? | Is there homework in {subject} for {child}? | {child} says there's no {subject} homework, is that true? | Check the
        {subject} homework of {child} | For {subject}, what must {child} do? | Tell me what the teacher gave {child} in {subject} | Homework, {child}, {subject} | Has {child} finished the tasks in {subject}?"""),
        "the {subject} homework of {child}|to know what {child} has to do|homework in {subject}",
        [
            Result({"pages|page": v.choice("page 12", "pages 30 to 32", "exercise 4", "pages 7 and 8", "worksheet 3"), "due|for": v.day}, several("""{child} has to do {pages} in {subject}, due {due}. | Yes: {pages}, for {due}. | In {subject} it's {pages}, to be
            handed in {due}.""")),
            Result({"homework": v.choice([])}, several("""No, {child} has no {subject} homework. | Nothing to do in {subject}. | {child} is free: there's no homework."""), 0.6),
        ],
        "children",
    ),
    Family(
        "school_absence", "report_absence|sick_note|report_sick|absence|excuse_child",
        "Report a child's absence to the school|Excuses a child for a date and a reason|School absence",
        [_child, _date, Parameter("reason|cause|why", such_as("a fever", "a cold", "a dentist appointment", "a family event", "stomach ache", "a broken arm"), "Reason|")],
        several("""{child} can't come to school on {date} because of {reason} | Report {child} absent on {date}: {reason} | Tell the school that {child} has {reason} and stays home on {date} | On {date} {child} is missing, {reason} | Excuse {child} for {date}; the reason is
        {reason} | {child}, {date}, {reason}: absence note please | Because of {reason}, {child} won't be at school on {date} | Could you let the school know? {child} is away on {date} with {reason} | Absence on {date} for {child} due to {reason} | I need {child} excused,
        {reason}, {date}"""),
        "{child} excused on {date}|to tell the school that {child} is away|{child} reported absent",
        [
            Result({"confirmed": v.choice(True), "teacher|informed": v.person}, several("""{child} is excused for {date}; {teacher} knows. | Done, {teacher} was told that {child} is away on {date}. | The school has it: {child}, {date}. {teacher} is informed.""")),
            Result({"confirmed": v.choice(False), "reason_code|error|message": v.choice("that is a holiday", "a doctor's note is needed", "unknown pupil")}, several("""The school didn't accept it: {reason_code}. | That wasn't taken, since {reason_code}. | The answer from school:
            {reason_code}."""), 0.4),
        ],
        "children",
    ),
    Family(
        "gift_idea", "suggest_gift|gift_ideas|find_gift|present_idea|recommend_gift",
        "Suggest a gift for an age, an interest and a budget|Ideas for presents|What to give somebody",
        [
            Parameter("age|years|age_years", v.integer(1, 95), "Age of the person|", "integer"), Parameter("interest|hobby|likes", v.sport, "What the person likes|"),
            Parameter("budget|max_price|price|limit", v.integer(5, 300), "Most to spend|", "integer"),
        ],
        several("""What can I give somebody who is {age} and loves {interest}, for up to {budget}? | Gift, age {age}, {interest}, {budget} | My aunt turns {age}, likes {interest}, and I can spend {budget} | A present for {budget} at most: {age} years old, into {interest} | Any ideas for a
        {interest} fan of {age}? My budget is {budget} | I have {budget} for a gift; the person is {age} and enjoys {interest} | For {budget} or less, what would please a {age} year old who likes {interest}? | Help! Birthday tomorrow, age {age}, hobby {interest}, budget {budget} | Find
        something to give, {interest}, {budget}, for {age} years | Somebody with a passion for {interest} becomes {age}; suggest a gift below {budget}"""),
        "a gift for somebody who likes {interest}|a present for up to {budget}|an idea what to give",
        [
            Result({"idea|gift|suggestion": v.product, "price": v.number(4, 290, 2), "shop|store": v.company}, several("""How about a {idea}? It costs {price} at {shop}. | A {idea} from {shop} for {price} would fit. | I'd give a {idea}; {shop} has it for {price}.""")),
            Result({"ideas": v.choice([])}, several("""I found nothing for {budget}. | No idea fits, sorry; maybe with a bit more money? | Nothing came up for {interest} within {budget}."""), 0.3),
        ],
    ),
    Family(
        "pet_feed", "feed_pet|log_feeding|pet_feeder|dispense_food|feed",
        "Feed a pet with the feeder|Dispenses an amount of food|Pet feeder, amount in grams",
        [Parameter("pet|animal|name|pet_name", v.first_name, "Name of the pet|"), Parameter("grams|amount|portion_g|quantity", v.integer(5, 250), "Grams|", "integer")],
        several("""Feed {pet} {grams} grams | {pet} {grams} g | {pet} is hungry, give {grams} grams of food | Could you feed {pet}? {grams} g please | I'm stuck at work, give {pet} {grams} grams | {grams} grams for {pet} | Let the feeder drop {grams} g for {pet} | Our cat
        {pet} should get {grams} grams now | The bowl of {pet} is empty. Fill in {grams} grams | Dispense {grams} g of dry food to {pet}"""),
        "{pet} fed with {grams} grams|food for {pet}|to feed {pet}",
        [
            Result({"left_g|remaining|foodLeft": v.integer(50, 3000)}, several("""{pet} got {grams} g; the feeder has {left_g} g left. | Done, {grams} grams for {pet}. {left_g} grams remain. | Dinner is served for {pet}. Food left: {left_g} g.""")),
            Result({"ok": v.choice(False), "reason": v.choice("the feeder is empty", "food is jammed", "daily limit reached")}, several("""{pet} got nothing: {reason}. | I couldn't feed {pet}, {reason}. | The feeder didn't work; {reason}."""), 0.4),
        ],
    ),
    Family(
        "locate_phone", "find_device|locate_phone|ring_phone|find_my_phone|where_is_device",
        "Find a lost device and let it ring|Last position of a phone or tablet|Locates a device",
        [Parameter("device|phone|name|what", such_as("phone", "tablet", "keys", "headphones", "watch", "laptop", "backpack", "wallet"), "The device|")],
        several("""Where is my {device}? | Find my {device} | I can't find my {device} anywhere | {device} lost, help | Let my {device} ring | Have you seen my {device}? | Did I leave my {device} at work? | Locate the {device} please | I'm about to leave and my {device} is
        gone | Make a sound on the {device}, I don't see it | Tell me where the {device} was last"""),
        "to find the {device}|to know where the {device} is|the {device} to ring",
        [
            Result({"place|location|address": v.street, "seen|last_seen": v.clock, "battery": v.percent}, several("""Your {device} was at {place} at {seen}, with {battery}% battery. | It's at {place}, last seen at {seen} ({battery}% battery). | Look at {place}: the {device}
            reported from there at {seen}, battery {battery}%.""")),
            Result({"ringing": v.choice(True), "near|room": v.room}, several("""It's ringing now, somewhere near the {near}. | Listen! The {device} rings by the {near}. | Your {device} should be near the {near}; I've made it ring.""")),
            Result({"error": v.choice("device is offline", "not registered")}, several("""I can't find the {device}: {error}. | No luck with the {device} ({error}). | Sorry, {error}."""), 0.4),
        ],
    ),
]
