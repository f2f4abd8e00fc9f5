"""Tools for software that runs: alerts, incidents, feature flags, jobs."""

from training import values as v
from training.families.deployments import ENVIRONMENT
from training.family import Family, Parameter, Result
from training.several import several

FAMILIES = [
    Family(
        "list_alerts",
        "list_alerts|get_alerts|active_alerts|open_alerts|show_alerts|monitoring_alerts",
        (
            "Lists alerts that are firing.|Current alerts of the monitoring|Gets all open alerts, "
            "filtered by how severe they are."
        ),
        [
            Parameter(
                "severity|level|priority|min_severity",
                v.choice("critical", "warning", "info"),
                "How severe|Severity of the alerts|",
                choices=["critical", "warning", "info"],
            )
        ],
        several("""Are there any {severity} alerts? | Show the {severity} alerts. | {severity} alerts? | What does the
            monitoring say, anything {severity}? | I'm on call tonight. Which {severity} alerts are open? | List
            everything of severity {severity} that fires right now. | Please check for alerts, level {severity}. | How
            many {severity} alerts do we have at the moment? | Only the alerts marked '{severity}', please. | Give me
            the open alerts with severity: {severity}"""),
        (
            "to see the {severity} alerts|to know whether there are {severity} alerts|the open alerts "
            "of severity {severity}"
        ),
        [
            Result(
                {
                    "count|total": v.integer(2, 19),
                    "newest|latest": v.choice(
                        "disk almost full",
                        "high latency",
                        "backup failed",
                        "queue is growing",
                        "certificate expires soon",
                    ),
                    "source|host": v.server_name,
                },
                several("""There are {count} {severity} alerts; the newest is "{newest}" on {source}. | {count} of
                    them are open. The latest comes from {source}: {newest}. | Yes, {count}. {source} raised the last
                    one, "{newest}"."""),
            ),
            Result(
                {"count|total": v.choice(0)},
                several("""No {severity} alerts at the moment, all quiet. | None: there is no open alert of severity
                    {severity}. | Nothing is firing at the level {severity}."""),
            ),
        ],
    ),
    Family(
        "silence_alert",
        "silence_alert|mute_alert|snooze_alert|create_silence|alert_silence",
        (
            "Silence an alert for some time.|Mutes an alert.|Stops notifications of an alert. Needs a "
            "length and a reason that others will read."
        ),
        [
            Parameter(
                "alert|alert_name|name|rule",
                v.choice("DiskFull", "HighLatency", "BackupFailed", "NodeDown", "QueueGrowing", "LowMemory"),
                "Name of the alert|The alert|",
            ),
            Parameter(
                "minutes|duration|duration_minutes|length", v.duration_minutes, "For how many minutes|", "integer"
            ),
            Parameter("reason|comment|note|why", v.phrase, "Why it is silenced|A comment for colleagues|"),
        ],
        several("""Silence {alert} for {minutes} minutes, reason: {reason} | Mute the alert {alert} for {minutes}
            minutes because of "{reason}". | For the next {minutes} minutes I don't want to hear from {alert}. Note
            '{reason}' as the reason. | {alert}: silence, {minutes} min, "{reason}" | Please snooze {alert} ({minutes}
            minutes) with the comment '{reason}'. | Put "{reason}" as comment and silence {alert} for {minutes}
            minutes. | We're doing maintenance, so turn off the alert {alert} for {minutes} minutes; the comment is
            "{reason}". | Could you stop {alert} from paging me for {minutes} minutes? Reason is '{reason}'. | Create
            a silence of {minutes} minutes on {alert}, comment: {reason} | Alert {alert} should be quiet for {minutes}
            minutes ("{reason}")."""),
        (
            "the alert {alert} to be silent for {minutes} minutes|to silence {alert} for {minutes} "
            'minutes|to mute {alert} with the reason "{reason}"'
        ),
        [
            Result(
                {"silence_id|id": v.hex_id, "until|ends_at": v.clock},
                several("""{alert} is silenced until {until} (id {silence_id}). | Done. You won't hear from {alert}
                    before {until}; the silence has the id {silence_id}. | Silence {silence_id} is in place: {alert}
                    stays quiet until {until}."""),
            ),
            Result(
                {"error|reason_code": v.choice("alert not found", "only on-call engineers may do this")},
                several("""I couldn't silence {alert}: {error}. | {alert} will keep firing, because the request
                    failed: {error}. | That was refused ({error})."""),
                weight=0.4,
            ),
        ],
    ),
    Family(
        "open_incident",
        "open_incident|create_incident|declare_incident|start_incident|report_outage",
        (
            "Open an incident.|Declares an outage and calls the people on duty.|Creates an incident "
            "with a title, a severity and the service that suffers."
        ),
        [
            Parameter("title|summary|name|description", v.phrase, "What is wrong|Short title|"),
            Parameter(
                "severity|sev|level|priority",
                v.choice("sev1", "sev2", "sev3"),
                "sev1 is the worst|How bad it is|",
                choices=["sev1", "sev2", "sev3"],
            ),
            Parameter("service|component|system|affected", v.server_name, "Affected service|The system that is down|"),
        ],
        several("""Open a {severity} incident for {service}: {title} | Declare an incident "{title}" on {service},
            {severity}. | {service} is in trouble! Start a {severity} called '{title}'. | Incident, {severity},
            service {service}, title "{title}" | We have an outage at {service}. Please create an incident of level
            {severity} with the title '{title}'. | Report '{title}' as {severity}; the affected service is {service}.
            | I need an incident named "{title}" for {service} with severity {severity}. | Could you open an incident?
            Title: {title}, service {service}, {severity} | Wake the team: "{title}" on {service}, it's a {severity}
            incident. | New {severity}: '{title}', hits {service}"""),
        (
            'to open a {severity} incident about {service}|an incident called "{title}"|a {severity} '
            "incident for {service}"
        ),
        [
            Result(
                {"incident_id|id|number": v.code, "on_call|assignee|commander": v.person},
                several("""Incident {incident_id} is open, and {on_call} has been called. | I opened {incident_id}
                    ({severity}) for {service}; {on_call} is on it. | {on_call} was paged for incident {incident_id},
                    "{title}"."""),
            ),
            Result(
                {"existing|duplicate_of": v.code},
                several("""There is already an open incident for {service}: {existing}. No second one was opened. |
                    {existing} covers this, so nothing new was created. | Someone was faster: see {existing}."""),
                weight=0.4,
            ),
        ],
    ),
    Family(
        "set_feature_flag",
        "set_feature_flag|toggle_flag|update_flag|feature_toggle|flag_set",
        (
            "Turn a feature flag on or off.|Changes a feature flag in one environment.|Sets a flag. It "
            "takes effect within seconds."
        ),
        [
            Parameter(
                "flag|key|name|feature|flag_key",
                lambda r: f"{v.word(r)}_{v.word(r)}",
                "Key of the flag|The feature flag|",
            ),
            Parameter("enabled|on|value|state|active", v.flag("on", "off"), "true turns it on|New state|", "boolean"),
            ENVIRONMENT,
        ],
        several("""Turn the flag {flag} {enabled} in {environment}. | {flag} {enabled} on {environment} please | In
            {environment}, switch {enabled} the feature {flag}. | Set {flag} to {enabled} for {environment}. | The
            feature flag '{flag}' should be {enabled} in {environment}. | feature {flag}: {enabled} ({environment}) |
            We're ready: {environment}, flag {flag}, {enabled}! | Could you flip "{flag}" {enabled}? Just in
            {environment}. | I want {flag} {enabled} in the {environment} environment. | Change the toggle {flag} in
            {environment} so that it is {enabled}."""),
        (
            "the flag {flag} to be {enabled} in {environment}|to switch {flag} {enabled}|to turn "
            "{enabled} the feature {flag} in {environment}"
        ),
        [
            Result(
                {"changed|updated": v.choice(True), "version|revision": v.integer(2, 400)},
                several("""{flag} is {enabled} in {environment} now (revision {version}). | Done: the flag {flag} is
                    {enabled}. This is revision {version}. | Revision {version}: {flag} has been switched {enabled} in
                    {environment}."""),
            ),
            Result(
                {"error|reason": v.choice("flag not found", "flag is locked", "you may not change this environment")},
                several("""I couldn't change {flag}: {error}. | {flag} stays as it was in {environment}, since the
                    service replied "{error}". | No change: {error}."""),
                weight=0.4,
            ),
        ],
    ),
    Family(
        "run_job",
        "run_job|trigger_job|start_job|execute_job|job_run|launch_job",
        (
            "Start a scheduled job now.|Triggers a batch job out of turn.|Runs one of the batch jobs "
            "at once. Returns the number of the run."
        ),
        [
            Parameter(
                "job|job_name|name|task",
                v.choice(
                    "nightly_backup",
                    "reindex_search",
                    "send_reminders",
                    "cleanup_sessions",
                    "sync_contacts",
                    "rebuild_cache",
                    "import_orders",
                    "rotate_logs",
                ),
                "The job|Name of the job|",
            )
        ],
        several("""Run the job {job} now. | Start {job} | Please trigger {job}, I can't wait for the night. | {job}:
            run it | Could you launch the batch job '{job}'? | The job {job} didn't run last night, so start it by
            hand. | Kick off "{job}" for me. | I'd like {job} to run right away. | Execute job {job} | Let {job} do
            its work now, please."""),
        "to run the job {job} now|the job {job} to be started|{job} to run out of turn",
        [
            Result(
                {"run_id|run|id": v.integer(100, 99999), "eta_minutes|eta|expected_minutes": v.integer(2, 90)},
                several("""{job} has started as run {run_id} and should take about {eta_minutes} minutes. | Run
                    {run_id} of {job} is on its way; expect it to take {eta_minutes} minutes. | Started: {job}, run
                    {run_id}, roughly {eta_minutes} minutes to go."""),
            ),
            Result(
                {"error|reason": v.choice("already running", "job is disabled")},
                several("""{job} wasn't started: {error}. | I couldn't run {job} because the scheduler says "{error}".
                    | No new run of {job}, as it is reported to be: {error}."""),
                weight=0.5,
            ),
        ],
    ),
]
