"""Tools about health and sport: workouts, sleep, medicine, doctors, clubs, matches."""

from training import values as v
from training.family import Family, Parameter, Result
from training.open_sets import such_as
from training.several import several

_sport = Parameter("sport|activity|exercise|type|workout", v.sport, "The sport|Kind of activity|")
_team = Parameter("team|club|name|side", v.team, "The team|Name of the club|")
_day = Parameter("day|date|when|on", v.day, "Which day|")
_medicine = Parameter("medicine|drug|medication|name", such_as("ibuprofen", "aspirin", "paracetamol", "metformin", "amoxicillin", "insulin", "cetirizine", "vitamin D", "iron tablets", "cough syrup"), "The medicine|Name of the drug|")
_minutes = Parameter("minutes|duration|time|length", v.duration_minutes, "Minutes|How long|", "integer")
_weight = v.number(45, 120)

FAMILIES: list[Family] = [
    Family(
        "workout_log", "log_workout|add_workout|track_exercise|record_activity|save_training",
        "Record a workout|Logs a sport with its length and effort|Training diary",
        [
            _sport, _minutes, Parameter("effort|intensity|level", v.choice("light", "moderate", "hard"), "How hard it was|", choices=("light", "moderate", "hard")),
            Parameter("distance|km|distance_km", v.number(1, 42), "Kilometres|", "number", phrases=" over {} km|, {} km"),
            Parameter("heart_rate|avg_hr|pulse", v.integer(95, 185), "Average pulse|", "integer", phrases=", average pulse {}|, my pulse was {}"),
        ],
        several("""I did {minutes} minutes of {sport}, {effort} | Log {sport}: {minutes} min, {effort} | {effort} {sport}, {minutes} minutes | Write down a {effort} session of {sport}, {minutes} minutes | {minutes} minutes of {effort} {sport} are done, note it | My training today was {sport}, {effort}, for {minutes}
        minutes | Just back from {sport}! {minutes} minutes and {effort} | Add to my diary: {sport} for {minutes} minutes, effort {effort} | Can you record {minutes} minutes of {sport}? It felt {effort} | For {minutes} minutes I was at {sport}; it was {effort}, save that"""),
        "{minutes} minutes of {sport} recorded|to log {sport}|a workout in the diary",
        [
            Result({"calories|kcal": v.integer(40, 1400), "week_minutes|weekly_total": v.integer(20, 600)}, several("""Nice! That's {calories} kcal, and you've trained {week_minutes} minutes this week. | Saved: {sport}, {calories} calories. Your week is at {week_minutes} minutes. | Well done. You burnt {calories}
            kcal; this week's total is {week_minutes} minutes.""")),
            Result({"error": v.choice("another workout is recorded at this time", "unknown activity")}, several("""I couldn't save it: {error}. | Your {sport} isn't in the diary, because of this: {error}. | Not recorded ({error})."""), 0.3),
        ],
        "workouts",
    ),
    Family(
        "workout_plan", "make_training_plan|training_plan|workout_plan|create_plan|plan_training",
        "Make a training plan|Plan for a sport over weeks with some sessions a week|Training schedule",
        [
            _sport, Parameter("weeks|duration|n_weeks", v.integer(2, 24), "How many weeks|", "integer"), Parameter("sessions|per_week|days_per_week", v.integer(2, 6), "Sessions a week|", "integer"),
            Parameter("level|experience|fitness", v.choice("beginner", "intermediate", "advanced"), "Experience|", choices=("beginner", "intermediate", "advanced"), phrases=", level {}|, I'd say {}"),
        ],
        several("""Make me a {sport} plan for {weeks} weeks with {sessions} sessions a week | {sport}, {weeks} weeks, {sessions} times a week | I want to train {sport} {sessions} times a week for {weeks} weeks | How should I train for {sport}? I've {weeks} weeks and {sessions} days a week | In {weeks} weeks I'd like to be fit for {sport};
        {sessions} sessions a week are fine | Training plan, {sessions} per week, {weeks} weeks: {sport} | {sessions} times a week, {weeks} weeks of {sport}, please plan it | Could you plan {weeks} weeks of {sport} for me, {sessions} a week? | I'm out of shape! {sport} for {weeks} weeks, {sessions} sessions weekly | With {sessions}
        sessions a week over {weeks} weeks, plan my {sport}"""),
        "a {sport} plan for {weeks} weeks|to train {sport}|a plan with {sessions} sessions a week",
        [
            Result(lambda r, a: {"plan_id|id": v.code(r), "total_sessions|total": a["weeks"] * a["sessions"], "first_day|starts": v.day(r)}, several("""Your plan {plan_id} has {total_sessions} sessions and starts {first_day}. | Done: {total_sessions} sessions of {sport}, beginning {first_day} (plan {plan_id}). | It begins {first_day}, with {total_sessions} sessions in all.
            The plan is {plan_id}.""")),
        ],
        "workouts",
    ),
    Family(
        "exercise_find", "suggest_exercise|find_exercises|exercise_lookup|get_exercise|recommend_exercise",
        "Suggest exercises for a part of the body|Exercises with given equipment|Fitness exercises",
        [
            Parameter("body_part|muscle|target|area", v.choice("back", "legs", "arms", "belly", "shoulders", "neck", "chest", "hips"), "Part of the body|"),
            Parameter("equipment|tool|with|gear", v.choice("dumbbells", "a mat", "a resistance band", "a chair", "a kettlebell", "nothing at all", "a bar"), "What you have|"), _minutes,
        ],
        several("""Exercises for the {body_part} with {equipment}, {minutes} minutes | {body_part}, {equipment}, {minutes} minutes | I've got {minutes} minutes and {equipment}; what helps my {body_part}? | My {body_part} hurts from sitting all day, what can I do with {equipment} in {minutes} minutes? | Which exercise trains the {body_part}? I have
        {equipment} and {minutes} minutes | With {equipment}, how do I strengthen my {body_part} in {minutes} minutes? | Suggest something for the {body_part} using {equipment} ({minutes} minutes) | For {minutes} minutes I'd like to work on my {body_part} with {equipment} | In {minutes} minutes, with {equipment}: {body_part} please | Using
        {equipment}, {minutes} minutes a day, can I train my {body_part}?"""),
        "exercises for the {body_part}|to train the {body_part} with {equipment}|{minutes} minutes of exercise",
        [
            Result({"exercise|name": v.choice("plank", "squat", "bridge", "row", "lunge", "bird dog", "wall sit", "push-up"), "sets": v.integer(2, 5), "reps|repetitions": v.integer(6, 25)}, several("""Do the {exercise}: {sets} sets of {reps}. | The {exercise} is good for your {body_part}, {sets} times {reps}. | I'd suggest {sets} sets
            of {reps} repetitions of the {exercise}.""")),
            Result({"exercises": v.choice([])}, several("""I found nothing for the {body_part} with that. | No exercise fits, sorry. | There's none for {minutes} minutes with {equipment}."""), 0.3),
        ],
        "workouts",
    ),
    Family(
        "steps", "get_steps|step_count|steps_today|activity_summary|count_steps",
        "Steps on a day|How much somebody walked|Step counter",
        [Parameter("day|date|when|on", v.choice("today", "yesterday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), "Which day|The day|")],
        several("""How many steps did I take {day}? | Steps {day} | Did I walk enough {day}? | {day}: my step count | How far did I walk {day}? | I'm trying to move more, how was {day}? | Have I reached my goal {day}? | Show the steps for {day} | My step counter, {day} please | Was I lazy {day}? Check my steps"""),
        "the steps for {day}|to know how much I walked {day}|the step count",
        [
            Result({"steps|count": v.integer(300, 28000), "km|distance_km": v.number(0.2, 22), "goal_reached": v.choice(True)}, several("""You took {steps} steps, {km} km, and reached your goal. | {steps} steps, goal reached! That's {km} km. | You walked {km} km in {steps} steps; the goal is done.""")),
            Result({"steps|count": v.integer(300, 7000), "missing|to_goal": v.integer(100, 6000)}, several("""{steps} steps; {missing} are missing for your goal. | You're at {steps}, so another {missing} steps to go. | Not quite: {steps} steps, {missing} short of the goal.""")),
        ],
        "health_data",
    ),
    Family(
        "sleep", "get_sleep|sleep_report|sleep_data|how_did_i_sleep|sleep_summary",
        "Sleep of a night|Hours, deep sleep and score|Sleep tracker",
        [Parameter("date|night|day|night_of", v.date, "The night before this day|YYYY-MM-DD|")],
        several("""How did I sleep on {date}? | Sleep {date} | How long did I sleep on {date}? | I felt awful on {date}, was it my sleep? | Sleep report for {date} please | On {date}, did I get enough sleep? | Show me the night of {date} | {date}: how much deep sleep did I have? | Was my night on {date} any good? | Look up
        my sleep on {date}"""),
        "the sleep on {date}|to know how the night of {date} was|a sleep report",
        [
            Result({"hours|duration_h": v.number(3.5, 9.8), "deep_minutes|deep": v.integer(10, 140), "score|sleep_score": v.integer(30, 99)}, several("""You slept {hours} hours, {deep_minutes} minutes of them deeply. Your score is {score}. | {hours} hours with {deep_minutes} minutes of deep sleep, score {score}. | On {date} it was {hours}
            hours; deep sleep {deep_minutes} minutes, score {score}.""")),
            Result({"error": v.choice("no data", "the watch was not worn")}, several("""I can't tell about that night: {error}. | There's no record for {date}; {error}. | Nothing was measured on {date} ({error})."""), 0.35),
        ],
        "health_data",
    ),
    Family(
        "weight_log", "log_weight|record_weight|add_weight|weight_entry|save_weight",
        "Record the body weight|Saves weight and shows the change|Weight diary in kg",
        [Parameter("kg|weight|weight_kg|value", _weight, "In kilograms|", "number"), Parameter("date|day|measured_on", v.date, "YYYY-MM-DD|", phrases=" on {}|, measured on {}")],
        several("""I weigh {kg} kg | Log my weight: {kg} | Weight {kg} kg | Write down {kg} kilos for me | The scales said {kg}, save it | My weight is {kg} kg now, keep that | Could you record {kg} kg as my weight? | {kg} kg - put it in the diary | I'm down to {kg} kg! Note it |
        Please add {kg} kg to my weight log"""),
        "{kg} kg recorded|to log a weight of {kg}|the weight in the diary",
        [
            Result({"change|diff_kg": v.number(-3, 3), "bmi": v.number(18, 34)}, several("""Saved: {kg} kg. The change is {change} kg and your BMI is {bmi}. | Noted, {kg} kg (change: {change} kg, BMI {bmi}). | {kg} kg it is; that changes it by {change} kg, for a BMI of {bmi}.""")),
        ],
        "health_data",
    ),
    Family(
        "blood_pressure", "log_blood_pressure|record_blood_pressure|blood_pressure|add_bp|save_bp",
        "Record a blood pressure reading|Saves upper and lower value and pulse|Blood pressure diary",
        [
            Parameter("systolic|upper|sys|high", v.integer(95, 185), "Upper value|", "integer"), Parameter("diastolic|lower|dia|low", v.integer(55, 110), "Lower value|", "integer"), Parameter("pulse|heart_rate|bpm", v.integer(48, 120), "Beats a minute|", "integer"),
        ],
        several("""My blood pressure is {systolic} over {diastolic}, pulse {pulse} | BP {systolic}/{diastolic}, {pulse} | Save {systolic}/{diastolic} with a pulse of {pulse} | Log blood pressure: upper {systolic}, lower {diastolic}, pulse {pulse} | Pulse {pulse}, pressure {systolic} to {diastolic}, write it down | I've just measured
        {systolic} to {diastolic} and {pulse} beats | The doctor wants me to note this: {systolic}/{diastolic}, pulse {pulse} | Lower value {diastolic}, upper value {systolic}, pulse {pulse} | Is {systolic} over {diastolic} with a pulse of {pulse} all right? Record it | With {pulse} beats a minute I have {systolic}/{diastolic}; add that"""),
        "{systolic} over {diastolic} recorded|a blood pressure saved|to log the blood pressure",
        [
            Result({"rating|category": v.choice("normal", "slightly raised", "high", "low"), "average|week_average": v.choice("128/82", "119/76", "135/88", "142/91")}, several("""Saved. {systolic}/{diastolic} is {rating}; your average this week is {average}. | Noted: that's {rating}, with a weekly average of {average}. | It's
            recorded as {rating}. This week's average: {average}.""")),
        ],
        "health_data",
    ),
    Family(
        "medicine_remind", "medication_reminder|add_medication|set_pill_reminder|schedule_medicine|pill_reminder",
        "Remind of a medicine every day|Plans doses of a drug at a time|Medication plan",
        [
            _medicine, Parameter("dose|amount|mg|dose_mg", v.choice(5, 10, 20, 50, 100, 200, 250, 400, 500, 600, 800, 1000), "Milligrams|", "integer"), Parameter("time|at|hour", v.clock, "HH:MM|"),
            Parameter("days|for_days|duration", v.integer(2, 60), "For how many days|", "integer", phrases=" for {} days|, {} days long"),
            Parameter("food|with_food|with_meal", v.flag("with food", "on an empty stomach"), "With a meal|", "boolean", phrases=", {}"),
        ],
        several("""Remind me to take {dose} mg of {medicine} at {time} | {medicine} {dose} mg, {time} | At {time} I need {dose} mg {medicine}, every day | I keep forgetting my {medicine}! {dose} mg at {time} | Put {medicine} on my plan: {dose} mg, {time} | {dose} mg of {medicine} daily at {time} please | My doctor says {medicine}, {dose} mg at
        {time} | Set a pill reminder, {time}, {medicine}, {dose} mg | Could you remind me of {medicine}? {dose} milligrams at {time} | Every day at {time}: {dose} mg of {medicine}"""),
        "a reminder for {medicine} at {time}|to take {dose} mg of {medicine}|{medicine} on the plan",
        [
            Result({"next|next_dose": v.day, "id": v.integer(1, 400)}, several("""I'll remind you of {dose} mg {medicine} at {time}; the next dose is due {next}. | It's on your plan: {medicine}, {dose} mg, {time}. Next dose: {next}. | Done. The next {dose} mg are due {next} at {time}.""")),
            Result({"saved": v.choice(False), "warning": v.choice("this dose is above the daily limit", "it is on your plan already", "it does not go with another medicine of yours")}, several("""I didn't add it: {warning}. | {medicine} isn't on the plan, because {warning}. Please ask your doctor. | Careful,
            {warning}. Nothing was saved."""), 0.4),
        ],
        "medicine",
    ),
    Family(
        "interaction", "check_interaction|drug_interaction|can_i_combine|interaction_check|medicine_check",
        "Check whether two medicines may be taken together|Drug interactions|Tells of side effects of a combination",
        [_medicine, Parameter("other|second|with|drug_b", such_as("alcohol", "grapefruit juice", "warfarin", "naproxen", "coffee", "zinc", "ramipril", "magnesium", "omeprazole"), "The other medicine|")],
        several("""Can I take {medicine} with {other}? | {medicine} and {other}, is that safe? | Does {medicine} go together with {other}? | I've taken {medicine} and now I'd like {other}. May I? | Interaction {medicine} {other} | Is it dangerous to combine {medicine} and {other}? | Check {medicine} against {other} | My mother takes {medicine};
        what about {other}? | With {medicine} in my body, is {other} all right? | Is there a problem between {other} and {medicine}?"""),
        "to know if {medicine} goes with {other}|to combine {medicine} and {other}|the interactions of {medicine}",
        [
            Result({"severity": v.choice("moderate", "serious"), "effect": v.choice("a higher risk of bleeding", "drowsiness", "a weaker effect", "damage to the stomach")}, several("""Better not: the interaction of {medicine} and {other} is {severity}, with {effect}. | There's a {severity} interaction. It can mean {effect}, so ask a doctor. | Together they may cause {effect}; that's rated {severity}.""")),
            Result({"severity": v.choice("none")}, several("""Yes, no interaction between {medicine} and {other} is known. | You can take them together. | Nothing speaks against {medicine} with {other}.""")),
        ],
        "medicine",
    ),
    Family(
        "doctor_find", "find_doctor|search_doctors|doctor_search|find_specialist|nearest_doctor",
        "Find a doctor of a field in a city|Doctors who take new patients|Search for a specialist",
        [
            Parameter("field|specialty|kind|speciality", such_as("dermatologist", "dentist", "pediatrician", "cardiologist", "eye doctor", "orthopedist", "GP", "neurologist"), "Kind of doctor|"), Parameter("city|place|near|town", v.city, "The city|"),
            Parameter("language|speaks|lang", v.language, "Language the doctor speaks|", phrases=" who speaks {}|, speaking {}"),
        ],
        several("""Find a {field} in {city} | {field} {city} | I need a {field} in {city} | Is there a good {field} in {city}? | We've just moved to {city} and have to find a {field} | Who's a {field} near {city}? | In {city}, which {field} takes new patients? | Look for a {field} around {city}, please | My mother needs a {field}; she lives in
        {city} | Search {city} for a {field}"""),
        "a {field} in {city}|to find a {field}|a doctor in {city}",
        [
            Result({"name|doctor": v.person, "phone": v.phone, "next_appointment|next_free": v.date}, several("""Dr. {name} has time on {next_appointment}; the number is {phone}. | Try Dr. {name}, {phone}. The next appointment is on {next_appointment}. | There's Dr. {name} (phone {phone}), free from {next_appointment}.""")),
            Result({"doctors|results": v.choice([])}, several("""I found no {field} in {city}. | No {field} takes new patients in {city}. | Nothing in {city}, sorry; shall I look further away?"""), 0.35),
        ],
        "doctor",
    ),
    Family(
        "symptom_check", "check_symptom|symptom_checker|symptom_info|assess_symptom|triage",
        "Advice for a symptom|Whether to see a doctor, by symptom, days and age|Symptom checker",
        [
            Parameter("symptom|complaint|problem", v.symptom, "What is wrong|"), Parameter("days|since_days|duration", v.integer(2, 21), "For how many days|", "integer"), Parameter("age|years|patient_age", v.integer(1, 95), "Age|", "integer"),
        ],
        several("""I've had {symptom} for {days} days, I'm {age} | {symptom}, {days} days, age {age} | Should a {age} year old with {symptom} for {days} days see a doctor? | For {days} days my father ({age}) has had {symptom} | What helps against {symptom}? I'm {age} and it's been {days} days | Is {symptom} serious after {days} days
        when you're {age}? | The patient is {age}; {symptom} began {days} days ago | {days} days of {symptom} at the age of {age}, is that bad? | I'm worried: {symptom} for {days} days, and I'm {age} years old | At {age}, with {symptom} since {days} days, what do I do?"""),
        "advice about {symptom}|to know if {symptom} is serious|to know what to do after {days} days of {symptom}",
        [
            Result({"urgency|level": v.choice("low"), "advice": v.choice("rest and drink plenty", "keep warm", "take it easy for two days")}, several("""It doesn't look urgent: {advice}. | Nothing to worry about for now; {advice}. | The urgency is low. The advice is to {advice}.""")),
            Result({"urgency|level": v.choice("medium", "high"), "see|who|specialist": v.choice("your GP", "an emergency doctor", "a specialist"), "within_hours|hours": v.choice(2, 12, 24, 48)}, several("""Please see {see} within {within_hours} hours; the urgency is {urgency}. | With {urgency} urgency, {see} should have a look within {within_hours} hours. | That needs
            {see}, in the next {within_hours} hours ({urgency} urgency).""")),
        ],
        "doctor",
    ),
    Family(
        "gym_class", "book_class|gym_booking|join_class|reserve_class|book_course",
        "Book a place in a class of the gym|Joins a course on a day at a time|Gym booking",
        [
            Parameter("course|class|class_name|workout", such_as("yoga", "spinning", "pilates", "boxing", "zumba", "aqua gym", "body pump", "stretching"), "The class|"), _day, Parameter("time|at|start", v.clock, "HH:MM|"),
            Parameter("member|name|person", v.person, "Who takes part|"),
        ],
        several("""Book {course} {day} at {time} for {member} | {member}: {course}, {day}, {time} | {member} wants to do {course} {day} at {time} | Is there a place in {course} {day} {time}? For {member} | {day} at {time}, {course}: put down {member} | Sign {member} up for {course}, {day}, {time} | At {time} {day} there's {course}; {member}
        would like to come | {member} needs some exercise, so {course} {day} at {time} | Reserve a mat for {member}: {course}, {time}, {day} | For {member}, the {course} class {day} at {time} please"""),
        "a place in {course} for {member}|{member} to do {course} {day}|to book a class",
        [
            Result({"booked": v.choice(True), "places_left|free": v.integer(0, 12), "trainer|coach": v.first_name}, several("""{member} is in: {course} with {trainer}, {day} at {time}. Places left: {places_left}. | Booked. {trainer} gives the class, and {places_left} places remain. | Done, {course} with {trainer}; {places_left} places are still
            free.""")),
            Result({"booked": v.choice(False), "waiting|queue_position": v.integer(1, 9)}, several("""{course} is full; {member} is number {waiting} on the waiting list. | No place left, so {member} waits at number {waiting}. | Full, sorry. Position on the waiting list: {waiting}."""), 0.45),
        ],
        "club",
    ),
    Family(
        "court_book", "book_court|reserve_court|court_reservation|book_pitch|reserve_field",
        "Book a court or pitch|Reserves a sports court by the hour|Court reservation",
        [
            Parameter("sport|kind|court_type|for", v.choice("tennis", "badminton", "squash", "football", "padel", "basketball", "volleyball"), "Which sport|"), _day, Parameter("start|time|from|at", v.clock, "HH:MM|"), Parameter("hours|duration|length", v.integer(2, 4), "How many hours|", "integer"),
            Parameter("indoor|inside|covered", v.flag("inside", "in the open air"), "Indoor court|", "boolean", phrases=", {}| {}"),
        ],
        several("""Book a {sport} court {day} at {start} for {hours} hours | {sport}, {day}, {start}, {hours} hours | We want to play {sport} {day} from {start}, {hours} hours | Is a court for {sport} free {day} at {start}? {hours} hours, book it | For {hours} hours {day}, from {start}, a place to play {sport} | {day} at {start}: {sport} for {hours}
        hours please | My friend beat me last time! {sport} {day}, {start}, {hours} hours | Reserve {hours} hours of {sport}, starting {start} {day} | Starting at {start} {day} I need a {sport} court, {hours} hours | Get us {hours} hours of {sport} {day} at {start}"""),
        "a court for {sport} {day}|to play {sport} at {start}|{hours} hours of {sport}",
        [
            Result({"court|number": v.integer(1, 14), "price|total": v.number(6, 90, 2)}, several("""You have court {court} {day} from {start}, for {price}. | Court {court} is yours for {hours} hours; it costs {price}. | Booked: court {court}, {price}.""")),
            Result({"available": v.choice(False), "next_free|alternative": v.clock}, several("""All courts are taken at {start}; one is free at {next_free}. | Nothing then, but {next_free} would work. | Sorry, the next free court is at {next_free}."""), 0.5),
        ],
        "club",
    ),
    Family(
        "match_result", "get_score|match_result|last_result|latest_score|game_score",
        "Result of the last match of a team|How a team played|Latest score",
        [_team],
        several("""How did {team} play? | {team} score | Did {team} win? | What was the result of {team}? | I missed the match, how did {team} do? | Last game of {team}? | Has {team} lost again? | Tell me the final score for {team} | My brother is a fan of {team}, should I congratulate him? | Check the latest result of {team}"""),
        "the result of {team}|to know if {team} won|the last score of {team}",
        [
            Result({"opponent|against": v.team, "own|goals": v.integer(3, 6), "other|conceded": v.integer(0, 2), "won": v.choice(True)}, several("""{team} won {own}-{other} against {opponent}. | They won! {own}-{other} against {opponent}. | A win for {team}: {own} to {other} over {opponent}.""")),
            Result({"opponent|against": v.team, "own|goals": v.integer(0, 2), "other|conceded": v.integer(3, 6), "won": v.choice(False)}, several("""{team} lost {own}-{other} to {opponent}. | Sadly not, {opponent} beat them {other}-{own}. | A defeat: {own} to {other} against {opponent}.""")),
            Result({"error": v.choice("unknown team", "season has not started")}, several("""I have no result for {team}: {error}. | No score, since the service says "{error}". | Sorry, {error}."""), 0.3),
        ],
        "team_sport",
    ),
    Family(
        "match_next", "next_match|get_fixtures|next_game|when_do_they_play|upcoming_match",
        "Next match of a team|When and against whom a team plays|Fixtures",
        [_team],
        several("""When does {team} play next? | {team} next match | Who's the next opponent of {team}? | Is {team} playing this week? | I'd like to watch {team}, when are they on? | Next game of {team}, please | Against whom does {team} play? | When's the next time I can see {team}? | Fixtures of {team} | My son wants to see {team} at home, when
        do they play?"""),
        "the next match of {team}|to know when {team} plays|the fixtures of {team}",
        [
            Result({"opponent|against": v.team, "date|on": v.date, "kickoff|time": v.clock, "home": v.choice(True)}, several("""{team} plays {opponent} at home on {date} at {kickoff}. | On {date}, {kickoff}, at home against {opponent}. | The next one is a home game against {opponent}, {date} at {kickoff}.""")),
            Result({"opponent|against": v.team, "date|on": v.date, "kickoff|time": v.clock, "home": v.choice(False)}, several("""{team} plays away against {opponent} on {date} at {kickoff}. | It's an away game: {opponent}, {date}, {kickoff}. | They travel to {opponent} on {date}; it starts at {kickoff}.""")),
            Result({"matches": v.choice([])}, several("""{team} has no match planned. | There's no date for {team} yet. | The season is over for {team}."""), 0.3),
        ],
        "team_sport",
    ),
    Family(
        "league_table", "league_table|get_standings|standings|team_position|league_position",
        "Place of a team in its league|Standings with points|League table in a season",
        [_team, Parameter("season|year", v.integer(1990, 2026), "Year the season began|", "integer")],
        several("""Where was {team} in the {season} season? | {team} {season} table | What place did {team} have in {season}? | How many points did {team} get in {season}? | In {season}, how did {team} finish? | I bet with a friend that {team} was on top in {season}, is that so? | Standings {season}: {team}? | Was {team} any good in {season}? |
        Look up the position of {team} in {season} | For {season}, tell me the place of {team}"""),
        "the place of {team} in {season}|to know how {team} did|the standings of {season}",
        [
            Result({"position|rank|place": v.integer(1, 20), "points": v.integer(12, 96)}, several("""In {season} {team} came in at number {position} with {points} points. | Place {position}, with {points} points. | {team} had {points} points and finished at number {position}.""")),
            Result({"error": v.choice("no data for this season", "team not in this league")}, several("""I can't tell: {error}. | There's nothing on {team} in {season}; {error}. | Sorry, {error}."""), 0.3),
        ],
        "team_sport",
    ),
    Family(
        "run_pace", "running_pace|calculate_pace|pace_calculator|race_pace|target_pace",
        "Pace needed for a distance in a time|Running pace per kilometre|Race pace and speed",
        [Parameter("km|distance|distance_km", v.choice(3, 5, 8, 10, 12, 15, 20, 30), "Kilometres|", "integer"), Parameter("minutes|time|target_minutes", v.choice(20, 25, 30, 40, 45, 50, 60, 75, 90, 100, 120, 150), "Target time in minutes|", "integer")],
        several("""How fast must I run to do {km} km in {minutes} minutes? | Pace {km} km {minutes} min | I want to finish {km} kilometres in {minutes} minutes, what pace is that? | {km} km in {minutes} minutes: which speed? | My goal is {minutes} minutes for {km} km | For {minutes} minutes over {km} km, what's the pace? | In {minutes} minutes I'd
        like to run {km} km, how quick is that? | What pace do I need? {km} km, {minutes} minutes | Race day is near: {km} km, target {minutes} minutes, tell me my pace | If it takes {minutes} minutes to run {km} km, what's my speed?"""),
        "the pace for {km} km in {minutes} minutes|to run {km} km in {minutes} minutes|to know how fast to run",
        [
            Result(lambda r, a: {"pace": f"{int(a['minutes'] * 60 / a['km']) // 60}:{int(a['minutes'] * 60 / a['km']) % 60:02}", "speed_kmh": round(a["km"] * 60 / a["minutes"], 1)}, several("""You have to run {pace} minutes a kilometre, or {speed_kmh} km/h. | That's a pace of {pace} per km ({speed_kmh} km/h). |
            {pace} a kilometre; your speed is {speed_kmh} km/h.""")),
        ],
    ),
]
