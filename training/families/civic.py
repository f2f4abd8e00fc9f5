"""Tools of schools and of towns: courses, grades, quizzes, libraries, permits, waste, elections, transit."""

from random import Random

from training import values as v
from training.family import Draw, Family, Parameter, Result
from training.several import several


def failed(reasons: Draw, answers: str = "") -> Result:
    """Result of a call that was refused."""
    return Result(
        {"error|message|reason": reasons},
        several(
            answers
            or "That didn't work: {error}. | I couldn't do it, the system says: {error}. | Sorry, it was "
            "refused: {error}."
        ),
    )


SUBJECTS = (
    "biology",
    "algebra",
    "Latin",
    "chemistry",
    "music theory",
    "statistics",
    "art history",
    "physics",
    "geography",
    "logic",
    "ethics",
    "sociology",
    "programming",
    "astronomy",
)


def subject(random: Random) -> str:
    return random.choice(SUBJECTS) if random.random() < 0.6 else v.topic(random)


def student(names: str = "student|pupil|student_name|learner|name") -> Parameter:
    return Parameter(names, v.person, "The student|Name of the student|")


def course(names: str = "course|course_name|class_name|subject|module") -> Parameter:
    return Parameter(names, subject, "The course|Name of the course|")


def address(names: str = "address|street|street_address|location") -> Parameter:
    return Parameter(names, v.street, "Street and number|Address|")


