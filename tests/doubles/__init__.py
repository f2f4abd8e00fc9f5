"""Test doubles for the seams: small, honest implementations, not mocks.

- `scripted_engine`: an Engine that plays back a test's script of events.
- `model_double`: an Engine that answers as gpt-oss would, for conversations with real clients.
- `fake_runner`: a Runner whose ids prove that blocks and tables were used correctly.
- `delayed_runner`: a Runner around another that keeps steps in flight, as a GPU does.
- `random_runner`: a Runner with random logits, for grammars.
- `scripted_server`: an HTTP server with scripted replies, for the command line.
- `worker_process`: the far end of a model process's socket, and engines over it.
"""
