"""The commands of `ossia`. All but `serve` and `doctor` are small clients of the server.

Data goes to stdout, everything else to stderr. Each command imports its dependencies when it runs, so that the program
starts quickly. Parsing arguments is the business of arguments.py.
"""

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ossia.cli.interrupt import interruptible
from ossia.cli.output import note, say
from ossia.config import Settings
from ossia.errors import InvalidRequest, OssiaError
from ossia.printable import one_line

if TYPE_CHECKING:
    from ossia.cli.answers import Shown
    from ossia.cli.client import Client

_OLLAMAS_STORE = Path("/usr/share/ollama/.ollama/models")
_ABOUT_TINY = (
    "tiny shows how everything works, not what gpt-oss can do: it knows little and is often wrong.\n"
    "`ossia run gpt-oss:20b` runs the real thing, a download of 13 GB.\n"
)


def serve(arguments: Namespace) -> None:
    from ossia.admin.serve import serve
    from ossia.logs import log_to_stderr

    settings = Settings.from_env()
    log_to_stderr(settings.log_level, settings.log_format)
    serve(settings)


def run(arguments: Namespace) -> None:
    from ossia.cli.answers import Part
    from ossia.cli.terminal.answer import AnswerPrinter
    from ossia.cli.terminal.session import Display

    is_chat = not arguments.prompt and sys.stdin.isatty() and sys.stdout.isatty()
    prompt = "" if is_chat else _prompt(arguments.name, arguments.prompt)
    client = _started_server()
    shown = _show_or_pull(client, arguments.name, arguments.insecure)
    if "embedding" in (shown.capabilities or ()):  # instead of completion
        return _embed(client, arguments, prompt)
    chosen = {"think": arguments.think, "keep_alive": arguments.keepalive, "format": arguments.format}
    fields = {name: value for name, value in chosen.items() if value is not None}
    display = Display(
        wordwrap=not arguments.nowordwrap,
        markdown=not arguments.plain,
        thinking="hidden" if arguments.hidethinking else "shown",
        verbose=arguments.verbose,
    )
    if is_chat:
        from ossia.cli.terminal.chat import Chat

        return Chat(client, arguments.name, fields, display, Settings.from_env()).run()
    if "thinking" in (shown.capabilities or ()):
        fields.setdefault("think", True)
    request = {"model": arguments.name, "prompt": prompt, **fields}
    printer = AnswerPrinter(display, lambda: client.loading(arguments.name))
    with interruptible(printer.stopped):
        printer.show(client.stream(Part, "/api/generate", request))


def _embed(client: "Client", arguments: Namespace, text: str) -> None:
    """Print the embedding of a text as JSON, which is all that such a model can answer."""
    from ossia.cli.answers import Embedded

    if not text:
        hint = f'say the text: `ossia run {arguments.name} "Why is the sky blue?"`'
        raise InvalidRequest(f"{arguments.name} makes embeddings and cannot chat", hint)
    chosen = {
        "keep_alive": arguments.keepalive,
        "dimensions": arguments.dimensions,
        "truncate": arguments.truncate,
    }
    fields = {name: value for name, value in chosen.items() if value is not None}
    with interruptible(lambda: "stopped before the embedding was there"):
        answer = client.ask(Embedded, "POST", "/api/embed", {"model": arguments.name, "input": text, **fields})
    say(json.dumps(answer.embeddings[0], separators=(",", ":")))


def launch(arguments: Namespace) -> None:
    from ossia.cli.launch import launch

    if not arguments.agent:
        return launch.list_agents(arguments)
    if arguments.restore:
        return launch.restore(arguments)
    launch.launch(arguments, _started_server, lambda model: _show_or_pull(_started_server(), model, False))


def create(arguments: Namespace) -> None:
    from ossia.cli.answers import ProgressLine
    from ossia.cli.terminal.progress import show_job
    from ossia.cli.upload import create_request
    from ossia.store.name import ModelName

    ModelName.parse(arguments.name)  # fail early, before large files are sent
    client = _started_server()
    with interruptible(lambda: f"stopped: '{arguments.name}' was not made"):
        body = create_request(client, arguments.file) | {"model": arguments.name}
        if source := body.get("from"):
            _find(client, source)
        if arguments.quantize:
            body["quantize"] = arguments.quantize
        show_job(client.stream(ProgressLine, "/api/create", body))
    if body.get("template"):
        note("TEMPLATE is kept, but not used: conversations have the model's own format\n")


