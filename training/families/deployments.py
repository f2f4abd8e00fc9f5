"""Tools that bring software to where it runs: deployments and containers."""

from training import values as v
from training.family import Family, Parameter, Result
from training.several import several

ENVIRONMENTS = ("staging", "production", "test", "development", "preview")
APP = Parameter(
    "app|application|service|project|app_name", v.server_name, "The application|Name of the app|What to act on|"
)
ENVIRONMENT = Parameter(
    "environment|env|target|stage",
    v.choice(*ENVIRONMENTS),
    "Where to|The environment|Target environment|",
    choices=ENVIRONMENTS,
)
CONTAINER = Parameter(
    "container|container_name|name|id|container_id", v.server_name, "The container|Name or id of the container|"
)

FAMILIES = [
    Family(
        "deploy_app",
        "deploy|deploy_app|release|start_deployment|create_deployment|rollout",
        (
            "Deploy a version of an application.|Rolls out a release to an environment.|Deploys an "
            "app. Takes the version and the environment it should go to."
        ),
        [APP, Parameter("version|tag|release|ref", v.version, "Version to deploy|Tag or version number|"), ENVIRONMENT],
        several("""Deploy {app} {version} to {environment}. | Please roll out version {version} of {app} on
            {environment}. | {environment} should get {app} {version} | Put {app} on {environment}, version {version}.
            | The tests of {version} are green, so ship {app} to {environment}. | Can you release {app} in version
            {version}? Only to {environment} for now. | deploy {app}@{version} {environment} | On {environment} we
            still run an old {app}; bring it to {version}. | I'd like {version} of '{app}' live in {environment}. |
            New deployment: app {app}, version {version}, environment {environment} | Time to push "{app}" {version}
            to {environment}!"""),
        (
            "to deploy {app} {version} to {environment}|version {version} of {app} on {environment}|a "
            "deployment of {app} to {environment}"
        ),
        [
            Result(
                {"deployment_id|id|deploymentId": v.code, "status|state": v.choice("started", "in progress", "queued")},
                several("""The deployment of {app} {version} to {environment} is {status}; its id is {deployment_id}.
                    | {app} {version} is on its way to {environment}: deployment {deployment_id} is {status}. | Done,
                    deployment {deployment_id} is {status}. {environment} will run {app} {version} soon."""),
            ),
            Result(
                {
                    "error|reason": v.choice(
                        "version not found",
                        "another deployment is running",
                        "approval is missing",
                        "health check failed",
                    )
                },
                several("""I couldn't deploy {app} {version} to {environment}: {error}. | The deployment to
                    {environment} was refused. The reason: {error}. | {app} was not rolled out ({error})."""),
                weight=0.5,
            ),
        ],
        near="deploy",
    ),
    Family(
        "rollback_app",
        "rollback|rollback_deployment|revert_release|undo_deploy|restore_version",
        (
            "Go back to an earlier version.|Rolls an application back.|Reverts a deployment to a "
            "version that ran before. Traffic moves within a minute."
        ),
        [
            APP,
            Parameter("version|to_version|target_version|tag", v.version, "Version to go back to|The earlier version|"),
        ],
        several("""Roll {app} back to {version}. | rollback {app} -> {version} | {app} has crashed since the last
            release. Go back to {version}, please. | Undo the last deployment of {app}; {version} was the good one. |
            We need {version} of {app} back. | Please restore {app} to version {version} | Version {version} worked
            fine, so revert {app} to that. | Can we return to {version} on '{app}'? | Take "{app}" back to release
            {version} | For {app}: back to {version}!"""),
        "to roll {app} back to {version}|{app} to run version {version} again|a rollback of {app} to {version}",
        [
            Result(
                {"previous|from_version|rolled_back_from": v.version, "duration_s|seconds": v.integer(4, 90)},
                several("""{app} is back on {version}. It ran {previous} before, and the change took {duration_s}
                    seconds. | Rolled back from {previous} to {version} in {duration_s} s. | That took {duration_s}
                    seconds: {app} went from {previous} back to {version}."""),
            ),
            Result(
                {"error|reason": v.choice("image no longer exists", "database was migrated", "no such version")},
                several("""The rollback failed: {error}. {app} is unchanged. | I couldn't take {app} back to {version}
                    because of this: {error}. | That didn't work ({error})."""),
                weight=0.4,
            ),
        ],
        near="deploy",
    ),
    Family(
        "deployment_status",
        "get_deployment_status|deployment_status|check_deployment|deploy_status|release_status",
        "Status of a deployment.|Tells how far a deployment has come.|Looks up one deployment by its id.",
        [Parameter("deployment_id|id|deployment|deploy_id", v.code, "Id of the deployment|The deployment|")],
        several("""How is deployment {deployment_id} doing? | Status of deployment {deployment_id}? | Is
            {deployment_id} through yet? I mean the deployment. | Has the deployment {deployment_id} finished? | Check
            deploy {deployment_id} | I started deployment {deployment_id} an hour ago. Did it succeed? | What became
            of deployment '{deployment_id}'? | Please look at {deployment_id}, the deployment from this morning. |
            Tell me how far along deployment {deployment_id} is. | deployment status: {deployment_id}"""),
        (
            "the status of deployment {deployment_id}|to know how far deployment {deployment_id} is|to "
            "check on deployment {deployment_id}"
        ),
        [
            Result(
                {
                    "state|status": v.choice("rolling out", "waiting for approval", "building"),
                    "progress|percent_done": v.integer(3, 97),
                },
                several("""Deployment {deployment_id} is {state}, {progress} % done. | It is at {progress} %: {state}.
                    | Not finished yet: it is {state} and {progress} % complete."""),
            ),
            Result(
                {"state|status": v.choice("succeeded"), "finished_at|finished": v.clock},
                several("""Deployment {deployment_id} {state} at {finished_at}. | Yes, it went through; it finished at
                    {finished_at}. | All good. It was done at {finished_at}."""),
            ),
            Result(
                {
                    "state|status": v.choice("failed"),
                    "failed_step|step": v.choice("tests", "migration", "health check", "image pull"),
                },
                several("""Deployment {deployment_id} {state} at the step "{failed_step}". | It did not go through:
                    the {failed_step} failed. | Unfortunately it {state}, and the step to blame is the
                    {failed_step}."""),
                weight=0.6,
            ),
        ],
    ),
    Family(
        "scale_app",
        "scale|scale_app|set_replicas|scale_deployment|change_instances",
        "Change the number of instances of an app.|Scales a service up or down.|Sets how many replicas run.",
        [
            APP,
            Parameter(
                "replicas|instances|count|n|size",
                v.integer(1, 40),
                "Number of instances|How many should run|",
                "integer",
            ),
        ],
        several("""Scale {app} to {replicas} instances. | {app}: {replicas} replicas | We expect many visitors
            tonight. Run {replicas} copies of {app}. | Set the number of replicas for {app} to {replicas}. | Let {app}
            run with {replicas} instances, please. | {replicas} instances of {app} should be enough. | I need
            {replicas} pods of '{app}' | Could you resize {app}? {replicas} replicas would be right. | To save money,
            go to {replicas} instances on {app}. | Make it {replicas} for the app "{app}" (instances)"""),
        "{app} to run with {replicas} instances|to scale {app} to {replicas}|{replicas} replicas of {app}",
        [
            Result(
                {"before|previous|old_replicas": v.integer(1, 40), "status|state": v.choice("scaling", "done")},
                several("""{app} goes from {before} to {replicas} instances (status: {status}). | The number of
                    instances of {app} was {before} and is set to {replicas} now; status: {status}. | Changed from
                    {before} to {replicas} replicas. Status: {status}."""),
            ),
            Result(
                {
                    "error|reason": v.choice("quota exceeded", "not enough memory in the cluster"),
                    "max|limit": v.integer(1, 12),
                },
                several("""That's not possible: {error}. At most {max} instances of {app} can run. | I couldn't scale
                    {app} to {replicas}: {error}. The limit is {max}. | The cluster said no ({error}); it allows {max}
                    instances."""),
                weight=0.4,
            ),
        ],
    ),
    Family(
        "list_containers",
        "list_containers|docker_ps|ps|get_containers|containers|running_containers",
        "List the running containers.|Containers on this host|Shows which containers run, like docker ps.",
        [
            Parameter(
                "all|include_stopped|show_all|a",
                v.flag("with the stopped ones", "without the stopped ones"),
                "Also list stopped containers|",
                "boolean",
                phrases=", {}| {}| ({})",
            )
        ],
        several("""Which containers are running? | docker ps | List the containers | Show me all containers on this
            machine | What's running in Docker right now? | I'd like an overview of our containers | How many
            containers do we have up? | Give me the list of containers | Let me see the containers please | Check what
            containers exist here"""),
        "to see the containers|a list of the containers|to know which containers are running",
        [
            Result(
                {"containers|names": v.list_of(v.server_name, 2, 4), "running|count": v.integer(2, 4)},
                several("""{running} containers are running; the list has {containers}. | I see {containers}, of which
                    {running} are up. | These are your containers: {containers}. {running} of them are running."""),
            ),
            Result(
                {"containers|names": v.choice([]), "running|count": v.choice(0)},
                several("""No container is running at the moment. | There are {running} containers, so nothing is up.
                    | The list is empty: {running} containers."""),
                weight=0.5,
            ),
        ],
    ),
    Family(
        "stop_container",
        "stop_container|docker_stop|kill_container|container_stop|halt_container",
        "Stop a container.|Stops a running container and waits until it has ended.|Like docker stop.",
        [
            CONTAINER,
            Parameter(
                "timeout|grace_seconds|wait|t",
                v.integer(1, 120),
                "Seconds to wait before it is killed|",
                "integer",
                phrases=" with a timeout of {} seconds|, give it {} seconds|, and wait up to {} seconds",
            ),
        ],
        several("""Stop the container {container} | docker stop {container} | {container} isn't needed any more, stop
            that container | Could you shut down container {container} | Please end '{container}', it's a container |
            I want container {container} stopped | Halt the container "{container}" | The container {container} eats
            all memory. Stop it | Take down {container} (the container) | Container {container} should be stopped"""),
        "to stop the container {container}|the container {container} to be stopped|container {container} shut down",
        [
            Result(
                {"exit_code|exitCode|code": v.choice(0, 137, 143), "status|state": v.choice("exited", "stopped")},
                several("""The container {container} has {status} with exit code {exit_code}. | {container} is down
                    now (exit code {exit_code}, state {status}). | Done: {container} {status}, exit code
                    {exit_code}."""),
            ),
            Result(
                {"error|message": v.choice("no such container", "container is not running")},
                several("""I couldn't stop {container}: {error}. | Nothing to stop: Docker says "{error}". |
                    {container} was left alone, because the answer was: {error}."""),
                weight=0.5,
            ),
        ],
        near="container",
    ),
    Family(
        "container_logs",
        "container_logs|docker_logs|get_container_logs|read_container_log|logs",
        "Read the log of a container.|Logs of one container|Returns what a container wrote to its output.",
        [
            CONTAINER,
            Parameter(
                "since_minutes|since|minutes|last_minutes",
                v.integer(2, 180),
                "Only lines of the last minutes|How far back, in minutes|",
                "integer",
                phrases=" of the last {} minutes| from the past {} minutes|, {} minutes back",
            ),
        ],
        several("""Show the container logs of {container} | docker logs {container} | What did the container
            {container} write | I want to read the output of container {container} | Why did {container} crash? Show
            what the container logged | Container {container}: logs | Get the logs from container '{container}' |
            Could you fetch what the "{container}" container printed | Let me see the output of {container}'s
            container | Please bring me the log of the container {container}"""),
        (
            "the logs of the container {container}|to read what container {container} wrote|to see the "
            "log output of {container}"
        ),
        [
            Result(
                {
                    "lines|count": v.integer(3, 900),
                    "last|last_line": v.choice(
                        "Server listening on port 8080",
                        "Traceback: KeyError",
                        "connection reset",
                        "health check ok",
                        "shutting down",
                    ),
                },
                several("""{container} wrote {lines} lines. The last one is: {last}. | There are {lines} lines, ending
                    with "{last}". | The log of {container} ends with "{last}" after {lines} lines."""),
            ),
            Result(
                {"error|message": v.choice("no such container", "logging is disabled")},
                several(
                    """I can't read the log of {container}: {error}. | No log for {container} ({error}). | That failed
                        with the message "{error}"."""
                ),
                weight=0.4,
            ),
        ],
        near="container",
    ),
]
