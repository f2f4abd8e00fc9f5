"""Types of Ollama's API of models: what listing, copying, making and fetching them take and answer."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ossia.errors import InvalidRequest, RegistryError
from ossia.server.http.body import Fields, Json, NoBody
from ossia.server.http.operation import OF_A_MODEL, Operation
from ossia.server.http.stream import NDJSON
from ossia.server.protocols.conversation import MOST_MESSAGES
from ossia.server.protocols.fields import ModelName, Refused


class NameRequest(Fields):
    """Request about the model of a name."""

    model: Annotated[str | None, Meta(description="The name of the model.", examples=["tiny"])] = None
    name: Annotated[str | None, Meta(description="An older word for `model`.")] = None

    @property
    def model_name(self) -> str:
        return self.model or self.name or ""


class ShowRequest(NameRequest):
    verbose: Annotated[bool | None, Meta(description="Whether to show the metadata's lists too.")] = None
    memory: Annotated[bool | None, Meta(description="Whether to tell the memory by context, as ossia alone does.")] = (
        None
    )


class TransferRequest(NameRequest):
    insecure: Annotated[bool | None, Meta(description="Whether the registry may be spoken to over http.")] = None
    stream: Annotated[bool | None, Meta(description="true by default.")] = None


class CopyRequest(Fields):
    source: Annotated[ModelName, Meta(description="The model to copy.")]
    destination: Annotated[str, Meta(description="The second name.", examples=["mine"])]


class Example(Fields):
    role: Annotated[str, Meta(description="system, user or assistant.")]
    content: Annotated[str | None, Meta(description="The text of the message.")] = None


class CreateRequest(NameRequest):
    """Made from a model (`from`) or from files that were sent to /api/blobs before."""

    model: Annotated[str | None, Meta(description="The name of the new model.", examples=["mine"])] = None
    from_: Annotated[str | None, Meta(description="The model to begin with.", examples=["tiny"])] = field(
        name="from", default=None
    )
    files: Annotated[
        Json | None,
        Meta(description="Digests by file name.", extra_json_schema={"additionalProperties": {"type": "string"}}),
    ] = None
    adapters: Annotated[
        Json | None,
        Meta(
            description="Digests of LoRAs in GGUF, by file name.",
            extra_json_schema={"additionalProperties": {"type": "string"}},
        ),
    ] = None
    quantize: Annotated[str | None, Meta(description="q8_0.")] = None
    quantization: Annotated[str | None, Meta(description="An older word for `quantize`.")] = None
    parameters: Annotated[Json | None, Meta(description="PARAMETERs by name.")] = None
    system: Annotated[
        str | None,
        Meta(description="Its system message, unless a request has one.", examples=["You answer in one sentence."]),
    ] = None
    template: Annotated[
        str | None, Meta(description="Its TEMPLATE, which is kept and shown; the model's own format is used.")
    ] = None
    license: Annotated[
        str | Annotated[list[str], Meta(max_length=64)] | None, Meta(description="Its license, or several.")
    ] = None
    messages: Annotated[
        Annotated[list[Example], Meta(max_length=MOST_MESSAGES)] | None,
        Meta(description="With which every conversation begins."),
    ] = None
    renderer: Annotated[str | None, Meta(description="Its RENDERER, which is kept and shown.")] = None
    parser: Annotated[str | None, Meta(description="Its PARSER, which is kept and shown.")] = None
    requires: Annotated[
        str | None, Meta(description="The version of Ollama that it requires at least.", examples=["0.14.0"])
    ] = None
    stream: Annotated[bool | None, Meta(description="true by default.")] = None
    draft_files: Refused = None
    remote_host: Refused = None


class ProgressLine(Struct, kw_only=True):
    status: Annotated[str, Meta(description='The last line has "success".')]
    digest: Annotated[str | UnsetType, Meta(description="The file that the line is about.")] = UNSET
    total: Annotated[int | UnsetType, Meta(description="Bytes.")] = UNSET
    completed: Annotated[int | UnsetType, Meta(description="Bytes.")] = UNSET


class Version(Struct):
    version: Annotated[str, Meta(description="The version of Ollama that this server stands in for.")]


class Details(Struct, kw_only=True):
    parent_model: Annotated[str, Meta(description="Always empty.")]
    format: Annotated[str, Meta(description="The format of the file.")]
    family: Annotated[str, Meta(description="The architecture.")]
    families: Annotated[list[str], Meta(description="The architecture, once more.")]
    parameter_size: Annotated[str, Meta(description="The number of parameters, such as 20.9B.")]
    quantization_level: Annotated[str, Meta(description="The type of most weights, such as MXFP4.")]
    context_length: Annotated[int | UnsetType, Meta(description="The longest context, in tokens.")] = UNSET
    embedding_length: Annotated[int | UnsetType, Meta(description="The length of its vectors.")] = UNSET


StoredName = Annotated[str, Meta(description="The model's name, with its tag.")]
Digest = Annotated[str, Meta(description="The hash of the model's manifest, in hexadecimal.")]
Modified = Annotated[str, Meta(description="When the model was stored, in RFC 3339.")]
ShownDetails = Annotated[Details, Meta(description="Kind and size of the model.")]
Capabilities = Annotated[list[str], Meta(description="completion, embedding or rerank, and tools, thinking.")]


class StoredModel(Struct):
    name: StoredName
    model: StoredName
    size: Annotated[int, Meta(description="Bytes on disk.")]
    digest: Digest
    modified_at: Modified
    details: ShownDetails
    capabilities: Capabilities


class Tags(Struct):
    models: Annotated[list[StoredModel], Meta(description="The latest first.")]


class LoadedModel(Struct):
    name: StoredName
    model: StoredName
    size: Annotated[int, Meta(description="Bytes in memory.")]
    digest: Digest
    details: ShownDetails
    expires_at: Annotated[str, Meta(description="When it is unloaded if nobody uses it, in RFC 3339.")]
    size_vram: Annotated[int, Meta(description="Bytes in the GPU's memory.")]
    device: Annotated[str, Meta(description="Where the model runs, and why.")]
    context_length: Annotated[int, Meta(description="The longest context of a request, in tokens.")]


class LoadingModel(Struct):
    name: StoredName
    model: StoredName
    size: Annotated[int, Meta(description="Bytes on disk.")]
    digest: Digest
    status: Annotated[str, Meta(description="The part of the start that goes on.")]
    completed: Annotated[int, Meta(description="How much of that part is done.")]
    total: Annotated[int, Meta(description="0 if it is not known.")]


class Processes(Struct):
    models: Annotated[list[LoadedModel], Meta(description="Models that are loaded.")]
    loading: Annotated[list[LoadingModel] | UnsetType, Meta(description="Models that are being loaded.")] = UNSET


class ShownMessage(Struct):
    role: Annotated[str, Meta(description="system, user or assistant.")]
    content: Annotated[str, Meta(description="The text of the message.")]


class ShownTensor(Struct):
    name: Annotated[str, Meta(description="The tensor's name.")]
    type: Annotated[str, Meta(description="The type of its numbers.")]
    shape: Annotated[list[int], Meta(description="Its dimensions, the outermost first.")]


class ShownContext(Struct):
    tokens: Annotated[int, Meta(description="The length of one conversation.")]
    kv_bytes: Annotated[int, Meta(description="Its KV cache.")]


class ShownMemory(Struct):
    is_on_gpu: Annotated[bool, Meta(description="Whether the model is loaded on a GPU, whose memory it is then.")]
    kv_cache_type: Annotated[str, Meta(description="Kind of the KV cache: f16, or q8_0 on a GPU, if that is set.")]
    usable_bytes: Annotated[int, Meta(description="Memory that all models may use.")]
    weights_bytes: Annotated[int, Meta(description="Its weights.")]
    weights_bytes_per_token: Annotated[int, Meta(description="Weights that are read for one token alone.")]
    work_bytes: Annotated[int, Meta(description="Work space of a step.")]
    contexts: Annotated[list[ShownContext], Meta(description="KV cache by length, up to the longest context.")]


class ShownModel(Struct, kw_only=True):
    license: Annotated[str | UnsetType, Meta(description="The licenses.")] = UNSET
    modelfile: Annotated[str, Meta(description="A Modelfile that makes the same model.")]
    parameters: Annotated[str, Meta(description="A line for each PARAMETER.")]
    template: Annotated[str, Meta(description="The chat template, or a note about a format that has none.")]
    system: Annotated[str | UnsetType, Meta(description="The system message.")] = UNSET
    details: ShownDetails
    messages: Annotated[list[ShownMessage] | UnsetType, Meta(description="With which every conversation begins.")] = (
        UNSET
    )
    model_info: Annotated[Json, Meta(description="The file's metadata.")]
    tensors: Annotated[list[ShownTensor], Meta(description="The file's tensors.")]
    capabilities: Capabilities
    modified_at: Modified
    requires: Annotated[str | UnsetType, Meta(description="The version of Ollama that it requires at least.")] = UNSET
    outdated: Annotated[bool | UnsetType, Meta(description="True if a pull would make this `tiny` anew.")] = UNSET
    device: Annotated[str | UnsetType, Meta(description="Where the model runs if it is loaded, and why.")] = UNSET
    memory: Annotated[ShownMemory | UnsetType, Meta(description="Its memory, if that was asked for.")] = UNSET


_TRANSFER = (*OF_A_MODEL, RegistryError)
_OF_A_BLOB = {"digest": "The hash of the file: `sha256:` and 64 hexadecimal digits."}

ROOT = Operation("Say that the server is there", NoBody, response="text/plain", right="open")
VERSION = Operation("The version", NoBody, response=Version, right="open")
TAGS = Operation("The models that are here", NoBody, response=Tags)
PS = Operation("The models that are loaded", NoBody, response=Processes)
SHOW = Operation("All that is known of a model", ShowRequest, ShownModel, raises=OF_A_MODEL)
COPY = Operation("Give a model a second name", CopyRequest, raises=OF_A_MODEL, completes=True, right="manage")
DELETE = Operation("Delete a model", NameRequest, raises=OF_A_MODEL, completes=True, right="manage")
PULL = Operation(
    "Fetch a model from a registry",
    TransferRequest,
    ProgressLine,
    ProgressLine,
    NDJSON,
    raises=_TRANSFER,
    right="manage",
)
PUSH = Operation(
    "Send a model to a registry", TransferRequest, ProgressLine, ProgressLine, NDJSON, raises=_TRANSFER, right="manage"
)
CREATE = Operation("Make a model", CreateRequest, ProgressLine, ProgressLine, NDJSON, raises=_TRANSFER, right="manage")
HAS_BLOB = Operation(
    "Whether a file is here",
    NoBody,
    successes={200: "It is", 404: "It is not"},
    raises=(InvalidRequest,),
    right="manage",
    parameters=_OF_A_BLOB,
)
PUT_BLOB = Operation(
    "Store a file, for /api/create",
    bytes,
    successes={200: "It was here already", 201: "Stored"},
    raises=(InvalidRequest,),
    right="manage",
    parameters=_OF_A_BLOB,
)
