"""The line editor: keys, lines, history, and the placeholder of an empty line. Knows no model and no server."""

import os
import sys
from collections.abc import Callable

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app, run_in_terminal
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, has_focus
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import History
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.bindings.completion import display_completions_like_readline
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.shortcuts import CompleteStyle

from ossia.cli.terminal.multiline import is_open
from ossia.cli.terminal.slash import COMMANDS

_PROMPT = ">>> "
_PLACEHOLDER = "Send a message (/? for help)"
_TAB = " " * 8


class Editor:
    """Reads a person's input. Most keys are prompt_toolkit's own, which follow Emacs and readline."""

    def __init__(self, history: History, program: str, *, toggle_thinking: Callable[[], None]) -> None:
        """Create an editor. Ctrl-G opens `program`, or VISUAL or EDITOR if it is ""."""
        output = Vt100_Output.from_pty(
            sys.stdout, term=os.environ.get("TERM"), default_color_depth=ColorDepth.from_env()
        )
        output.enable_cpr = False  # a terminal's late answer to the question for its row would be read as input
        self._session = PromptSession[str](
            _PROMPT,
            multiline=True,
            prompt_continuation="... ",
            placeholder=_placeholder,
            history=history,
            key_bindings=_keys(program, toggle_thinking),
            completer=WordCompleter(COMMANDS, sentence=True),
            complete_while_typing=False,
            complete_style=CompleteStyle.READLINE_LIKE,
            enable_suspend=True,
            output=output,
        )

    def read(self) -> str:
        """Read input up to Enter. Raises EOFError for Ctrl-D and KeyboardInterrupt for Ctrl-C on an empty line."""
        return self._session.prompt()


def _placeholder() -> StyleAndTextTuples:
    app = get_app()
    has_room = app.output.get_size().columns > len(_PROMPT) + len(_PLACEHOLDER)
    return [("fg:ansibrightblack", _PLACEHOLDER)] if has_room and not app.is_done else []


@Condition
def _has_text() -> bool:
    return bool(get_app().current_buffer.text)


def _keys(program: str, toggle_thinking: Callable[[], None]) -> KeyBindings:
    keys = KeyBindings()
    in_text = has_focus(DEFAULT_BUFFER)  # and not in the search that Ctrl-R opens

    @keys.add("enter", filter=in_text)
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        buffer.newline(copy_margin=False) if is_open(buffer.text) else buffer.validate_and_handle()

    @keys.add("c-j", filter=in_text)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.newline(copy_margin=False)

    @keys.add("tab", filter=in_text)
    def _(event: KeyPressEvent) -> None:
        if event.current_buffer.text.startswith("/"):
            display_completions_like_readline(event)
        else:
            event.current_buffer.insert_text(_TAB)

    @keys.add("c-c", filter=in_text & _has_text)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.reset()

    @keys.add("c-g", filter=in_text)
    def _(event: KeyPressEvent) -> None:
        if program:
            os.environ["VISUAL"] = program  # the first variable that prompt_toolkit looks at
        event.current_buffer.open_in_editor()

    @keys.add("c-o", filter=in_text)
    def _(event: KeyPressEvent) -> None:
        run_in_terminal(toggle_thinking)

    return keys
