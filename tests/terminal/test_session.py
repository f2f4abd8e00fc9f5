"""Requests of a conversation, turn by turn."""

from ossia.cli.answers import Shown
from ossia.cli.terminal.session import Session


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def test_a_turn_carries_what_was_said_before() -> None:
    session = Session("x", {"keep_alive": "1h"})
    assert session.chat_request("one") == {"model": "x", "messages": [user("one")], "keep_alive": "1h"}
    session.add_turn("one", "first", "hm")
    session.add_turn("two", "second", "")
    session.system, session.options = "Be brief.", {"seed": 1}
    assert session.chat_request("three") == {
        "model": "x",
        "messages": [
            {"role": "system", "content": "Be brief."},
            *(user("one"), {"role": "assistant", "content": "first", "thinking": "hm"}),
            *(user("two"), {"role": "assistant", "content": "second"}),
            user("three"),
        ],
        "keep_alive": "1h",
        "options": {"seed": 1},
    }


def test_loading_asks_for_nothing_else() -> None:
    session = Session("x", {"keep_alive": "1h", "format": "json", "think": "high"})
    assert session.load_request("y") == {"model": "y", "prompt": "", "stream": False, "keep_alive": "1h"}


def test_the_models_own_messages_are_saved_but_not_sent() -> None:
    session = Session("x", {}, options={"seed": 1}, system="Old.")
    session.add_turn("before", "gone", "")
    session.begin("y", Shown(messages=[user("own")], system="The model's."))
    session.add_turn("one", "first", "")
    assert session.chat_request("two")["messages"] == [
        *(user("one"), {"role": "assistant", "content": "first"}),
        user("two"),
    ]
    assert session.create_request("z") == {
        "model": "z",
        "from": "y",
        "parameters": {"seed": 1},
        "messages": [user("own"), user("one"), {"role": "assistant", "content": "first"}],
    }


def test_what_can_think_thinks_unless_it_was_said_otherwise() -> None:
    session = Session("x", {})
    session.begin("x", Shown(capabilities=["completion", "thinking"]))
    assert session.fields == {"think": True}
    session.begin("y", Shown(capabilities=["completion"]))
    assert session.fields == {}
    session.set_think(False)
    session.begin("x", Shown(capabilities=["completion", "thinking"]))
    assert session.fields == {"think": False}
    chosen = Session("x", {"think": "low"})
    chosen.begin("y", Shown(capabilities=["completion"]))
    assert chosen.fields == {"think": "low"}
