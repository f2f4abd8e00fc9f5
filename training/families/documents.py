"""Tools of office work: meetings and documents."""

from training import values as v
from training.family import Family, Parameter, Result
from training.several import several

DOCUMENT = Parameter("document|doc|title|name|document_name", v.title, "Title of the document|Which document|")

FAMILIES = [
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
]
