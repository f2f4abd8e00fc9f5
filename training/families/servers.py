"""Tools that look after servers: state, load, restarts, logs, certificates, names and ports."""

from random import Random

from training import values as v
from training.family import Family, Parameter, Result
from training.several import several


def domain(random: Random) -> str:
    """Draw the name of a site: "www.example.org"."""
    return v.url(random).removeprefix("https://").split("/")[0]


SERVER = Parameter(
    "server|host|hostname|server_name|node|machine",
    v.server_name,
    "Name of the server|The host to act on|Hostname, as in the inventory|",
)
UNKNOWN = Result(
    {"error": v.choice("host not found", "no such server", "unknown host")},
    several("""I couldn't find a server called {server}: {error}. Is the name spelled right? | There seems to be no
        {server} in the inventory ({error}). | No luck: the lookup of {server} ended with "{error}"."""),
    weight=0.3,
)

FAMILIES = [
    Family(
        "server_uptime",
        "get_uptime|server_uptime|uptime|host_uptime|check_uptime",
        (
            "Tells how long a server has been running.|Uptime of a host|Returns the time since a "
            "server's last reboot, in days.|Get the uptime of one machine. Useful after maintenance."
        ),
        [SERVER],
        several("""How long has {server} been up? | {server} uptime | Uptime of {server}, please. | When did {server}
            last reboot? I mean, how many days has it been running? | Can you check how long {server} has been running
            without a restart? | I wonder whether anyone rebooted {server} lately. What's its uptime? | Tell me the
            uptime of the machine "{server}". | Days since last reboot for host {server}? | We had a power cut last
            week. Since when has {server} been running? | I need the uptime of {server} for my report. | Look up how
            long '{server}' has been online."""),
        (
            "to know how long {server} has been running|the uptime of {server}|to find out when "
            "{server} was last restarted"
        ),
        [
            Result(
                {"uptime_days|days|up_days": v.integer(2, 900), "last_boot|booted_at|since": v.date},
                several("""{server} has been up for {uptime_days} days, since {last_boot}. | It has been running for
                    {uptime_days} days now; the last boot was on {last_boot}. | The last reboot of {server} was on
                    {last_boot}, which makes {uptime_days} days of uptime."""),
            ),
            Result(
                {"uptime_hours|hours": v.integer(2, 40)},
                several("""Only {uptime_hours} hours: {server} was restarted recently. | {server} has been up for
                    {uptime_hours} hours. | It came back {uptime_hours} hours ago and has been running since."""),
            ),
            UNKNOWN,
        ],
        near="server_state",
    ),
    Family(
        "ping_server",
        "ping|ping_host|ping_server|check_host|is_alive|check_reachability",
        (
            "Check whether a server can be reached.|Pings a host and returns the latency.|Sends a ping "
            "to a machine. Returns whether it answers and how fast.|Is a host alive?"
        ),
        [SERVER],
        several("""Is {server} still up? | Ping {server} | Can you see if {server} is alive? | I can't get through to
            {server}. Is it reachable at all? | ping '{server}' please | Does {server} answer? | Somebody says that
            {server} is down, is that true? | Please check that the host {server} responds. | Check reachability:
            {server} | {server} - dead or alive? | My connection to {server} dropped. Could you try to ping it from
            your side? | Find out whether "{server}" is online."""),
        "to know whether {server} is reachable|to check that {server} answers|a ping of {server}",
        [
            Result(
                {"reachable|alive|ok": v.choice(True), "latency_ms|rtt_ms|ms": v.integer(1, 400)},
                several("""Yes, {server} is up and answers in {latency_ms} ms. | {server} is alive: the ping took
                    {latency_ms} ms. | It responds. The round trip to {server} is {latency_ms} milliseconds. | All
                    good, {server} can be reached ({latency_ms} ms)."""),
            ),
            Result(
                {"reachable|alive|ok": v.choice(False), "packet_loss|loss_percent": v.choice(100)},
                several("""No, {server} doesn't answer; {packet_loss} % of the packets were lost. | I'm afraid
                    {server} is down, with {packet_loss} % packet loss. | It can't be reached: all pings to {server}
                    got lost ({packet_loss} %)."""),
                weight=0.6,
            ),
            UNKNOWN,
        ],
        near="server_state",
    ),
    Family(
        "server_load",
        "get_server_load|server_metrics|host_stats|get_load|resource_usage|server_stats",
        (
            "Current CPU, memory and disk use of a server.|Get a host's load.|Returns how busy a "
            "machine is: processor, memory and disk, in percent."
        ),
        [SERVER],
        several("""How busy is {server}? | {server} load? | Show me CPU and memory of {server}. | {server} feels slow
            today. What's its load? | Is there enough memory left on {server}? | What are the resources of "{server}"
            like right now? | I'd like to see how hard {server} is working | Get the current metrics for {server}. |
            Before I start the big job: is {server} idle? | Check CPU, RAM and disk on host {server} | Could you look
            at the resource usage of '{server}' for me?"""),
        "to know how busy {server} is|the load of {server}|the current use of CPU and memory on {server}",
        [
            Result(
                {
                    "cpu_percent|cpu|cpuPercent": v.integer(1, 99),
                    "memory_percent|memory|mem": v.integer(5, 98),
                    "disk_percent|disk": v.integer(5, 97),
                },
                several("""{server} is using {cpu_percent} % of its CPU, {memory_percent} % of its memory and
                    {disk_percent} % of its disk. | CPU is at {cpu_percent} %, memory at {memory_percent} %, and the
                    disk is {disk_percent} % full. | Right now: processor {cpu_percent} %, memory {memory_percent} %,
                    disk {disk_percent} %."""),
            ),
            Result(
                {"load_1m|load1": v.number(0.1, 30), "load_15m|load15": v.number(0.1, 30)},
                several("""The load on {server} is {load_1m} over the last minute and {load_15m} over a quarter of an
                    hour. | {server} has a load of {load_1m} (last minute); the 15-minute average is {load_15m}. | Its
                    load average is {load_1m} now and {load_15m} over 15 minutes."""),
            ),
            UNKNOWN,
        ],
        near="server_state",
    ),
    Family(
        "restart_service",
        "restart_service|service_restart|systemctl_restart|restart|bounce_service",
        (
            "Restart a service on a server.|Restarts one daemon on one host and returns its new state.|"
            "Restarts a service. Open connections are closed."
        ),
        [
            Parameter(
                "service|service_name|unit|daemon",
                v.choice("nginx", "postgresql", "redis", "sshd", "cron", "rabbitmq", "haproxy", "grafana", "docker"),
                "Which service|Name of the service|The unit to restart|",
            ),
            SERVER,
        ],
        several("""Restart {service} on {server}. | On {server}, please restart {service}. | {service} on {server}
            hangs again, bounce it please | Can you give {service} a kick? It's the one on {server}. | I changed the
            configuration on {server}, so {service} needs a restart. | restart {service} @ {server} | {server}:
            restart {service} | Would you restart the {service} daemon at host '{server}'? | The {service} service has
            to be restarted on "{server}". | Users get errors from {server}. Let's try restarting {service}. | Please
            stop and start {service} again on {server}"""),
        (
            "to restart {service} on {server}|a restart of the {service} service at {server}|{service} "
            "on {server} to be restarted"
        ),
        [
            Result(
                {"state|status|active_state": v.choice("active", "running"), "pid|main_pid": v.integer(300, 60000)},
                several("""Done: {service} on {server} is {state} again, with process id {pid}. | I restarted
                    {service}. It is {state} (PID {pid}). | {service} has been restarted on {server} and is {state};
                    its new PID is {pid}."""),
            ),
            Result(
                {
                    "state|status": v.choice("failed"),
                    "error|reason|message": v.choice(
                        "port already in use",
                        "configuration file has a syntax error",
                        "permission denied",
                        "out of memory",
                    ),
                },
                several("""The restart failed: {error}. {service} is not running on {server} at the moment. |
                    {service} did not come back on {server}. The reason given is: {error}. | Careful, {service} is
                    down now. Restarting it {state} with the message "{error}"."""),
                weight=0.5,
            ),
        ],
    ),
    Family(
        "reboot_server",
        "reboot_server|reboot|restart_host|reboot_machine|power_cycle",
        (
            "Reboot a server.|Restarts a whole machine, now or after a delay.|Reboots a host. All its "
            "services are down for a few minutes."
        ),
        [
            SERVER,
            Parameter(
                "delay_minutes|delay|in_minutes|wait",
                v.integer(1, 60),
                "Minutes to wait before|Delay in minutes|",
                "integer",
                phrases=" in {} minutes|, but wait {} minutes first|, {} minutes from now",
            ),
        ],
        several("""Reboot {server} | Please restart the machine {server} | {server} needs a reboot | The kernel update
            on {server} is installed, so reboot it | Nothing helps with {server} any more. Reboot it please | Can you
            power cycle {server} | I'd like the whole host '{server}' to be rebooted | Do a reboot of "{server}" |
            Turn {server} off and on again | Time to reboot host {server}"""),
        "to reboot {server}|the machine {server} to be restarted|a reboot of {server}",
        [
            Result(
                {"scheduled|ok": v.choice(True), "at|scheduled_at|time": v.clock},
                several("""{server} will reboot at {at}. | The reboot of {server} is set for {at}. | All right,
                    {server} goes down for a reboot at {at} and should be back shortly afterwards."""),
            ),
            Result(
                {"error|reason": v.choice("users are logged in", "a backup is running", "missing permission")},
                several("""I couldn't reboot {server}: {error}. | The reboot was refused because of this: {error}. |
                    {server} was not rebooted ({error}). Shall I try again later?"""),
                weight=0.5,
            ),
        ],
    ),
    Family(
        "tail_log",
        "tail_log|read_log|get_logs|fetch_logs|show_log|log_tail",
        (
            "Show the last lines of a log.|Returns the newest lines of a service's log.|Reads logs. "
            "Gives the latest lines, oldest first."
        ),
        [
            Parameter("service|source|app|unit|name", v.server_name, "Whose log|Service or host that writes the log|"),
            Parameter(
                "lines|n|count|limit|tail", v.integer(5, 500), "Number of lines|How many lines to return|", "integer"
            ),
        ],
        several("""Show me the last {lines} lines of the {service} log. | last {lines} log lines of {service} | What
            do the logs of {service} say? {lines} lines will do. | I'm debugging {service} and need its {lines} most
            recent log lines. | tail -n {lines} for {service}, please | Something is off with {service}; could you get
            me {lines} lines of its log? | Give me {lines} lines from the end of the log of '{service}'. | {service}
            logs, {lines} lines | Read the log of {service}, only the newest {lines} lines. | Fetch logs: {service},
            {lines} lines at most"""),
        (
            "the last {lines} lines of the log of {service}|to see the newest log lines of {service}|"
            "to read {lines} lines of the {service} log"
        ),
        [
            Result(
                {
                    "lines_found|returned": v.integer(2, 90),
                    "last_line|latest|newest": v.choice(
                        "connection closed by peer",
                        "worker 3 exited with code 1",
                        "request finished in 38 ms",
                        "cache rebuilt",
                        "retrying in 5 seconds",
                        "disk usage above threshold",
                    ),
                },
                several("""I got {lines_found} lines. The newest one of {service} says: "{last_line}". | The log of
                    {service} has {lines_found} lines to show and ends with "{last_line}". | Here is the latest entry:
                    "{last_line}" ({lines_found} lines were returned)."""),
            ),
            Result(
                {"lines_found|returned": v.choice(0)},
                several("""The log of {service} is empty. | Nothing there: {service} has not logged anything. | There
                    are no log lines for {service} at the moment."""),
                weight=0.4,
            ),
        ],
        near="logs",
    ),
    Family(
        "search_logs",
        "search_logs|grep_logs|query_logs|find_in_logs|logs_search|log_query",
        (
            "Search logs for a text over the last hours.|Full-text search in the logs of a service.|"
            "Finds log lines that contain a text. Looks back a given number of hours."
        ),
        [
            Parameter("text|pattern|query|needle|contains", v.phrase, "Text to look for|What to search|Search string|"),
            Parameter("service|source|app|component", v.server_name, "Whose logs|The service|"),
            Parameter(
                "hours|since_hours|last_hours|window", v.integer(2, 72), "How many hours to look back|", "integer"
            ),
        ],
        several("""Search the logs of {service} for "{text}" in the last {hours} hours. | Did '{text}' turn up in the
            {service} logs during the past {hours} hours? | In the last {hours} hours, how often did {service} log
            '{text}'? | grep "{text}" in {service} logs, {hours} hours back | Look {hours} hours back in the logs of
            {service} and find: {text} | I'm after the words '{text}' in what {service} logged over the last {hours}
            hours | {service}, past {hours} hours, lines with "{text}"? | Please check whether {service} wrote
            "{text}" within the last {hours} hours. | A customer saw the message '{text}'. Is it in the logs of
            {service}? The last {hours} hours are enough. | Find log lines of {service} that contain '{text}', not
            older than {hours} hours."""),
        (
            'to find the text "{text}" in the logs of {service}|to search the last {hours} hours of '
            '{service}\'s logs|log lines of {service} that contain "{text}"'
        ),
        [
            Result(
                {"matches|hits|count": v.integer(2, 400), "first_seen|first": v.clock, "last_seen|last": v.clock},
                several("""Yes, "{text}" appears {matches} times in the logs of {service}: first at {first_seen}, last
                    at {last_seen}. | I found {matches} matching lines for {service}, the first from {first_seen} and
                    the last from {last_seen}. | There are {matches} hits. The earliest is at {first_seen}, the latest
                    at {last_seen}."""),
            ),
            Result(
                {"matches|hits|count": v.choice(0)},
                several("""No, "{text}" does not appear in the logs of {service} in the last {hours} hours. | I found
                    nothing: no line of {service} from the past {hours} hours contains that. | Zero matches in {hours}
                    hours of {service} logs."""),
                weight=0.5,
            ),
        ],
        near="logs",
    ),
    Family(
        "dns_lookup",
        "dns_lookup|resolve|lookup_dns|dig|nslookup|get_dns_record",
        "Look up a DNS record.|Resolves a domain name.|Returns the DNS records of a name, by type.",
        [
            Parameter("name|domain|host|hostname|query", domain, "The name to resolve|Domain name|"),
            Parameter(
                "record_type|type|record|rrtype",
                v.choice("A", "AAAA", "MX", "TXT", "CNAME", "NS"),
                "Type of the record|Kind of DNS record|",
                choices=["A", "AAAA", "MX", "TXT", "CNAME", "NS"],
            ),
        ],
        several("""What's the {record_type} record of {name}? | dig {name} {record_type} | Look up the {record_type}
            record for {name}. | Which {record_type} entries does {name} have in DNS? | Please resolve {name}; I need
            the {record_type} record. | {record_type} record, {name} | Our mail bounces. Could you check the
            {record_type} record of '{name}'? | DNS for "{name}": what is in {record_type}? | I'm moving {name} to a
            new provider and want to note its {record_type} record first. | Ask the DNS for {name}, record type
            {record_type}."""),
        (
            "the {record_type} record of {name}|to look up {name} in the DNS|to know the DNS entry of "
            "type {record_type} for {name}"
        ),
        [
            Result(
                {"value|answer|data": v.ip, "ttl": v.choice(60, 300, 600, 3600, 86400)},
                several("""The {record_type} record of {name} is {value}, with a TTL of {ttl} seconds. | {name} points
                    to {value} (TTL {ttl} s). | DNS says {value}; the answer may be cached for {ttl} seconds."""),
            ),
            Result(
                {"error|rcode|status": v.choice("NXDOMAIN", "SERVFAIL", "no such record")},
                several("""There is no {record_type} record for {name}: the DNS answered {error}. | The lookup of
                    {name} failed with {error}. | No answer for {name}, only {error}."""),
                weight=0.5,
            ),
        ],
    ),
    Family(
        "certificate_expiry",
        "check_certificate|certificate_expiry|ssl_check|get_cert_info|tls_certificate|cert_status",
        (
            "When does a site's TLS certificate expire?|Check the certificate of a domain.|Reads the "
            "certificate that a host presents: issuer and last day."
        ),
        [Parameter("domain|host|url|name|fqdn", domain, "The domain to check|Address of the site|")],
        several("""When does the certificate of {domain} expire? | Is the SSL certificate for {domain} still valid? |
            Check the cert of {domain} | {domain} certificate expiry? | My browser complains about {domain} so please
            look at its certificate. | How many days are left on the certificate at '{domain}'? | I have to renew
            certificates this month. What about {domain}? | TLS check: {domain} | Who issued the certificate that
            {domain} uses, and until when is it good? | Have a look at the TLS certificate of "{domain}", will you?"""),
        (
            "to know when the certificate of {domain} expires|to check the TLS certificate of {domain}|"
            "the last day of {domain}'s certificate"
        ),
        [
            Result(
                {
                    "expires|not_after|valid_until": v.date,
                    "days_left|daysLeft": v.integer(5, 390),
                    "issuer|issued_by": v.choice("Let's Encrypt", "DigiCert", "Sectigo", "GlobalSign"),
                },
                several("""The certificate of {domain} is valid until {expires}, so {days_left} days are left. It was
                    issued by {issuer}. | It expires on {expires}, in {days_left} days. The issuer is {issuer}. |
                    There are {days_left} days to go: {issuer} issued it, and it ends on {expires}."""),
            ),
            Result(
                {"expired": v.choice(True), "expires|not_after|valid_until": v.date},
                several("""It has expired: the certificate of {domain} ended on {expires}. | No longer valid, I'm
                    afraid. {domain} still serves a certificate that ran out on {expires}. | The certificate ran out
                    on {expires} and should be renewed."""),
                weight=0.5,
            ),
            Result(
                {"error|reason": v.choice("connection refused", "timeout", "no TLS on port 443")},
                several("""I couldn't read the certificate of {domain}: {error}. | No certificate to see there
                    ({error}). | The check failed with "{error}"."""),
                weight=0.3,
            ),
        ],
    ),
    Family(
        "check_port",
        "check_port|port_open|test_port|probe_port|port_check|tcp_check",
        (
            "Is a TCP port open on a host?|Test a port.|Tries to connect to a port of a host and tells "
            "whether something listens there."
        ),
        [
            SERVER,
            Parameter(
                "port|port_number|tcp_port|p",
                v.choice(22, 25, 80, 443, 3000, 3306, 5432, 6379, 8000, 8080, 8443, 9090),
                "Port number|The TCP port|",
                "integer",
            ),
        ],
        several("""Is port {port} open on {server}? | Check {server} port {port} | Does anything listen on port {port}
            of {server}? | {server}:{port} open? | Try to connect to {server} on {port}. | The firewall was changed.
            Can {server} still be reached on port {port}? | On {server}, test TCP port {port}, please. | I can't log
            in to '{server}'. See if port {port} is open. | Port {port}, host {server}: open or closed? | Could you
            probe port {port} at "{server}"?"""),
        (
            "to know whether port {port} of {server} is open|to test port {port} on {server}|a check "
            "of port {port} at {server}"
        ),
        [
            Result(
                {
                    "open|reachable": v.choice(True),
                    "service|banner": v.choice("OpenSSH", "nginx", "PostgreSQL", "HTTP", "Redis"),
                },
                several("""Yes, port {port} on {server} is open; {service} answers there. | It is open: {service}
                    listens on {port}. | {server} accepts connections on port {port}. Behind it is {service}."""),
            ),
            Result(
                {
                    "open|reachable": v.choice(False),
                    "reason|error": v.choice("connection refused", "timed out", "filtered"),
                },
                several("""No, port {port} of {server} is closed ({reason}). | I can't connect to {server} on {port}:
                    {reason}. | Closed. The attempt ended with "{reason}"."""),
            ),
        ],
    ),
]
