"""Tools of office work: spreadsheets, mail folders, translations."""

from random import Random

from training import values as v
from training.families.documents import DOCUMENT
from training.family import Family, Parameter, Result
from training.several import several


def cell(random: Random) -> str:
    """Draw the address of a cell."""
    return f"{random.choice('ABCDEFGH')}{random.randint(1, 99)}"


def cells(random: Random) -> str:
    """Draw a range of cells in one column."""
    column, first = random.choice("ABCDEFGH"), random.randint(1, 20)
    return f"{column}{first}:{column}{first + random.randint(2, 60)}"


SHEET = Parameter("sheet|spreadsheet|file|workbook|sheet_name", v.word, "Name of the spreadsheet|Which sheet|")
FOLDER = Parameter(
    "folder|mailbox|label|folder_name",
    v.choice("Inbox", "Archive", "Spam", "Drafts", "Receipts", "Newsletters", "Travel", "Projects"),
    "The mail folder|Name of the folder|",
)

FAMILIES = [
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
