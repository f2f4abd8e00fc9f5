"""Tools for tables: SQL, queries, records, backups."""

from random import Random

from training import values as v
from training.family import Family, Parameter, Result
from training.several import several

TABLES = (
    "customers",
    "orders",
    "products",
    "invoices",
    "employees",
    "payments",
    "visits",
    "sensors",
    "books",
    "students",
)
COLUMNS = ("name", "city", "price", "status", "created_at", "email", "quantity", "age", "country", "total")


def table(random: Random) -> str:
    """Draw a table's name, now and then any word."""
    return random.choice(TABLES) if random.random() < 0.6 else v.word(random)


def column(random: Random) -> str:
    return random.choice(COLUMNS) if random.random() < 0.7 else v.word(random)


def columns(random: Random) -> list[str]:
    return random.sample(COLUMNS, random.randint(1, 4))


def condition(random: Random) -> str:
    """Draw what stands behind WHERE: "price > 20"."""
    return random.choice(
        (
            f"{random.choice(('price', 'total', 'age', 'quantity'))} {random.choice('<>')} {random.randint(1, 500)}",
            f"city = '{v.city(random)}'",
            f"status = '{v.status(random)}'",
            f"{v.word(random)} = {random.randint(0, 90)}",
        )
    )


def statement(random: Random) -> str:
    """Draw an SQL query."""
    where = f" WHERE {condition(random)}" if random.random() < 0.6 else ""
    what = random.choice(("*", "COUNT(*)", column(random), f"{column(random)}, {column(random)}"))
    return f"SELECT {what} FROM {table(random)}{where}"


TABLE = Parameter("table|table_name|from|collection|relation", table, "Name of the table|The table|Which table|")
DATABASE = Parameter("database|db|database_name|db_name", v.server_name, "The database|Name of the database|")

