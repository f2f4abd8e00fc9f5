"""Optional parameters that a tool of any family may have, most of which nobody asks for."""

from training import values as v
from training.family import Parameter, Said

EXTRAS = [
    Parameter(
        "limit|max_results|count|top_k",
        v.integer(1, 50),
        "Maximum number of results|How many results to return|",
        "integer",
        phrases=", at most {} results|, limit {}| (no more than {} results)",
    ),
    Parameter(
        "language|lang|locale",
        v.language,
        "Language of the answer|Language to use|",
        phrases=" in {}|, in {} please|, language {}",
    ),
    Parameter(
        "format|output_format|response_format",
        v.choice("json", "text", "csv", "html", "markdown", "pdf"),
        "Output format|Format of the result|",
        choices=("json", "text", "csv", "html", "markdown", "pdf"),
        phrases=" as {}|, in {} format|, formatted as {}",
    ),
    Parameter(
        "verbose|detailed|include_details",
        v.flag("with all the details|in detail", "without details|no details"),
        "Whether to include details|Include more details|",
        "boolean",
        phrases=", {}| {}",
    ),
    Parameter(
        "note|comment|remark|memo",
        v.phrase,
        "A short note|Free text|",
        phrases=', with the note "{}"|, note: {}| and add the comment "{}"',
    ),
    Parameter(
        "tag|label|category_tag",
        v.word,
        "Tag to attach|Label|",
        phrases=", tagged {}|, with the tag {}|, tag it {}",
    ),
    Parameter(
        "priority|urgency",
        v.choice("low", "normal", "high"),
        "Priority|How urgent it is|",
        choices=("low", "normal", "high"),
        phrases=" with {} priority|, priority {}|, {} priority",
    ),
    Parameter(
        "page|page_number",
        v.integer(1, 20),
        "Page of the results|",
        "integer",
        phrases=", page {}| (page {})",
    ),
    Parameter(
        "timeout|timeout_seconds",
        v.integer(5, 120),
        "Timeout in seconds|",
        "integer",
        phrases=", with a timeout of {} seconds|, timeout {}",
    ),
    Parameter(
        "account|account_name|profile",
        v.username,
        "Account to use|Profile name|",
        phrases=" using the account {}|, on account {}| with profile {}",
    ),
    Parameter(
        "department|team_name|group",
        v.word,
        "Department|Group that it belongs to|",
        phrases=", for the {} department|, group {}| for the {} group",
    ),
    Parameter(
        "reference|ref|external_id",
        v.code,
        "Reference number|Your own reference|",
        phrases=", reference {}| with reference {}| (ref {})",
    ),
    Parameter(
        "since|from_date|start_date|after",
        v.date,
        "Only from this date on|Start date (YYYY-MM-DD)|",
        phrases=", since {}|, starting from {}| from {} on",
    ),
    Parameter(
        "notify|send_notification",
        v.flag("and notify me|and let me know when it's done", "without notification|but don't send a notification"),
        "Whether to send a notification|",
        "boolean",
        phrases=", {}| {}",
    ),
    Parameter(
        "owner|requested_by|user_name",
        v.person,
        "Who asks for it|Name of the owner|",
        phrases=", on behalf of {}|, for {}|, owner {}",
    ),
    Parameter(
        "version|api_version",
        v.version,
        "Version to use|",
        phrases=", version {}| using version {}",
    ),
    Parameter(
        "sort_by|order_by",
        v.choice("date", "name", "price", "rating", "relevance"),
        "Field to sort by|Sort order|",
        choices=("date", "name", "price", "rating", "relevance"),
        phrases=", sorted by {}| ordered by {}|, sort by {}",
    ),
    Parameter(
        "dry_run|preview",
        v.flag("as a dry run|just as a test run", "for real, no dry run|not as a dry run"),
        "Only show what would be done|",
        "boolean",
        phrases=", {}| {}",
    ),
    Parameter(
        "tags|labels|keywords",
        v.list_of(v.word, 2, 3),
        "Tags to attach|List of labels|",
        "array",
        phrases=", tagged {}|, with the tags {}|, tags: {}",
    ),
    Parameter(
        "size|dimensions|window",
        lambda r: _size(r.randint(1, 900), r.randint(1, 900)),
        "Width and height|",
        "object",
        phrases=", with {}|, size: {}",
    ),
    Parameter(
        "options|settings|preferences",
        lambda r: _options(r.choice(("light", "dark", "plain")), r.random() < 0.5),
        "Further options|Options for experts|",
        "object",
        phrases=", {}| ({})",
    ),
]

OF_LISTS = [extra for extra in EXTRAS if extra.names.startswith(("limit|", "page|", "sort_by|"))]
"""Parameters that only tools with several results have."""


def _size(width: int, height: int) -> Said:
    return Said({"width": width, "height": height}, f"width {width} and height {height}")


def _options(theme: str, sound: bool) -> Said:
    return Said({"theme": theme, "sound": sound}, f"{theme} theme, sound {'on' if sound else 'off'}")
