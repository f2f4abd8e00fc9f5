"""Tools of programmers for code: builds, tests, packages and small services."""

from random import Random

from training import values as v
from training.families.repositories import BRANCH, REPOSITORY
from training.family import Family, Parameter, Result
from training.several import several

PACKAGES = ("requests", "numpy", "lodash", "react", "flask", "pytest", "express", "pandas", "serde", "axios", "django")


def package(random: Random) -> str:
    return random.choice(PACKAGES) if random.random() < 0.5 else v.word(random)


def module(random: Random) -> str:
    """Draw the dotted or plain name of a function."""
    return random.choice((f"{v.word(random)}_{v.word(random)}", f"{v.word(random)}.{v.word(random)}", v.word(random)))


FAMILIES = [
    Family(
        "build_status",
        "get_build_status|build_status|ci_status|pipeline_status|check_build",
        (
            "Status of the last build.|Tells whether the latest CI run of a branch passed.|Looks up "
            "the newest pipeline of a branch in a repository."
        ),
        [REPOSITORY, BRANCH],
        several("""Is the build of {repo} green on {branch}? | CI status of {repo}, branch {branch}? | Did {branch}
            pass in {repo}? | {repo}/{branch}: build ok? | Check the pipeline for the branch {branch} of {repo}. | I
            pushed to {branch} in {repo} ten minutes ago. How did the build go? | How is the last build of '{repo}' on
            '{branch}'? | Please tell me whether CI is red for {repo} ({branch}). | On {branch}, what's the build
            status of {repo}? | Before I merge: does {branch} build in {repo}?"""),
        "the build status of {repo} on {branch}|to know whether {branch} of {repo} builds|the state of CI for {repo}",
        [
            Result(
                {
                    "status|conclusion|state": v.choice("passed", "success"),
                    "duration_min|minutes": v.integer(2, 40),
                    "build|run_number": v.integer(2, 9000),
                },
                several("""Yes, it's green: build {build} of {branch} has the status "{status}" and took
                    {duration_min} minutes. | Build {build} is fine ({status}, {duration_min} minutes). | The last
                    build on {branch} was number {build}. Status: {status}, after {duration_min} minutes."""),
            ),
            Result(
                {
                    "status|conclusion|state": v.choice("failed", "failure"),
                    "failed_job|job|step": v.choice("lint", "unit tests", "docs", "package", "integration tests"),
                },
                several("""No, the last build on {branch} has the status "{status}": the job "{failed_job}" is red. |
                    It's red. The job {failed_job} did not pass ({status}). | {repo} doesn't build on {branch} at the
                    moment; "{failed_job}" broke (status: {status})."""),
            ),
            Result(
                {"status|conclusion|state": v.choice("running", "queued"), "started|since": v.clock},
                several("""It's not done yet: the build is {status} since {started}. | Still {status}; it began at
                    {started}. | The build of {branch} is {status} (since {started})."""),
                weight=0.5,
            ),
        ],
    ),
    Family(
        "run_tests",
        "run_tests|test|pytest|execute_tests|run_test_suite|npm_test",
        "Run the tests.|Runs a test file or folder.|Runs tests and returns how many passed and failed.",
        [
            Parameter("path|target|test_path|file|tests", v.path, "File or folder with tests|What to test|"),
            Parameter(
                "verbose|v|details", v.flag("verbosely", "quietly"), "Print more|", "boolean", phrases=", {}| {}"
            ),
        ],
        several("""Run the tests in {path} | pytest {path} | Do the tests of {path} pass? Please run them | Test
            {path} for me | I changed something. Run {path} again to see if the tests are green | Execute the test
            file '{path}' | Could you check the tests at {path} | Please run "{path}" with the test runner | tests:
            {path} | Let the tests under {path} run"""),
        "to run the tests in {path}|to know whether the tests of {path} pass|a test run of {path}",
        [
            Result(
                {"passed": v.integer(2, 400), "failed": v.choice(0), "seconds|duration": v.number(0.3, 90)},
                several("""All {passed} tests passed in {seconds} seconds, {failed} failed. | Everything is green:
                    {passed} passed, {failed} failed ({seconds} s). | {passed} tests ran in {seconds} s and none
                    failed."""),
            ),
            Result(
                {"passed": v.integer(2, 400), "failed": v.integer(2, 20), "first_failure|failing": module},
                several("""{failed} tests failed and {passed} passed. The first failure is {first_failure}. | Not all
                    green: {failed} failed, beginning with {first_failure}; {passed} passed. | {passed} passed,
                    {failed} failed. Have a look at {first_failure} first."""),
            ),
            Result(
                {"error|message": v.choice("no tests found", "import error", "file not found")},
                several(
                    """The tests didn't run: {error}. | I couldn't test {path}, the runner says: {error}. | Nothing
                        was tested ({error})."""
                ),
                weight=0.4,
            ),
        ],
        near="execute",
    ),
    Family(
        "install_package",
        "install_package|pip_install|npm_install|add_package|package_install|add_dependency",
        (
            "Install a package.|Installs a library from the registry.|Adds a dependency to the "
            "project, in a given version if wanted."
        ),
        [
            Parameter("package|name|library|package_name|module", package, "Name of the package|"),
            Parameter(
                "version|package_version|at|ver",
                v.version,
                "Version to install|",
                phrases=" in version {}|, version {}| at {}",
            ),
        ],
        several("""Install {package} | pip install {package} | Add the package {package} to the project | My script
            complains that {package} is missing. Install it | I need the library {package} | Could you install
            '{package}' for me | The project should depend on {package} | Please get {package} from the registry | Set
            up {package} (the package) | We want to use "{package}", so install it"""),
        "to install the package {package}|{package} as a dependency|the library {package} to be installed",
        [
            Result(
                {"installed_version|installed": v.version, "dependencies|added": v.integer(2, 30)},
                several("""{package} {installed_version} is installed, along with {dependencies} dependencies. |
                    Installed {package} {installed_version}; it brought {dependencies} other packages. | Done:
                    {package} in version {installed_version}, plus {dependencies} dependencies."""),
            ),
            Result(
                {"error|message": v.choice("package not found", "version conflict", "registry does not answer")},
                several(
                    """{package} couldn't be installed: {error}. | The installation failed with "{error}". | No luck
                        with {package}: {error}."""
                ),
                weight=0.5,
            ),
        ],
        near="package",
    ),
    Family(
        "package_info",
        "package_info|get_package|latest_version|lookup_package|pypi_info|npm_view",
        "Information about a package.|Newest version and licence of a library.|Looks a package up in the registry.",
        [Parameter("package|name|library|package_name|module", package, "Name of the package|Which library|")],
        several("""What is the latest version of the package {package}? | Latest {package}? | Which licence does the
            library {package} have? | Tell me about the package {package}. | Look up {package} in the registry. | Is
            there a newer release of {package}? | May we use {package}? I need its licence. | package info: {package}
            | Could you check what version "{package}" is at? | I'm thinking of using '{package}' as a library. What
            do you find on it?"""),
        (
            "to know the newest version of {package}|information about the package {package}|the "
            "version and licence of {package}"
        ),
        [
            Result(
                {
                    "version|latest": v.version,
                    "license|licence": v.choice("MIT", "Apache-2.0", "BSD-3-Clause", "GPL-3.0", "ISC"),
                    "released|date": v.date,
                },
                several("""The latest version of {package} is {version}, released on {released} under {license}. |
                    {package} is at {version} (from {released}); its licence is {license}. | Version {version} came
                    out on {released}. The licence is {license}."""),
            ),
            Result(
                {"error|message": v.choice("not found", "no such package")},
                several(
                    """I couldn't find {package} in the registry: {error}. | The registry has no {package} ({error}).
                        | There's nothing under that name: {error}."""
                ),
                weight=0.5,
            ),
        ],
        near="package",
    ),
    Family(
        "format_code",
        "format_code|format_file|run_formatter|prettify|autoformat",
        "Format a source file.|Runs the formatter on a file.|Formats code with a given line length.",
        [
            Parameter("file|path|source|filename", v.path, "File to format|"),
            Parameter(
                "line_length|width|max_line|columns",
                v.choice(79, 80, 88, 99, 100, 120),
                "Longest line allowed|",
                "integer",
            ),
        ],
        several("""Format {file} with lines of at most {line_length}. | {file}: format, line length {line_length} |
            Please tidy up {file}, no line longer than {line_length} characters. | Run the formatter over {file}
            (width {line_length}). | With a line length of {line_length}, format the file {file}. | The code in
            '{file}' looks ugly. Reformat it to {line_length} columns. | I want {file} formatted to a width of
            {line_length} | Could you autoformat "{file}"? Our limit is {line_length}. | Make {file} fit {line_length}
            columns, please. | prettify {file} --width {line_length}"""),
        "to format {file}|{file} to be formatted with lines of {line_length}|the file {file} tidied up",
        [
            Result(
                {"changed_lines|lines_changed|changed": v.integer(2, 300)},
                several("""{file} is formatted; {changed_lines} lines changed. | Done, the formatter changed
                    {changed_lines} lines in {file}. | {changed_lines} lines of {file} look different now, and none is
                    longer than {line_length}."""),
            ),
            Result(
                {"changed_lines|lines_changed|changed": v.choice(0)},
                several("""{file} was fine already, nothing changed. | Nothing to do: {file} is well formatted. | The
                    formatter left {file} as it was, with {changed_lines} changes."""),
                weight=0.5,
            ),
            Result(
                {"error|message": v.choice("syntax error on line 12", "file not found", "unknown language")},
                several(
                    """I couldn't format {file}: {error}. | The formatter gave up on {file} ({error}). | {file} is
                        unchanged because of this: {error}."""
                ),
                weight=0.4,
            ),
        ],
        near="code_check",
    ),
    Family(
        "lint_file",
        "lint|lint_file|check_code|run_linter|static_analysis",
        "Check a file for problems.|Runs a linter.|Looks for mistakes and bad style in a source file.",
        [Parameter("file|path|source|filename", v.path, "File to check|")],
        several("""Lint {file} | Check {file} for problems. | Are there any warnings in {file}? | Run the linter on
            {file}, please. | Does the code in {file} have issues? | I'd like {file} checked before the review. | What
            does the linter say about '{file}'? | Could you look for mistakes in the source {file}? | static check of
            "{file}" | Analyse {file} and tell me what's wrong with it."""),
        "to check {file} for problems|a linter run on {file}|to know what is wrong in {file}",
        [
            Result(
                {
                    "warnings|warning_count": v.integer(2, 40),
                    "errors|error_count": v.integer(2, 9),
                    "worst|first": v.choice("unused import", "undefined name", "line too long", "unreachable code"),
                },
                several("""{file} has {errors} errors and {warnings} warnings; the first is "{worst}". | The linter
                    found {errors} errors and {warnings} warnings, beginning with "{worst}". | {errors} errors,
                    {warnings} warnings. Start with this one: {worst}."""),
            ),
            Result(
                {"warnings|warning_count": v.choice(0), "errors|error_count": v.choice(0)},
                several(
                    """{file} is clean: {errors} errors and {warnings} warnings. | No complaints about {file}. | All
                        good, the linter found nothing in {file}."""
                ),
            ),
        ],
        near="code_check",
    ),
    Family(
        "explain_error",
        "explain_error|lookup_error|error_help|search_error|diagnose_error",
        "Look an error code up.|Explains an error of a program.|Finds what an error code means and what to do.",
        [
            Parameter("code|error_code|error|id", v.code, "Code of the error|"),
            Parameter(
                "product|program|software|system|tool",
                v.choice("PostgreSQL", "Windows", "Docker", "TypeScript", "Oracle", "nginx", "Rust", "the compiler"),
                "Which program reports it|",
            ),
        ],
        several("""What does error {code} mean in {product}? | {product} error {code} | I keep getting {code} from
            {product}. What is that? | Explain the error {code} of {product}, please. | Look up {code} for {product}.
            | {product} shows '{code}' and stops. Help! | With {product} I see the code {code}; what can I do? | Could
            you find out what {product} means by "{code}"? | Error code: {code}, program: {product} | How do I fix
            {code} in {product}?"""),
        "to know what error {code} of {product} means|help with error {code}|an explanation of {code} in {product}",
        [
            Result(
                {
                    "meaning|description|title": v.choice(
                        "a file is missing",
                        "the connection was lost",
                        "a type does not match",
                        "memory ran out",
                        "access was denied",
                    ),
                    "fix|solution|hint": v.choice(
                        "restart the service",
                        "update to the newest version",
                        "check the spelling",
                        "free some disk space",
                        "log in again",
                    ),
                },
                several("""{code} means that {meaning}. To mend it: {fix}. | In {product}, {code} says that {meaning};
                    the advice is: {fix}. | That code stands for this: {meaning}. What helps: {fix}."""),
            ),
            Result(
                {"meaning|description|title": v.choice(None)},
                several(
                    """The error {code} isn't documented for {product}. | I found nothing about {code} in {product}. |
                        There's no entry for {code}, sorry."""
                ),
                weight=0.5,
            ),
        ],
    ),
    Family(
        "generate_uuid",
        "generate_uuid|uuid|new_id|random_uuid|create_uuid",
        "Make a new UUID.|Generates a random identifier|Returns a fresh UUID, version 4.",
        [],
        several("""Give me a UUID | I need a new UUID. | Generate a random identifier, please. | new uuid | Could you
            make a fresh UUID for my test? | A unique id, please | Please create one UUID. | My record needs a UUID.
            Can you generate it? | uuid v4? | I'd like a random unique identifier. | Can I have another UUID?"""),
        "a new UUID|a random identifier|to get a unique id",
        [
            Result(
                {
                    "uuid|id|value": lambda r: (
                        f"{r.getrandbits(32):08x}-{r.getrandbits(16):04x}-4{r.getrandbits(12):03x}"
                    )
                },
                several(
                    """Here is one: {uuid} | Your new identifier is {uuid}. | {uuid} | I made this one for you:
                        {uuid}"""
                ),
            ),
        ],
    ),
    Family(
        "hash_string",
        "hash_text|compute_hash|checksum|digest|hash",
        "Compute the hash of a text.|Checksum of a string|Hashes a text with a given algorithm.",
        [
            Parameter("text|data|input|string|content", v.word, "Text to hash|"),
            Parameter(
                "algorithm|algo|method|type",
                v.choice("md5", "sha1", "sha256", "sha512", "crc32"),
                "Which algorithm|",
                choices=["md5", "sha1", "sha256", "sha512", "crc32"],
            ),
        ],
        several("""What is the {algorithm} of "{text}"? | {algorithm} of {text} | Hash '{text}' with {algorithm}. |
            Compute the {algorithm} checksum for the text "{text}". | I need {text} hashed, algorithm {algorithm}. |
            Please give me the {algorithm} digest of {text} | Using {algorithm}, what's the hash of '{text}'? | Take
            the string {text} and hash it ({algorithm}). | To compare passwords I need "{text}" as {algorithm}. |
            Could you run {algorithm} over the word {text}?"""),
        'the {algorithm} hash of {text}|to hash "{text}" with {algorithm}|the checksum of {text}',
        [
            Result(
                {"digest|hash|checksum": v.hex_id},
                several(
                    """The {algorithm} of "{text}" is {digest}. | It's {digest}. | {algorithm} gives {digest} for
                        "{text}"."""
                ),
            ),
        ],
    ),
]
