"""Tools of office work: tasks, tickets, meetings, documents, spreadsheets, mail folders and translations."""

from random import Random

from training import values as v
from training.family import Family, Parameter, Result
from training.several import several


def cell(random: Random) -> str:
    """Draw the address of a cell."""
    return f"{random.choice('ABCDEFGH')}{random.randint(1, 99)}"


def cells(random: Random) -> str:
    """Draw a range of cells in one column."""
    column, first = random.choice("ABCDEFGH"), random.randint(1, 20)
    return f"{column}{first}:{column}{first + random.randint(2, 60)}"


def board(random: Random) -> str:
    return random.choice((v.name(random), v.word(random), v.topic(random)))


PROJECT = Parameter("project|project_name|board|space|list", board, "The project|Name of the project|Where it belongs|")
PRIORITY = v.choice("low", "medium", "high", "urgent")
TICKET = Parameter("ticket|ticket_id|id|number|key", v.code, "The ticket|Id of the ticket|")
DOCUMENT = Parameter("document|doc|title|name|document_name", v.title, "Title of the document|Which document|")
SHEET = Parameter("sheet|spreadsheet|file|workbook|sheet_name", v.word, "Name of the spreadsheet|Which sheet|")
FOLDER = Parameter(
    "folder|mailbox|label|folder_name",
    v.choice("Inbox", "Archive", "Spam", "Drafts", "Receipts", "Newsletters", "Travel", "Projects"),
    "The mail folder|Name of the folder|",
)
NOT_FOUND = v.choice("ticket not found", "this ticket is closed", "you have no access to this ticket")