FAMILIES = [
    Family(
        "run_sql",
        "run_sql|execute_sql|sql_query|query_database|db_query|run_query",
        (
            "Runs an SQL query.|Execute a read-only SQL statement and return the rows.|Query the "
            "database with SQL. Only SELECT is allowed."
        ),
        [Parameter("query|sql|statement|q", statement, "The SQL statement|SQL to run|A SELECT statement|")],
        several("""Run this SQL: {query} | Please execute "{query}" on the database. | {query} | What does `{query}`
            return? | I'd like to know the result of {query} | Could you run the query {query} for me? | Try this one:
            {query} | Send `{query}` to the database, please. | My report needs the output of this statement: {query}
            | SQL > {query} | How many rows does "{query}" give?"""),
        "to run the query {query}|the result of an SQL statement|to query the database",
        [
            Result(
                {"row_count|rows|rowCount": v.integer(2, 900), "duration_ms|time_ms|ms": v.integer(1, 900)},
                several("""The query returned {row_count} rows in {duration_ms} ms. | I got {row_count} rows; it took
                    {duration_ms} milliseconds. | Done in {duration_ms} ms, with {row_count} rows."""),
            ),
            Result(
                {"row_count|rows": v.choice(0)},
                several(
                    """The query ran fine but found {row_count} rows. | No rows came back. | The result is empty:
                        nothing matches."""
                ),
                weight=0.4,
            ),
            Result(
                {
                    "error|message": v.choice(
                        "no such table", "no such column", "syntax error near FROM", "permission denied"
                    )
                },
                several(
                    """The database refused it: {error}. | That failed with "{error}". | I got an error instead of
                        rows: {error}."""
                ),
                weight=0.5,
            ),
        ],
        near="sql",
    ),
    Family(
        "count_rows",
        "count_rows|row_count|table_size|count_records|get_row_count",
        "Count the rows of a table.|Number of records in a table|Counts rows. Fast, since it reads the statistics.",
        [TABLE],
        several("""How many rows does the table {table} have? | Count {table} | Number of records in {table}? | How
            big is the {table} table by now? | Rows in {table}, please. | Please count what is stored in '{table}'. |
            I wonder how many records {table} holds. | Tell me the row count of "{table}". | For the audit I need to
            know how many entries the table {table} has. | {table}: row count"""),
        "to know how many rows {table} has|the number of records in {table}|a count of the table {table}",
        [
            Result(
                {"rows|count|n": v.integer(2, 2000000)},
                several(
                    """The table {table} has {rows} rows. | There are {rows} records in {table}. | {table} holds
                        {rows} rows at the moment."""
                ),
            ),
            Result(
                {"error|message": v.choice("no such table", "table is locked", "access denied")},
                several(
                    """I couldn't count {table}: {error}. | The database answered "{error}" for {table}. | No count
                        for {table} ({error})."""
                ),
                weight=0.4,
            ),
        ],
        near="sql",
    ),
    Family(
        "query_table",
        "query_table|select|select_rows|get_rows|fetch_rows|table_query",
        (
            "Reads rows from a table: some columns, filtered and limited.|Select columns of a table.|"
            "Query rows without writing SQL. Give the columns, a condition and how many rows you need."
        ),
        [
            TABLE,
            Parameter("columns|fields|select|cols", columns, "Columns to return|Names of the columns|", "array"),
            Parameter(
                "where|filter|condition|filters",
                condition,
                "Condition, as in SQL's WHERE but without the word|",
                phrases=" where {}|, only rows with {}|, filtered by {}",
            ),
            Parameter(
                "limit|max_rows|top|n",
                v.integer(2, 200),
                "At most so many rows|",
                "integer",
                phrases=", {} rows at most|, limit {}|, the first {}",
            ),
        ],
        several("""Get {columns} from {table} | From the table {table} I need the columns {columns} | Show me
            {columns} of all {table} | Select {columns} in {table} | {table}: {columns} | Which {columns} are in
            {table}? I need the rows | Read the table '{table}', columns {columns} | Could you pull {columns} out of
            {table} | I want to see {columns} from the {table} table | Query {table} for {columns}"""),
        "the columns {columns} of {table}|to read {columns} from {table}|rows of the table {table}",
        [
            Result(
                {"rows|count|returned": v.integer(2, 90), "truncated|has_more": v.choice(False)},
                several("""I read {rows} rows from {table}, with the columns {columns}. | {table} gave {rows} rows,
                    and that's all there are. | Here you are: {rows} rows with {columns}; nothing was left out."""),
            ),
            Result(
                {"error|message": v.choice("unknown column", "unknown table", "bad condition")},
                several("""The query on {table} failed: {error}. | I couldn't read {table} because of an {error}. | No
                    rows this time, the database complained about: {error}."""),
                weight=0.4,
            ),
        ],
        near="sql",
    ),
    Family(
        "describe_table",
        "describe_table|table_schema|get_schema|show_columns|table_info",
        "Describe the columns of a table.|Schema of a table|Shows which columns a table has and which one is its key.",
        [TABLE],
        several("""What columns does {table} have? | Describe {table} | Show the schema of {table}. | How is the table
            {table} built? | I have to write a query on {table}. What does its schema look like? | Columns of {table},
            please | {table} schema? | What's the primary key of the table '{table}'? | Let me see the structure of
            "{table}". | Look up the definition of table {table} for me."""),
        "to know the columns of {table}|the schema of {table}|to see how {table} is structured",
        [
            Result(
                {"columns|fields": columns, "primary_key|key": v.choice("id", "uuid", "number")},
                several("""{table} has the columns {columns}; its primary key is {primary_key}. | The columns are
                    {columns}, with {primary_key} as the key. | In {table} you'll find {columns}. The primary key is
                    {primary_key}."""),
            ),
            Result(
                {"error|message": v.choice("table does not exist", "relation not found")},
                several(
                    """I can't describe {table}: {error}. | There seems to be no such table ({error}). | The database
                        knows no {table}: {error}."""
                ),
                weight=0.5,
            ),
        ],
        near="sql",
    ),
    Family(
        "insert_row",
        "insert_row|insert|add_record|create_record|insert_record",
        (
            "Insert a record.|Adds a row with a name, a city and an age.|Puts one person into a table "
            "and returns the new id."
        ),
        [
            TABLE,
            Parameter("name|full_name|person|customer_name", v.person, "Name of the person|"),
            Parameter("city|town|place|location", v.city, "Where the person lives|City|"),
            Parameter("age|years|age_years", v.integer(18, 95), "Age in years|", "integer"),
        ],
        several("""Insert {name} from {city}, age {age}, into {table}. | Add a record to {table}: name {name}, city
            {city}, age {age} | In the table {table}, please store {name}, {age} years old, living in {city}. |
            {table}: new row, {name}, {city}, {age} | We have somebody new for {table}: {name}, {age}, lives in
            {city}. | Put {name} ({age}, {city}) into the table '{table}'. | Could you enter {name} in {table}? Age
            {age}, and the city is {city}. | {name} is {age} and from {city}; save that in {table}. | A new entry for
            "{table}" please, city {city}, name {name}, age {age}. | Write a row to {table} with age {age}, name
            {name} and city {city}"""),
        "to add {name} to {table}|a new record for {name} in {table}|to store {name}, {age}, from {city}",
        [
            Result(
                {"id|row_id|inserted_id": v.integer(2, 90000)},
                several("""{name} is in {table} now, with the id {id}. | Added: row {id} in {table} holds {name} from
                    {city}. | I stored {name}, {age}, from {city}; the new id is {id}."""),
            ),
            Result(
                {"error|message": v.choice("duplicate record", "table is read-only", "no such table")},
                several("""{name} was not added to {table}: {error}. | The insert failed with "{error}". | I couldn't
                    save that because of this error: {error}."""),
                weight=0.4,
            ),
        ],
    ),
    Family(
        "update_record",
        "update_record|update_row|set_field|update_field|modify_record|patch_record",
        (
            "Change one field of a record.|Updates a column of a row.|Sets a field of the record with "
            "the given id to a new value."
        ),
        [
            TABLE,
            Parameter("id|record_id|row_id|pk", v.integer(2, 9000), "Id of the record|The row|", "integer"),
            Parameter("field|column|attribute|key", column, "Which field to change|Name of the column|"),
            Parameter("value|new_value|to|val", v.phrase, "The new value|"),
        ],
        several("""In {table}, set {field} of record {id} to "{value}". | Update row {id} of {table}: {field} =
            '{value}' | Change the {field} of number {id} in {table} to "{value}". | {table} {id}: {field} should be
            '{value}' | Record {id} in the table {table} is wrong. Its {field} must read "{value}". | Please write
            '{value}' into {field}, table {table}, id {id}. | Could you correct the column {field} for id {id} in
            '{table}'? The new value is "{value}". | I need "{value}" as the {field} for entry {id} of {table}. | Set
            the field {field} to '{value}' on {table} record {id} | Table {table}, record {id}, field {field}, new
            value: {value}"""),
        (
            'to change {field} of record {id} in {table}|record {id} to have the {field} "{value}"|the '
            "{field} of row {id} to be updated"
        ),
        [
            Result(
                {"updated|rows_affected|changed": v.choice(1), "previous|old_value": v.phrase},
                several("""Record {id}'s {field} was "{previous}" and is "{value}" now. | Done. In {table}, the
                    {field} of {id} changed from "{previous}" to "{value}". | I replaced "{previous}" with "{value}"
                    in record {id}."""),
            ),
            Result(
                {"updated|rows_affected|changed": v.choice(0)},
                several("""Nothing was changed: {table} has no record {id}. | There's no record {id} in {table}, so
                    there was nothing to update. | {updated} rows were changed. Record {id} doesn't seem to exist."""),
                weight=0.5,
            ),
        ],
        near="record",
    ),
    Family(
        "delete_record",
        "delete_record|delete_row|remove_record|drop_row|erase_record",
        "Delete a record by its id.|Removes a row from a table.|Deletes one record. This cannot be undone.",
        [TABLE, Parameter("id|record_id|row_id|pk", v.integer(2, 9000), "Id of the record|The row|", "integer")],
        several("""Delete record {id} from {table}. | Remove row {id} in {table} | {table}: delete {id} | Entry {id}
            of the table {table} is a duplicate, please get rid of it. | Please erase number {id} from '{table}'. | I
            don't need record {id} in {table} any longer. | Could you drop the row with id {id} from {table}? | From
            {table}, remove the record {id}. | The customer asked us to forget {id}; that's in the table {table}.
            Delete it. | Take {id} out of "{table}"."""),
        "to delete record {id} of {table}|record {id} to be removed from {table}|row {id} gone from {table}",
        [
            Result(
                {"deleted|rows_affected": v.choice(1), "remaining|rows_left": v.integer(2, 90000)},
                several("""Record {id} is gone; {remaining} rows remain in {table}. | I deleted {id} from {table},
                    which has {remaining} rows now. | Done, and {table} is down to {remaining} rows."""),
            ),
            Result(
                {"error|message": v.choice("record not found", "referenced by other records", "permission denied")},
                several("""I couldn't delete {id} from {table}: {error}. | Record {id} stays where it is. The database
                    said: {error}. | No deletion ({error})."""),
                weight=0.5,
            ),
        ],
        near="record",
    ),
    Family(
        "backup_database",
        "backup_database|create_backup|db_backup|dump_database|start_backup",
        "Back up a database.|Makes a backup of a database to a folder.|Dumps a database, compressed if asked for.",
        [
            DATABASE,
            Parameter("destination|path|target|folder|output", v.path, "Where the backup goes|File to write|"),
            Parameter(
                "compress|compressed|gzip|zip",
                v.flag("compressed", "uncompressed"),
                "Whether to compress it|",
                "boolean",
                phrases=", {}|, {} please",
            ),
        ],
        several("""Back up {database} to {destination} | Make a backup of the database {database} in {destination} |
            Dump {database} into {destination} | backup {database} -> {destination} | Before the migration, save
            {database} under {destination} | I need a backup of '{database}' at {destination} | Please write a dump to
            {destination}, from the database {database} | Could you store a copy of the {database} database as
            "{destination}" | Database {database}: backup to {destination} | Put a fresh backup of {database} at
            {destination}"""),
        (
            "a backup of {database} in {destination}|to back up the database {database}|to save "
            "{database} to {destination}"
        ),
        [
            Result(
                {"size_mb|sizeMb|megabytes": v.integer(2, 9000), "seconds|duration_s": v.integer(2, 900)},
                several("""The backup of {database} is at {destination}: {size_mb} MB, made in {seconds} seconds. |
                    Done in {seconds} s. {destination} holds {size_mb} MB. | I wrote {size_mb} MB to {destination}; it
                    took {seconds} seconds."""),
            ),
            Result(
                {"error|reason": v.choice("disk is full", "folder does not exist", "database is locked")},
                several("""The backup failed: {error}. | No backup of {database} was made, because of this: {error}. |
                    Sorry, I couldn't write to {destination} ({error})."""),
                weight=0.5,
            ),
        ],
        near="backup",
    ),
    Family(
        "restore_database",
        "restore_database|restore_backup|load_dump|db_restore|import_backup",
        (
            "Restore a database from a backup.|Loads a dump into a database.|Replaces the content of a "
            "database with that of a backup file."
        ),
        [
            Parameter("source|path|backup|file|dump", v.path, "The backup file|Where the dump lies|"),
            DATABASE,
        ],
        several("""Restore {database} from {source}. | Load the backup {source} into {database}. | {source} ->
            {database}, restore please | Somebody emptied the database {database}. Restore it from {source}! | Take
            the dump at {source} and put it back in {database}. | I want {database} to be as in the backup '{source}'.
            | Please restore the file {source} to the database "{database}". | Could you import {source}? It's a dump
            of {database}. | Database {database}: restore from {source} | Use {source} to bring {database} back."""),
        (
            "to restore {database} from {source}|the backup {source} to be loaded into {database}|"
            "{database} back as it was in {source}"
        ),
        [
            Result(
                {"tables|tables_restored": v.integer(2, 90), "rows|rows_restored": v.integer(100, 900000)},
                several("""{database} has been restored: {tables} tables with {rows} rows. | I loaded {rows} rows in
                    {tables} tables from {source}. | Done, {tables} tables and {rows} rows are back."""),
            ),
            Result(
                {"error|reason": v.choice("file not found", "file is damaged", "version of the dump is too new")},
                several("""{database} could not be restored: {error}. | The restore stopped with "{error}". | I'm
                    sorry, {source} could not be loaded ({error})."""),
                weight=0.5,
            ),
        ],
        near="backup",
    ),
]
