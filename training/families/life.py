"""Tools about people: contacts, calendar, reminders, messages."""

from random import Random
from typing import Any

from training import values as v
from training.family import Arguments, Family, Parameter, Result
from training.several import several
from training.times import later

PERSON = Parameter("person|name|contact|who|contact_name|recipient", v.person, "The person|Name of the contact|Who|")
DAY = Parameter("day|date|when|on", v.day, "Which day|The day|")
DATE = Parameter("date|day|on|when", v.date, "YYYY-MM-DD|The date|")
TIME = Parameter("time|at|start_time|hour|start", v.clock, "HH:MM|The time|")
_title = Parameter("title|name|event|subject|summary", v.title, "Title of the event|What it is|")
_event_id = Parameter("event|id|event_id|appointment", v.code, "The event|Id of the appointment|")
_quoted = v.choice("no such contact", "several people have this name", "the address book is locked")


def _slot(random: Random, arguments: Arguments) -> dict[str, Any]:
    """Draw a free time of the length asked for."""
    start = f"{random.randint(8, 18):02}:{random.choice((0, 15, 30, 45)):02}"
    return {"start|from": start, "end|until": later(start, arguments["minutes"])}


FAMILIES: list[Family] = [
    Family(
        "contact_find", "find_contact|get_contact|lookup_contact|search_contacts|contact_info",
        "Look up a person in the address book|Phone and email of a contact|Finds a contact by name",
        [PERSON],
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
            PERSON, Parameter("phone|number|mobile|phone_number", v.phone, "Phone number|"),
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
        [PERSON],
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
            _title, DATE, TIME,
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
        [DAY],
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
        [_title, DAY, TIME],
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
            Parameter("minutes|duration|length", v.duration_minutes, "How long|", "integer"), DAY,
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
        [Parameter("text|what|message|task|note", v.phrase, "What to be reminded of|The text|"), DAY, TIME],
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
            PERSON, Parameter("text|message|body|content", v.message, "What to write|The message|"),
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
        [PERSON],
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
]
