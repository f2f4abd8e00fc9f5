"""Tools of programmers for what they share: git, issues, pull requests."""

from random import Random

from training import values as v
from training.family import Family, Parameter, Result
from training.several import several


def repository(random: Random) -> str:
    """Draw a repository's name, with or without its owner."""
    return random.choice((v.word(random), f"{v.word(random)}/{v.word(random)}", f"{v.word(random)}-{v.word(random)}"))


def branch(random: Random) -> str:
    kind = random.choice(("feature/", "fix/", "release-", "", ""))
    return random.choice(("main", "develop")) if random.random() < 0.2 else f"{kind}{v.word(random)}"


REPOSITORY = Parameter(
    "repo|repository|project|repo_name|repository_name",
    repository,
    "The repository|Name of the repository|owner/name or name|",
)
BRANCH = Parameter("branch|branch_name|ref|git_branch", branch, "The branch|Name of the branch|")
NUMBER = Parameter("number|issue_number|issue|id|issue_id", v.integer(2, 9000), "Number of the issue|", "integer")

FAMILIES = [
    Family(
        "git_commit",
        "git_commit|commit|commit_changes|create_commit|save_changes",
        (
            "Commit all changes.|Makes a git commit with a message.|Commits what was changed in the "
            "working tree and returns the commit's hash."
        ),
        [
            Parameter("message|msg|commit_message|summary|m", v.phrase, "Message of the commit|What was done|"),
            Parameter(
                "push|and_push|push_after",
                v.flag("and push it", "without pushing"),
                "Push afterwards|",
                "boolean",
                phrases=" {}|, {}",
            ),
        ],
        several("""Commit my changes with the message "{message}" | git commit -m "{message}" | Make a commit:
            {message} | Save my work to git as '{message}' | Please commit everything, message "{message}" | I'm done,
            so commit this as '{message}' | The changes are ready. Commit them with: {message} | Could you create a
            commit saying "{message}" | commit '{message}' | Put my edits in a commit named "{message}" """),
        'to commit the changes as "{message}"|a commit with the message "{message}"|the changes to be committed',
        [
            Result(
                {"hash|sha|commit": v.hex_id, "files_changed|files|changed": v.integer(2, 40)},
                several("""Committed {files_changed} files as {hash}. | The commit {hash} has your changes in
                    {files_changed} files. | Done: {hash}, "{message}", with {files_changed} files."""),
            ),
            Result(
                {"error|message": v.choice("nothing to commit", "there are merge conflicts", "no git repository here")},
                several(
                    """No commit was made: {error}. | Git said "{error}". | I couldn't commit, because git reports:
                        {error}."""
                ),
                weight=0.4,
            ),
        ],
    ),
    Family(
        "create_branch",
        "create_branch|git_branch|new_branch|branch_create|checkout_new_branch",
        "Create a git branch.|Makes a branch from another one.|Starts a new branch at the tip of an existing branch.",
        [
            Parameter(
                "name|branch|new_branch|branch_name", lambda r: f"feature/{v.word(r)}", "Name of the new branch|"
            ),
            Parameter("base|from|source|from_branch|start_point", branch, "Branch to start from|"),
        ],
        several("""Create a branch {name} from {base}. | New branch {name}, based on {base} | git checkout -b {name}
            {base} | Starting at {base}, make the branch {name}. | I want to begin something new. Branch {name} off
            {base}, please. | Please open '{name}' as a branch of '{base}'. | Could you make me a branch called
            {name}? It should start from {base}. | Take {base} and create {name} from it. | I need {name}, a branch
            that begins at {base} | Base {base}, new branch "{name}", please"""),
        "a branch {name} from {base}|to create the branch {name}|to start the branch {name} at {base}",
        [
            Result(
                {"created|ok": v.choice(True), "head|sha|commit": v.hex_id},
                several("""The branch {name} exists now, starting at {head} of {base}. | Created {name} from {base}
                    ({head}). | You're set: {name} begins at commit {head}."""),
            ),
            Result(
                {"error|message": v.choice("branch exists already", "base not found", "invalid name")},
                several(
                    """I couldn't create {name}: {error}. | Git refused the branch {name} with "{error}". | No new
                        branch ({error})."""
                ),
                weight=0.4,
            ),
        ],
        near="branch",
    ),
    Family(
        "merge_branch",
        "merge_branch|git_merge|merge|branch_merge|merge_into",
        (
            "Merge a branch into another.|Merges two git branches.|Merges the source branch into the "
            "target and reports conflicts."
        ),
        [
            Parameter("source|from|head|source_branch", branch, "Branch to merge|"),
            Parameter(
                "target|into|base|target_branch|to",
                v.choice("main", "develop", "staging", "release", "trunk"),
                "Branch to merge into|",
            ),
        ],
        several("""Merge {source} into {target}. | {source} -> {target}, merge please | {source} is reviewed; bring it
            into {target}. | Into {target}, merge the branch {source}. | Please do a merge of '{source}' to
            '{target}'. | I'd like to have {source} in {target}. | Can {source} be merged to {target} now? If so, do
            it. | Let {target} have everything from {source}. | git merge {source} (I'm on {target}) | The work on
            "{source}" is finished, merge it with {target}."""),
        "to merge {source} into {target}|{source} to be merged into {target}|a merge of {source} to {target}",
        [
            Result(
                {"merge_commit|sha|commit": v.hex_id, "conflicts": v.choice(0)},
                several("""{source} is merged into {target} as {merge_commit}, without conflicts. | Merged: commit
                    {merge_commit}, no conflicts. | No conflicts. {target} has {source} in it since {merge_commit}."""),
            ),
            Result(
                {"conflicts|conflict_count": v.integer(2, 9), "first_file|file": v.path},
                several("""There are {conflicts} conflicts between {source} and {target}, the first in {first_file}. |
                    The merge stopped with {conflicts} conflicts; look at {first_file} first. | I couldn't finish the
                    merge: {conflicts} conflicts, beginning with {first_file}."""),
                weight=0.5,
            ),
        ],
        near="branch",
    ),
    Family(
        "git_log",
        "git_log|list_commits|commit_history|get_commits|recent_commits",
        "Show the latest commits.|History of a branch|Lists the last commits of a branch with author and message.",
        [Parameter("count|n|limit|max_count", v.integer(2, 50), "How many commits|", "integer"), BRANCH],
        several("""Show the last {count} commits on {branch}. | git log -n {count} {branch} | What happened on
            {branch} lately? {count} commits are enough. | {branch}: {count} latest commits | Who committed to
            {branch}? Give me the last {count}. | List {count} commits of the branch {branch}. | I was away for a
            week, so show me {count} commits from '{branch}'. | The {count} most recent commits, branch {branch},
            please. | On "{branch}", which were the last {count} commits? | Get me the history of {branch}, {count}
            entries."""),
        "the last {count} commits of {branch}|the history of {branch}|to see what was committed to {branch}",
        [
            Result(
                {"latest|sha|head": v.hex_id, "author": v.person, "message|subject": v.phrase},
                several("""The newest commit on {branch} is {latest} by {author}: "{message}". | {author} made the
                    latest one, {latest}, with the message "{message}". | At the top is {latest}, "{message}", from
                    {author}."""),
            ),
            Result(
                {"error": v.choice("unknown branch", "branch has no commits")},
                several(
                    """I can't show the history of {branch}: {error}. | Git reports "{error}" for {branch}. | No
                        commits to show ({error})."""
                ),
                weight=0.4,
            ),
        ],
    ),
    Family(
        "create_issue",
        "create_issue|open_issue|new_issue|file_bug|report_issue|github_create_issue",
        "Create an issue.|Opens an issue in a repository.|Files a bug or a wish in the tracker of a repository.",
        [
            REPOSITORY,
            Parameter("title|summary|subject|name", v.phrase, "Title of the issue|"),
            Parameter(
                "label|tag|type|kind",
                v.choice("bug", "feature", "question", "docs"),
                "Kind of issue|",
                choices=["bug", "feature", "question", "docs"],
                phrases=" and label it {}| with the label {}|, label {}",
            ),
            Parameter(
                "assignee|assigned_to|owner|assign_to",
                v.username,
                "Who works on it|",
                phrases=", assigned to {}| and assign it to {}|, {} will work on it",
            ),
        ],
        several("""Open an issue in {repo}: "{title}" | Create an issue titled '{title}' in the repository {repo} | I
            found a problem in {repo}. File it as "{title}" | {repo}: new issue, "{title}" | Please report '{title}'
            to {repo} | In {repo} we need an issue called "{title}" | Could you file "{title}" as an issue on {repo} |
            For the repo {repo}, create an issue with the title '{title}' | Something for the tracker of {repo}:
            "{title}" | Add the issue '{title}' to {repo}"""),
        'an issue "{title}" in {repo}|to report "{title}" in {repo}|to open an issue in the repository {repo}',
        [
            Result(
                {"number|issue_number": v.integer(2, 9000), "state|status": v.choice("open")},
                several("""I opened issue #{number} in {repo}: "{title}". Its state is {state}. | "{title}" is issue
                    #{number} of {repo} now, and {state}. | Done: #{number} is {state} in {repo}."""),
            ),
            Result(
                {"error|message": v.choice("repository not found", "issues are disabled", "not authorised")},
                several(
                    """I couldn't open the issue: {error}. | {repo} didn't accept it: {error}. | The tracker answered
                        "{error}", so no issue was made."""
                ),
                weight=0.4,
            ),
        ],
        near="issue",
    ),
    Family(
        "close_issue",
        "close_issue|issue_close|resolve_issue|close_ticket|mark_issue_done",
        "Close an issue.|Closes an issue with a reason.|Sets an issue of a repository to closed.",
        [
            REPOSITORY,
            NUMBER,
            Parameter(
                "reason|state_reason|resolution|as",
                v.said_choice(
                    {"completed": "completed|done", "not_planned": "not planned", "duplicate": "a duplicate"}
                ),
                "Why it is closed|",
                choices=["completed", "not_planned", "duplicate"],
            ),
        ],
        several("""Close issue {number} in {repo} as {reason}. | {repo} #{number}: close, {reason} | Issue {number} of
            {repo} is {reason}, so close it. | In the repository {repo}, please close number {number}; it's {reason}.
            | We can close #{number} on {repo} - {reason}. | Mark {number} in '{repo}' as closed ({reason}). | Could
            you close the issue {number}? Repository {repo}, reason: {reason}. | {number} in {repo} turned out to be
            {reason}. Close it, please. | For {repo}: issue number {number} can be closed as {reason}. | As {reason},
            close issue #{number} at {repo}."""),
        (
            "to close issue {number} of {repo}|issue {number} in {repo} to be closed as {reason}|"
            "{repo}'s issue {number} closed"
        ),
        [
            Result(
                {"state|status": v.choice("closed"), "closed_at|time": v.clock},
                several("""Issue #{number} of {repo} was {state} at {closed_at}. | #{number} in {repo} is {state}
                    since {closed_at}. | Done at {closed_at}: #{number} is {state}."""),
            ),
            Result(
                {"error|message": v.choice("issue not found", "already closed", "no write access")},
                several(
                    """I couldn't close #{number}: {error}. | Nothing changed in {repo}, the answer was "{error}". |
                        #{number} wasn't closed ({error})."""
                ),
                weight=0.5,
            ),
        ],
        near="issue",
    ),
    Family(
        "comment_on_issue",
        "comment_on_issue|add_comment|issue_comment|post_comment|reply_to_issue",
        "Comment on an issue.|Adds a comment to an issue.|Posts a text below an issue as the user.",
        [NUMBER, Parameter("body|comment|text|message|content", v.message, "Text of the comment|")],
        several("""Comment on issue {number}: "{body}" | Add the comment '{body}' to issue {number}. | #{number}:
            comment "{body}" | Please write below issue {number}: {body} | Reply "{body}" on issue number {number}. |
            Under issue {number}, say "{body}" | They are waiting for an answer on #{number}. Tell them: {body} |
            Could you post '{body}' as a comment to number {number}? | On the issue {number} leave the comment
            "{body}" | I'd like to answer in issue {number} with "{body}" """),
        'to comment on issue {number}|a comment under issue {number}|to post "{body}" to issue {number}',
        [
            Result(
                {"comment_id|id": v.integer(1000, 999999), "participants|notified": v.integer(2, 15)},
                several("""Your comment is below issue {number} (id {comment_id}), and {participants} people were
                    told. | Posted: comment {comment_id} on #{number}; it went to {participants} people. | I added
                    comment {comment_id} to issue {number}. {participants} people get a notice."""),
            ),
            Result(
                {"error|reason": v.choice("issue is locked", "issue not found")},
                several(
                    """I couldn't comment on #{number}: {error}. | No comment was posted, as the tracker says:
                        {error}. | That failed ({error})."""
                ),
                weight=0.4,
            ),
        ],
        near="issue",
    ),
    Family(
        "list_pull_requests",
        "list_pull_requests|get_prs|list_prs|open_pull_requests|pull_requests",
        "List pull requests.|Shows the pull requests of a repository.|Lists pull requests by state.",
        [
            REPOSITORY,
            Parameter(
                "state|status|filter",
                v.choice("open", "closed", "merged"),
                "State of the pull requests|",
                choices=["open", "closed", "merged"],
            ),
        ],
        several("""Which pull requests are {state} in {repo}? | List the {state} PRs of {repo}. | {repo} {state} PRs?
            | Are there any {state} pull requests at {repo}? | I'd like to do some reviewing. Show me the {state} pull
            requests in {repo}. | Show all pull requests of '{repo}' that are {state}. | In {repo}, what's {state}?
            Pull requests, I mean. | How many {state} PRs does the repository {repo} have? | Get me {repo}'s pull
            requests, only the {state} ones. | PRs, {state}, "{repo}", please"""),
        (
            "the {state} pull requests of {repo}|to see which pull requests are {state} in {repo}|a "
            "list of {state} PRs at {repo}"
        ),
        [
            Result(
                {"count|total": v.integer(2, 40), "latest_title|newest": v.phrase, "author|by": v.username},
                several("""{repo} has {count} {state} pull requests; the newest is "{latest_title}" by {author}. |
                    There are {count}. {author} made the latest one, "{latest_title}". | {count} pull requests are
                    {state}, among them "{latest_title}" by {author}."""),
            ),
            Result(
                {"count|total": v.choice(0)},
                several(
                    """There are no {state} pull requests in {repo}. | None: {repo} has {count} {state} PRs. | No pull
                        request is {state} at the moment."""
                ),
                weight=0.5,
            ),
        ],
        near="pull_request",
    ),
    Family(
        "request_review",
        "request_review|assign_reviewer|add_reviewer|ask_review|set_reviewer",
        "Ask somebody to review a pull request.|Adds a reviewer.|Requests a review of a pull request from a user.",
        [
            Parameter("pr|pull_request|number|pr_number", v.integer(2, 9000), "Number of the pull request|", "integer"),
            Parameter("reviewer|user|username|who", v.username, "User name of the reviewer|"),
        ],
        several("""Ask {reviewer} to review pull request {pr}. | PR {pr}: reviewer {reviewer} | {reviewer} should look
            at PR #{pr}. | Request a review of {pr} from {reviewer}. | I want {reviewer} as reviewer on pull request
            {pr}. | Add '{reviewer}' to the reviewers of #{pr}. | My pull request {pr} is ready. Could {reviewer}
            review it? | Who knows that code best is {reviewer}, so assign PR {pr} for review. | Please set
            "{reviewer}" as the reviewer for {pr}. | For #{pr}, get a review by {reviewer}."""),
        (
            "{reviewer} to review pull request {pr}|a review of PR {pr} by {reviewer}|to add "
            "{reviewer} as a reviewer of {pr}"
        ),
        [
            Result(
                {"requested|ok": v.choice(True), "reviewers|total_reviewers": v.integer(2, 5)},
                several("""{reviewer} was asked to review #{pr}, which has {reviewers} reviewers now. | Done:
                    {reviewer} is one of {reviewers} reviewers of PR {pr}. | The request went out to {reviewer}. Pull
                    request {pr} has {reviewers} reviewers."""),
            ),
            Result(
                {
                    "error|reason": v.choice(
                        "user is not a collaborator", "authors can't review their own work", "pull request is closed"
                    )
                },
                several(
                    """I couldn't add {reviewer}: {error}. | No review was requested for {pr}: {error}. | That isn't
                        possible ({error})."""
                ),
                weight=0.5,
            ),
        ],
        near="pull_request",
    ),
]
