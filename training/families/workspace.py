"""Tools that agents work with: a shell, pages, documents, notes and memory."""

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


FAMILIES = [
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
