"""Tools of office work: tasks and tickets."""

from random import Random

from training import values as v
from training.family import Family, Parameter, Result
from training.several import several


def board(random: Random) -> str:
    return random.choice((v.name(random), v.word(random), v.topic(random)))


PROJECT = Parameter("project|project_name|board|space|list", board, "The project|Name of the project|Where it belongs|")
PRIORITY = v.choice("low", "medium", "high", "urgent")
TICKET = Parameter("ticket|ticket_id|id|number|key", v.code, "The ticket|Id of the ticket|")
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
]