SCHOOL = [
    Family(
        "enroll_in_course",
        "enroll|enroll_student|register_course|sign_up_course|join_course",
        "Enroll a student in a course|Signs someone up for a course|Registers a student. Fails if the course is full.",
        [
            student(),
            course(),
            Parameter(
                "term|semester|period",
                v.choice("spring", "summer", "autumn", "winter"),
                "Term|",
                phrases=" for the {} term| in {}",
            ),
        ],
        several("""
            Enroll {student} in {course}. | Sign {student} up for the course {course} | {student} wants to take
            {course}. | In {course}, add {student} | course {course}, student {student}: enroll | Please put
            {student} on the list for {course}. | I'd like {student} to join the class {course} | My daughter
            {student} is interested in {course}; register her | Add a participant to {course}: {student} | Can
            {student} get a place in {course}?"""),
        "to enroll {student} in {course}|a place for {student} in the course {course}",
        [
            Result(
                {"seat|seat_number": v.integer(1, 40), "starts|start_date": v.date},
                several(
                    "{student} is enrolled with seat {seat}; {course} starts on {starts}. | Done, "
                    "{student} has seat {seat}, and it begins on {starts}. | {student} got a place in "
                    "{course}: seat {seat}, from {starts}."
                ),
                3,
            ),
            failed(
                v.choice("course is full", "registration closed", "fee not paid"),
                "{student} couldn't be enrolled: {error}. | No place in {course}, I'm afraid: {error}. | "
                "The course office refused: {error}.",
            ),
        ],
    ),
    Family(
        "drop_course",
        "drop_course|unenroll|leave_course|withdraw",
        "Take a student out of a course|Ends an enrolment|",
        [student(), course()],
        several("""
            Take {student} out of {course}. | {student} drops {course} | {student} no longer wants to attend
            {course}. | Remove from {course}: {student} | Please cancel the place of {student} in {course} |
            withdraw {student} from {course} | The course {course} will go on without {student} | {course} is too
            much for {student}; sign them off | Unenroll {student} from the class "{course}" """),
        "{student} out of the course {course}|to end the enrolment of {student}",
        [
            Result(
                {"refund": v.money},
                several(
                    "{student} has left {course} and gets {refund} back. | Done; the refund is {refund}. "
                    "| {student} is off the list, with {refund} refunded."
                ),
            ),
            failed(
                v.choice("not enrolled", "deadline has passed"),
                "{student} is still in {course}: {error}. | I couldn't take {student} out: {error}.",
            ),
        ],
    ),
    Family(
        "record_grade",
        "record_grade|add_grade|set_grade|enter_mark|grade_student",
        "Record a grade|Writes a mark into the grade book|Points from 0 to 100.",
        [
            student(),
            course(),
            Parameter("points|grade|score|mark|value", v.integer(20, 100), "Points, 0 to 100|", "integer"),
            Parameter(
                "comment|note|remark|feedback",
                v.phrase,
                "Words for the student|",
                phrases=' with the comment "{}"|, comment: {}',
            ),
        ],
        several("""
            Give {student} {points} points in {course}. | {student}, {course}: {points} points | Record {points} for
            {student} in {course} | In {course}, {student} got {points} | The exam in {course} is marked; {student}
            has {points} points | Please enter a grade of {points} in {course} for {student}. | Grade book:
            {course}, {student}, {points} | {points} points go to {student} for {course} | I've corrected the
            {course} paper of {student}; it's worth {points}"""),
        "{points} points recorded for {student} in {course}|to enter a grade",
        [
            Result(
                {"average|mean": v.number(40, 99), "saved|ok": v.choice(True)},
                several(
                    "Saved. The average of {student} is now {average}. | The grade is saved, which brings "
                    "the average to {average}. | Recorded and saved; average: {average}."
                ),
                3,
            ),
            failed(v.choice("grade book is locked", "unknown student", "already graded")),
        ],
    ),
    Family(
        "get_grades",
        "get_grades|student_grades|show_marks|report_card",
        "Grades of a student|Shows the marks of one student in one course|",
        [student(), course()],
        several("""
            How is {student} doing in {course}? | Grades of {student} in {course} | What marks does {student} have
            in {course}? | {course}: what did {student} get? | Show me the {course} results of {student}. | I'm
            worried about {student} in {course}; what are the grades? | Look up {student} in the grade book for
            {course} | In {course}, has {student} passed? | Please get the report of {student}, subject {course}"""),
        "the grades of {student} in {course}|to know how {student} does in {course}",
        [
            Result(
                {
                    "grades|marks": v.list_of(v.choice("A", "B", "C", "A-", "B+", "D"), 2, 4),
                    "missing|open_tests": v.integer(0, 3),
                },
                several(
                    "{student} has these grades in {course}: {grades}. Tests still missing: {missing}. | "
                    "The marks are {grades}, with {missing} missing. | In {course}: {grades} (missing: "
                    "{missing})."
                ),
            ),
            failed(
                v.choice("no grades yet", "no permission"),
                "I can't show grades of {student}: {error}. | Nothing to see in {course}: {error}.",
            ),
        ],
    ),
    Family(
        "create_quiz",
        "create_quiz|make_quiz|generate_test|new_quiz",
        "Make a quiz|Creates questions on a topic|Quiz with a number of questions and a difficulty.",
        [
            Parameter("topic|subject|theme|about", subject, "What it is about|"),
            Parameter("questions|count|n|num_questions", v.integer(3, 30), "Number of questions|", "integer"),
            Parameter(
                "difficulty|level|hardness",
                v.choice("easy", "medium", "hard"),
                "easy, medium or hard|",
                choices=("easy", "medium", "hard"),
            ),
        ],
        several("""
            Make a quiz on {topic} with {questions} questions, {difficulty}. | {difficulty} quiz, {topic},
            {questions} questions | I need {questions} {difficulty} questions about {topic}. | Test my class on
            {topic}: {questions} questions and a {difficulty} level please | Quiz me! {topic}, level {difficulty},
            {questions} questions. | Could you create {questions} questions? They should be {difficulty} and on
            {topic}. | For tomorrow's lesson on {topic} I want a {difficulty} test of {questions} questions |
            Difficulty {difficulty}, {questions} questions, topic {topic}: new quiz | Set up a {difficulty} test
            about {topic} that has {questions} questions"""),
        "a {difficulty} quiz of {questions} questions on {topic}|to make a quiz about {topic}",
        [
            Result(
                {"quiz_id|id": v.code, "minutes|time_needed": v.integer(5, 60)},
                several(
                    "The quiz is ready: {quiz_id}. It takes about {minutes} minutes. | Quiz {quiz_id} on "
                    "{topic} is set up, for {minutes} minutes. | Your {difficulty} quiz has the id "
                    "{quiz_id} and needs {minutes} minutes."
                ),
                4,
            ),
            failed(v.choice("too few questions on this topic", "topic unknown")),
        ],
    ),
    Family(
        "submit_answer",
        "submit_answer|answer_question|check_answer|answer",
        "Answer a question of a quiz|Hands in an answer and tells if it is right|",
        [
            Parameter("question_number|question|number|q|item", v.integer(1, 30), "Which question|", "integer"),
            Parameter(
                "answer|response|text|solution", lambda r: r.choice((v.word, v.city, v.invented))(r), "The answer|"
            ),
        ],
        several("""
            My answer to question {question_number} is {answer}. | Question {question_number}: {answer} | For number
            {question_number} I say "{answer}". | I think {answer} is right for question {question_number} |
            {answer}, that's my solution to question {question_number} | Submit {answer} as answer {question_number}
            | Is {answer} correct on question {question_number}? | Put down '{answer}' for item {question_number} of
            the quiz | Question {question_number} is easy: {answer}"""),
        "to answer question {question_number} with {answer}|an answer handed in",
        [
            Result(
                {"correct": v.choice(True), "points|score": v.integer(1, 90)},
                several(
                    "Correct! You have {points} points now. | That's right, which makes {points} points. "
                    "| Yes, {answer} is correct; your score is {points}."
                ),
            ),
            Result(
                {"correct": v.choice(False), "right_answer|solution": v.word},
                several(
                    "Not quite: the right answer is {right_answer}. | That's wrong, I'm afraid; it's "
                    "{right_answer}. | No, the answer would have been {right_answer}."
                ),
            ),
        ],
    ),
    Family(
        "add_flashcard",
        "add_flashcard|create_card|new_vocab|add_vocabulary|make_flashcard",
        "Add a vocabulary card|Makes a flashcard with front and back|",
        [
            Parameter("front|term|word|question", lambda r: r.choice((v.word, v.invented))(r), "Front of the card|"),
            Parameter(
                "back|translation|meaning|definition", lambda r: r.choice((v.word, v.thing))(r), "Back of the card|"
            ),
            Parameter("deck|stack|set_name|box", v.language, "Which deck|", phrases=" in the {} deck| (deck: {})"),
        ],
        several("""
            Add a card: {front} means {back}. | Flashcard {front} / {back} | I want to learn that {front} is
            "{back}". Make a card. | New vocabulary: front {front}, back {back} | On the back write {back}, and on
            the front {front} | Remember the word {front} for me; it stands for {back} | Please make a flashcard
            with '{front}' on one side and '{back}' on the other. | card "{front}" - "{back}" | Today I learnt
            {front} ({back}); put it on a card"""),
        "a card with {front} and {back}|to learn the word {front}",
        [
            Result(
                {"card_id|id": v.integer(1, 900), "deck_size|cards": v.integer(2, 900)},
                several(
                    "Card {card_id} is made; the deck has {deck_size} cards now. | Added as card "
                    "{card_id}, one of {deck_size}. | Done: number {card_id}. The deck has {deck_size} "
                    "cards."
                ),
            ),
            failed(v.choice("this card exists already", "deck is full")),
        ],
    ),
    Family(
        "find_courses",
        "find_courses|search_courses|course_catalog|list_courses",
        "Search the course catalogue|Finds courses on a topic, by level and price|",
        [
            Parameter("topic|query|subject|q|keyword", subject, "What to learn|"),
            Parameter(
                "level|difficulty|for_level",
                v.choice("beginner", "intermediate", "advanced"),
                "Level|",
                choices=("beginner", "intermediate", "advanced"),
                phrases=" at {} level|, level {}",
            ),
            Parameter(
                "max_price|budget|price_limit",
                v.integer(20, 500),
                "Highest price|",
                "integer",
                phrases=" for at most {}|, up to {}",
            ),
            Parameter(
                "online|remote|is_online", v.flag("online", "on site"), "Online or not|", "boolean", phrases=", {}| {}"
            ),
        ],
        several(
            """
                Find courses on {topic}. | I want to learn {topic}. | Where can I study {topic}? | courses about
                {topic} | Is there a class on {topic}? | {topic} courses, please | My son would like to learn
                something about {topic} | Search the catalogue for {topic} | Which courses do you have in {topic}?"""
        ),
        "courses on {topic}|to learn {topic}",
        [
            Result(
                {"course": v.title, "teacher": v.person, "price": v.money},
                several(
                    'There\'s "{course}" with {teacher} for {price}. | {teacher} teaches "{course}"; it costs {price}. | I found "{course}" ({teacher}, {price}).'
                ),
                3,
            ),
            Result(
                {"courses|results": lambda r: []},
                several("There are no courses on {topic} at the moment. | I found nothing on {topic}, sorry."),
            ),
        ],
    ),
    Family(
        "book_tutor",
        "book_tutor|schedule_lesson|tutoring|arrange_tutoring",
        "Book a lesson with a tutor|Arranges private lessons|",
        [
            course("subject|course|topic|field_of_study"),
            Parameter("day|date|on|when", v.day, "Day|"),
            Parameter("time|hour|start|at", v.clock, "Time like 15:30|"),
            Parameter(
                "minutes|duration|length",
                v.integer(30, 120),
                "Length of the lesson|",
                "integer",
                phrases=" for {} minutes|, {} minutes",
            ),
        ],
        several("""
            Book a tutor for {subject}: {day}, {time}. | I need help with {subject}. Is {day} at {time} possible? |
            {subject} lesson {day} {time} | For {day} at {time}, find me somebody who teaches {subject} | At {time}
            I'd have time ({day}) for a lesson in {subject} | Please arrange tutoring in {subject}, {day} from
            {time} | My exam in {subject} is near. Get me a teacher: {day} at {time} | lesson at {time}, {day},
            subject {subject} | Could someone explain {subject} to me? I'm free {day} at {time}."""),
        "a tutor for {subject} ({day}, {time})|a lesson in {subject}",
        [
            Result(
                {"tutor|teacher": v.person, "price": v.money},
                several(
                    "{tutor} will teach you {subject} at {time}, for {price}. | It's booked with {tutor}; "
                    "the lesson costs {price}. | You have a lesson with {tutor}, price {price}."
                ),
                3,
            ),
            failed(
                v.choice("no tutor is free", "subject not offered"),
                "I couldn't find a tutor: {error}. | No lesson at {time}: {error}.",
            ),
        ],
    ),
    Family(
        "submit_homework",
        "submit_homework|hand_in|upload_assignment|turn_in",
        "Hand in homework|Uploads a file for an assignment|",
        [
            course(),
            Parameter("file|filename|document|attachment", v.filename, "File to hand in|"),
            Parameter(
                "late|is_late|after_deadline",
                v.flag("although it is late", "in time"),
                "Handed in late|",
                "boolean",
                phrases=", {}| ({})",
            ),
        ],
        several("""
            Hand in {file} for {course}. | {course} homework: {file} | Submit the file {file} in the course {course}
            | My homework for {course} is done, it's {file} | Upload {file} to {course} | In {course} I have to turn
            in {file} | Please send {file} to the teacher of {course} as my homework | For {course}, here is
            "{file}" | I've finished! {file} is my work for {course}"""),
        "to hand in {file} for {course}|homework handed in",
        [
            Result(
                {"received|received_at": v.clock, "receipt|confirmation": v.code},
                several(
                    "It was received at {received}; the receipt is {receipt}. | Handed in at {received} "
                    "(receipt {receipt}). | {file} is in. Time: {received}, receipt: {receipt}."
                ),
                3,
            ),
            failed(v.choice("deadline has passed", "file type not allowed", "no such assignment")),
        ],
    ),
]

