"""Tools that draw charts, and tools that read and write tables."""

from random import Random
from typing import Any

from training import values as v
from training.families.laboratory import named
from training.family import Draw, Family, Parameter, Result, Said
from training.several import failed, several


def series(random: Random) -> Said:
    """Draw points of a chart, said in one of several ways."""
    points = [[i + 1, random.randint(1, 60)] for i in range(random.randint(2, 5))]
    style = random.choice(("({},{})", "[{}, {}]", "({}, {})"))
    words = ", ".join(style.format(*point) for point in points)
    return Said(points, f"[{words}]" if style.startswith("[") else words)


def cells(random: Random) -> Any:
    return [random.choice((v.noun, v.month, v.city))(random) for _ in range(3)]


def numbers(low: int, high: int, least: int, most: int) -> Draw:
    return v.list_of(v.integer(low, high), least, most)


LABELS = several(
    "Anna | Ben | Q1 | Q2 | tea | milk | north | south | red | blue | May | June | cats | dogs | 2024 | 2025"
)


CHARTS = [
    Family(
        "plot_points",
        "make_chart|plot|plot_points|draw_chart|create_chart",
        "Draw a chart from points|Makes a chart—use it for plots, graphs and diagrams|Draws pairs of x "
        "and y as a line, bars or a scatter plot.",
        [
            Parameter(
                "points|data|series|xy|coordinates", series, "Pairs of x and y|List of [x, y]|", "array", "array"
            ),
            Parameter(
                "kind|chart_type|type|style",
                v.said_choice({"line": "line chart|line", "bar": "bar chart|bar", "scatter": "scatter plot|scatter"}),
                "line, bar or scatter|",
                choices=("line", "bar", "scatter"),
            ),
            Parameter("title|caption|heading", v.title, "Title|", phrases=' titled "{}"| with the title "{}"'),
            Parameter("x_label|x_title|xlabel", v.noun, "Label of the x axis|", phrases=', x axis "{}"'),
            Parameter("y_label|y_title|ylabel", v.noun, "Label of the y axis|", phrases=', y axis "{}"'),
        ],
        several(
            """
                Make a {kind} from {points} | Plot {points} as a {kind} | {kind}: {points} | Draw {points}, please,
                as a {kind} | I have the points {points} and want a {kind} | Could you put {points} in a chart? A
                {kind} would be best. | Show my measurements {points} as a {kind} | A {kind} of {points} please |
                For my slides: {points}, drawn as a {kind} | Numbers are hard to read. Here: {points}. A {kind},
                please."""
        ),
        "a {kind} of some points|to see points drawn",
        [
            Result(
                {"url|chart_url|image": v.url},
                several("Here's your chart: {url} | The chart is at {url} | I've drawn it: {url}"),
                4,
            ),
            failed(
                v.choice("too few points", "renderer not available"),
                "I couldn't draw it: {error}. | No chart: {error}.",
            ),
        ],
        "chart",
    ),
    Family(
        "bar_chart",
        "bar_chart|make_bar_chart|draw_bars|column_chart",
        "Draw a bar chart|Labels and one number for each|",
        [
            Parameter(
                "labels|categories|names|x",
                lambda r: r.sample(LABELS, 3),
                "Name of each bar|",
                "array",
            ),
            Parameter(
                "values|data|heights|y", lambda r: r.sample(range(1, 90), 3), "Height of each bar|", "array", "number"
            ),
            Parameter("color|colour|bar_color", v.colour, "Colour|", phrases=" in {}|, bars in {}"),
        ],
        several("""
            Draw a bar chart of {values} for {labels}. | bars: {labels} with {values} | The bars are {labels} and
            their heights {values}. Chart it! | For {labels} we have {values}; make a bar chart | Bar chart please,
            labels {labels}, values {values} | Show {values} as columns, named {labels} | I need a chart with
            columns for {labels}; the numbers are {values} | Values {values} over {labels} as bars | Please make
            columns out of {labels}: {values} | For the report: {labels}, with {values}, as bars"""),
        "a bar chart of {labels}|columns for some numbers",
        [
            Result(
                {"file|image": named("png", "svg"), "width": v.integer(300, 1200), "height": v.integer(200, 900)},
                several(
                    "The chart is in {file}, {width} by {height} pixels. | Done: {file} ({width} x "
                    "{height}). | I've saved it as {file}; it's {width} pixels wide and {height} high."
                ),
            ),
            failed(v.choice("disk full", "labels and values differ in number")),
        ],
        "chart",
    ),
    Family(
        "pie_chart",
        "pie_chart|make_pie|draw_pie|share_chart",
        "Draw a pie chart|Shares of a whole as slices|",
        [
            Parameter("shares|values|slices|data", numbers(5, 60, 2, 4), "Size of each slice|", "array", "number"),
            Parameter("title|caption|heading", v.topic, "Title|"),
        ],
        several("""
            Make a pie chart "{title}" with the shares {shares}. | pie: {title}, {shares} | The slices are {shares},
            the title is {title}. Draw a pie. | I'd like a pie chart of {shares}, called {title} | For "{title}"
            draw a pie with {shares} | Shares of {shares}; as a pie chart with the heading '{title}' | Show {shares}
            as a pie, title: {title} | Cake diagram please, {title}: {shares} | Title {title}, slices {shares}, pie
            chart | Who gets how much? Show {shares} in a pie, headed "{title}"."""),
        "a pie chart of {shares}|a pie called {title}",
        [
            Result(
                {"url|image_url": v.url},
                several("Here's the pie: {url} | The chart \"{title}\" is at {url} | It's ready: {url}"),
            ),
            failed(v.choice("shares must be positive", "title too long")),
        ],
        "chart",
    ),
    Family(
        "select_columns",
        "query_table|select_rows|table_query|read_table|fetch_rows",
        "Read columns of a table|Selects columns from a table, with filter, order and limit|Queries the "
        "database. The filter is SQL without WHERE.",
        [
            Parameter("table|table_name|from_table|source", v.noun, "Name of the table|"),
            Parameter("columns|fields|select|cols", v.list_of(v.word, 2, 3), "Columns to return|", "array"),
            Parameter(
                "filter|where|condition",
                lambda r: f"{v.word(r)} > {r.randint(1, 900)}",
                "Condition|SQL without WHERE|",
                phrases=" where {}| (only those with {})",
            ),
            Parameter(
                "limit|max_rows|n|top",
                v.integer(1, 100),
                "At most so many rows|",
                "integer",
                phrases=", at most {} rows| limit {}",
            ),
            Parameter("order_by|sort|sort_by", v.word, "Column to sort by|", phrases=", sorted by {}| ordered by {}"),
        ],
        several(
            """
                Get {columns} from the table {table} | Which {columns} are in {table}? | From {table}, select
                {columns} | table {table}, columns {columns} | Show me the columns {columns} of {table} | Query the
                {table} table for {columns} | I need {columns}; they're in the table {table} | Read {columns} out of
                {table} | Our data is in "{table}". Fetch {columns} | I'm only interested in {columns}. It's all in
                {table}."""
        ),
        "the columns {columns} of the table {table}|to read from {table}",
        [
            Result(
                {"rows|count": v.integer(1, 400), "first": v.phrase},
                several(
                    'I found {rows} rows in {table}; the first is "{first}". '
                    '| {rows} rows. The first one says "{first}". '
                    '| {table} gives {rows} rows, beginning with "{first}".'
                ),
                3,
            ),
            Result(
                {"rows|count": v.choice(0)}, several("The query found {rows} rows. | Nothing there: {rows} rows."), 0.7
            ),
            failed(
                v.choice("no such table", "unknown column", "syntax error"),
                "The query failed: {error}. | {table} can't be read: {error}.",
            ),
        ],
        near="sql",
    ),
    Family(
        "add_table_row",
        "add_row|append_row|insert_row|new_record",
        "Add a row to a table|Appends cells to a spreadsheet|",
        [
            Parameter("sheet|table|spreadsheet|file", v.title, "Which sheet|"),
            Parameter("cells|values|row|data", cells, "Cells from left to right|", "array"),
        ],
        several(
            """
                Add the row {cells} to {sheet}. | {sheet}: new row {cells} | Append {cells} to the sheet "{sheet}" |
                In {sheet}, write {cells} at the bottom | Please put {cells} in a new line of {sheet} | Another row
                for '{sheet}': {cells} | Record {cells} in the spreadsheet {sheet} | I forgot a line in {sheet}.
                It's {cells}. | Insert the cells {cells} in {sheet} | One more line for {sheet}: {cells}"""
        ),
        "the row {cells} in {sheet}|to add a row to {sheet}",
        [
            Result(
                {"row|row_number": v.integer(2, 900)},
                several("It's in row {row} of {sheet}. | Added as row {row}. | {sheet} has it in row {row} now."),
                4,
            ),
            failed(
                v.choice("sheet is protected", "sheet not found"),
                "The row wasn't added: {error}. | I couldn't write to {sheet}: {error}.",
            ),
        ],
    ),
]

FAMILIES = CHARTS