def pull(arguments: Namespace) -> None:
    client = _started_server()
    if meant := _meant(client, arguments.name):
        note(f"did you mean `{meant}`? Asking the registry for '{arguments.name}' all the same\n")
    _pull(client, arguments.name, arguments.insecure)


def push(arguments: Namespace) -> None:
    from ossia.cli.answers import ProgressLine
    from ossia.cli.terminal.progress import show_job
    from ossia.store.name import DEFAULT_HOST, ModelName

    name = ModelName.parse(arguments.name)
    client = _started_server()
    stopped = f"stopped: '{name}' was not published; `ossia push {arguments.name}` sends the rest"
    with interruptible(lambda: stopped):
        show_job(client.stream(ProgressLine, "/api/push", {"model": arguments.name, "insecure": arguments.insecure}))
    if name.host == DEFAULT_HOST:
        say(f"You can find your model at:\n\n\thttps://ollama.com/{name.namespace}/{name.model}")


def show(arguments: Namespace) -> None:
    from ossia.cli.answers import Shown

    client, verbose = _client(), arguments.verbose
    body = {"model": arguments.name, "verbose": verbose} | ({"memory": True} if arguments.memory else {})
    if arguments.json and not arguments.memory:
        shown = client.request("POST", "/api/show", body)
        return _print_json(shown if verbose else {name: value for name, value in shown.items() if name != "tensors"})
    answer = client.ask(Shown, "POST", "/api/show", body)
    if arguments.memory:
        _show_memory(arguments, answer)
    elif arguments.part:
        say(getattr(answer, arguments.part) or "")
    else:
        from ossia.cli.tables import describe

        say(describe(answer, verbose=verbose), end="")


def _show_memory(arguments: Namespace, shown: "Shown") -> None:
    from msgspec import to_builtins

    from ossia.cli.memory_map import memory_map

    if not shown.memory:
        raise OssiaError(f"nothing is known of the memory of '{arguments.name}'", hint="only models of gpt-oss tell it")
    if arguments.json:
        return _print_json(to_builtins(shown.memory))
    say(memory_map(arguments.name, shown.memory), end="")


def list_(arguments: Namespace) -> None:
    from ossia.cli.answers import Tags
    from ossia.cli.tables import models_table

    if arguments.json:
        return _print_models("/api/tags", arguments.prefix)
    models = _client().ask(Tags, "GET", "/api/tags").models or ()
    say(models_table(model for model in models if model.is_called_like(arguments.prefix)), end="")


def ps(arguments: Namespace) -> None:
    from ossia.cli.answers import Processes
    from ossia.cli.tables import loaded_table

    if arguments.json:
        return _print_models("/api/ps", arguments.prefix)
    models = _client().ask(Processes, "GET", "/api/ps").models or ()
    say(loaded_table(model for model in models if model.is_called_like(arguments.prefix)), end="")


def stop(arguments: Namespace) -> None:
    from ossia.cli.client import ServerError

    client = _client()
    try:
        _stop(client, arguments.name)
    except ServerError as error:
        if error.status != 404:
            raise
        raise OssiaError(f'couldn\'t find model "{arguments.name}" to stop', error.hint) from None


def rm(arguments: Namespace) -> None:
    from ossia.cli.client import ServerError

    client = _client()
    for name in arguments.names:
        with suppress(ServerError):  # for a missing or unreadable model, deleting reports the error
            _stop(client, name)
        client.request("DELETE", "/api/delete", {"model": name})
        say(f"deleted '{name}'")


def cp(arguments: Namespace) -> None:
    client = _client()
    client.request("POST", "/api/copy", {"source": arguments.source, "destination": arguments.destination})
    say(f"copied '{arguments.source}' to '{arguments.destination}'")


def bench(arguments: Namespace) -> None:
    from ossia.cli.bench.bench import bench

    client = _started_server()
    bench(arguments, client, _show_or_pull(client, arguments.name, False))


def doctor(arguments: Namespace) -> None:
    from ossia.cli.doctor import doctor

    doctor(arguments)


def completion(arguments: Namespace) -> None:
    from argcomplete.shell_integration import shellcode

    say(shellcode(["ossia"], shell=arguments.shell))


def complete_model(prefix: str, **_: object) -> list[str]:
    """Return the names of models that begin with `prefix`, for the shell; none if no server answers."""
    with suppress(OssiaError):  # of a setting
        names = (name for name in _client().names() if name == one_line(name))
        return [name for name in names if name.lower().startswith(prefix.lower())]
    return []


