"""Tools for data beside the tables: caches, queues, buckets, rights."""

from random import Random

from training import values as v
from training.families.databases import DATABASE
from training.family import Family, Parameter, Result
from training.several import several


def cache_key(random: Random) -> str:
    return f"{v.word(random)}:{random.choice((v.word(random), str(random.randint(1, 9999))))}"


KEY = Parameter("key|k|cache_key|name", cache_key, "The key|Cache key|")
QUEUE = Parameter("queue|queue_name|topic|name", v.word, "The queue|Name of the queue|")
BUCKET = Parameter("bucket|bucket_name|container|store", v.word, "The bucket|Name of the bucket|")

FAMILIES = [
    Family(
        "cache_get",
        "cache_get|get_key|redis_get|get_cached|read_key|kv_get",
        (
            "Read a value from the cache.|Gets the value of a key|Returns what is stored under a key, "
            "and how long it will stay."
        ),
        [KEY],
        several("""What's in the cache under {key}? | GET {key} | Read the key {key}. | Is {key} cached? | Value of
            {key}, please. | I want to see what '{key}' holds in the cache. | Look up {key} in the key-value store. |
            Could you fetch the cached value for "{key}"? | The page shows old data; what does the cache say for
            {key}? | cache: {key}?"""),
        "the cached value of {key}|to know what is stored under {key}|to read the key {key}",
        [
            Result(
                {"value|data": v.word, "ttl|ttl_seconds|expires_in": v.integer(2, 9000)},
                several("""{key} holds "{value}" and stays for another {ttl} seconds. | The value is "{value}"; it
                    expires in {ttl} seconds. | Under {key} there is "{value}" ({ttl} s to live)."""),
            ),
            Result(
                {"value|data": v.choice(None)},
                several(
                    """Nothing is cached under {key}. | There's no value for {key} at the moment. | No, {key} is not
                        in the cache."""
                ),
            ),
        ],
        near="cache",
    ),
    Family(
        "cache_set",
        "cache_set|set_key|redis_set|put_key|write_key|kv_set",
        (
            "Write a value to the cache.|Stores a value under a key for some seconds.|Sets a key. It "
            "is removed when its time is over."
        ),
        [
            KEY,
            Parameter("value|data|v|content", v.word, "What to store|The value|"),
            Parameter("ttl|ttl_seconds|expires|expire_in", v.integer(5, 90000), "Seconds to live|", "integer"),
        ],
        several("""Set {key} to "{value}" for {ttl} seconds. | SET {key} {value} EX {ttl} | Cache {value} under {key},
            {ttl} seconds. | Store '{value}' at the key {key} with a lifetime of {ttl} seconds. | For {ttl} seconds,
            {key} should be {value} in the cache. | Please put "{value}" into the cache as {key} (ttl {ttl}). | key
            {key}, value {value}, ttl {ttl} | I need {value} in the cache under '{key}'; let it expire after {ttl}
            seconds. | Could you write {value} to {key}? It can go after {ttl} seconds. | {key} = "{value}", keep it
            {ttl} s"""),
        "{value} to be cached under {key}|to set {key} to {value} for {ttl} seconds|to store a value under {key}",
        [
            Result(
                {
                    "stored|ok": v.choice(True),
                    "replaced|overwritten": v.flag("an old value was replaced", "the key was new"),
                },
                several("""{key} is set to "{value}" for {ttl} seconds ({replaced}). | Stored: "{value}" under {key}
                    for {ttl} seconds; {replaced}. | Done, {replaced}. {key} will expire in {ttl} seconds."""),
            ),
            Result(
                {"error|message": v.choice("cache is full", "not connected", "value too large")},
                several(
                    """I couldn't store {key}: {error}. | The cache refused {value}: {error}. | That didn't work, the
                        cache reported "{error}"."""
                ),
                weight=0.4,
            ),
        ],
        near="cache",
    ),
    Family(
        "queue_length",
        "queue_length|get_queue_size|queue_depth|queue_stats|pending_messages",
        "How many messages wait in a queue.|Length of a message queue|Returns the number of messages and of consumers.",
        [QUEUE],
        several("""How long is the queue {queue}? | {queue} queue length | Are there messages stuck in {queue}? | How
            many messages are waiting in the {queue} queue? | Check the queue '{queue}' please. | I think the workers
            of {queue} are too slow. How many messages wait there? | Depth of queue {queue}? | Tell me whether the
            queue "{queue}" is empty. | What's the backlog of {queue}? | See how much is pending in the message queue
            {queue}"""),
        "to know how many messages wait in {queue}|the length of the queue {queue}|to check the queue {queue}",
        [
            Result(
                {"messages|pending|depth": v.integer(2, 90000), "consumers|workers": v.integer(2, 40)},
                several("""{messages} messages are waiting in {queue}, with {consumers} consumers at work. | The queue
                    {queue} has {messages} messages and {consumers} consumers. | There's a backlog of {messages}
                    messages; {consumers} consumers are connected."""),
            ),
            Result(
                {"messages|pending|depth": v.choice(0)},
                several(
                    """The queue {queue} is empty. | Nothing is waiting in {queue}. | No backlog: {messages} messages
                        in {queue}."""
                ),
            ),
        ],
    ),
    Family(
        "publish_message",
        "publish_message|publish|enqueue|send_to_queue|push_message|queue_push",
        "Publish a message to a queue.|Puts a text into a message queue.|Enqueues one message for the workers.",
        [QUEUE, Parameter("body|message|payload|content|data", v.sentence, "Text of the message|The payload|")],
        several("""Publish "{body}" to the queue {queue}. | Put '{body}' into {queue}. | queue {queue}, message:
            {body} | Enqueue this in {queue}: {body} | I want the workers of {queue} to get the message "{body}". |
            Please push "{body}" on the {queue} queue. | To the queue '{queue}', send: {body} | Could you drop the
            text '{body}' in the message queue {queue}? | For a test, publish "{body}" on {queue}. | Add a message
            with the body "{body}" to the queue named {queue}."""),
        'to publish a message to {queue}|the text "{body}" in the queue {queue}|a message put into the queue {queue}',
        [
            Result(
                {"message_id|id|offset": v.hex_id, "position|depth": v.integer(1, 900)},
                several("""Your message is in {queue} at position {position}, with the id {message_id}. | Published to
                    {queue}: id {message_id}, place {position} in the line. | Done. It's number {position} in {queue}
                    (id {message_id})."""),
            ),
            Result(
                {"error|reason": v.choice("queue does not exist", "broker is down", "message too long")},
                several("""The message wasn't published: {error}. | {queue} didn't take it ({error}). | I couldn't
                    send it to {queue}, since the answer was "{error}"."""),
                weight=0.4,
            ),
        ],
    ),
    Family(
        "list_bucket",
        "list_objects|list_bucket|bucket_list|s3_list|get_objects|storage_list",
        "List the objects in a bucket.|Objects of a storage bucket|Lists what is stored in a bucket below a prefix.",
        [
            BUCKET,
            Parameter(
                "prefix|path|folder|starts_with",
                lambda r: f"{v.word(r)}/",
                "Only names that begin so|",
                phrases=" under {}| with the prefix {}|, prefix {}",
            ),
        ],
        several("""What is in the bucket {bucket} | List the objects of bucket {bucket} | Show me the content of the
            bucket {bucket} | {bucket} bucket listing | Which files do we keep in bucket '{bucket}' | I'd like to see
            all objects in bucket {bucket} | Please list bucket "{bucket}" | Could you look into the storage bucket
            {bucket} | bucket {bucket}: list | Get me the objects stored in bucket {bucket}"""),
        "to see what is in the bucket {bucket}|a listing of bucket {bucket}|the objects in {bucket}",
        [
            Result(
                {
                    "count|key_count": v.integer(2, 9000),
                    "total_mb|size_mb": v.number(0.5, 900),
                    "newest|last_key": v.filename,
                },
                several("""The bucket {bucket} holds {count} objects, {total_mb} MB in all; the newest is {newest}. |
                    {count} objects ({total_mb} MB), and the latest is {newest}. | I found {count} objects. Together
                    they take {total_mb} MB, and {newest} came last."""),
            ),
            Result(
                {"count|key_count": v.choice(0)},
                several(
                    """The bucket {bucket} is empty. | There are no objects in {bucket}. | Nothing is stored there:
                        {count} objects."""
                ),
                weight=0.4,
            ),
        ],
    ),
    Family(
        "grant_access",
        "grant_access|grant_permission|add_permission|give_access|grant_role",
        "Give a user rights on a database.|Grants a right to a user.|Lets a user read, write or administer a database.",
        [
            Parameter("user|username|account|grantee", v.username, "Who gets the right|User name|"),
            Parameter(
                "permission|right|role|access",
                v.said_choice({"read": "read access", "write": "write access", "admin": "admin rights"}),
                "Kind of right|",
                choices=["read", "write", "admin"],
            ),
            DATABASE,
        ],
        several("""Give {user} {permission} on {database}. | {user} needs {permission} to the database {database}. |
            Please grant {permission} on {database} to {user}. | On {database}: {permission} for {user} | Could {user}
            get {permission} for '{database}'? | Our new colleague has the account {user} and should have {permission}
            on {database}. | grant {user}, {permission}, {database} | Let's give the user "{user}" {permission} to
            {database}. | For the database {database}, {user} is to receive {permission}. | I promised {user}
            {permission} on {database}; set it up, please."""),
        (
            "{user} to have {permission} on {database}|to give {user} {permission}|to grant "
            "{permission} on {database} to {user}"
        ),
        [
            Result(
                {"granted|ok": v.choice(True), "expires|valid_until": v.date},
                several("""{user} has {permission} on {database} now, until {expires}. | Granted: {permission} for
                    {user}, valid until {expires}. | Done. The right of {user} on {database} ends on {expires}."""),
            ),
            Result(
                {"error|reason": v.choice("no such user", "only owners may grant rights", "already granted")},
                several("""I couldn't give {user} {permission}: {error}. | Nothing changed for {user}; the database
                    says "{error}". | The grant on {database} didn't go through ({error})."""),
                weight=0.5,
            ),
        ],
    ),
]