FAMILIES = [
    Family(
        "create_task",
        "create_task|add_task|new_task|task_create|add_todo",
        (
            "Create a task in a project.|Adds a task with a due date and a priority.|Makes a new task. "
            "Give it a title, the project and the day it is due."
        ),
        [
            Parameter("title|name|task|summary|subject", v.title, "Title of the task|What has to be done|"),
            PROJECT,
            Parameter("due|due_date|deadline|date", v.date, "Day it is due|"),
            Parameter(
                "priority|importance|prio",
                PRIORITY,
                "How important it is|",
                choices=["low", "medium", "high", "urgent"],
                phrases=" with {} priority|, priority {}| ({} priority)",
            ),
        ],
        several("""Create a task "{title}" in {project}, due {due} | Add '{title}' to the project {project}; it's due
            on {due} | By {due} we have to do "{title}". Make it a task in {project} | {project}: new task, '{title}',
            deadline {due} | Please put a task called "{title}" on the board {project} for {due} | I need a task in
            {project}: '{title}' until {due} | In the project '{project}' somebody has to take care of "{title}" by
            {due}. Add that as a task | New to-do for {project}, due {due}: "{title}" | Could you note the task
            '{title}' ({project}), with {due} as the deadline | Project {project}, task "{title}", due date {due}"""),
        'a task "{title}" in {project}|to create a task that is due on {due}|to add "{title}" to the project {project}',
        [
            Result(
                {"task_id|id|key": v.code, "status|state": v.choice("open", "to do", "planned")},
                several("""The task "{title}" is in {project} as {task_id}, due on {due}; its status is "{status}". |
                    I created {task_id} in {project}. It's due on {due} and has the status "{status}". | Done:
                    {task_id}, "{title}", is on the board {project} (status: {status})."""),
            ),
            Result(
                {
                    "error|message": v.choice(
                        "project not found", "the date is in the past", "you may not add tasks here"
                    )
                },
                several(
                    """I couldn't create the task: {error}. | {project} didn't accept the task. It says: {error}. |
                        "{title}" wasn't added ({error})."""
                ),
                weight=0.4,
            ),
        ],
        near="task",
    ),
    Family(
        "complete_task",
        "complete_task|finish_task|mark_done|close_task|task_done|check_off",
        "Mark a task as done.|Completes a task.|Checks off a task by its id and tells what remains.",
        [Parameter("task_id|id|task|key", v.code, "Id of the task|")],
        several("""Mark task {task_id} as done. | Task {task_id} is finished. | {task_id} done! It's a task. | I've
            just completed {task_id}, please check the task off. | Close the task {task_id}. | Could you tick off task
            {task_id}? | That's it for task '{task_id}', set it to done. | You can mark "{task_id}" as complete in my
            task list. | complete task: {task_id} | The work on task {task_id} is over. Update it please."""),
        "to mark task {task_id} as done|task {task_id} to be checked off|to complete the task {task_id}",
        [
            Result(
                {"completed_at|done_at": v.clock, "remaining|open_tasks": v.integer(2, 30)},
                several("""Well done! {task_id} was checked off at {completed_at}, and {remaining} tasks remain. |
                    {task_id} is done ({completed_at}). You have {remaining} open tasks left. | Checked off at
                    {completed_at}. {remaining} tasks to go."""),
            ),
            Result(
                {"error|message": v.choice("task not found", "task is done already", "a subtask is still open")},
                several(
                    """I couldn't complete {task_id}: {error}. | {task_id} wasn't changed, because of this: {error}. |
                        That didn't work ({error})."""
                ),
                weight=0.4,
            ),
        ],
        near="task",
    ),
    Family(
        "list_overdue_tasks",
        "list_overdue_tasks|overdue_tasks|get_overdue|late_tasks|find_overdue",
        "Tasks of a project that are late.|Lists overdue tasks.|Finds what should have been done by now in a project.",
        [PROJECT],
        several("""What is overdue in {project}? | Overdue tasks of {project}? | Are we late with anything in the
            project {project}? | List what's past its deadline in {project}. | Which tasks of {project} should have
            been finished by now? | {project}: late tasks | Before the meeting I want to know about the overdue tasks
            in '{project}'. | Please check the project "{project}" for missed deadlines. | Show me everything in
            {project} that's late. | Did we miss a deadline in {project}?"""),
        "to know what is overdue in {project}|the late tasks of {project}|a list of missed deadlines in {project}",
        [
            Result(
                {
                    "count|overdue|total": v.integer(2, 20),
                    "oldest|oldest_task": v.title,
                    "days_late|days": v.integer(2, 90),
                },
                several("""{count} tasks are overdue in {project}; the oldest is "{oldest}", {days_late} days late. |
                    There are {count}. "{oldest}" has waited longest, {days_late} days. | {project} has {count} late
                    tasks, above all "{oldest}" ({days_late} days)."""),
            ),
            Result(
                {"count|overdue|total": v.choice(0)},
                several(
                    """Nothing is overdue in {project}. | You're on time: {project} has no late tasks. | No missed
                        deadlines in {project}, well done."""
                ),
            ),
        ],
        near="task",
    ),
    Family(
        "update_ticket",
        "update_ticket|set_ticket_status|change_ticket|move_ticket|transition_issue",
        (
            "Change the status of a ticket.|Moves a ticket to another column.|Sets a ticket's status, "
            "with a comment if wanted."
        ),
        [
            TICKET,
            Parameter(
                "status|state|column|to",
                v.said_choice(
                    {
                        "open": "open",
                        "in_progress": "in progress",
                        "in_review": "in review",
                        "blocked": "blocked",
                        "done": "done",
                    }
                ),
                "The new status|",
                choices=["open", "in_progress", "in_review", "blocked", "done"],
            ),
            Parameter(
                "comment|note|reason",
                v.sentence,
                "A comment|Why|",
                phrases=" with the comment \"{}\"| and add the comment '{}'|, comment: {}",
            ),
        ],
        several("""Set ticket {ticket} to {status} | Move {ticket} to "{status}" | Ticket {ticket} is {status} now,
            update it please | {ticket} -> {status} | Please change the status of ticket '{ticket}' to {status} | The
            ticket {ticket} should be {status} | I've looked at {ticket}, you can mark the ticket as {status} | Put
            {ticket} into the column '{status}' | Could you make ticket "{ticket}" {status} | ticket {ticket}, new
            status: {status}"""),
        (
            "ticket {ticket} to be {status}|to set the status of {ticket} to {status}|to move the "
            "ticket {ticket} to {status}"
        ),
        [
            Result(
                {
                    "previous|old_status|from_status": v.choice("open", "new", "waiting"),
                    "watchers|notified": v.integer(2, 12),
                },
                several("""{ticket} went from "{previous}" to "{status}", and {watchers} people were told. | Ticket
                    {ticket} is {status} now; it was "{previous}" before. {watchers} watchers know. | Done. {watchers}
                    people see that {ticket} is {status} instead of "{previous}"."""),
            ),
            Result(
                {"error|message": NOT_FOUND},
                several(
                    """I couldn't update {ticket}: {error}. | {ticket} wasn't moved, and the reason is: {error}. | The
                        ticket system answered "{error}"."""
                ),
                weight=0.4,
            ),
        ],
        near="ticket",
    ),
    Family(
        "assign_ticket",
        "assign_ticket|ticket_assign|set_assignee|give_ticket|reassign",
        "Assign a ticket to a person.|Gives a ticket to somebody.|Changes who works on a ticket and tells that person.",
        [TICKET, Parameter("assignee|person|user|to|owner", v.person, "Who takes it|Name of the person|")],
        several("""Assign ticket {ticket} to {assignee}. | {assignee} will take care of {ticket}, assign it please. |
            {ticket}: assignee {assignee} | Give {ticket} to {assignee}. | Let {assignee} do ticket {ticket}. | The
            ticket {ticket} belongs to {assignee} from now on. | I can't work on {ticket} this week. Hand it over to
            {assignee}. | Please make {assignee} responsible for the ticket "{ticket}". | Could {assignee} get ticket
            '{ticket}'? | Reassign {ticket}, {assignee} has time."""),
        "{assignee} to get ticket {ticket}|to assign {ticket} to {assignee}|ticket {ticket} handed to {assignee}",
        [
            Result(
                {"previous_assignee|before": v.person, "open_tickets|workload": v.integer(2, 30)},
                several("""{ticket} went from {previous_assignee} to {assignee}, who has {open_tickets} open tickets
                    now. | {assignee} has {ticket} now; before it was {previous_assignee}'s. That makes {open_tickets}
                    open tickets. | Done: {assignee} takes over from {previous_assignee} and has {open_tickets}
                    tickets."""),
            ),
            Result(
                {"error|message": v.choice("no such person", "ticket is closed", "this person is on leave")},
                several(
                    """I couldn't assign {ticket}: {error}. | {assignee} didn't get the ticket, since the system says:
                        {error}. | No change to {ticket} ({error})."""
                ),
                weight=0.4,
            ),
        ],
        near="ticket",
    ),
    Family(
        "ticket_details",
        "get_ticket|ticket_details|show_ticket|read_ticket|lookup_ticket",
        (
            "Look up a ticket.|Shows who works on a ticket, and its status.|Returns the title, status "
            "and assignee of one ticket."
        ),
        [TICKET],
        several("""What is ticket {ticket} about? | Show ticket {ticket} | Who is working on the ticket {ticket}? |
            {ticket}? I mean the ticket. | Look up ticket {ticket} for me. | How far is ticket '{ticket}'? | Somebody
            mentioned ticket {ticket} in the meeting. What is it? | Please open the ticket "{ticket}". | Status of
            ticket {ticket}, please | I'd like to read ticket {ticket}."""),
        "to know what ticket {ticket} is about|the details of ticket {ticket}|to look up {ticket}",
        [
            Result(
                {
                    "title|summary": v.title,
                    "status|state": v.choice("open", "in progress", "blocked", "done"),
                    "assignee|owner": v.person,
                },
                several("""{ticket} is "{title}". {assignee} has it, and its status is {status}. | The ticket is
                    called "{title}", it's {status}, and {assignee} works on it. | {assignee} is on {ticket},
                    "{title}"; the status is {status}."""),
            ),
            Result(
                {"error|message": NOT_FOUND},
                several(
                    """I couldn't open {ticket}: {error}. | There's a problem with {ticket}: {error}. | No details, I
                        only got "{error}"."""
                ),
                weight=0.4,
            ),
        ],
        near="ticket",
    ),
    Family(
        "schedule_meeting",
        "schedule_meeting|create_meeting|book_meeting|plan_meeting|add_meeting",
        (
            "Schedule a meeting.|Puts a meeting into the calendar and invites people.|Plans a meeting "
            "on a day, at a time, for some people."
        ),
        [
            Parameter("title|subject|topic|name", v.title, "What it is about|Title of the meeting|"),
            Parameter("date|day|on", v.date, "Day of the meeting|"),
            Parameter("start|time|start_time|at", v.clock, "When it begins|"),
            Parameter(
                "attendees|participants|people|invitees",
                v.list_of(v.first_name, 1, 3),
                "Who is invited|Names|",
                "array",
            ),
            Parameter(
                "duration_minutes|duration|minutes|length",
                v.duration_minutes,
                "Length in minutes|",
                "integer",
                phrases=", {} minutes long| for {} minutes|, it takes {} minutes",
            ),
        ],
        several("""Schedule a meeting "{title}" on {date} at {start} with {attendees} | On {date} at {start} I want to
            meet {attendees} about '{title}' | Meeting with {attendees}: "{title}", {date}, {start} | Please invite
            {attendees} to '{title}' on {date}, {start} | {date} {start} - "{title}" - {attendees}. Set up this
            meeting | Could you find room in the calendar for '{title}'? {attendees} should come, {date} at {start} |
            Set up "{title}" at {start} on {date}; invite {attendees} | I promised {attendees} a meeting at {start} on
            {date}, call it '{title}' | Book a meeting named "{title}" ({attendees}) for {date} at {start} | At
            {start} on {date} we talk about "{title}". Send invitations to {attendees}"""),
        (
            'a meeting with {attendees} on {date}|to schedule "{title}" for {date} at {start}|to meet '
            '{attendees} about "{title}"'
        ),
        [
            Result(
                {"meeting_id|event_id|id": v.code, "room|location": v.room},
                several(""""{title}" is set for {date} at {start} in the {room}; {attendees} got an invitation (id
                    {meeting_id}). | The meeting {meeting_id} with {attendees} is in the calendar: {date}, {start},
                    {room}. | Done, I booked the {room} on {date} at {start}. The meeting's id is {meeting_id}."""),
            ),
            Result(
                {"conflict|busy|unavailable": v.first_name, "next_free|suggestion": v.clock},
                several("""{conflict} is busy at {start}. How about {next_free}? | I couldn't book it, because
                    {conflict} has no time then; {next_free} would be free. | At {start} it clashes with a meeting of
                    {conflict}. The next free time is {next_free}."""),
                weight=0.5,
            ),
        ],
        near="meeting",
    ),
    Family(
        "cancel_meeting",
        "cancel_meeting|delete_meeting|call_off_meeting|remove_meeting|meeting_cancel",
        (
            "Cancel a meeting.|Calls a meeting off and tells everybody.|Removes a meeting from the "
            "calendar, with a message to those invited."
        ),
        [
            Parameter("meeting|title|name|event|subject", v.title, "Title of the meeting|"),
            Parameter(
                "message|reason|note|comment",
                v.message,
                "Message to the people invited|",
                phrases=", and tell them \"{}\"| with the message '{}'|, message: {}",
            ),
        ],
        several("""Cancel the meeting "{meeting}" | Call off '{meeting}' | I'm ill, so cancel my meeting "{meeting}" |
            The meeting {meeting} won't take place. Remove it from the calendar | Please delete '{meeting}' from
            everybody's calendar | cancel meeting: {meeting} | We don't need the meeting "{meeting}" any more | Could
            you drop the meeting called '{meeting}' | "{meeting}" is off, let people know that this meeting is
            cancelled | Take the meeting "{meeting}" out of the calendar"""),
        (
            'to cancel the meeting "{meeting}"|the meeting "{meeting}" to be called off|"{meeting}" '
            "removed from the calendar"
        ),
        [
            Result(
                {"cancelled|ok": v.choice(True), "notified|people": v.integer(2, 25)},
                several("""The meeting "{meeting}" is off, and {notified} people were told. | Cancelled. {notified}
                    people got a message about "{meeting}". | Done: {notified} people know that "{meeting}" won't take
                    place."""),
            ),
            Result(
                {
                    "error|reason_code": v.choice(
                        "meeting not found", "only the host may cancel it", "it's over already"
                    )
                },
                several(
                    """I couldn't cancel "{meeting}": {error}. | The meeting stays in the calendar ({error}). | That
                        wasn't possible, the calendar says "{error}"."""
                ),
                weight=0.4,
            ),
        ],
        near="meeting",
    ),
    Family(
        "meeting_minutes",
        "save_minutes|meeting_minutes|add_minutes|record_decision|log_decision",
        (
            "Record a decision of a meeting.|Adds a line to the minutes.|Writes down what was decided "
            "and who takes care of it."
        ),
        [
            Parameter("meeting|meeting_title|event|title", v.title, "Title of the meeting|"),
            Parameter("decision|text|note|content", v.sentence, "What was decided|"),
            Parameter("owner|responsible|person|assignee", v.first_name, "Who takes care of it|"),
        ],
        several("""For the minutes of "{meeting}": {decision} Responsible is {owner}. | In the meeting '{meeting}' we
            decided this: "{decision}" {owner} takes care of it. | Add to the minutes of '{meeting}': "{decision}",
            owner {owner}. | {owner} is responsible for the decision "{decision}" from the meeting "{meeting}". Record
            it. | Minutes, {meeting}: '{decision}' ({owner}) | Please write down "{decision}" in the minutes of
            '{meeting}', with {owner} as the one responsible. | Decision: "{decision}" Meeting: '{meeting}' Person:
            {owner} | We agreed on "{decision}" today. It was in '{meeting}', and {owner} will do it. Put it into the
            minutes. | Could you log '{decision}' as a decision of "{meeting}", for {owner}? | Note for "{meeting}"
            that {owner} looks after this decision: {decision}"""),
        (
            'a decision in the minutes of "{meeting}"|to record a decision for {owner}|to add to the '
            'minutes of the meeting "{meeting}"'
        ),
        [
            Result(
                {"entry|number|item": v.integer(2, 40), "saved|ok": v.choice(True)},
                several("""It's item {entry} in the minutes of "{meeting}", with {owner} responsible. | Recorded as
                    number {entry}; {owner} takes care of it. | The minutes of "{meeting}" have it as item {entry}
                    now, for {owner}."""),
            ),
            Result(
                {"error|message": v.choice("the minutes are closed", "meeting not found")},
                several(
                    """I couldn't record that: {error}. | The minutes of "{meeting}" were not changed ({error}). |
                        That was refused: {error}."""
                ),
                weight=0.3,
            ),
        ],
    ),
    Family(
        "create_document",
        "create_document|new_document|make_doc|create_doc|document_create",
        "Create a document.|Makes a new document with a title in a folder.|Starts an empty document from a template.",
        [
            Parameter("title|name|document_title|subject", v.title, "Title of the document|"),
            Parameter("folder|location|directory|parent", v.word, "Folder it is put in|"),
            Parameter(
                "template|type|kind|based_on",
                v.choice("letter", "report", "contract", "memo", "blank page", "proposal"),
                "Template to begin with|",
            ),
        ],
        several("""Create a {template} titled "{title}" in the folder {folder}. | New document: '{title}', template
            {template}, folder {folder} | I need a {template} called "{title}". Put it in {folder}. | In {folder},
            start a {template} named '{title}'. | Please make me a {template}, "{title}", and save it under {folder}.
            | "{title}" should be the title of a new {template} in {folder}. | Set up a {template} with the title
            '{title}' in my folder "{folder}". | I have to write a {template}; create '{title}' in the folder {folder}
            for me. | Could you begin a document '{title}' in {folder} from the template {template}? | folder
            {folder}: new {template} "{title}", please"""),
        'a {template} titled "{title}"|to create a document in {folder}|a new {template} in the folder {folder}',
        [
            Result(
                {"document_id|id|doc_id": v.hex_id, "url|link": v.url},
                several("""Your {template} "{title}" is ready: {url} (id {document_id}). | I created "{title}" in
                    {folder}. You'll find it at {url}; the id is {document_id}. | Done. Document {document_id} is at
                    {url}."""),
            ),
            Result(
                {"error|message": v.choice("folder not found", "a document of this name exists", "no such template")},
                several(
                    """I couldn't create "{title}": {error}. | The document wasn't made ({error}). | There was a
                        problem: {error}."""
                ),
                weight=0.4,
            ),
        ],
        near="document",
    ),
    Family(
        "share_document",
        "share_document|share_doc|grant_document_access|share_file|invite_to_document",
        (
            "Share a document with a person.|Gives somebody access to a document.|Shares a document by "
            "mail address; the person may view, comment or edit."
        ),
        [
            DOCUMENT,
            Parameter("email|user|recipient|with|address", v.email, "Mail address of the person|"),
            Parameter(
                "permission|role|access|level",
                v.choice("view", "comment", "edit"),
                "What the person may do|",
                choices=["view", "comment", "edit"],
            ),
        ],
        several("""Share "{document}" with {email}, who may {permission} it. | Let {email} {permission} the document
            '{document}'. | {email} needs to {permission} "{document}"; please share it. | Give {email} access to
            '{document}' with the right to {permission}. | Document "{document}", share with {email}, right:
            {permission} | My colleague ({email}) should be able to {permission} the document "{document}". | Please
            invite {email} to "{document}" so that they can {permission}. | Could you open '{document}' for {email}?
            Permission: {permission} | I'd like to give {email} the permission "{permission}" on the document
            '{document}'. | For '{document}': {email} can {permission}"""),
        (
            'to share "{document}" with {email}|{email} to be able to {permission} "{document}"|to '
            "give {email} access to a document"
        ),
        [
            Result(
                {"shared|ok": v.choice(True), "link|url": v.url},
                several("""{email} can {permission} "{document}" now; the link is {link}. | Shared: {email} may
                    {permission} the document at {link}. | Done. I gave {email} the right to {permission}. Here's the
                    link: {link}"""),
            ),
            Result(
                {
                    "error|message": v.choice(
                        "document not found", "sharing outside the company is not allowed", "invalid address"
                    )
                },
                several(
                    """I couldn't share "{document}": {error}. | {email} has no access, because of this: {error}. |
                        Sharing failed with "{error}"."""
                ),
                weight=0.4,
            ),
        ],
        near="document",
    ),
    Family(
        "set_cell",
        "set_cell|write_cell|update_cell|spreadsheet_set|edit_cell|put_value",
        (
            "Write a value to a cell.|Sets one cell of a spreadsheet.|Changes the number in a cell. "
            "Formulas that depend on it are updated."
        ),
        [
            SHEET,
            Parameter("cell|address|position|cell_ref|ref", cell, "The cell, such as B3|"),
            Parameter("value|number|amount|content", v.money, "Number to write|The new value|", "number"),
        ],
        several("""Write {value} to cell {cell} of {sheet}. | In the spreadsheet {sheet}, set {cell} to {value}. |
            {sheet} {cell} = {value} | Put {value} into {cell} of the sheet "{sheet}". | The value of {cell} in the
            sheet {sheet} is wrong. It has to be {value}. | Change cell {cell} to {value}, sheet {sheet}. | Please
            update '{sheet}': {cell} should be {value}. | Could you enter the number {value} at {cell} in my {sheet}
            spreadsheet? | {value} goes to {cell}, in the workbook {sheet}. | I forgot to fill in {cell} on {sheet}.
            Make it {value}."""),
        (
            "cell {cell} of {sheet} to be {value}|to write {value} to {cell}|the spreadsheet {sheet} "
            "to have {value} in {cell}"
        ),
        [
            Result(
                {"old_value|previous|before": v.money, "recalculated|updated_cells": v.integer(2, 40)},
                several("""{cell} was {old_value} and is {value} now; {recalculated} cells were recalculated. | Done:
                    {cell} in {sheet} changed from {old_value} to {value}, and {recalculated} cells with it. | I
                    replaced {old_value} with {value} in {cell}. {recalculated} other cells were updated."""),
            ),
            Result(
                {"error|message": v.choice("sheet is protected", "no such sheet", "someone else is editing it")},
                several(
                    """I couldn't write to {cell}: {error}. | {sheet} is unchanged ({error}). | The value wasn't set,
                        because: {error}."""
                ),
                weight=0.4,
            ),
        ],
        near="spreadsheet",
    ),
    Family(
        "get_cell",
        "get_cell|read_cell|cell_value|spreadsheet_get|lookup_cell",
        "Read a cell of a spreadsheet.|Value of one cell|Returns what a cell shows, and its formula if it has one.",
        [SHEET, Parameter("cell|address|position|cell_ref|ref", cell, "The cell, such as B3|")],
        several("""What's in cell {cell} of {sheet}? | {sheet}, cell {cell}? | Read {cell} from the spreadsheet
            {sheet}. | Which value does {cell} have in the sheet '{sheet}'? | In {sheet}, look at {cell} and tell me
            the number. | I need the content of {cell} in my {sheet} sheet. | Please check cell {cell}, workbook
            "{sheet}". | What does {sheet} say at {cell}? | Could you look up {cell} for me? It's in the spreadsheet
            {sheet}. | Get {cell} ({sheet})"""),
        "the value of {cell} in {sheet}|to know what is in cell {cell}|to read {cell} of the spreadsheet {sheet}",
        [
            Result(
                {"value|content": v.money, "formula": v.choice("=SUM(A1:A9)", "=B2*C2", "=AVERAGE(D1:D12)", "=E4-E3")},
                several("""{cell} shows {value}; it's computed by {formula}. | The value is {value}, from the formula
                    {formula}. | In {sheet}, {cell} is {value} ({formula})."""),
            ),
            Result(
                {"value|content": v.money},
                several("""{cell} of {sheet} is {value}. | It says {value}. | The value in {cell} is {value}."""),
            ),
            Result(
                {"value|content": v.choice("")},
                several(
                    """Cell {cell} is empty. | There is nothing in {cell} of {sheet}. | {sheet} has no value at
                        {cell}."""
                ),
                weight=0.5,
            ),
        ],
        near="spreadsheet",
    ),
    Family(
        "sum_range",
        "sum_range|sum_cells|range_total|aggregate_range|spreadsheet_sum",
        (
            "Compute over a range of cells.|Sum, average, minimum or maximum of a range.|Aggregates "
            "the numbers in a range of a spreadsheet."
        ),
        [
            Parameter(
                "operation|function|op|aggregate",
                v.said_choice(
                    {
                        "sum": "sum",
                        "average": "average",
                        "min": "minimum|smallest value",
                        "max": "maximum|largest value",
                    }
                ),
                "What to compute|",
                choices=["sum", "average", "min", "max"],
            ),
            Parameter("range|cells|cell_range|area", cells, "The range, such as A1:A9|"),
            SHEET,
        ],
        several("""What's the {operation} of {range} in {sheet}? | {operation} of {range}, sheet {sheet} | Compute the
            {operation} over {range} in the spreadsheet {sheet}. | In {sheet}, give me the {operation} of the cells
            {range}. | I need the {operation} for {range}; the sheet is {sheet}. | Please work out the {operation} of
            '{range}' on '{sheet}'. | Take {range} in my sheet {sheet} and tell me its {operation}. | The boss wants
            the {operation} of {range} from "{sheet}". | For the range {range} in {sheet}: {operation}? | Sheet
            {sheet}: which is the {operation} in {range}?"""),
        (
            "the {operation} of {range} in {sheet}|to know the {operation} of some cells|to compute "
            "the {operation} over {range}"
        ),
        [
            Result(
                {"result|value": v.number(10, 9000), "cells_counted|n": v.integer(3, 60)},
                several("""The {operation} of {range} is {result}, over {cells_counted} cells. | It's {result}
                    ({cells_counted} cells). | {cells_counted} cells of {sheet} went into it, and the {operation} is
                    {result}."""),
            ),
            Result(
                {"error|message": v.choice("the range has no numbers", "no such sheet", "invalid range")},
                several(
                    """I couldn't compute the {operation}: {error}. | No result for {range}, because: {error}. | The
                        spreadsheet reports "{error}"."""
                ),
                weight=0.4,
            ),
        ],
        near="spreadsheet",
    ),
    Family(
        "move_mail",
        "move_mail|move_message|file_mail|move_email|sort_mail",
        "Move mails of a sender to a folder.|Files messages in a mail folder.|Moves all mails from one address.",
        [Parameter("sender|from|from_address|address", v.email, "Address of the sender|"), FOLDER],
        several("""Move all mails from {sender} to {folder}. | {sender} -> {folder} | Everything that {sender} wrote
            belongs in {folder}. | Please file the messages of {sender} under {folder}. | Put the mail from {sender}
            into my folder '{folder}'. | I want {folder} to hold what comes from {sender}. | Into {folder} with all
            the mails by "{sender}"! | Could you sort the mail of {sender} into {folder}? | My inbox is full of mails
            from {sender}; get them into {folder}. | mails from: {sender}, move to: {folder}"""),
        (
            "mails from {sender} in the folder {folder}|to move the mails of {sender} to {folder}|to "
            "file what {sender} wrote under {folder}"
        ),
        [
            Result(
                {"moved|count|messages": v.integer(2, 400)},
                several(
                    """I moved {moved} mails from {sender} to {folder}. | {moved} messages of {sender} are in {folder}
                        now. | Done, {folder} has {moved} mails more."""
                ),
            ),
            Result(
                {"moved|count|messages": v.choice(0)},
                several("""There are no mails from {sender}, so nothing was moved. | I found no message by {sender}. |
                    Nothing to move: {sender} hasn't written to you."""),
                weight=0.5,
            ),
        ],
        near="mailbox",
    ),
    Family(
        "count_unread",
        "count_unread|unread_count|check_mailbox|unread_mails|mailbox_status",
        (
            "Count unread mails in a folder.|How many new mails are there?|Tells the number of unread "
            "messages and who wrote last."
        ),
        [FOLDER],
        several("""How many unread mails are in {folder}? | Unread in {folder}? | Do I have new mail in the folder
            {folder}? | Check {folder} for unread messages. | Is there anything new in {folder}? I mean my mail. |
            {folder}: unread mails | Has someone written to me? Look at the mail folder '{folder}'. | Tell me the
            number of unread messages in "{folder}". | I haven't looked into {folder} for days. How many mails are
            unread? | Count what I haven't read in {folder}, please."""),
        (
            "to know how many mails are unread in {folder}|the number of unread mails in {folder}|to "
            "check the mail folder {folder}"
        ),
        [
            Result(
                {"unread|count": v.integer(2, 300), "latest_from|from|last_sender": v.person},
                several("""{unread} mails are unread in {folder}; the latest is from {latest_from}. | You have
                    {unread} unread messages, the last by {latest_from}. | {folder} has {unread} new mails.
                    {latest_from} wrote last."""),
            ),
            Result(
                {"unread|count": v.choice(0)},
                several(
                    """No unread mails in {folder}. | You've read everything in {folder}. | Nothing new there:
                        {unread} unread mails."""
                ),
                weight=0.5,
            ),
        ],
        near="mailbox",
    ),
    Family(
        "find_mail",
        "find_mail|search_mail|search_emails|mail_search|lookup_mail",
        (
            "Search mails.|Finds mails about a subject from a sender.|Searches the mailbox for "
            "messages of a person that contain a text."
        ),
        [
            Parameter("sender|from|person|author", v.person, "Who wrote it|"),
            Parameter("text|subject|query|about|keywords", v.topic, "Words in the mail|"),
            Parameter(
                "after|since|newer_than|start_date",
                v.date,
                "Not older than this day|",
                phrases=", not older than {}| since {}| after {}",
            ),
        ],
        several("""Find the mail from {sender} about {text} | Search my mail for "{text}" by {sender} | {sender} wrote
            me about {text}. Where is that mail | Did {sender} send me a mail on {text} | mail, from {sender}, subject
            {text} | I'm looking for what {sender} wrote about '{text}', it was a mail | Please look for mails of
            {sender} with the words "{text}" | Which of the mails by {sender} mention {text} | Could you dig out the
            mail on {text} that {sender} sent | Mail search: {text} ({sender})"""),
        "a mail from {sender} about {text}|to find what {sender} wrote about {text}|to search for mails by {sender}",
        [
            Result(
                {"found|count": v.integer(2, 20), "subject|title": v.title, "date|sent": v.date},
                several("""I found {found} mails; the newest, "{subject}", is from {date}. | There are {found} mails
                    by {sender}. The latest is "{subject}" of {date}. | On {date}, {sender} wrote "{subject}"; {found}
                    mails match in all."""),
            ),
            Result(
                {"found|count": v.choice(0)},
                several(
                    """I found no mail from {sender} about {text}. | {sender} hasn't written about {text}, as far as I
                        can see. | No mail matches."""
                ),
                weight=0.6,
            ),
        ],
        near="mailbox",
    ),
    Family(
        "translate_document",
        "translate_document|document_translation|translate_doc|localize_document|order_translation",
        (
            "Translate a document.|Translates a whole document into another language.|Makes a "
            "translated copy of a document and keeps its layout."
        ),
        [
            DOCUMENT,
            Parameter(
                "language|target_language|to|lang",
                v.language_code,
                "Code of the language to translate into|ISO code, such as de|",
            ),
            Parameter(
                "formal|formality|polite",
                v.flag("formally", "informally"),
                "Whether to address readers formally|",
                "boolean",
                phrases=", {}| and word it {}",
            ),
        ],
        several("""Translate the document "{document}" into {language} | I need '{document}' in {language} | Make a
            {language} version of the document "{document}" | document {document} -> {language} | Please have
            '{document}' translated to {language} | Our partners speak only {language}, so translate "{document}" for
            them | Could I get the document '{document}' in {language} | {language} translation of "{document}"
            please, the whole document | Turn the document {document} into {language} | For the next meeting we need a
            copy of '{document}' in {language}"""),
        (
            'the document "{document}" in {language}|to translate "{document}" into {language}|a '
            "{language} version of a document"
        ),
        [
            Result(
                {"pages|page_count": v.integer(2, 90), "file|filename": v.filename},
                several("""The {language} version of "{document}" has {pages} pages and is called {file}. | Done:
                    {pages} pages in {language}, saved as {file}. | I put the translation into {file}; it has {pages}
                    pages."""),
            ),
            Result(
                {
                    "error|message": v.choice(
                        "document not found", "this language is not supported", "the document is too long"
                    )
                },
                several(
                    """I couldn't translate "{document}": {error}. | There's no {language} version, because of this:
                        {error}. | The translation failed ({error})."""
                ),
                weight=0.4,
            ),
        ],
    ),
]