def known_model(name: str) -> str | None:
    """Return the model that a word names, or probably means; None if no model is called so."""
    from ossia.store.suggest import KNOWN_MODELS, meant_model

    local = [each.removesuffix(":latest") for each in complete_model("")]
    known = {each.casefold(): each for each in (*local, *KNOWN_MODELS)}
    return known.get(name.casefold()) or meant_model(name, local)


def _client() -> "Client":
    from ossia.cli.client import Client

    return Client(Settings.from_env())


def _started_server() -> "Client":
    from ossia.cli.client import ensure_server

    return ensure_server(Settings.from_env())


def _show_or_pull(client: "Client", name: str, insecure: bool) -> "Shown":
    """Return what is known of a model, which is pulled first if it is missing or outdated."""
    shown = _find(client, name)
    if shown is None:
        _tell_of_ollamas_service(name)
        _pull(client, name, insecure)
        if name.partition(":")[0].casefold() == "tiny":
            note(_ABOUT_TINY)
        return _shown(client, name)
    return _renewed(client, name, insecure, shown) if shown.outdated else shown


def _shown(client: "Client", name: str) -> "Shown":
    from ossia.cli.answers import Shown

    return client.ask(Shown, "POST", "/api/show", {"model": name})


def _tell_of_ollamas_service(name: str) -> None:
    """Tell where a model that is about to be pulled is already: in the store of Ollama's service on Linux."""
    from ossia.store.name import ModelName

    with suppress(OSError):
        if _OLLAMAS_STORE.joinpath("manifests", *ModelName.parse(name).parts).is_file():
            note(f"Ollama's service has {name} already: OLLAMA_MODELS={_OLLAMAS_STORE} lets ossia use its store\n")


def _find(client: "Client", name: str) -> "Shown | None":
    """Return what is known of a model; None if it is missing.

    Raises OssiaError for a missing one that is probably misspelt: no registry is asked for it.
    """
    from ossia.cli.client import ServerError

    try:
        return _shown(client, name)
    except ServerError as error:
        if error.status != 404:
            raise
    if meant := _meant(client, name):
        hint = f"did you mean `{meant}`? If not, `ossia pull {name}` asks its registry"
        raise OssiaError(f"model '{name}' is not here", hint)
    return None


def _renewed(client: "Client", name: str, insecure: bool, shown: "Shown") -> "Shown":
    """Pull an outdated model and return what is known of it, or else use the model as it is `shown`."""
    try:
        _pull(client, name, insecure)
    except OssiaError as error:
        note(f"{error.message}\nthe earlier {name} answers\n")
        return shown
    return _shown(client, name)


def _pull(client: "Client", name: str, insecure: bool) -> None:
    from ossia.cli.answers import ProgressLine
    from ossia.cli.terminal.progress import show_job

    kept = f"stopped: what was downloaded is kept, and `ossia pull {name}` goes on from there"
    with interruptible(lambda: kept):
        show_job(client.stream(ProgressLine, "/api/pull", {"model": name, "insecure": insecure}))


def _meant(client: "Client", name: str) -> str | None:
    """Return the model that was probably meant by the name of one that is missing."""
    from ossia.store.suggest import meant_model

    return meant_model(name, client.names())


def _prompt(model: str, words: Sequence[str]) -> str:
    """Join stdin, unless it is a terminal, and the words. Raises InvalidRequest if neither has anything.

    A word may be empty: such a prompt only loads the model.
    """
    with interruptible(lambda: "stopped while reading the prompt from the input"):
        piped = "" if sys.stdin.isatty() else sys.stdin.buffer.read().decode(errors="replace")
    if not words and not piped.strip():
        where = "the input is empty" if not sys.stdin.isatty() else "the output is no terminal"
        hint = f'say what to ask, `ossia run {model} "Why is the sky blue?"`, or pipe it in; a chat needs a terminal'
        raise InvalidRequest(f"there is no prompt, and {where}", hint)
    return " ".join(part for part in (piped, *words) if part)


def _stop(client: "Client", name: str) -> None:
    client.request("POST", "/api/generate", {"model": name, "keep_alive": 0, "stream": False})


def _print_models(path: str, prefix: str) -> None:
    """Print what the server tells of models whose names begin with `prefix`, all of it."""
    from ossia.cli.answers import JsonModels

    models = _client().ask(JsonModels, "GET", path).models or ()
    _print_json([model for model in models if str(model.get("name", "")).lower().startswith(prefix.lower())])


def _print_json(value: object) -> None:
    say(json.dumps(value, ensure_ascii=False, indent=2))
