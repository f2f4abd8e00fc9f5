"""Tools about cooking and food: recipes, nutrition, ordering, restaurants, the pantry."""

from training import values as v
from training.family import Family, Parameter, Result
from training.open_sets import such_as
from training.several import several

_dish = Parameter("dish|recipe|name|meal|recipe_name|title", v.recipe, "The dish|Name of the recipe|What is cooked|")
_ingredient = Parameter("ingredient|item|food|name|product", v.ingredient, "The ingredient|Name of the food|")
_grams = Parameter("grams|weight|amount|g|quantity_g", v.integer(5, 900), "Weight in grams|Grams|", "integer")
_restaurant = such_as("Luigi's", "the Golden Lion", "Sakura", "Chez Marie", "Taj Palace", "the Blue Door", "Casa Verde", "Zum Adler", "Noodle House")

FAMILIES: list[Family] = [
    Family(
        "recipe_by_ingredients", "find_recipes|recipes_by_ingredients|what_can_i_cook|search_recipes|suggest_dish",
        "Find recipes that use given ingredients|Suggests a dish from what you have|Recipe search by ingredients",
        [
            Parameter("ingredients|items|have|foods|ingredient_list", v.list_of(v.ingredient, 2, 4), "What you have|List of ingredients|", "array"),
            Parameter("max_minutes|time|within", v.duration_minutes, "Longest time|", "integer", phrases=" in at most {} minutes|, no longer than {} minutes"),
            Parameter("diet|diet_type", v.choice("vegan", "vegetarian", "gluten-free", "low-carb"), "Diet|", choices=("vegan", "vegetarian", "gluten-free", "low-carb"), phrases=", {} please|, and it should be {}"),
        ],
        several("""What can I cook with {ingredients}? | I have {ingredients}, any ideas? | Recipes with {ingredients} | There's
        only {ingredients} in my kitchen, what could I make of that? | Find me a dish that uses {ingredients} | Suggest
        something with {ingredients} | {ingredients}: what do I do with them? | Dinner ideas for {ingredients} please |
        The kids are hungry and all I've got is {ingredients}, help me | Is there a recipe for {ingredients}? | Use up
        {ingredients}"""),
        "a recipe with {ingredients}|to know what can be cooked with {ingredients}|to use up {ingredients}",
        [
            Result({"dish|recipe|title": v.recipe, "minutes|total_time": v.duration_minutes}, several("""How about {dish}? It takes {minutes}
            minutes. | You could make {dish}, ready in {minutes} minutes. | I'd suggest {dish}; allow {minutes} minutes for
            it. | With that you can cook {dish} in {minutes} minutes.""")),
            Result({"recipes|dishes": v.list_of(v.recipe, 2, 3)}, several("""You could cook {recipes}. | There are some ideas:
            {recipes}. | These would work: {recipes}. Which one do you like?""")),
            Result({"recipes|dishes": v.choice([])}, several("""I found no recipe for that combination. | Nothing fits those
            ingredients, I'm afraid. | No dish came up; maybe try with one ingredient less."""), 0.4),
        ],
        "recipes",
    ),
    Family(
        "recipe_steps", "get_recipe|recipe_details|how_to_cook|get_instructions|cooking_instructions",
        "Ingredients and time of a dish for a number of people|Get a recipe, scaled to servings|The recipe of a dish",
        [_dish, Parameter("servings|people|persons|portions|serves", v.integer(2, 12), "How many people|Servings|", "integer")],
        several("""How do I make {dish} for {servings}? | Recipe: {dish}, {servings} servings | I want to cook {dish} for
        {servings} people | What goes into {dish} if we're {servings}? | {servings} friends are coming, how do I prepare
        {dish}? | {dish} for {servings} please | Can I have the recipe of {dish}, scaled to {servings} portions? | For
        {servings} persons: what do I need to make {dish}? | Give me the instructions for "{dish}" with {servings} servings
        | My grandma's favourite is {dish}. How is it cooked for {servings}?"""),
        "the recipe of {dish} for {servings}|to cook {dish} for {servings} people|to know how {dish} is made",
        [
            Result({"ingredients|needed": v.list_of(v.ingredient, 3, 4), "minutes|time_min": v.duration_minutes}, several("""For {servings} people you
            need {ingredients}. It takes about {minutes} minutes. | {dish} is made of {ingredients}, and you should plan
            {minutes} minutes. | Get {ingredients}; in {minutes} minutes it's on the table.""")),
            Result({"error": v.choice("recipe not found", "no such dish")}, several("""I don't have a recipe for {dish}. | There's no {dish} in
            the cookbook, sorry. | I couldn't find {dish}; does it go by another name?"""), 0.35),
        ],
        "recipes",
    ),
    Family(
        "calories", "get_calories|nutrition_facts|calorie_lookup|nutrition|food_energy",
        "Calories and protein of a food|Nutrition of an amount in grams|Looks up nutrition facts",
        [_ingredient, _grams],
        several("""How many calories do {grams} grams of {ingredient} have? | {grams} g {ingredient} calories | I'm having {grams}
        g of {ingredient}, is that a lot? | What's in {grams} grams of {ingredient}? | Nutrition of {ingredient}, {grams} g |
        {ingredient}: what do {grams} grams contain? | I'm on a diet, can I eat {ingredient}? It'd be {grams} grams | Look up
        {grams} g of '{ingredient}' | Does {ingredient} make you fat? Say {grams} grams of it | If I eat {grams} grams of
        {ingredient}, how much energy is that?"""),
        "the calories of {grams} g of {ingredient}|to know what {ingredient} contains|nutrition facts",
        [
            Result({"calories|kcal|energy_kcal": v.integer(3, 1900), "protein_g|protein": v.number(0.1, 60)}, several("""{grams} g of {ingredient}
            have {calories} kcal and {protein_g} g of protein. | That's {calories} calories, with {protein_g} grams of
            protein. | You'd get {calories} kcal and {protein_g} g of protein from it.""")),
            Result({"found": v.choice(False)}, several("""I have no nutrition data for {ingredient}. | {ingredient} isn't in the food
            table, sorry. | I couldn't find {ingredient}."""), 0.3),
        ],
        "nutrition",
    ),
    Family(
        "allergens", "check_allergens|allergen_info|contains_allergen|is_safe_to_eat|allergy_check",
        "Check whether a dish contains an allergen|Allergen information of a dish|Tells if a food is safe with an allergy",
        [_dish, Parameter("allergen|allergy|substance|without", v.choice("gluten", "peanuts", "lactose", "eggs", "soy", "fish", "mustard", "celery", "sesame", "almonds"), "The allergen|")],
        several("""Does {dish} contain {allergen}? | Is there {allergen} in {dish}? | {dish}, {allergen}? | I can't have {allergen},
        may I eat {dish}? | My son is allergic to {allergen}. Is {dish} safe? | Check {dish} for {allergen} | With a {allergen}
        allergy, what about {dish}? | Is {dish} free of {allergen}? | {allergen} in {dish}, yes or no? | Can a guest who
        reacts to {allergen} eat {dish}?"""),
        "to know if {dish} contains {allergen}|to know if {dish} is safe|to avoid {allergen}",
        [
            Result({"contains": v.choice(True), "source|from": v.ingredient}, several("""Yes, {dish} contains {allergen}, from the {source}. | Better not: the {source} in it brings {allergen} along. | It does; the {source} in it has {allergen}.""")),
            Result({"contains": v.choice(False), "traces": v.choice(False)}, several("""No, {dish} has no {allergen}, not even traces. | It's free of
            {allergen}. | You can eat it: no {allergen} in {dish}.""")),
            Result({"contains": v.choice(False), "traces": v.choice(True)}, several("""{dish} has no {allergen} as such, but may contain traces. |
            Traces of {allergen} are possible, so be careful. | Not as an ingredient, but there can be traces of
            {allergen}.""")),
        ],
        "nutrition",
    ),
    Family(
        "substitute", "find_substitute|replace_ingredient|ingredient_substitute|swap_ingredient|get_alternative",
        "Find a replacement for an ingredient|Suggests a substitute with the ratio|What to use instead",
        [_ingredient],
        several("""What can I use instead of {ingredient}? | Substitute for {ingredient} | I ran out of {ingredient}, what now? | Is
        there something that replaces {ingredient}? | I don't like {ingredient}, what else would work? | {ingredient}
        alternative? | The recipe calls for {ingredient} and I have none. Any replacement? | Can I swap {ingredient} for
        something? | Give me a stand-in for "{ingredient}" | What do I take in place of {ingredient}?"""),
        "something instead of {ingredient}|a replacement for {ingredient}|to do without {ingredient}",
        [
            Result({"substitute|replacement|use": v.ingredient, "ratio": v.choice("1:1", "1:2", "2:1", "3:4")}, several("""Use {substitute} instead, at {ratio}. |
            You can take {substitute} in a ratio of {ratio}. | {substitute} works well ({ratio}). | Try {substitute}; the ratio
            is {ratio}.""")),
            Result({"substitute": v.choice(None)}, several("""I know of nothing that replaces {ingredient}. | There's no good substitute for
            {ingredient}, sorry. | Nothing suitable came up for {ingredient}."""), 0.3),
        ],
    ),
    Family(
        "kitchen_timer", "start_kitchen_timer|cooking_timer|boil_timer|food_timer|kitchen_countdown",
        "Start a timer for food on the stove|Kitchen timer with a label|Rings when the food is ready",
        [
            Parameter("food|label|what|name", v.food, "What is cooking|Label|"),
            Parameter("minutes|duration|mins|time", v.integer(1, 90), "Minutes|How long|", "integer"),
        ],
        several("""Timer for the {food}, {minutes} minutes | Tell me when the {food} is done, {minutes} minutes | {minutes} min
        {food} | The {food} needs {minutes} minutes | I've just put the {food} in, remind me in {minutes} minutes | Set
        {minutes} minutes for {food} | {food}: {minutes} minutes from now | Can you watch the time for my {food}? It takes
        {minutes} minutes | Don't let the {food} burn! {minutes} minutes | In {minutes} minutes I have to take out the
        {food}"""),
        "a timer of {minutes} minutes for the {food}|to be told when the {food} is done|{minutes} minutes for the {food}",
        [
            Result({"ends_at|rings_at|end": v.clock}, several("""The timer for the {food} is running; it rings at {ends_at}. | {minutes} minutes for
            the {food}, so I'll ring at {ends_at}. | Done. Your {food} will be ready at {ends_at}.""")),
            Result({"error": v.choice("too many timers", "speaker is off")}, several("""I couldn't start the timer: {error}. | No timer for the
            {food}, sorry; {error}. | That failed ({error}), so keep an eye on the {food}."""), 0.25),
        ],
    ),
    Family(
        "food_order", "order_food|place_order|order_delivery|food_delivery|order_meal",
        "Order a dish for delivery|Places a food order with quantity and address|Food delivery",
        [
            Parameter("dish|item|meal|food", v.food, "What to order|The dish|"),
            Parameter("quantity|count|amount|portions", v.integer(1, 9), "How many|", "integer"),
            Parameter("address|deliver_to|street|where", v.street, "Where to bring it|Delivery address|"),
            Parameter("note|comment|instructions", v.choice("no onions", "extra cheese", "ring twice", "not too spicy", "leave it at the door"), "For the kitchen|", phrases=', with the note "{}"|; note: {}'),
        ],
        several("""Order {quantity} {dish} to {address} | {quantity} x {dish}, {address} | I'm starving, have {quantity} {dish} brought to
        {address} | Can you get me {dish}, {quantity} portions, delivered at {address}? | Deliver {dish} ({quantity}) to
        {address} | To {address}: {quantity} {dish} please | We'd like {dish} times {quantity} at {address} | My place is
        {address}; send {quantity} {dish} | {address} is where I live. {quantity} portions of {dish}, please | I want {dish}
        tonight, {quantity} of it, at {address}"""),
        "{quantity} {dish} delivered to {address}|to order {dish}|a delivery to {address}",
        [
            Result({"order_id|order|id": v.code, "total|price": v.money, "minutes|eta_min": v.integer(15, 80)}, several("""Your order {order_id} is placed:
            {total} in total, arriving in about {minutes} minutes. | Ordered! It'll be there in {minutes} minutes and costs
            {total}. The number is {order_id}. | {quantity} {dish} are on the way to {address} in {minutes} minutes, for
            {total} (order {order_id}).""")),
            Result({"accepted": v.choice(False), "reason|message": v.choice("the kitchen is closed", "the address is too far away", "sold out")},
            several("""The order wasn't accepted: {reason}. | I couldn't order {dish}, the reason is: {reason}. | No luck:
            {reason}. Shall I try something else?"""), 0.5),
        ],
        "food_order",
    ),
    Family(
        "food_order_status", "track_order|delivery_status|where_is_my_food|order_status|track_delivery",
        "Where a food order is|Status of a delivery by order number|Tracks the rider",
        [Parameter("order|order_id|number|id|order_number", v.code, "Order number|The order|")],
        several("""Where is my food? The order is {order} | Food order {order} status | When does {order} arrive? I'm hungry | Has the
        rider left with {order}? | Track my dinner, order {order} | {order}: is the pizza on its way? | I ordered an hour ago
        and nothing came, number {order} | Can you check the delivery of my meal {order}? | How long until my lunch order
        "{order}" is here? | Is the kitchen done with order {order}?"""),
        "to know where food order {order} is|the status of meal delivery {order}|to know when the food arrives",
        [
            Result({"stage|status|state": v.choice("being prepared", "on the way", "waiting for a rider", "around the corner"), "minutes|eta": v.integer(2, 60)},
            several("""Your order is {stage} and should arrive in {minutes} minutes. | Order {order} is {stage}; about {minutes} minutes
            to go. | It's {stage}. Expect it in {minutes} minutes.""")),
            Result({"stage|status": v.choice("delivered"), "at|delivered_at": v.clock}, several("""It was delivered at {at}. | According to the
            system, your food arrived at {at}. | Order {order} was dropped off at {at}; have a look at the door.""")),
            Result({"error": v.choice("unknown order")}, several("""I couldn't find an order {order}. | There's no order with the number
            {order}. | {order} isn't known there; is the number right?"""), 0.4),
        ],
        "food_order",
    ),
    Family(
        "table_booking", "reserve_table|book_table|make_reservation|restaurant_booking|table_reservation",
        "Book a table at a restaurant|Restaurant reservation|Reserves a table for a number of guests",
        [
            Parameter("restaurant|place|name|venue", _restaurant, "The restaurant|Name|"),
            Parameter("guests|people|party_size|persons|seats", v.integer(2, 14), "How many people|", "integer"),
            Parameter("day|date|when", v.day, "Which day|"),
            Parameter("time|at|hour|start_time", v.clock, "HH:MM|The time|"),
            Parameter("name|booked_by|guest_name", v.person, "Name of the guest|", phrases=", under the name {}|. The name is {}"),
        ],
        several("""Book a table at {restaurant} for {guests}, {day} at {time} | Table for {guests}, {restaurant}, {day}, {time} | We
        want to eat at {restaurant} {day}, {guests} people at {time} | Can you get us {guests} seats at {restaurant} for
        {day} around {time}? | {day} {time}, {restaurant}, {guests} persons | It's our anniversary: {restaurant}, {day}, {time},
        a table for {guests} please | Reserve for {guests} people, time {time}, day {day}, at {restaurant} | For {day} I need a
        table at {restaurant}: {guests} guests, {time} | At {time} {day} we'd like to be at {restaurant}; there are {guests} of
        us | {guests} of us are hungry for {restaurant}, {day}, {time}, could you reserve?"""),
        "a table at {restaurant} for {guests}|to eat at {restaurant}, {day}, {time}|a reservation at {restaurant}",
        [
            Result({"reservation_id|booking|code": v.code, "table": v.integer(1, 40)}, several("""Your table is booked: {restaurant}, {day}, {time}, for
            {guests}. It's table {table}, code {reservation_id}. | Done, table {table} is yours. The booking code is
            {reservation_id}. | {restaurant} expects {guests} of you at {time} (table {table}, {reservation_id}).""")),
            Result({"available": v.choice(False), "next_free|alternative": v.clock}, several("""{restaurant} is full then, but there's a table at
            {next_free}. Shall I take it? | No table at {time}, I'm afraid; the next one is free at {next_free}. | At {time}
            they're booked out. How about {next_free}?"""), 0.6),
        ],
        "restaurant",
    ),
    Family(
        "restaurant_search", "find_restaurant|search_restaurants|restaurant_finder|where_to_eat|nearby_restaurants",
        "Find a restaurant by kitchen and place|Suggests where to eat|Restaurants of a cuisine in a city",
        [
            Parameter("cuisine|kitchen|food|type", such_as("Italian", "Thai", "Indian", "Mexican", "Greek", "Japanese", "Lebanese", "vegan", "Ethiopian", "Korean"), "Kind of food|The cuisine|"),
            Parameter("city|place|near|location|town", v.city, "Where|The city|"),
            Parameter("max_price|budget|price_limit", v.integer(8, 90), "For one person|", "integer", phrases=" for at most {} a head|, up to {} per person"),
            Parameter("open_now|open", v.flag("open right now", "whether open or closed"), "Only places open now|", "boolean", phrases=", {}"),
        ],
        several("""Find a {cuisine} restaurant in {city} | {cuisine} food {city} | Where can I eat {cuisine} in {city}? | I'm in {city}
        tonight and fancy something {cuisine} | Is there good {cuisine} food in {city}? | We're meeting friends in {city} and they
        love {cuisine} food, where should we go? | {city}: a {cuisine} place please | Suggest a restaurant, {cuisine}, in {city} |
        Who cooks {cuisine} in {city}? | I need a {cuisine} place to eat in {city}"""),
        "{cuisine} food in {city}|a {cuisine} restaurant in {city}|to know where to eat in {city}",
        [
            Result({"name|restaurant": v.title, "rating|stars": v.number(3, 5), "address|street": v.street}, several("""Try {name}, {address}; it's rated
            {rating} of 5. | {name} at {address} has {rating} stars. | I'd go to {name} ({address}), which people give {rating}
            out of 5.""")),
            Result({"results": v.choice([])}, several("""I found no {cuisine} restaurant in {city}. | There's nothing {cuisine} in {city}, sorry. |
            No matches in {city}; would another kitchen do?"""), 0.4),
        ],
        "restaurant",
    ),
    Family(
        "menu", "get_menu|dish_of_the_day|todays_menu|lunch_menu|canteen_menu",
        "What a restaurant or canteen serves on a day|Dish of the day and its price|Menu lookup",
        [Parameter("restaurant|canteen|place|name", _restaurant, "The restaurant|Where|"), Parameter("day|date|when", v.day, "Which day|")],
        several("""What's on the menu at {restaurant}, {day}? | {restaurant} menu {day} | What do they serve at {restaurant} {day}? | I might
        have lunch at {restaurant} {day}, is there anything nice? | {day} at {restaurant}: what's the dish? | Show me {day}'s
        menu of {restaurant} | Dish of the day, {restaurant}, {day} | For {day}, what does {restaurant} offer? | Can you look up
        what {restaurant} cooks {day}? | My boss takes us to {restaurant} {day}, what will there be?"""),
        "the menu of {restaurant} for {day}|to know what {restaurant} serves|the dish of the day at {restaurant}",
        [
            Result({"dish|main": v.food, "price|cost": v.number(5, 32, 2)}, several("""They serve {dish} for {price}. | {restaurant} has {dish} {day},
            at {price}. | The dish is {dish}, and it costs {price}.""")),
            Result({"closed": v.choice(True)}, several("""{restaurant} is closed then. | No menu: {restaurant} doesn't open {day}. | They're
            closed {day}, sorry."""), 0.4),
        ],
        "restaurant",
    ),
    Family(
        "pantry_add", "add_to_pantry|pantry_add|stock_item|put_in_pantry|add_stock",
        "Record food that was put in the pantry|Adds stock with an amount and the best-before date|Pantry inventory",
        [
            Parameter("item|product|food|name", v.ingredient, "What|The food|"),
            Parameter("quantity|amount|count|pieces", v.integer(1, 30), "How many|", "integer"),
            Parameter("expires|best_before|expiry_date|use_by", v.date, "YYYY-MM-DD|Best before|"),
        ],
        several("""I bought {quantity} {item}, good until {expires} | Add {quantity} x {item} to the pantry, best before {expires} | Pantry:
        {item}, {quantity}, {expires} | {quantity} packs of {item} went on the shelf, they expire on {expires} | Put down
        {item}: {quantity} pieces until {expires} | Please record {item} ({quantity}) with the date {expires} | The {item} keeps
        until {expires}; there are {quantity} of them in the pantry now | New in the cupboard: {quantity} {item}. Use by {expires} |
        Use-by date {expires}, {quantity} {item}, into the pantry list | Stock up the pantry with {quantity} {item} expiring
        {expires}"""),
        "{quantity} {item} recorded in the pantry|to add {item} to the stock|the pantry to have {item}",
        [
            Result({"total|in_stock|newTotal": v.integer(1, 60)}, several("""Noted: {quantity} {item}, best before {expires}. You have {total} in all now. |
            The pantry now holds {total} of {item}. | I've added {quantity}; that makes {total} {item}.""")),
            Result({"error": v.choice("the date is in the past", "unknown unit")}, several("""I couldn't record the {item}: {error}. | The pantry refused
            it because of this: {error}. | That wasn't saved, {error}."""), 0.3),
        ],
        "pantry",
    ),
    Family(
        "pantry_expiring", "expiring_food|what_expires|list_expiring|soon_expired|use_soon",
        "List food that expires within some days|What should be eaten soon|Expiring items of the pantry",
        [Parameter("days|within|next_days|n", v.integer(2, 30), "Days from today|", "integer")],
        several("""What goes bad in the next {days} days? | Which food expires within {days} days? | Expiring, {days} days | I hate wasting
        food, what has to be eaten in {days} days? | Is anything in the pantry going off within {days} days? | Show what I
        should use up in the coming {days} days | {days} days from now, what will be past its date? | List everything that
        expires in {days} days | We're going away for {days} days, what would spoil? | Does any food run out of date in
        {days} days?"""),
        "to know what expires in {days} days|food to use up|what goes bad soon",
        [
            Result({"items|expiring": v.list_of(v.ingredient, 1, 4)}, several("""Use these soon: {items}. | Within {days} days, {items} will expire. | You
            should eat {items} first. | In the next {days} days the date runs out for {items}.""")),
            Result({"items|expiring": v.choice([])}, several("""Nothing expires in the next {days} days. | You're fine, everything keeps longer than
            that. | No food goes bad within {days} days."""), 0.5),
        ],
        "pantry",
    ),
    Family(
        "wine_pairing", "pair_wine|wine_pairing|suggest_drink|drink_for_dish|what_to_drink",
        "Suggest a drink for a dish|Which wine or drink goes with a meal|Drink pairing",
        [_dish, Parameter("alcohol|alcoholic|with_alcohol", v.flag("with alcohol", "without alcohol"), "May contain alcohol|", "boolean", phrases=", {}|, something {}")],
        several("""What should we drink with {dish}? | Which wine goes with {dish}? | Drink for {dish} | I'm cooking {dish} for my parents, what
        do I pour? | Suggest something to drink with {dish} | {dish} is for dinner. Any drink that fits? | Pair {dish} with a
        drink | What suits {dish} best, from the cellar? | Can you recommend a bottle for "{dish}"? | We're having {dish} and I
        don't know what to drink"""),
        "a drink that goes with {dish}|to know what to drink with {dish}|a pairing for {dish}",
        [
            Result({"drink|suggestion|wine": v.drink, "serve_at|temperature_c": v.integer(6, 18)}, several("""{drink} goes well with it, served at
            {serve_at}°C. | I'd pour {drink} at {serve_at} degrees. | With {dish}, have {drink}; {serve_at}°C is right.""")),
            Result({"drink": v.choice(None)}, several("""I have no suggestion for {dish}. | Nothing came up for {dish}, sorry. | The guide knows no drink
            for {dish}; water is never wrong."""), 0.3),
        ],
    ),
    Family(
        "scale_recipe", "scale_ingredient|scale_amount|adjust_servings|recipe_scale|rescale",
        "Scale the amount of an ingredient to other servings|Adjusts a recipe's quantity|From one number of portions to another",
        [
            _ingredient, _grams,
            Parameter("from_servings|original|servings|base", v.integer(2, 6), "Servings of the recipe|", "integer"),
            Parameter("to_servings|wanted|new_servings|target", v.integer(7, 30), "Servings wanted|", "integer"),
        ],
        several("""The recipe for {from_servings} needs {grams} g of {ingredient}, how much is it for {to_servings}? | Scale {grams} g
        {ingredient} from {from_servings} to {to_servings} servings | {ingredient}: {grams} g for {from_servings} people, what about
        {to_servings}? | I'm cooking for {to_servings} but the book says {grams} grams of {ingredient} for {from_servings} | From
        {from_servings} to {to_servings} portions, with {grams} grams of {ingredient} | How much {ingredient} do {to_servings} people
        need if {from_servings} need {grams} g? | {grams} g of {ingredient} is enough for {from_servings}; we're {to_servings}, so
        how much do I take? | We've got {to_servings} guests. For {from_servings} it's {grams} grams of {ingredient} | Adjust the
        {ingredient}: {grams} grams, {from_servings} servings, wanted {to_servings} | For {to_servings} instead of {from_servings}:
        {ingredient}, {grams} g"""),
        "the amount of {ingredient} for {to_servings}|to scale {grams} g of {ingredient}|to cook for {to_servings}",
        [
            Result(lambda r, a: {"grams_needed|amount|result_g": round(a["grams"] * a["to_servings"] / a["from_servings"])},
            several("""You need {grams_needed} g of {ingredient} for {to_servings}. | For {to_servings} people take {grams_needed} grams. | That makes
            {grams_needed} g of {ingredient}.""")),
        ],
    ),
    Family(
        "meal_plan", "plan_meal|add_to_meal_plan|meal_planner|schedule_meal|set_meal",
        "Put a dish on the meal plan|Plans what is eaten when|Meal plan: a dish for a day and a meal",
        [
            _dish,
            Parameter("day|date|weekday|on", v.day, "Which day|"),
            Parameter("meal_time|meal|slot|type", v.choice("breakfast", "lunch", "dinner", "snack"), "Which meal|", choices=("breakfast", "lunch", "dinner", "snack")),
        ],
        several("""Plan {dish} for {meal_time}, {day} | {day} {meal_time}: {dish} | Put {dish} on the plan for {day} as {meal_time} | We'll have
        {dish} for {meal_time} {day} | Could you write down {dish}? It's for {meal_time}, {day} | I promised the kids {dish}, so
        schedule it for {day}, {meal_time} | As {meal_time} {day} I want {dish} | Meal plan: {dish}, {meal_time}, {day} | The
        {meal_time} of {day} will be {dish} | Let's eat "{dish}" {day}, at {meal_time}"""),
        "{dish} planned for {day}|{dish} as {meal_time}|to plan a meal",
        [
            Result({"id|entry": v.integer(1, 900), "replaced": v.choice(None)}, several("""{dish} is on the plan for {meal_time}, {day}. | Planned: {dish}. Enjoy your
            {meal_time}! | Done, you'll have {dish} for {meal_time}.""")),
            Result({"id": v.integer(1, 900), "replaced|instead_of": v.recipe}, several("""{dish} is planned for {meal_time}; it replaces {replaced}. | Done, and
            {replaced} was taken off the plan. | I've put {dish} in place of {replaced}.""")),
        ],
    ),
    Family(
        "food_storage", "storage_time|how_long_keeps|shelf_life|keeps_for|food_shelf_life",
        "How long a food keeps|Shelf life in fridge, freezer or pantry|Storage advice",
        [_ingredient, Parameter("where|storage|place|location", v.said_choice({"fridge": "in the fridge", "freezer": "in the freezer", "pantry": "in the pantry"}), "Where it is kept|", choices=("fridge", "freezer", "pantry"))],
        several("""How long does {ingredient} keep {where}? | {ingredient} {where}, how many days? | Can I still eat {ingredient} that has been {where}
        for a week? | Is {ingredient} still good {where} after some days? | For how long may {ingredient} stay {where}? | I've left
        {ingredient} {where}; when does it go off? | Shelf life of {ingredient} {where} | Kept {where}, when does {ingredient} go bad? |
        Tell me how long I can store {ingredient} {where} | If {ingredient} is {where}, how many days do I have?"""),
        "to know how long {ingredient} keeps|the shelf life of {ingredient} {where}|to know if {ingredient} is still good",
        [
            Result({"days|max_days|keeps_days": v.integer(1, 365)}, several("""{ingredient} keeps {days} days {where}. | About {days} days {where}. | Up to {days} days,
            if it's {where}.""")),
            Result({"suitable": v.choice(False), "advice|tip": v.choice("keep it cool and dry", "eat it the same day", "store it in the dark")}, several("""It shouldn't
            be {where} at all: {advice}. | {ingredient} isn't suited to that; {advice}. | Not a good place for {ingredient}. The advice is:
            {advice}."""), 0.4),
        ],
    ),
    Family(
        "cocktail", "mix_drink|cocktail_recipe|drink_recipe|how_to_mix|get_drink_recipe",
        "How to mix a drink|Recipe of a cocktail or soft drink|Ingredients of a mixed drink",
        [Parameter("drink|cocktail|name|beverage", such_as("Mojito", "Negroni", "Virgin Colada", "Bellini", "Daiquiri", "Shirley Temple", "Caipirinha", "Gimlet", "Paloma", "Mai Tai"), "The drink|Name of the drink|")],
        several("""How do I mix a {drink}? | {drink} recipe | What's in a {drink}? | I've friends over and they asked for a {drink}, how is it made?
        | Tell me how to make a {drink} | What do I need for one {drink}? | Ingredients of "{drink}" | Can you find out how bars make
        a {drink}? | I want to try a {drink} | For a {drink}, what goes into the shaker?"""),
        "to mix a {drink}|the recipe of a {drink}|to know what is in a {drink}",
        [
            Result({"ingredients|parts": v.list_of(v.choice("lime juice", "soda water", "mint", "sugar syrup", "white rum", "gin", "ginger ale", "pineapple juice", "ice"), 2, 4), "glass": v.choice("highball", "tumbler", "coupe", "wine glass")},
            several("""For a {drink} you need {ingredients}, served in a {glass}. | Mix {ingredients} and pour it into a {glass}. | It's
            {ingredients}; use a {glass}.""")),
            Result({"error": v.choice("unknown drink")}, several("""I don't know a drink called {drink}. | There's no recipe for {drink}, sorry. | {drink}? That one
            isn't in the list."""), 0.25),
        ],
    ),
]
