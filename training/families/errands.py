"""Tools about what is to be done: shopping, parcels, appointments, lists, children, pets."""

from training import values as v
from training.families.life import DATE, DAY, PERSON, TIME
from training.family import Family, Parameter, Result
from training.open_sets import such_as
from training.several import several

_item = Parameter("item|product|what|entry|article", v.ingredient, "What to buy|The item|")
_child = Parameter("child|name|kid|student", v.first_name, "Name of the child|The child|")

FAMILIES: list[Family] = [
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
            Parameter("address|from|street|pickup_address", v.street, "Where to collect|"), DAY,
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
            PERSON, DAY, TIME,
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
            Parameter("task|text|title|what", v.phrase, "What has to be done|"), PERSON, Parameter("due|due_date|deadline|until", v.date, "YYYY-MM-DD|"),
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
        [_child, DATE, Parameter("reason|cause|why", such_as("a fever", "a cold", "a dentist appointment", "a family event", "stomach ache", "a broken arm"), "Reason|")],
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
