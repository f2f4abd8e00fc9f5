"""Arguments of the `ossia` command, and its exit codes; the commands themselves are in commands.py and keys.py.

Exit codes: 0 is success, 1 an error, 2 wrong usage, 130 Ctrl-C.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from ossia import __version__
from ossia.cli import commands, keys
from ossia.cli.launch.agents import AGENTS
from ossia.cli.output import note, print_error
from ossia.config import environment
from ossia.durations import parse_duration
from ossia.errors import OssiaError
from ossia.parameters import THINK_LEVELS
from ossia.store.suggest import closest

_TRUTHS = {"true": True, "false": False}
_THINK: dict[str, bool | str] = _TRUTHS | {level: level for level in THINK_LEVELS}

_ACCOUNT = ("signin", "signout", "login", "logout")
"""Ollama's commands for an account."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code. Wrong usage and --help exit directly."""
    words = sys.argv[1:] if argv is None else list(argv)
    _open_closed_streams()
    try:
        arguments = _parse(words)
        arguments.run(arguments)
        sys.stdout.flush()
        return 0
    except OssiaError as error:
        return _fail(error)
    except KeyboardInterrupt as interrupt:
        note(f"\n{str(interrupt) or 'stopped before it was done'}\n")
        return 130
    except BrokenPipeError:  # the reader of our output is gone; redirecting keeps Python's final flush silent
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:  # a user's file that cannot be read or written
        what = error.strerror or str(error)
        return _fail(OssiaError(f"{error.filename}: {what}" if error.filename else what))


def _open_closed_streams() -> None:
    """Open the null device for each of stdin, stdout and stderr that the caller has closed.

    Otherwise the next file or socket would have its number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, so that of the stream
            os.set_inheritable(descriptor, True)
            setattr(sys, name, os.fdopen(descriptor, mode))


def _fail(error: OssiaError) -> int:
    print_error(error)
    return 1


class _Parser(argparse.ArgumentParser):
    """An argument parser with errors in our format."""

    def error(self, message: str) -> NoReturn:
        message = message.removesuffix(", PROMPT")  # which `run` does not need
        message = re.sub(r"^argument --\w+: (?=invalid (value|format))", "", message)  # Ollama's words name the option
        if choice := re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message):
            self.refuse(message, closest(choice[1], re.findall(r"[\w-]+", choice[2])))
        if option := re.search(r"unrecognized arguments: .*?(--[\w-]+)", message):
            self.refuse(message, closest(option[1], _options(self)))
        self.refuse(message, None)

    def refuse(self, message: str, meant: str | None) -> NoReturn:
        """End with a message, the name that was probably meant, and the way to the help."""
        help = f"{self.prog} --help"
        print_error(OssiaError(message, f"did you mean `{meant}`? `{help}` says more" if meant else help))
        sys.exit(2)


def _options(parser: argparse.ArgumentParser) -> list[str]:
    """Return the long options of a command, as its help shows them."""
    return re.findall(r"(?<!\S)--[a-z-]+", parser.format_help())


def _parse(words: list[str]) -> argparse.Namespace:
    """Parse the arguments. Options may be anywhere among them, which argparse's sub-commands do not allow."""
    parser, parsers = _parsers()
    if "_ARGCOMPLETE" in os.environ:  # the shell asks for completions; autocomplete() does not return
        import argcomplete

        argcomplete.autocomplete(parser)
    if not words or words == ["key"]:
        words = [*words, "--help"]
    _check_command(parser, parsers, words)
    if words[0] != "key":
        _check_options(parsers.get(words[0], parser), words)
    if words[0] not in parsers or words[0] == "key":  # whose commands are parsers of their own
        return parser.parse_args(words)
    if words[0] == "run":
        words = _with_values(words)
    if words[0] == "launch":
        words, agents_own = _divided(words)
        return parsers["launch"].parse_intermixed_args(words[1:], argparse.Namespace(words=agents_own))
    return parsers[words[0]].parse_intermixed_args(words[1:])


