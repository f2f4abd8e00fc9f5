"""Tools that agents work with: files and folders, a shell, pages, documents, notes and memory."""

from random import Random

from training import values as v
from training.family import Family, Parameter, Result
from training.several import several


def command(random: Random) -> str:
    """Draw a shell command."""
    word, file = v.word(random), v.filename(random)
    return random.choice(
        (
            "ls -la",
            "git status",
            "df -h",
            "uname -a",
            "make test",
            "pip list",
            "whoami",
            "npm run build",
            "ps aux",
            f"cat {file}",
            f"grep -r {word} .",
            f"wc -l {file}",
            f"mkdir {word}",
            f"python {file}",
            f"du -sh {word}",
            f"head -n {random.randint(2, 50)} {file}",
            f"echo {word}",
            f"curl {v.url(random)}",
            f"find . -name {file}",
        )
    )


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
    Family(
        "run_command",
        "run_command|shell|bash|execute|run_shell|exec|terminal",
        (
            "Run a shell command.|Executes a command and returns its output and exit code.|Runs a "
            "command in bash. Commands that take over a minute are stopped."
        ),
        [Parameter("command|cmd|script|shell_command|code", command, "The command line|Command to run|")],
        several("""Run `{command}` | Execute the command: {command} | Please run {command} in the shell | What does
            "{command}" print? | $ {command} | In the terminal, run '{command}'. | I can't open a terminal right now;
            could you run {command}? | Try {command} and tell me what comes out. | Use bash for this: {command} | I
            need the output of `{command}`, please. | Would you type {command} into the shell for me?"""),
        "to run the command {command}|the output of {command}|the command {command} to be executed in the shell",
        [
            Result(
                {"stdout|output": v.phrase, "exit_code|code|returncode": v.choice(0)},
                several("""The command ran without an error and printed: {stdout} | It printed "{stdout}" and ended
                    with exit code {exit_code}. | Output: {stdout} (exit code {exit_code})."""),
            ),
            Result(
                {
                    "stderr|error": v.choice("command not found", "permission denied", "No such file or directory"),
                    "exit_code|code|returncode": v.choice(1, 2, 126, 127),
                },
                several("""The command failed with exit code {exit_code}: {stderr}. | That didn't work: "{stderr}",
                    exit code {exit_code}. | It ended with code {exit_code} and the message "{stderr}"."""),
                weight=0.6,
            ),
        ],
        near="execute",
    ),
    Family(
        "fetch_page",
        "fetch_page|fetch_url|get_webpage|open_url|read_page|browse|http_get",
        (
            "Fetch a web page.|Downloads a page and returns its title and text.|Reads the page at a "
            "URL. Scripts are not run."
        ),
        [Parameter("url|link|address|uri|page", v.url, "The URL|Address of the page|")],
        several("""Open {url} | What does the page {url} say? | Fetch {url} and tell me what it is about. | Can you
            read {url} for me? | Someone sent me {url} and I don't dare to click. What's there? | Please get the page
            at {url} | I want to know what is on {url} today. | Load '{url}' and give me its gist. | Have a look at
            this link: {url} | Read "{url}", please | Which title has {url}?"""),
        "to read the page {url}|to know what {url} says|the content of {url}",
        [
            Result(
                {"status|status_code": v.choice(200), "title": v.title, "text|content|excerpt": v.sentence},
                several("""The page is called "{title}". It says: {text} | {url} is titled "{title}" and reads: {text}
                    | I opened it. Under the title "{title}" it says: {text}"""),
            ),
            Result(
                {
                    "status|status_code": v.choice(404, 403, 500, 503),
                    "error|reason": v.choice("page not available", "request was refused"),
                },
                several("""I couldn't read {url}: the server answered {status} ({error}). | The page can't be opened,
                    status {status}: {error}. | No luck with {url}. It returned {status}, {error}."""),
                weight=0.6,
            ),
        ],
        near="web",
    ),
    Family(
        "search_documents",
        "search_documents|document_search|search_docs|file_search|retrieve|semantic_search",
        (
            "Search the uploaded documents.|Finds passages in the user's documents.|Searches documents "
            "by meaning. Returns the best passages with their source."
        ),
        [
            Parameter("query|q|question|search_query|text", v.topic, "What to look for|Search query|"),
            Parameter(
                "top_k|limit|k|max_results|n",
                v.integer(2, 20),
                "How many passages|",
                "integer",
                phrases=", {} passages at most|, only the best {}|, top {}",
            ),
        ],
        several("""What do my documents say about {query} | Search the documents for {query} | Find passages on
            {query} in my files | I uploaded some PDFs. Is there anything on {query} | doc search: {query} | In our
            documents, look for "{query}" | Please find where the papers talk about {query} | I need everything that
            the documents have on '{query}' | Look up {query} in the uploaded files | Do the documents mention
            {query}? Please search them"""),
        (
            "to find passages about {query} in the documents|to know what the documents say about "
            "{query}|a search of the documents for {query}"
        ),
        [
            Result(
                {
                    "source|document|file": v.filename,
                    "passage|snippet|text": v.sentence,
                    "score|relevance": v.number(0.3, 0.99, 2),
                },
                several("""The best match is in {source}: "{passage}" (score {score}). | {source} says: {passage} Its
                    score is {score}. | I found this in {source}, with a score of {score}: {passage}"""),
            ),
            Result(
                {"results|hits": v.choice([])},
                several("""Your documents don't say anything about {query}. | I found nothing on {query} in the
                    documents. | No passage matches {query}."""),
            ),
        ],
        near="knowledge",
    ),
    Family(
        "query_knowledge_base",
        "query_knowledge_base|ask_knowledge_base|kb_search|lookup_article|faq_search|help_search",
        (
            "Ask the company's knowledge base.|Finds the help article that answers a question.|Looks "
            "up the internal wiki. Give the question as it was asked."
        ),
        [Parameter("question|query|q|text|topic", v.question, "The question|What to ask|")],
        several("""Ask the knowledge base: {question} | Does our wiki know this? {question} | {question} Please look
            in the knowledge base. | Find a help article for "{question}" | A colleague asks: "{question}" What does
            the knowledge base say? | kb: {question} | Search the FAQ for '{question}' | I'd like the official answer
            to this one: {question} Check the internal wiki. | What does the help centre answer to "{question}"? |
            Look this up in our knowledge base, please: {question}"""),
        (
            'an answer from the knowledge base|to ask the knowledge base "{question}"|to find the '
            "article that answers a question"
        ),
        [
            Result(
                {"article|title": v.title, "answer|summary|text": v.sentence},
                several("""The article "{article}" says: {answer} | According to the knowledge base: {answer} That's
                    from "{article}". | I found it in "{article}": {answer}"""),
            ),
            Result(
                {"article|title": v.choice(None)},
                several("""The knowledge base has no article on that. | I found nothing about it in the wiki. | Sorry,
                    there's no answer to that in the knowledge base yet."""),
                weight=0.6,
            ),
        ],
        near="knowledge",
    ),
    Family(
        "take_note",
        "take_note|add_note|save_note|create_note|note_down|jot",
        "Take a note.|Saves a short text as a note.|Writes something down for the user. Notes can be searched later.",
        [
            Parameter("text|note|content|body", v.message, "Text of the note|What to write down|"),
            Parameter(
                "tag|label|category|tags",
                v.word,
                "A tag for the note|",
                phrases=", tagged {}| with the tag {}|, under the tag '{}'",
            ),
        ],
        several("""Take a note: "{text}" | Note this down: '{text}' | Please write down "{text}" as a note | New note
            "{text}" | I have to remember something. Make a note that says "{text}" | Save the note '{text}' | Could
            you jot down "{text}" | Add "{text}" to my notes | note: '{text}' | My notes should have "{text}" in
            them"""),
        'to note down "{text}"|a note that says "{text}"|a text saved as a note',
        [
            Result(
                {"note_id|id": v.code, "saved_at|created": v.clock},
                several("""Noted at {saved_at}, with the number {note_id}. | I wrote it down as note {note_id} at
                    {saved_at}. | Saved: your note has the id {note_id} and was made at {saved_at}."""),
            ),
            Result(
                {"error|reason": v.choice("notebook is full", "sync failed")},
                several(
                    """I couldn't save the note: {error}. | Your note wasn't stored ({error}). | That failed with
                        "{error}"; please keep the text."""
                ),
                weight=0.3,
            ),
        ],
        near="memory",
    ),
    Family(
        "remember_fact",
        "remember|save_memory|store_memory|memorize|remember_fact|set_memory",
        (
            "Remember a fact about the user.|Stores a key and a value in long-term memory.|Keeps "
            "something for later conversations."
        ),
        [
            Parameter(
                "key|name|subject|topic",
                v.choice(
                    "favourite colour",
                    "dog's name",
                    "shoe size",
                    "home town",
                    "birthday",
                    "car",
                    "favourite dish",
                    "allergy",
                    "locker number",
                    "job",
                ),
                "What it is about|",
            ),
            Parameter("value|fact|content|text", v.word, "What to remember|The fact|"),
        ],
        several("""Remember that my {key} is {value}. | My {key} is {value}, please keep that in mind. | For later: my
            {key} is "{value}" | Don't forget this: {value} is my {key}. | Save to memory: {key} = {value} | Store
            {value} as my {key}. | Keep in your memory that '{value}' is my {key}. | You should know for next time
            that my {key} is {value}. | Note for the future, my {key}: {value} | Please memorise my {key}, it's
            {value}."""),
        "the {key} to be remembered|it to be remembered that the {key} is {value}|to store {value} as the {key}",
        [
            Result(
                {"stored|ok|saved": v.choice(True)},
                several(
                    """I'll remember that your {key} is {value}. | Got it: your {key} is {value}. | Noted for next
                        time. Your {key} is {value}."""
                ),
            ),
            Result(
                {"stored|ok|saved": v.choice(True), "replaced|previous": v.word},
                several("""I had {replaced} as your {key}; now it's {value}. | Updated: your {key} was {replaced} and
                    is {value} now. | Your {key} is {value}, then. I had {replaced} before."""),
                weight=0.5,
            ),
        ],
        near="memory",
    ),
    Family(
        "recall_fact",
        "recall|get_memory|search_memory|read_memory|lookup_memory",
        "Recall a fact about the user.|Reads from long-term memory.|Looks up what was remembered under a key.",
        [
            Parameter(
                "key|name|subject|topic|query",
                v.choice(
                    "favourite colour",
                    "dog's name",
                    "shoe size",
                    "home town",
                    "birthday",
                    "car",
                    "favourite dish",
                    "allergy",
                    "locker number",
                    "job",
                ),
                "What to recall|",
            )
        ],
        several("""What's my {key} again? | Do you remember my {key}? | I told you my {key} once. What was it? | my
            {key}? | Please look up my {key} in your memory. | Recall my {key} | What have you stored about my {key}?
            | I forgot my {key}, but you know it, don't you? | Tell me what my {key} is, if I ever told you. | Check
            your memory: {key}"""),
        "to know the {key} that was stored|the {key} to be recalled|to hear what is remembered about the {key}",
        [
            Result(
                {"value|fact|content": v.word, "stored_on|date": v.date},
                several("""Your {key} is {value}; you told me on {stored_on}. | It's {value}. You mentioned it on
                    {stored_on}. | On {stored_on} you said that it is {value}."""),
            ),
            Result(
                {"value|fact|content": v.choice(None)},
                several(
                    """I don't know your {key} yet. | You haven't told me your {key} so far. | There's nothing in my
                        memory about your {key}."""
                ),
                weight=0.6,
            ),
        ],
        near="memory",
    ),
]