TOWN = [
    Family(
        "waste_collection",
        "waste_collection|next_pickup|garbage_day|trash_schedule|bin_day",
        "Next waste collection|Tells when a bin is emptied at an address|",
        [
            address(),
            Parameter(
                "kind|bin|waste_type|type|bin_type",
                v.choice("paper", "glass", "organic", "plastic", "residual", "metal"),
                "Kind of waste|",
                choices=("paper", "glass", "organic", "plastic", "residual", "metal"),
            ),
        ],
        several("""
            When is {kind} waste collected at {address}? | {kind} bin, {address}: next date? | At {address}, when do
            they empty the {kind} bin? | I live at {address} and my {kind} bin is full. When do they come? | Next
            {kind} pickup for {address} | Do I have to put out the {kind} waste at {address} soon? | For {address} I
            need the day of the {kind} collection | The house is {address}; when is {kind} fetched? | collection day
            of {kind} waste in {address}"""),
        "the next {kind} collection at {address}|to know when the {kind} bin is emptied",
        [
            Result(
                {"next_date|date": v.date, "before|out_by": v.clock},
                several(
                    "The next {kind} collection is on {next_date}; put the bin out by {before}. | On "
                    "{next_date}. It should be outside by {before}. | They come on {next_date}, so have "
                    "the bin out by {before}."
                ),
                4,
            ),
            failed(
                v.choice("address not found", "no collection in this street"),
                "I found no date: {error}. | There's a problem with {address}: {error}.",
            ),
        ],
    ),
    Family(
        "report_pothole",
        "report_issue|report_damage|report_problem|file_report|citizen_report",
        "Report damage in the street|Tells the city about a pothole, a broken lamp and the like|",
        [
            Parameter(
                "issue|problem|kind|category|what",
                v.choice(
                    "pothole",
                    "broken street light",
                    "graffiti",
                    "fallen tree",
                    "blocked drain",
                    "loose paving stone",
                    "missing sign",
                ),
                "What is wrong|",
            ),
            address("location|address|where|street"),
            Parameter(
                "urgent|is_urgent|emergency|dangerous",
                v.flag("and it's urgent", "but it's not urgent"),
                "Whether it is urgent|",
                "boolean",
                phrases=", {}|; {}",
            ),
        ],
        several("""
            Report a {issue} at {location}. | {issue}, {location} | There's a {issue} in front of {location}. Tell
            the city. | At {location} somebody should look at a {issue} | I nearly fell at {location} because of a
            {issue}; please report it | Location: {location}. Problem: {issue}. | Let the town hall know about the
            {issue} at {location} | File a report for {location}, it's a {issue} | Hi, I saw a {issue} near
            {location} and want it mended."""),
        "to report a {issue} at {location}|the city told about a {issue}",
        [
            Result(
                {"ticket|report_id|case_number": v.code, "days|expected_days": v.integer(1, 40)},
                several(
                    "Thank you, your report has the number {ticket}; it should be mended within {days} "
                    "days. | Reported as {ticket}. The city expects to need {days} days. | The {issue} is "
                    "reported: case {ticket}, {days} days."
                ),
                4,
            ),
            Result(
                {"status|message": v.choice("already reported", "work in progress", "planned for this week")},
                several(
                    "The city says about that {issue}: {status}. | They know of it: {status}. | For "
                    "{location} the answer is: {status}."
                ),
            ),
        ],
    ),
    Family(
        "library_search",
        "library_search|find_book|search_catalog|check_availability",
        "Look for a book in the library|Tells where a book stands and if it can be borrowed|",
        [
            Parameter("title|book|query|q|name", v.book, "Title of the book|"),
            Parameter(
                "branch|library|location|site", v.building, "Which branch|", phrases=" at the {}| in the branch {}"
            ),
        ],
        several("""
            Does the library have {title}? | Can I borrow {title}? | library: "{title}" | I'm looking for the book
            {title}. | Is {title} on the shelf? | Look up '{title}' in the library | My teacher told me to read
            {title}; has the library got it? | Where do I find {title} in the library? | Check if "{title}" is free
            to borrow"""),
        "to know if the library has {title}|to borrow {title}",
        [
            Result(
                {"available": v.choice(True), "shelf|location": v.code},
                several(
                    "Yes, {title} is available on shelf {shelf}. | You can borrow it; it's on shelf "
                    "{shelf}. | It's there: shelf {shelf}."
                ),
            ),
            Result(
                {"available": v.choice(False), "due_back|returns_on": v.date},
                several(
                    "It's on loan until {due_back}. | Not at the moment: {title} comes back on "
                    "{due_back}. | Somebody has it; it's due on {due_back}."
                ),
            ),
        ],
    ),
    Family(
        "renew_loan",
        "renew_loan|extend_loan|renew_book|prolong",
        "Renew a borrowed book|Extends a loan of the library|",
        [
            Parameter("title|book|item|loan", v.book, "The book|"),
            Parameter("card_number|card|library_card|member_id", v.code, "Library card|"),
        ],
        several("""
            Renew {title} on my card {card_number}. | card {card_number}, extend "{title}" | I haven't finished
            {title}; renew it please, my card is {card_number} | With the library card {card_number}, can I keep
            {title} longer? | Extend the loan of {title} (card {card_number}). | My card number is {card_number} and
            I'd like to keep '{title}' for a while | {title} is due; prolong it on {card_number} | Please renew my
            book {title}. Card: {card_number} | loan of "{title}", card {card_number}: renew"""),
        "{title} renewed on the card {card_number}|to keep {title} longer",
        [
            Result(
                {"due|new_due_date": v.date, "renewals_left|remaining": v.integer(0, 3)},
                several(
                    "You can keep {title} until {due}. Renewals left: {renewals_left}. | Renewed until "
                    "{due}, with {renewals_left} more renewals possible. | The new date is {due}; you can "
                    "renew it {renewals_left} more times."
                ),
            ),
            failed(
                v.choice("reserved by someone else", "card expired", "fees are open"),
                "{title} can't be renewed: {error}. | Sorry, no renewal: {error}.",
            ),
        ],
    ),
    Family(
        "apply_permit",
        "apply_permit|request_permit|permit_application|apply_for_permit",
        "Apply for a permit|Files an application at the town hall|Permits for building, parking, events and the like.",
        [
            Parameter(
                "permit|permit_type|kind|type",
                v.said_choice(
                    {
                        "building": "a building permit",
                        "parking": "a parking permit",
                        "event": "an event permit",
                        "fishing": "a fishing permit",
                        "street_music": "a permit for street music",
                    }
                ),
                "Kind of permit|",
                choices=("building", "parking", "event", "fishing", "street_music"),
            ),
            Parameter("applicant|name|person|applicant_name", v.person, "Who applies|"),
            Parameter("start|from|valid_from|date", v.date, "First day|"),
        ],
        several("""
            Apply for {permit} for {applicant}, from {start}. | {applicant} needs {permit} starting {start} | I want
            {permit} from {start}; my name is {applicant} | From {start} on, {applicant} would like to have {permit}
            | Please request {permit}. Name: {applicant}. First day: {start}. | My name is {applicant}. Can I get
            {permit} as of {start}? | {permit}, {applicant}, {start} | File an application: {permit}, valid from
            {start}, for {applicant} | We move on {start}, so {applicant} has to get {permit}"""),
        "{permit} for {applicant} from {start}|to apply for {permit}",
        [
            Result(
                {"application|application_id|file_number": v.code, "fee": v.money},
                several(
                    "The application is filed as {application}; the fee is {fee}. | Done: number "
                    "{application}, with a fee of {fee}. | {applicant} applied under {application} and "
                    "has to pay {fee}."
                ),
                3,
            ),
            failed(v.choice("documents are missing", "date is in the past", "not a resident")),
        ],
    ),
    Family(
        "permit_status",
        "permit_status|application_status|case_status|track_application",
        "State of an application|How far an application at the town hall is|",
        [Parameter("application|application_id|file_number|case|id", v.code, "Number of the application|")],
        several("""
            How far is my application {application}? | Status of {application} | Has {application} been decided? | I
            applied weeks ago under {application}. What's happening? | Application {application}: any news? | Check
            file number {application} at the town hall | My case is {application}; is it approved? | Where does
            {application} stand? | Please look up the state of application {application}"""),
        "the state of application {application}|to know if {application} has been decided",
        [
            Result(
                {
                    "status|state": v.choice("in review", "approved", "waiting for documents", "rejected", "received"),
                    "clerk|officer": v.person,
                },
                several(
                    "Application {application} is {status}; {clerk} handles it. | It's {status}, in the "
                    "hands of {clerk}. | {clerk} is in charge, and the status is: {status}."
                ),
            ),
            failed(
                v.choice("number not found", "file is archived"),
                "I can't tell: {error}. | There's nothing to see on {application}: {error}.",
            ),
        ],
    ),
    Family(
        "polling_station",
        "polling_station|find_polling_place|where_to_vote|voting_location",
        "Find the polling station|Where somebody votes, by address|",
        [address()],
        several("""
            Where do I vote? I live at {address}. | Polling station for {address} | Which polling place belongs to
            {address}? | We've moved to {address}. Where do we vote now? | Election day! {address} votes where? | My
            address is {address}, find my polling station | Tell me where people from {address} go to vote | The
            ballot box for {address}, where is it? | For the election I need the polling place of {address}"""),
        "the polling station of {address}|to know where to vote",
        [
            Result(
                {"station|place": v.building, "open_until|closes": v.choice("18:00", "19:00", "19:30", "20:00")},
                several(
                    "You vote here: {station}, open until {open_until}. | Your polling station is the "
                    "{station}; it closes at {open_until}. | Go to the {station} before {open_until}."
                ),
            ),
            failed(
                v.choice("address not in this district", "no election is planned"),
                "I found no polling station: {error}. | Nothing for {address}: {error}.",
            ),
        ],
    ),
    Family(
        "estimate_tax",
        "estimate_tax|income_tax|calculate_income_tax|tax_estimate",
        "Estimate income tax|Tax on a yearly income, by country and number of children|",
        [
            Parameter("income|salary|yearly_income|gross", v.integer(9000, 200000), "Income in a year|", "integer"),
            Parameter("country|state|jurisdiction", v.country, "Where one pays|"),
            Parameter(
                "children|kids|dependents",
                v.integer(1, 6),
                "Number of children|",
                "integer",
                phrases=" with {} children|, {} children",
            ),
        ],
        several("""
            How much tax do I pay on {income} in {country}? | Income tax, {country}, {income} a year | I earn
            {income} and live in {country}. What goes to the state? | In {country}, what's left of {income}?
            Estimate the tax. | A job in {country} pays {income}; what would the tax be? | Tax on a salary of
            {income} for {country} please | Moving to {country} on {income} a year, what tax must I expect? |
            Estimate taxes: income {income}, country {country} | {country}: what does one pay on {income}?"""),
        "the tax on {income} in {country}|to know what tax they pay",
        [
            Result(
                lambda r, a: (lambda tax: {"tax": tax, "net": a["income"] - tax})(
                    round(a["income"] * r.uniform(0.1, 0.4))
                ),
                several(
                    "You'd pay {tax} in tax and keep {net}. | The tax is about {tax}, which leaves {net}. "
                    "| Estimated tax: {tax}. Net income: {net}."
                ),
                4,
            ),
            failed(
                v.choice("no tax table for this country", "rates not published yet"),
                "I can't estimate that: {error}. | No figure for {country}: {error}.",
            ),
        ],
    ),
    Family(
        "top_up_card",
        "top_up|recharge_card|load_card|add_credit",
        "Put money on a transit card|Tops up a bus card|",
        [
            Parameter("card|card_number|card_id|number", v.code, "Number of the card|"),
            Parameter("amount|money|value|sum", v.integer(5, 100), "How much|", "integer"),
        ],
        several("""
            Put {amount} on my transit card {card}. | Top up {card} with {amount} | {amount} euros on card {card} |
            My bus card {card} is nearly empty; add {amount}. | Card {card}: load {amount} | I'd like to recharge
            {card}, {amount} please | With {amount} more, {card} would do for the month. Add it. | Add credit
            ({amount}) to the card number {card} | recharge {card}, amount {amount}"""),
        "{amount} on the card {card}|to top up {card}",
        [
            Result(
                {"balance|new_balance": v.money},
                several(
                    "Done, the card has {balance} on it now. | {card} is topped up; the balance is "
                    "{balance}. | The new balance is {balance}."
                ),
                3,
            ),
            failed(
                v.choice("card is blocked", "payment declined", "amount too high"),
                "The card couldn't be topped up: {error}. | No money was added: {error}.",
            ),
        ],
        "transit",
    ),
    Family(
        "card_balance",
        "card_balance|check_card|transit_balance|get_credit",
        "Balance of a transit card|Money and rides left on a bus card|",
        [Parameter("card|card_number|card_id|number", v.code, "Number of the card|")],
        several(
            """
                How much is left on my bus card {card}? | Balance of {card} | Can I still ride with card {card}? |
                {card}: credit? | Check the transit card {card}. | I'm at the stop; is there enough on {card}? | Do
                I have to top up {card}? | What's the credit of card number {card}? | Tell me what remains on {card}"""
        ),
        "the balance of the card {card}|to know what is left on {card}",
        [
            Result(
                {"balance|credit": v.money, "rides|rides_left": v.integer(0, 60)},
                several(
                    "There's {balance} left, enough for {rides} rides. | {card} holds {balance}; that's "
                    "{rides} rides. | The balance is {balance}, rides left: {rides}."
                ),
            ),
            failed(
                v.choice("card not registered", "card expired"),
                "I can't read the card: {error}. | {card} gives no balance: {error}.",
            ),
        ],
        "transit",
    ),
    Family(
        "office_appointment",
        "book_office|office_appointment|town_hall_appointment|book_service",
        "Make an appointment at a public office|Books a slot for a service of the town|",
        [
            Parameter(
                "service|purpose|matter|for",
                v.choice(
                    "passport",
                    "driving licence",
                    "marriage",
                    "change of address",
                    "birth certificate",
                    "dog licence",
                    "car registration",
                ),
                "What it is about|",
            ),
            Parameter("day|date|on|when", v.day, "Day|"),
            Parameter("time|hour|at|slot", v.clock, "Time|", phrases=" at {}|, at {} if possible"),
        ],
        several("""
            I need an appointment for this: {service}. {day} would be good. | Appointment {day} at the town hall
            ({service}) | Book a slot at the office, {day}, matter: {service} | It's about a {service}. Can I come
            {day}? | Is there something free {day}? I have to see to a {service}. | {service}, {day}: please book
            the office | At the citizens' office, {service}, {day} please | My {service} can't wait, so get me in
            {day} | Reserve a time for a {service}, {day}"""),
        "an appointment for a {service}, {day}|to go to the office about a {service}",
        [
            Result(
                {"time_slot|slot_time": v.clock, "room|counter": v.integer(1, 60)},
                several(
                    "You have an appointment at {time_slot}, room {room}. | Come at {time_slot} to room "
                    "{room}. | It's booked: {time_slot}, room {room}."
                ),
                3,
            ),
            failed(
                v.choice("no free slot", "office closed that day"),
                "I couldn't book it: {error}. | The office says: {error}.",
            ),
        ],
    ),
    Family(
        "register_pet",
        "register_pet|register_dog|pet_registration|add_pet",
        "Register a pet with the town|Enters an animal with name, kind and owner|",
        [
            Parameter("pet_name|pet|name|animal_name", v.first_name, "Name of the animal|"),
            Parameter("animal|species|kind|type", v.animal, "Kind of animal|"),
            Parameter("owner|owner_name|keeper|holder", v.person, "Who keeps it|"),
            Parameter("chip|chip_number|chip_id", v.code, "Number of the chip|", phrases=", chip {}| with the chip {}"),
        ],
        several("""
            Register {pet_name} the {animal}, owner {owner}. | Pet {pet_name}, {animal}, kept by {owner} | I'm
            {owner} and have a new {animal} called {pet_name}; please register it | {owner} wants to register a pet:
            {pet_name} ({animal}) | New animal: {animal}. Its name is {pet_name} and it belongs to {owner}. | The
            {animal} of {owner} is named {pet_name}; enter it in the register | Put {pet_name} in the list of pets
            (kind of animal: {animal}). The owner is {owner}. | Owner: {owner}, animal: {animal}, name: {pet_name}.
            Register, please. | Our {animal} {pet_name} has to be registered with the town on {owner}"""),
        "{pet_name} the {animal} registered for {owner}|to register a pet",
        [
            Result(
                {"tag|tag_number|licence": v.code, "yearly_tax|fee": v.money},
                several(
                    "{pet_name} is registered with tag {tag}; the yearly tax is {yearly_tax}. | Done: tag "
                    "{tag}, {yearly_tax} a year. | The tag for {pet_name} is {tag}, and {owner} pays "
                    "{yearly_tax} a year."
                ),
                3,
            ),
            failed(v.choice("already registered", "this animal needs no registration", "owner not found")),
        ],
    ),
    Family(
        "emergency_alert",
        "send_alert|public_alert|warn_residents|issue_warning",
        "Warn the residents of a district|Sends a public warning|Only for officials.",
        [
            Parameter("district|area|zone|region", v.place, "Where|"),
            Parameter(
                "hazard|danger|event|type",
                v.choice("flood", "storm", "fire", "gas leak", "heat wave", "power cut"),
                "What is coming|",
            ),
            Parameter("level|severity|stage", v.integer(1, 5), "1 to 5|", "integer"),
            Parameter(
                "advice|instruction|text",
                v.message,
                "What people should do|",
                phrases='. Tell people: {}|, with the advice "{}"',
            ),
        ],
        several("""
            Warn {district} of a {hazard}, level {level}. | {hazard} alert, level {level}, {district} | In
            {district} a {hazard} is coming. Send out a level {level} warning. | Level {level} warning to everybody
            in {district}: {hazard} | Issue an alert. Area {district}, danger {hazard}, stage {level}. | People in
            {district} must know of the {hazard} (level {level}) | It's serious, level {level}: a {hazard} in
            {district}. Alert them! | Send the {hazard} warning of level {level} to {district} | The {hazard} near
            {district} has reached level {level}, so warn the residents"""),
        "{district} warned of a {hazard}, level {level}|a public warning for {district}",
        [
            Result(
                {"reached|people_reached": v.integer(300, 90000), "alert_id|id": v.code},
                several(
                    "The warning is out as {alert_id} and has reached {reached} people. | Alert "
                    "{alert_id} went to {reached} people. | {reached} people in {district} were warned "
                    "(alert {alert_id})."
                ),
                3,
            ),
            failed(v.choice("not authorised", "siren network offline", "a warning is active already")),
        ],
    ),
    Family(
        "council_vote",
        "council_decision|get_resolution|vote_result|ballot_result",
        "How the council decided|Votes for and against a motion|",
        [Parameter("motion|topic|resolution|subject", v.topic, "The motion|")],
        several("""
            How did the council vote on {motion}? | Result of the vote on {motion} | Was the motion "{motion}"
            accepted? | {motion}: what did the council decide? | I missed the meeting. Did {motion} pass? | Tell me
            the outcome on {motion}, please. | Votes for and against {motion}? | Did they agree on '{motion}' in the
            council? | Look up the council's decision about {motion}"""),
        "to know how the council voted on {motion}|the result of the vote on {motion}",
        [
            Result(
                lambda r, a: (
                    lambda yes, no: {"decision": "accepted" if yes > no else "rejected", "yes": yes, "no": no}
                )(r.randint(0, 60), r.randint(0, 60)),
                several(
                    "The motion was {decision}, with {yes} for and {no} against. | It was {decision}: "
                    "{yes} yes, {no} no. | {yes} voted for it and {no} against, so it was {decision}."
                ),
            ),
            failed(
                v.choice("no vote yet", "motion withdrawn"),
                "There's no result: {error}. | On {motion} I can only say: {error}.",
            ),
        ],
    ),
]

FAMILIES = [*SCHOOL, *TOWN]