def _divided(words: list[str]) -> tuple[list[str], list[str]]:
    """Divide words at the first `--`."""
    end = words.index("--") if "--" in words else len(words)
    return words[:end], words[end + 1 :]


def _check_command(parser: _Parser, parsers: Mapping[str, argparse.ArgumentParser], words: list[str]) -> None:
    """Refuse a command that is not there, and name the one that was probably meant. Exits."""
    command = words[0]
    if command.startswith("-") or command in parsers:
        return
    if command in _ACCOUNT:
        return parser.refuse(f"there is no command {command!r}: models run here, without an account", None)
    meant = closest(command, (*parsers, "--version"))
    if meant is None and (model := commands.known_model(command)):
        return parser.refuse(f"there is no command {command!r}", f"ossia run {model}")
    parser.refuse(f"there is no command {command!r}", meant and f"ossia {meant}")


def _check_options(parser: argparse.ArgumentParser, words: list[str]) -> None:
    """Refuse an option that is not there, before what follows it is taken for something else. Exits."""
    known = _options(parser)
    for word in _divided(words)[0]:
        if word.startswith("--") and not any(option.startswith(word.partition("=")[0]) for option in known):
            parser.error(f"unrecognized arguments: {word}")


def _with_values(words: list[str]) -> list[str]:
    """Join options of `run` with values that argparse would not take for them, and complete those without one."""
    before = _divided(words)[0]
    joined: list[str] = []
    for word in before:
        if joined and _is_value(joined[-1], word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    completed = [f"{word}=true" if word in ("--think", "--truncate") else word for word in joined]
    return completed + words[len(before) :]


def _is_value(option: str, word: str) -> bool:
    """Tell whether a word belongs to an option: a level, a truth or a negative duration, however it is abbreviated."""
    if option == "--think":
        return word in _THINK
    if option == "--truncate":
        return word in _TRUTHS
    return len(option) > len("--") and "--keepalive".startswith(option) and bool(re.match(r"-[\d.]", word))


def _parsers() -> tuple[_Parser, dict[str, argparse.ArgumentParser]]:
    """Return the program's parser and those of its commands, by name and alias."""
    parser = _Parser(prog="ossia", description="Run gpt-oss models on your own machine.")
    parser.add_argument("-v", "--version", action="version", version=f"ossia version is {__version__}")
    parsers = parser.add_subparsers(metavar="COMMAND", required=True)
    command = partial(_command, parsers)
    raw = argparse.RawDescriptionHelpFormatter
    command(commands.serve, "serve", "start", help="Start the server", epilog=_environment(), formatter_class=raw)
    _add_run(command(commands.run, "run", help="Ask a model, or chat with it if there is no prompt"))
    _add_launch(command(commands.launch, "launch", help="Start an agent that uses a model of this server"))
    _add_create(command(commands.create, "create", help="Make a model from a Modelfile, a GGUF file or a folder"))
    _add_transfer(command(commands.pull, "pull", help="Download a model from its registry"))
    _add_transfer(command(commands.push, "push", help="Upload a model to its registry"))
    _add_show(command(commands.show, "show", help="Show information about a model"))
    _add_listing(command(commands.list_, "list", "ls", help="List models"))
    _add_listing(command(commands.ps, "ps", help="List loaded models"))
    _add_name(command(commands.stop, "stop", help="Unload a model"))
    _add_name(command(commands.rm, "rm", help="Delete models"), "names", nargs="+", help="the models to delete")
    copying = command(commands.cp, "cp", help="Copy a model to a second name")
    _add_name(copying, "source", help="the model to copy")
    copying.add_argument("destination", metavar="DESTINATION", help="the second name")
    _add_bench(command(commands.bench, "bench", help="Measure the speed of a model here, in a minute"))
    examining = command(commands.doctor, "doctor", help="Examine this machine, its models and its settings")
    examining.add_argument("--json", action="store_true", help="print JSON")
    examining.add_argument("--offline", action="store_true", help="ask no other machine")
    _add_keys(command(keys.list_, "key", help="Make, list and revoke API keys"))
    completing = command(commands.completion, "completion", help="Print a script for command completion in a shell")
    completing.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell that will read the script")
    _add_help(command(_help, "help", help="Show the help of a command"), parsers.choices)
    return parser, dict(parsers.choices)


def _command(
    parsers: Any, function: Callable[[argparse.Namespace], None], *names: str, help: str, **more: Any
) -> _Parser:
    """Add a command with these names to argparse's own `parsers`, which has no public type."""
    made = parsers.add_parser(names[0], aliases=names[1:], help=help, description=f"{help}.", **more)
    made.set_defaults(run=function)
    return made


def _add_help(parser: _Parser, known: Iterable[str]) -> None:
    what = "a command, such as run, or key create; without one, all commands are listed"

    def names(**_: object) -> list[str]:
        return [*known]

    _completed(parser.add_argument("command", metavar="COMMAND", nargs="*", help=what), names)


def _help(arguments: argparse.Namespace) -> None:
    """Print the help of a command, as the command itself does for --help. Exits."""
    _parse([*arguments.command, "--help"])


def _completed(action: argparse.Action, completer: Callable[..., list[str]]) -> None:
    """Let the shell complete an argument."""
    action.completer = completer  # pyright: ignore[reportAttributeAccessIssue]


def _add_name(
    parser: _Parser,
    name: str = "name",
    completer: Callable[..., list[str]] = commands.complete_model,
    help: str = "the model, for example gpt-oss:20b",
    **more: Any,
) -> None:
    """Add the name of something that is there, a model as a rule, which the shell completes."""
    metavar = name.removesuffix("s").upper()
    _completed(parser.add_argument(name, metavar=metavar, help=help, **more), completer)


def _add_transfer(parser: _Parser) -> None:
    _add_name(parser)
    parser.add_argument("--insecure", action="store_true", help="use http instead of https for the registry")


def _add_launch(parser: _Parser) -> None:
    parser.usage = "%(prog)s [-h] [--model NAME] [--config | --restore] [-y] [AGENT] [-- ARGS ...]"
    what = f"{', '.join(AGENTS)}; without one, all are listed"
    parser.add_argument("agent", choices=[*AGENTS], metavar="AGENT", nargs="?", help=what)
    choosing = parser.add_argument("--model", metavar="NAME", help="the model (default: the newest that is here)")
    _completed(choosing, commands.complete_model)
    one = parser.add_mutually_exclusive_group()
    what = "set the agent up and print the command that would start it, but do not start it"
    one.add_argument("--config", action="store_true", help=what)
    what = "put a settings file of the agent back as it was before it was changed"
    one.add_argument("--restore", action="store_true", help=what)
    parser.add_argument("-y", "--yes", action="store_true", help="agree to changes of a settings file")
    parser.epilog = (
        "What follows -- is for the agent. Your own settings of it stay as they are, except those of cline, openclaw "
        "and vscode: the change is shown first, and a backup is kept."
    )


def _add_create(parser: _Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="the name of the new model")
    what = "a Modelfile (- for stdin), a GGUF file or a folder of safetensors (default: ./Modelfile, or else ./)"
    parser.add_argument("-f", "--file", type=Path, metavar="PATH", help=what)
    parser.add_argument(
        "-q", "--quantize", metavar="TYPE", help="q8_0: quantize all matrices but the experts to 8 bits"
    )


def _add_listing(parser: _Parser) -> None:
    parser.add_argument("prefix", metavar="PREFIX", nargs="?", default="", help="list only names that begin with this")
    parser.add_argument("--json", action="store_true", help="print the server's JSON")


_PROMPT_HELP = "the question; piped input is put before it. Without either, a terminal gets a chat"


def _add_run(parser: _Parser) -> None:
    _add_name(parser)
    parser.add_argument("prompt", metavar="PROMPT", nargs="*", help=_PROMPT_HELP)
    parser.add_argument("--think", type=_think, metavar="LEVEL", help="true, false, low, medium, high or max")
    parser.add_argument("--hidethinking", action="store_true", help="let the model think, but hide it")
    parser.add_argument("--verbose", action="store_true", help="print statistics after the answer")
    parser.add_argument("--keepalive", type=_duration, metavar="DURATION", help="how long the model stays loaded: 10m")
    parser.add_argument(
        "--format", type=_format, metavar="FORMAT", help='"json" or a JSON schema: "$(cat schema.json)"'
    )
    what = "of a model for embeddings, whose answer to the prompt is one: its length (default: all)"
    parser.add_argument("--dimensions", type=_limit, metavar="N", help=what)
    what = "of a model for embeddings: whether a text that is too long is cut (default: true)"
    parser.add_argument("--truncate", type=_truth, metavar="BOOL", help=what)
    parser.add_argument("--insecure", action="store_true", help="use http instead of https if the model is pulled")
    parser.add_argument("--nowordwrap", action="store_true", help="do not wrap words at the terminal's width")
    parser.add_argument("--plain", action="store_true", help="do not render Markdown")


def _add_show(parser: _Parser) -> None:
    _add_name(parser)
    parser.add_argument("-v", "--verbose", action="store_true", help="include all metadata and tensors")
    parser.add_argument("--memory", action="store_true", help="show what it takes of the memory, by context")
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--json", action="store_true", help="print the server's JSON")
    for part in ("license", "modelfile", "parameters", "template", "system"):
        one.add_argument(f"--{part}", dest="part", action="store_const", const=part, help=f"print only its {part}")


def _add_bench(parser: _Parser) -> None:
    _add_name(parser)
    what = "measure an OpenAI-compatible server too, in turn, under the same load; its key is OPENAI_API_KEY"
    parser.add_argument("--against", metavar="URL", help=what)
    parser.add_argument("--against-model", metavar="NAME", help="the model's name there (default: the same)")
    parser.add_argument("--seconds", type=_seconds, default=45.0, metavar="N", help="time for each server (default 45)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the speeds into a file")


def _add_keys(parser: _Parser) -> None:
    """Add the commands of `ossia key`."""
    parsers = parser.add_subparsers(metavar="COMMAND", required=True)
    command = partial(_command, parsers)
    making = command(keys.create, "create", help="Make a key, and print it once")
    making.add_argument("name", metavar="NAME", help="a name of your own for the key")
    what = "inference (default), manage, which also lets it pull, push, create, copy, delete and unload, or metrics"
    making.add_argument("--scope", type=_scopes, action="extend", default=[], metavar="SCOPE", help=what)
    making.add_argument("--at-once", type=_limit, default=0, metavar="N", help="how many requests may run at once")
    making.add_argument("--per-minute", type=_limit, default=0, metavar="N", help="how many requests a minute may have")
    command(keys.list_, "list", "ls", help="List keys, without the keys themselves")
    revoking = command(keys.revoke, "revoke", "rm", help="Make a key invalid at once")
    _add_name(revoking, completer=keys.complete_name, help="the name of the key")


def _scopes(text: str) -> list[str]:
    scopes = text.split(",")
    if not {*scopes} <= {"inference", "manage", "metrics"}:
        raise argparse.ArgumentTypeError(f"{text!r} is neither inference nor manage nor metrics")
    return scopes


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]+)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return float(text)


def _limit(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1000000")
    return number


def _environment() -> str:
    """Return the help text of the settings."""
    texts = environment()
    width = max(map(len, texts))
    return "environment:\n" + "\n".join(f"  {name:<{width}}  {text}" for name, text in texts.items())


def _think(text: str) -> bool | str:
    if text not in _THINK:
        raise argparse.ArgumentTypeError(
            f'invalid value for --think: "{text}" (must be true, false, high, medium, low, or max)'
        )
    return _THINK[text]


def _truth(text: str) -> bool:
    if text not in _TRUTHS:
        raise argparse.ArgumentTypeError(f"{text!r} is not true or false")
    return _TRUTHS[text]


def _duration(text: str) -> str:
    try:
        parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _format(text: str) -> Any:
    try:
        return text if text == "json" else json.loads(text)
    except (ValueError, RecursionError):
        raise argparse.ArgumentTypeError(f'invalid format: "{text}"; expected "json" or a valid JSON schema') from None
