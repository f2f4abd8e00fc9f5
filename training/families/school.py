"""Tools of schools: courses, grades, quizzes, vocabulary, homework."""

from random import Random

from training import values as v
from training.family import Family, Parameter, Result
from training.several import failed, several

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
            much for {student}; sign them off | Unenroll {student} from the class "{course}" | {student} has too
            much to do and quits {course}."""),
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
            {course} paper of {student}; it's worth {points} | Finally marked! {points} points for {student} in
            {course}."""),
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
            {course} | In {course}, has {student} passed? | Please get the report of {student}, subject {course} |
            The parents of {student} ask about {course}. What are the grades?"""),
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
            about {topic} that has {questions} questions | How well do they know {topic}? Give me {questions}
            questions, level {difficulty}."""),
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
            the quiz | Question {question_number} is easy: {answer} | For question {question_number} it must be
            {answer}, I'm sure."""),
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
            {front} ({back}); put it on a card | I keep forgetting that {front} means {back}. A card, please."""),
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
                something about {topic} | Search the catalogue for {topic} | Which courses do you have in {topic}? |
                I'm bored and would like to study {topic}. What is there?"""
        ),
        "courses on {topic}|to learn {topic}",
        [
            Result(
                {"course": v.title, "teacher": v.person, "price": v.money},
                several(
                    'There\'s "{course}" with {teacher} for {price}. '
                    '| {teacher} teaches "{course}"; it costs {price}. | I found "{course}" ({teacher}, {price}).'
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
            subject {subject} | Could someone explain {subject} to me? I'm free {day} at {time}. | I don't get
            {subject} at all. Get me a lesson {day} at {time}."""),
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
            "{file}" | I've finished! {file} is my work for {course} | Done at last: {file}. It's for {course}, hand
            it in."""),
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

FAMILIES = SCHOOL
