"""Tools that agents work with: files and folders."""

from random import Random

from training import values as v
from training.family import Family, Parameter, Result
from training.several import several


def folder(random: Random) -> str:
    """Draw the path of a folder."""
    return random.choice(("/home/", "/var/", "src/", "./", "~/", "data/", "/tmp/", "projects/")) + v.word(random)


PATH = Parameter(
    "path|file_path|file|filename|filepath", v.path, "Path of the file|The file|Absolute or relative path|"
)
FOLDER = Parameter("path|folder|directory|dir|dir_path", folder, "The folder|Path of the directory|")
MISSING = Result(
    {"error|message": v.choice("file not found", "no such file or directory", "permission denied", "is a directory")},
    several("""I couldn't do that with {path}: {error}. | That didn't work: "{error}" ({path}). | Sorry, {path} can't
        be used: {error}. Is the path right?"""),
    weight=0.5,
)

FAMILIES = [
    Family(
        "read_file",
        "read_file|open_file|cat|file_read|get_file_contents|load_file|view_file",
        (
            "Read a text file.|Returns the content of a file.|Opens a file and gives its text. Use it "
            "before you change a file.|Reads a file from disk"
        ),
        [PATH],
        several("""Read {path} | What's in {path}? | Show me the content of {path}. | Please open the file {path}. |
            cat {path} | I forgot what I wrote in {path}. Can you look? | Could you tell me what the file "{path}"
            says? | Have a look at '{path}' and tell me what's there. | Print {path} for me | My notes are in {path},
            please read them to me. | Let me see {path}. | I need the text of the file {path}."""),
        "to read {path}|the content of {path}|to know what is in the file {path}",
        [
            Result(
                {"content|text|data": v.sentence, "lines|line_count": v.choice(1)},
                several("""{path} contains one line: {content} | The file says: {content} | Here is what's in {path}:
                    "{content}" | There is just one line in it: {content}"""),
            ),
            Result(
                {"content|text|data": v.choice(""), "size|bytes": v.choice(0)},
                several(
                    """{path} is empty. | There's nothing in {path}; it has {size} bytes. | The file exists, but it is
                        empty."""
                ),
                weight=0.3,
            ),
            MISSING,
        ],
        near="read",
    ),
    Family(
        "read_lines",
        "read_lines|read_file_range|view_lines|get_lines|show_lines",
        "Read some lines of a file.|Returns a range of lines.|Reads a file from one line to another, both included.",
        [
            PATH,
            Parameter("start|first_line|from_line|start_line", v.integer(1, 99), "First line|", "integer"),
            Parameter("end|last_line|to_line|end_line", v.integer(100, 400), "Last line, included|", "integer"),
        ],
        several("""Show lines {start} to {end} of {path}. | {path}, lines {start}-{end} | What stands in lines {start}
            through {end} of {path}? | Read {path} from line {start} to line {end}. | From {path} I need the lines
            between {start} and {end}. | Print line {start} up to {end} of the file '{path}' please. | The bug must be
            somewhere in {path}, between line {start} and line {end}. Let me see that part. | Could you open "{path}"
            at lines {start} to {end}? | Only lines {start} to {end}, file {path} | sed -n {start},{end}p {path}"""),
        "lines {start} to {end} of {path}|to read a part of {path}|to see lines {start} to {end} of the file {path}",
        [
            Result(
                {"text|content|lines": v.sentence, "total_lines|line_count": v.integer(400, 3000)},
                several("""That part of {path} says: {text} The file has {total_lines} lines in all. | Lines {start}
                    to {end} read: {text} ({total_lines} lines in total.) | Of the {total_lines} lines, those from
                    {start} to {end} contain: {text}"""),
            ),
            Result(
                {"error|message": v.choice("the file is shorter", "file not found", "permission denied")},
                several(
                    """I couldn't read these lines: {error}. | {path} gave an error: {error}. | No lines to show,
                        because of this: {error}."""
                ),
                weight=0.4,
            ),
        ],
        near="read",
    ),
    Family(
        "write_file",
        "write_file|save_file|create_file|file_write|put_file|write_text",
        (
            "Write text to a file.|Creates or overwrites a file with the given text.|Saves text to a "
            "path. An older file is replaced."
        ),
        [
            PATH,
            Parameter(
                "content|text|data|contents|body",
                v.sentence,
                "Text to write|What the file shall contain|The whole new content|",
            ),
        ],
        several("""Write "{content}" to {path}. | Save '{content}' in the file {path}. | Create {path} with the
            content: {content} | {path} should contain "{content}" | Put this into {path}: {content} | Please store
            the text "{content}" as {path}. | I need a file {path} that says '{content}' | Could you make a file
            '{path}' with "{content}" in it? | In {path}, write: {content} | New file {path}, text "{content}" |
            Before I forget it: "{content}". Save that to {path}, please."""),
        'to write a text to {path}|{path} to contain "{content}"|to save "{content}" in the file {path}',
        [
            Result(
                {"bytes_written|bytes|written": v.integer(10, 200), "created|is_new": v.choice(True)},
                several("""I wrote your text to the new file {path} ({bytes_written} bytes). | Saved. {path} was
                    created and has {bytes_written} bytes. | {path} is there now, with {bytes_written} bytes in it."""),
            ),
            Result(
                {"bytes_written|bytes|written": v.integer(10, 200), "created|is_new": v.choice(False)},
                several("""I replaced what was in {path}; it has {bytes_written} bytes now. | {path} existed already
                    and was overwritten with {bytes_written} bytes. | Done: {bytes_written} bytes written over the old
                    {path}."""),
                weight=0.6,
            ),
            MISSING,
        ],
        near="write",
    ),
    Family(
        "append_file",
        "append_to_file|append_file|add_line|file_append|append_text",
        "Append a line to a file.|Adds text at the end of a file.|Adds a line and leaves what is there as it is.",
        [Parameter("text|line|content|data", v.sentence, "The line to add|Text to append|"), PATH],
        several("""Add "{text}" to the end of {path}. | Append '{text}' to {path} | At the bottom of {path}, add the
            line: {text} | One more line for {path}: {text} | {path} needs another line at its end, "{text}" | Please
            put "{text}" after the last line of {path}. | Don't overwrite {path}, just append '{text}'. | Can you add
            this to '{path}'? "{text}" | I keep a log in {path}. Add "{text}". | echo "{text}" >> {path}"""),
        'to add a line to {path}|"{text}" at the end of {path}|to append "{text}" to the file {path}',
        [
            Result(
                {"lines|line_count|total_lines": v.integer(2, 900)},
                several("""Added. {path} has {lines} lines now. | Your line is at the end of {path}, which is {lines}
                    lines long. | I appended it as line {lines} of {path}."""),
            ),
            MISSING,
        ],
        near="write",
    ),
    Family(
        "replace_in_file",
        "replace_in_file|edit_file|str_replace|search_and_replace|substitute|file_edit",
        (
            "Replace a text in a file.|Edits a file by replacing one string with another.|Searches a "
            "file for a string and puts another one in its place. Every occurrence is replaced."
        ),
        [
            PATH,
            Parameter("old|old_str|search|find|old_text", v.word, "Text to find|What is replaced|"),
            Parameter("new|new_str|replace|replacement|new_text", v.word, "Text to put there|The replacement|"),
        ],
        several("""Replace "{old}" with "{new}" in {path}. | In {path}, change {old} to {new}. | {path}: {old} ->
            {new} | Every '{old}' in {path} should become '{new}'. | Please edit {path} so that it says "{new}"
            instead of "{old}". | I misspelled something in {path}: it's {new}, where I wrote {old}. Fix it. | Could
            you swap {old} for {new} in the file '{path}'? | Substitute {new} for {old} in {path} | Use the word
            '{new}' in place of '{old}' throughout {path}. | Search {path} for {old} and put {new} there."""),
        "to replace {old} with {new} in {path}|{old} to become {new} in {path}|an edit of {path}",
        [
            Result(
                {"replacements|count|changes": v.integer(2, 60)},
                several("""I replaced "{old}" with "{new}" {replacements} times in {path}. | Done: {replacements}
                    places in {path} say "{new}" now. | {path} had {replacements} occurrences of "{old}"; all of them
                    are "{new}" now."""),
            ),
            Result(
                {"replacements|count|changes": v.choice(0)},
                several(""""{old}" doesn't occur in {path}, so nothing was changed. | I found no "{old}" in {path}. |
                    {replacements} replacements: {path} doesn't contain "{old}"."""),
                weight=0.5,
            ),
            MISSING,
        ],
        near="write",
    ),
    Family(
        "list_directory",
        "list_directory|list_dir|ls|list_files|dir|read_directory|list_folder",
        (
            "List the files in a directory.|Shows what a folder contains.|Lists names of files and "
            "folders, without going deeper."
        ),
        [
            FOLDER,
            Parameter(
                "hidden|show_hidden|all|include_hidden",
                v.flag("with hidden files", "without hidden files"),
                "Also names that begin with a dot|",
                "boolean",
                phrases=", {}| {}| ({})",
            ),
        ],
        several("""List {path} | What's in the folder {path} | Which files are in {path} | ls {path} | Show the
            content of the directory {path} | I can't remember what I put into {path}. List it please | Could you look
            what files the directory "{path}" has | Files in {path} please | Tell me what lies in '{path}' | Take a
            look into the folder {path} | I need a listing of {path}"""),
        "to see what is in {path}|a listing of {path}|to know the files in the folder {path}",
        [
            Result(
                {"entries|files|names": v.list_of(v.filename, 2, 4)},
                several(
                    """{path} contains {entries}. | In {path} there are {entries}. | I see these there: {entries}."""
                ),
            ),
            Result(
                {"entries|files|names": v.choice([])},
                several(
                    """{path} is empty. | There is nothing in {path}. | The folder {path} exists, but it has no
                        files."""
                ),
                weight=0.4,
            ),
            MISSING,
        ],
    ),
    Family(
        "find_files",
        "find_files|search_files|glob|file_search|locate_files",
        (
            "Find files by name.|Searches a folder for names with an ending.|Finds all files with the "
            "given extension below a folder."
        ),
        [
            Parameter(
                "extension|ext|suffix|file_type",
                v.choice("py", "txt", "pdf", "jpg", "csv", "md", "json", "log", "docx", "mp3"),
                "Extension without the dot|",
            ),
            Parameter("folder|root|directory|path|where", folder, "Where to search|The folder|"),
        ],
        several("""Find all {extension} files in {folder}. | Are there any {extension} files below {folder}? |
            {folder}: which {extension} files? | Search {folder} for files ending in {extension}. | I'm looking for
            {extension} files, somewhere in {folder}. | Every {extension} in {folder}, please. | How many {extension}
            files does '{folder}' have? | Could you look through {folder} and find the files of type {extension}? |
            Under "{folder}", list what ends with .{extension} | locate *.{extension} in {folder}"""),
        (
            "to find {extension} files in {folder}|the {extension} files below {folder}|to search "
            "{folder} for files of type {extension}"
        ),
        [
            Result(
                {"count|total|matches": v.integer(2, 300), "newest|latest": v.filename},
                several("""There are {count} {extension} files in {folder}; the newest is {newest}. | I found {count}
                    of them, the latest being {newest}. | {folder} has {count} {extension} files. {newest} was changed
                    last."""),
            ),
            Result(
                {"count|total|matches": v.choice(0)},
                several("""I found no {extension} files in {folder}. | None: there is no {extension} file below
                    {folder}. | {folder} has no files of that type."""),
            ),
        ],
        near="search_in_files",
    ),
    Family(
        "grep_files",
        "grep|search_in_files|search_code|find_in_files|text_search|ripgrep",
        (
            "Search file contents for a text.|Greps through a folder.|Finds lines that contain a word, "
            "in all files of a folder."
        ),
        [
            Parameter("pattern|text|query|regex|term", v.word, "Text to look for|Word or regular expression|"),
            Parameter("folder|path|directory|root", folder, "Where to search|"),
            Parameter(
                "ignore_case|case_insensitive|i",
                v.flag("ignoring case", "matching case"),
                "Treat upper and lower case alike|",
                "boolean",
                phrases=", {}| {}",
            ),
        ],
        several("""Search for "{pattern}" in {folder} | Where is {pattern} used in {folder} | grep {pattern} {folder}
            | Which files in {folder} contain the word '{pattern}' | In {folder}, find every line with {pattern} | I
            know I wrote {pattern} somewhere below {folder}. Find it | Look through all files of '{folder}' for
            {pattern} | Does anything in {folder} mention "{pattern}"? Please search | {folder}: lines with {pattern}
            | Please check {folder} for the text {pattern}"""),
        (
            "to find {pattern} in {folder}|to know where {pattern} occurs in {folder}|lines with "
            "{pattern} in the files of {folder}"
        ),
        [
            Result(
                {
                    "matches|hits|count": v.integer(2, 200),
                    "files|file_count": v.integer(2, 40),
                    "first|first_match": v.path,
                },
                several(""""{pattern}" occurs {matches} times in {files} files, first in {first}. | I found {matches}
                    matches in {files} files; the first one is in {first}. | There are {matches} lines with it, spread
                    over {files} files. {first} is the first."""),
            ),
            Result(
                {"matches|hits|count": v.choice(0)},
                several(""""{pattern}" doesn't occur in {folder}. | No match: no file in {folder} has {pattern} in it.
                    | I searched {folder} and found {matches} matches."""),
            ),
        ],
        near="search_in_files",
    ),
    Family(
        "move_file",
        "move_file|rename_file|mv|file_move|relocate_file",
        "Move or rename a file.|Moves a file to another path.|Renames a file. Fails if the target exists.",
        [
            Parameter("source|from|src|old_path", v.path, "The file to move|Where it is|"),
            Parameter("destination|to|dest|new_path|target", v.path, "Where it goes|The new path|"),
        ],
        several("""Move {source} to {destination}. | mv {source} {destination} | Rename {source} to {destination},
            please. | {source} belongs at {destination}, so put it there. | The file {source} is in the wrong place.
            It should be {destination}. | Please bring '{source}' to '{destination}'. | {source} -> {destination}
            (move it) | I'd like {destination} to be the new name of {source}. | Could you relocate the file
            "{source}" to "{destination}"? | To {destination}, move the file {source}."""),
        "to move {source} to {destination}|{source} to be renamed to {destination}|the file {source} at {destination}",
        [
            Result(
                {"moved|ok|success": v.choice(True)},
                several(
                    """{source} is at {destination} now. | Moved: you'll find it at {destination}. | Done. What was
                        {source} is now {destination}."""
                ),
            ),
            Result(
                {
                    "moved|ok|success": v.choice(False),
                    "error|reason": v.choice("the target exists already", "source not found", "permission denied"),
                },
                several(
                    """I couldn't move {source}: {error}. | {source} is still where it was, because of this: {error}.
                        | That didn't work ({error})."""
                ),
                weight=0.5,
            ),
        ],
        near="copy_move",
    ),
    Family(
        "copy_file",
        "copy_file|cp|duplicate_file|file_copy|clone_file",
        "Copy a file.|Makes a copy of a file at another path.|Copies a file and keeps the original.",
        [
            Parameter("source|from|src|original", v.path, "The file to copy|"),
            Parameter("destination|to|dest|copy|target", v.path, "Where the copy goes|"),
        ],
        several("""Copy {source} to {destination}. | cp {source} {destination} | Make a copy of {source} at
            {destination}. | I want to keep {source} but also have it as {destination}. | Duplicate the file {source}
            as {destination} | Before I edit {source}, save a copy under {destination}. | Could you copy '{source}'
            over to '{destination}'? | {destination} should be a copy of {source} | Please put a duplicate of
            "{source}" in "{destination}". | A copy please: {source}, new path {destination}"""),
        "a copy of {source} at {destination}|to copy {source} to {destination}|{source} to be duplicated",
        [
            Result(
                {"bytes|size|copied": v.integer(100, 900000)},
                several("""Copied {bytes} bytes from {source} to {destination}. | {destination} is a copy of {source}
                    now ({bytes} bytes). | The copy is at {destination} and has {bytes} bytes."""),
            ),
            Result(
                {"error|reason": v.choice("disk full", "source not found", "permission denied")},
                several(
                    """I couldn't copy {source}: {error}. | No copy was made ({error}). | The attempt ended with the
                        error "{error}"."""
                ),
                weight=0.5,
            ),
        ],
        near="copy_move",
    ),
    Family(
        "delete_file",
        "delete_file|remove_file|rm|file_delete|unlink|trash_file",
        "Delete a file.|Removes a file for good.|Deletes one file. There is no way back.",
        [PATH],
        several("""Delete {path} | Remove the file {path}, please. | rm {path} | I don't need {path} any more. | Get
            rid of {path}. | {path} can go, delete it. | Could you erase the file '{path}' for me? | Please delete
            "{path}" from the disk. | The file {path} only wastes space. Delete it. | Throw away {path} | I want
            {path} gone."""),
        "to delete {path}|the file {path} to be removed|{path} gone",
        [
            Result(
                {"deleted|ok|removed": v.choice(True), "freed_kb|kb": v.integer(2, 9000)},
                several("""{path} is deleted, which frees {freed_kb} KB. | Gone: {path} was removed and {freed_kb} KB
                    are free again. | I deleted {path} and freed {freed_kb} KB."""),
            ),
            MISSING,
        ],
    ),
]
