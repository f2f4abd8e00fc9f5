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

    model: Annotated[str | None, Meta(examples=["tiny"])] = None
    name: Annotated[str | None, Meta(description="An older word for `model`.")] = None

    @property
    def model_name(self) -> str:
        return self.model or self.name or ""


class ShowRequest(NameRequest):
    verbose: Annotated[bool | None, Meta(description="Whether to show the metadata's lists too.")] = None


class TransferRequest(NameRequest):
    insecure: Annotated[bool | None, Meta(description="Whether the registry may be spoken to over http.")] = None
    stream: Annotated[bool | None, Meta(description="true by default.")] = None


class CopyRequest(Fields):
    source: ModelName
    destination: Annotated[str, Meta(examples=["mine"])]


class Example(Fields):
    role: Annotated[str, Meta(description="system, user or assistant.")]
    content: str | None = None


class CreateRequest(NameRequest):
    """Made from a model (`from`) or from files that were sent to /api/blobs before."""

    model: Annotated[str | None, Meta(examples=["mine"])] = None
    from_: Annotated[str | None, Meta(description="The model to begin with.", examples=["tiny"])] = field(
        name="from", default=None
    )
    files: Annotated[
        Json | None,
        Meta(description="Digests by file name.", extra_json_schema={"additionalProperties": {"type": "string"}}),
    ] = None
    quantize: Annotated[str | None, Meta(description="q8_0.")] = None
    quantization: Annotated[str | None, Meta(description="An older word for `quantize`.")] = None
    parameters: Annotated[Json | None, Meta(description="PARAMETERs by name.")] = None
    system: Annotated[str | None, Meta(examples=["You answer in one sentence."])] = None
    template: str | None = None
    license: str | Annotated[list[str], Meta(max_length=64)] | None = None
    messages: Annotated[
        Annotated[list[Example], Meta(max_length=MOST_MESSAGES)] | None,
        Meta(description="With which every conversation begins."),
    ] = None
    stream: Annotated[bool | None, Meta(description="true by default.")] = None
    adapters: Refused = None
    draft_files: Refused = None
    remote_host: Refused = None


class ProgressLine(Struct, kw_only=True):
    status: Annotated[str, Meta(description='The last line has "success".')]
    digest: str | UnsetType = UNSET
    total: Annotated[int | UnsetType, Meta(description="Bytes.")] = UNSET
    completed: Annotated[int | UnsetType, Meta(description="Bytes.")] = UNSET


class Version(Struct):
    version: Annotated[str, Meta(description="The version of Ollama that this server stands in for.")]


class Details(Struct, kw_only=True):
    parent_model: str
    format: str
    family: str
    families: list[str]
    parameter_size: str
    quantization_level: str
    context_length: int | UnsetType = UNSET
    embedding_length: int | UnsetType = UNSET


class StoredModel(Struct):
    name: str
    model: str
    size: Annotated[int, Meta(description="Bytes on disk.")]
    digest: str
    modified_at: str
    details: Details
    capabilities: Annotated[list[str], Meta(description="completion, tools, thinking.")]


class Tags(Struct):
    models: list[StoredModel]


class LoadedModel(Struct):
    name: str
    model: str
    size: Annotated[int, Meta(description="Bytes in memory.")]
    digest: str
    details: Details
    expires_at: str
    size_vram: int
    device: Annotated[str, Meta(description="Where the model runs, and why.")]
    context_length: int


class LoadingModel(Struct):
    name: str
    model: str
    size: Annotated[int, Meta(description="Bytes on disk.")]
    digest: str
    status: Annotated[str, Meta(description="The part of the start that goes on.")]
    completed: Annotated[int, Meta(description="How much of that part is done.")]
    total: Annotated[int, Meta(description="0 if it is not known.")]


class Processes(Struct):
    models: list[LoadedModel]
    loading: list[LoadingModel] | UnsetType = UNSET


class ShownMessage(Struct):
    role: str
    content: str


class ShownTensor(Struct):
    name: str
    type: str
    shape: list[int]


class ShownModel(Struct, kw_only=True):
    license: str | UnsetType = UNSET
    modelfile: str
    parameters: str
    template: str
    system: str | UnsetType = UNSET
    details: Details
    messages: list[ShownMessage] | UnsetType = UNSET
    model_info: Annotated[Json, Meta(description="The file's metadata.")]
    tensors: list[ShownTensor]
    capabilities: list[str]
    modified_at: str
    outdated: Annotated[bool | UnsetType, Meta(description="True if a pull would make this `tiny` anew.")] = UNSET
    device: Annotated[str | UnsetType, Meta(description="Where the model runs if it is loaded, and why.")] = UNSET


_TRANSFER = (*OF_A_MODEL, RegistryError)

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
)
PUT_BLOB = Operation(
    "Store a file, for /api/create",
    bytes,
    successes={200: "It was here already", 201: "Stored"},
    raises=(InvalidRequest,),
    right="manage",
)
