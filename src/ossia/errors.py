"""Errors that a user may see. Each has an HTTP status and, where there is one, OpenAI's code and a hint.

    OssiaError 500
    ├── InvalidRequest 400            the request is wrong for any model
    │   ├── NotSupported              valid, but not for this model or this version
    │   ├── PreviousResponseNotFound  the response to continue from is not stored
    │   ├── ContextLengthExceeded     the prompt does not fit; carries both numbers
    │   └── InputTooLong              a text to embed does not fit
    ├── Unauthorized 401              an API key is missing or wrong
    ├── Forbidden 403                 the caller may not do this
    ├── ModelNotFound 404
    ├── RequestTimeout 408            a body stopped arriving
    ├── BodyTooLarge 413              a body has more bytes or values than a limit allows
    ├── TooManyRequests 429           this caller has reached a limit of its own
    ├── ResponseNotFound 404
    ├── ConversationNotFound 404
    ├── PageNotFound 404              there is no such file of the web pages
    ├── InvalidModelFile 400          a GGUF, manifest or Modelfile that cannot be read
    ├── StoreError 500                the model store cannot do what was asked
    ├── RegistryError 502             a registry refuses or sends a wrong answer
    │   └── RegistryUnavailable       a later try may succeed
    ├── ServerBusy 503                a queue is full; a later try may succeed
    ├── ModelCrashed 500              the model's process died or could not start
    ├── InternalError 500             a bug of ours, of which the log has the traceback
    └── ServerUnreachable 503         (command line) no server answers at OLLAMA_HOST

Any other exception is a bug of ours.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ossia.printable import one_line

_LONGEST: Final = 10_000  # characters of any message, which may quote a name of megabytes
_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})
_LONGEST_QUOTATION: Final = 400  # characters of a registry's


class OssiaError(Exception):
    """An error with a message for the user and, where possible, a hint that says what to do.

    `headers` are those that its HTTP response has besides the usual ones.
    """

    status = 500
    code: str | None = None
    param: str | None = None
    headers: Mapping[str, str] = _NO_HEADERS

    def __init__(self, message: str, hint: str | None = None) -> None:
        self.message = message if len(message) <= _LONGEST else message[:_LONGEST] + "..."
        super().__init__(self.message)
        self.hint = hint

    @property
    def message_and_hint(self) -> str:
        """Both in one text, for formats in which a hint has no place of its own."""
        return f"{self.message} (hint: {self.hint})" if self.hint else self.message


class InvalidRequest(OssiaError):
    status = 400


class NotSupported(InvalidRequest):
    pass


class ContextLengthExceeded(InvalidRequest):
    code = "context_length_exceeded"

    def __init__(self, prompt_tokens: int, limit: int, *, exact: bool = True) -> None:
        number = f"{prompt_tokens}" if exact else f"about {prompt_tokens}"
        super().__init__(
            f"the prompt is too long: it has {number} tokens, but the context length is {limit} tokens and must "
            "hold the answer too",
            hint="shorten the prompt, or raise num_ctx or OLLAMA_CONTEXT_LENGTH if that is what limits it",
        )
        self.prompt_tokens = prompt_tokens
        self.limit = limit


class InputTooLong(InvalidRequest):
    code = "context_length_exceeded"

    def __init__(self, tokens: int, limit: int, *, exact: bool = True) -> None:
        number = f"{tokens}" if exact else f"more than {limit}"
        super().__init__(
            "the input length exceeds the context length",  # Ollama's words
            hint=f"it has {number} tokens, and the context length is {limit}: shorten it, let it be truncated, "
            "or raise num_ctx or OLLAMA_CONTEXT_LENGTH if that is what limits it",
        )


class Unauthorized(OssiaError):
    status = 401
    code = "invalid_api_key"
    headers = MappingProxyType({"WWW-Authenticate": "Bearer"})


class Forbidden(OssiaError):
    status = 403


class ModelNotFound(OssiaError):
    status = 404
    code = "model_not_found"

    def __init__(self, name: str, meant: str | None = None, *, is_here: bool = True) -> None:
        """`meant` is the name of another model, which may be here too or not."""
        hint = "`ossia list` shows the models that are here"
        if meant:
            hint = f"did you mean `{meant}`? {hint if is_here else f'`ossia pull {meant}` downloads it'}"
        else:
            hint += ", and `ossia pull` downloads others"
        super().__init__(f"model '{name}' not found", hint)


class ResponseNotFound(OssiaError):
    status = 404

    def __init__(self, id: str) -> None:
        super().__init__(f"Response with id '{id}' not found.")


class ConversationNotFound(OssiaError):
    status = 404

    def __init__(self, id: str, item_id: str | None = None) -> None:
        conversation = f"Conversation with id '{id}'"
        super().__init__(
            f"{conversation} not found." if item_id is None else f"{conversation} has no item with id '{item_id}'.",
            hint="it may have been deleted, or not been used for 30 days" if item_id is None else None,
        )


class PreviousResponseNotFound(InvalidRequest):
    code = "previous_response_not_found"
    param = "previous_response_id"

    def __init__(self, id: str) -> None:
        super().__init__(
            f"Previous response with id '{id}' not found.",
            hint="it may be older than 30 days, deleted, or made with store: false; send the conversation as input",
        )


class PageNotFound(OssiaError):
    status = 404


class RequestTimeout(OssiaError):
    status = 408


class BodyTooLarge(OssiaError):
    status = 413


class TooManyRequests(OssiaError):
    """A limit of the caller's own. `retry_after` is after how many seconds a new try makes sense."""

    status = 429
    code = "rate_limit_exceeded"

    def __init__(self, message: str, hint: str | None = None, retry_after: float = 1.0) -> None:
        super().__init__(message, hint)
        self.headers = {"Retry-After": str(max(1, math.ceil(retry_after)))}


class InvalidModelFile(OssiaError):
    status = 400


class StoreError(OssiaError):
    pass


class RegistryError(OssiaError):
    """An error of a registry. The registry's own words, `said`, follow the message; they are cleaned, and cut."""

    status = 502

    def __init__(self, message: str, hint: str | None = None, said: str = "") -> None:
        whole = one_line(f"{message}: {said}" if said else message, _LONGEST_QUOTATION)
        super().__init__(whole, hint and one_line(hint, _LONGEST_QUOTATION))
        self.unquoted = one_line(message, _LONGEST_QUOTATION)


class RegistryUnavailable(RegistryError):
    """A failure that may be temporary. `retry_after` is the wait that the registry asks for, in seconds, if any."""

    def __init__(self, message: str, hint: str | None = None, retry_after: float | None = None, said: str = "") -> None:
        super().__init__(message, hint, said)
        self.retry_after = retry_after


class ServerBusy(OssiaError):
    status = 503
    headers: Mapping[str, str] = MappingProxyType({"Retry-After": "5"})


class ModelCrashed(OssiaError):
    pass


class InternalError(OssiaError):
    def __init__(self) -> None:
        super().__init__("internal error", hint="the server's log has the details")


class ServerUnreachable(OssiaError):
    status = 503
