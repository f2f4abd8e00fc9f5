"""The command `ossia`: arguments in, exit code out.

Data goes to stdout, everything else to stderr; 0 is success, 1 an error, 2 wrong usage, 130 Ctrl-C. Commands import
what they need when they run, so that `ossia --help` is quick. Most are small clients of the server; `create` and
`pull` work on this machine's store and need no server.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ossia import __version__
from ossia.config import VARIABLES, Settings, parse_duration
from ossia.errors import InvalidModelFile, InvalidRequest, ModelNotFound, NotSupported, OssiaError

if TYPE_CHECKING:
    from ossia.client import Client
    from ossia.store.models import Model, ModelStore

_THINK: dict[str, bool | str] = {
    "true": True,
    "false": False,
    **{level: level for level in ("low", "medium", "high", "max")},
}
_TINY_EXPERTS: dict[str, Any] = {"latest": "mxfp4", "mxfp4": "mxfp4", "f16": "f16"}
_TINY_LICENSE = """\
SmolLM2-135M-Instruct, by Hugging Face: Apache License 2.0, https://www.apache.org/licenses/LICENSE-2.0"""
_LARGEST_MODELFILE = 16 << 20
_TINY_PARAMETERS = {"temperature": 0.2, "top_p": 0.9}  # what its makers recommend


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code; wrong usage and --help exit by themselves."""
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        arguments = _parse(words)
        arguments.run(arguments)
        sys.stdout.flush()
        return 0
    except OssiaError as error:
        return _fail(error)
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output has left; so that Python's own last flush says nothing:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:  # a file of the user's that cannot be read or written
        return _fail(OssiaError(f"{error.filename}: {error.strerror}" if error.filename else str(error)))


def _fail(error: OssiaError) -> int:
    from ossia.terminal.progress import report

    report(error)
    return 1


def serve(arguments: argparse.Namespace) -> None:
    import logging

    from ossia.server.app import serve

    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    serve(Settings.from_env())


def run(arguments: argparse.Namespace) -> None:
    from ossia.client import ensure_server

    client = ensure_server(Settings.from_env())
    show = _show_or_build(client, arguments.name)
    request: dict[str, Any] = {"model": arguments.name}
    if arguments.think is not None or "thinking" in show.get("capabilities", ()):
        request["think"] = True if arguments.think is None else arguments.think
    if arguments.keepalive is not None:
        request["keep_alive"] = arguments.keepalive
    if arguments.format is not None:
        request["format"] = arguments.format
    if arguments.prompt or not (sys.stdin.isatty() and sys.stdout.isatty()):
        _answer(client, {**request, "prompt": _prompt(arguments.prompt)}, arguments)
    else:
        from ossia.terminal.chat import Chat

        Chat(client, arguments.name, request, hide_thinking=arguments.hidethinking, verbose=arguments.verbose).run()


def create(arguments: argparse.Namespace) -> None:
    from ossia.terminal.progress import progress_bar

    store, file = _store(), arguments.file
    if not file.is_file():
        raise InvalidRequest(f"{file} is not a file", hint="-f names a Modelfile or a GGUF file")
    with file.open("rb") as opened:
        is_gguf = opened.read(4) == b"GGUF"
    fields = {"gguf": file} if is_gguf else _modelfile_fields(file, store)
    with progress_bar() as update:
        model = store.create(arguments.name, **fields, progress=lambda done, total: update("copying", done, total))
    print(f"created '{model.name}'", file=sys.stderr)


def pull(arguments: argparse.Namespace) -> None:
    store = _store()
    try:
        model = store.resolve(arguments.name)
        print(f"'{model.name}' is already here", file=sys.stderr)
    except ModelNotFound:
        _build(store, arguments.name)


def show(arguments: argparse.Namespace) -> None:
    verbose = arguments.verbose
    shown = _client().request("POST", "/api/show", {"model": arguments.name, "verbose": verbose})
    if arguments.json:
        _print_json(shown)
    elif arguments.part:
        print(shown.get(arguments.part, ""))
    else:
        from ossia.tables import describe

        print(describe(shown, verbose=verbose), end="")


def list_(arguments: argparse.Namespace) -> None:
    from ossia.tables import human_ago, human_size, table

    models = _models("/api/tags", arguments.prefix)
    if arguments.json:
        return _print_json(models)
    rows = [
        (model["name"], model["digest"][:12], human_size(model["size"]), human_ago(model["modified_at"]))
        for model in models
    ]
    print(table(("NAME", "ID", "SIZE", "MODIFIED"), rows), end="")


def ps(arguments: argparse.Namespace) -> None:
    from ossia.tables import human_size, human_until, processor, table

    models = _models("/api/ps", arguments.prefix)
    if arguments.json:
        return _print_json(models)
    rows = [
        (
            *(model["name"], model["digest"][:12], human_size(model["size"])),
            *(processor(model["size"], model["size_vram"]), str(model["context_length"])),
            human_until(model["expires_at"]),
        )
        for model in models
    ]
    print(table(("NAME", "ID", "SIZE", "PROCESSOR", "CONTEXT", "UNTIL"), rows), end="")


def stop(arguments: argparse.Namespace) -> None:
    from ossia.client import ServerError

    try:
        _stop(_client(), arguments.name)
    except ServerError as error:
        if error.status != 404:
            raise
        raise OssiaError(f'couldn\'t find model "{arguments.name}" to stop') from None


def rm(arguments: argparse.Namespace) -> None:
    from ossia.client import ServerError

    client = _client()
    for name in arguments.names:
        with suppress(ServerError):  # of a model that cannot be read, or is not there: deleting will tell
            _stop(client, name)
        client.request("DELETE", "/api/delete", {"model": name})
        print(f"deleted '{name}'")


def cp(arguments: argparse.Namespace) -> None:
    _client().request("POST", "/api/copy", {"source": arguments.source, "destination": arguments.destination})
    print(f"copied '{arguments.source}' to '{arguments.destination}'")


def _client() -> "Client":
    from ossia.client import Client

    return Client(Settings.from_env())


def _store() -> "ModelStore":
    import logging

    from ossia.store.models import ModelStore

    logging.basicConfig(format="warning: %(message)s", level=logging.WARNING)
    return ModelStore(Settings.from_env().models)


def _show_or_build(client: "Client", name: str) -> dict[str, Any]:
    """What the server knows of a model; the model `tiny` is built when it is missing."""
    from ossia.client import ServerError

    body = {"model": name}
    try:
        return client.request("POST", "/api/show", body)
    except ServerError as error:
        if error.status != 404:
            raise
    _build(_store(), name)
    return client.request("POST", "/api/show", body)


def _build(store: "ModelStore", name: str) -> "Model":
    """Make the model `tiny`, the only one that does not need a file. Raises NotSupported for any other name."""
    from ossia.store.name import ModelName
    from ossia.terminal.progress import progress_bar

    parsed = ModelName.parse(name)
    experts = _TINY_EXPERTS.get(parsed.folded[3]) if parsed.folded[:3] == ModelName.parse("tiny").parts[:3] else None
    if experts is None:
        raise NotSupported(
            f"model '{name}' is not here, and fetching models from a registry is not available yet",
            hint=f"make it from a GGUF file: `ossia create {name} -f model.gguf`; or try `ossia run tiny`",
        )
    from ossia.store import tiny

    store.root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".tiny-", dir=store.root) as folder, progress_bar() as update:
        file = Path(folder) / "tiny.gguf"
        tiny.build(file, experts=experts, progress=update)
        model = store.create(name, gguf=file, move=True, parameters=_TINY_PARAMETERS, license=_TINY_LICENSE)
    print(f"created '{model.name}'", file=sys.stderr)
    return model


def _modelfile_fields(file: Path, store: "ModelStore") -> dict[str, Any]:
    """What a Modelfile says, as arguments of ModelStore.create."""
    from ossia.store.modelfile import decode, parse

    if file.stat().st_size > _LARGEST_MODELFILE:
        raise InvalidModelFile(f"{file} is neither a GGUF file nor a Modelfile")
    modelfile = parse(decode(file.read_bytes()))
    path = file.parent / Path(modelfile.source).expanduser()
    if path.is_file():
        source = {"gguf": path}
    elif modelfile.source.startswith(("/", ".", "~")) or modelfile.source.endswith(".gguf"):
        raise InvalidModelFile(
            f"FROM {modelfile.source}: {path} is not a file", hint="FROM takes a GGUF file or a model"
        )
    else:
        source = {"base": store.resolve(modelfile.source)}
    return {
        **source,
        "parameters": modelfile.parameters,
        "template": modelfile.template,
        "system": modelfile.system,
        "license": modelfile.license,
        "messages": modelfile.messages or None,
    }


def _prompt(words: Sequence[str]) -> str:
    """All of stdin, if it is not a terminal, and then the words."""
    piped = "" if sys.stdin.isatty() else sys.stdin.buffer.read().decode(errors="replace")
    return " ".join(part for part in (piped, *words) if part)


def _answer(client: "Client", request: dict[str, Any], arguments: argparse.Namespace) -> None:
    from ossia.tables import statistics
    from ossia.terminal.answer import Answer

    answer = Answer(hide_thinking=arguments.hidethinking)
    answer.show(client.stream("/api/generate", request))
    if arguments.verbose:
        print(statistics(answer.last), end="", file=sys.stderr)


def _stop(client: "Client", name: str) -> None:
    client.request("POST", "/api/generate", {"model": name, "keep_alive": 0, "stream": False})


def _models(path: str, prefix: str) -> list[dict[str, Any]]:
    models: list[dict[str, Any]] = _client().request("GET", path)["models"] or []
    return [model for model in models if model["name"].lower().startswith(prefix.lower())]


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


class _Parser(argparse.ArgumentParser):
    """Errors in our form."""

    def error(self, message: str) -> NoReturn:
        print(f"error: {message}\nhint: {self.prog} --help", file=sys.stderr)
        sys.exit(2)


def _parse(words: list[str]) -> argparse.Namespace:
    """Options of a command may stand anywhere among its arguments, which argparse does not allow in sub-commands."""
    parser, commands = _parsers()
    if not words or words[0] not in commands:
        return parser.parse_args(words)
    if words[0] == "run":  # a bare --think must not take the next word of the prompt for its value
        words = ["--think=true" if word == "--think" else word for word in words]
    return commands[words[0]].parse_intermixed_args(words[1:])


def _parsers() -> tuple[_Parser, dict[str, argparse.ArgumentParser]]:
    """The parser of the program and those of its commands, by name and alias."""
    parser = _Parser(prog="ossia", description="Run gpt-oss models on your own machine.")
    parser.add_argument("-v", "--version", action="version", version=f"ossia version is {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(function: Callable[[argparse.Namespace], None], *names: str, help: str, **more: Any) -> _Parser:
        made = commands.add_parser(names[0], aliases=names[1:], help=help, description=f"{help}.", **more)
        made.set_defaults(run=function)
        return made

    raw = argparse.RawDescriptionHelpFormatter
    command(serve, "serve", "start", help="Start the server", epilog=_environment(), formatter_class=raw)
    _add_run(command(run, "run", help="Ask a model, or talk with it when there is no prompt"))
    making = command(create, "create", help="Make a model from a Modelfile or a GGUF file")
    making.add_argument("name", metavar="NAME")
    making.add_argument("-f", "--file", type=Path, default=Path("Modelfile"), help="default: ./Modelfile")
    command(pull, "pull", help="Get a model: tiny, or tiny:f16").add_argument("name", metavar="NAME")
    _add_show(command(show, "show", help="Show what a model is"))
    for function, names, help in ((list_, ("list", "ls"), "List models"), (ps, ("ps",), "List loaded models")):
        listing = command(function, *names, help=help)
        listing.add_argument("prefix", metavar="PREFIX", nargs="?", default="", help="only names that begin with this")
        listing.add_argument("--json", action="store_true", help="print the server's JSON")
    command(stop, "stop", help="Unload a model").add_argument("name", metavar="NAME")
    command(rm, "rm", help="Delete models").add_argument("names", metavar="NAME", nargs="+")
    copying = command(cp, "cp", help="Give a model a second name")
    copying.add_argument("source", metavar="SOURCE")
    copying.add_argument("destination", metavar="DESTINATION")
    return parser, dict(commands.choices)


def _add_run(parser: _Parser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("prompt", metavar="PROMPT", nargs="*", help="what is piped in stands before it")
    parser.add_argument("--think", type=_think, metavar="LEVEL", help="true, false, low, medium, high or max")
    parser.add_argument("--hidethinking", action="store_true", help="think, but do not show it")
    parser.add_argument("--verbose", action="store_true", help="print statistics after the answer")
    parser.add_argument("--keepalive", type=_duration, help="how long the model stays loaded, for example 10m")
    parser.add_argument("--format", type=_format, help='"json" or a JSON schema')
    parser.add_argument("--nowordwrap", action="store_true", help="for Ollama's sake: nothing is wrapped")


def _add_show(parser: _Parser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("-v", "--verbose", action="store_true", help="with all metadata and tensors")
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--json", action="store_true", help="print the server's JSON")
    for part in ("license", "modelfile", "parameters", "template", "system"):
        one.add_argument(f"--{part}", dest="part", action="store_const", const=part, help=f"only its {part}")


def _environment() -> str:
    """The settings, from where they are defined."""
    texts = {"OLLAMA_HOST": "where to listen (default 127.0.0.1:11434)"}
    texts |= {name: text for name, (_, _, text) in VARIABLES.items()}
    width = max(map(len, texts))
    return "environment:\n" + "\n".join(f"  {name:<{width}}  {text}" for name, text in texts.items())


def _think(text: str) -> bool | str:
    if text not in _THINK:
        raise argparse.ArgumentTypeError(
            f'invalid value for --think: "{text}" (must be true, false, high, medium, low, or max)'
        )
    return _THINK[text]


def _duration(text: str) -> str:
    try:
        parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _format(text: str) -> Any:
    try:
        return text if text == "json" else json.loads(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'invalid format: "{text}"; expected "json" or a valid JSON schema') from None
