"""Trial: a model's chat template, rendered once in a sandbox before llama.cpp renders it.

llama.cpp tries a template while it loads the model, with no limit of time: one without an end would hold a place among
the loaded models for minutes. What a template says, and whether it fails, is left to llama.cpp.
"""

import json
from datetime import datetime
from typing import Final

from ossia.errors import InvalidModelFile
from ossia.gguf import GGUF
from ossia.sandbox.sandbox import ALLOWANCES, Allowance, Exhausted, Sandbox

_HINT: Final = "the file needs another chat template, a short program that ends"
_GREETING: Final = {
    "messages": [{"role": "user", "content": "Hi"}],
    "tools": None,
    "add_generation_prompt": True,
    "bos_token": "",
    "eos_token": "",
}


async def check_template(gguf: GGUF, allowances: tuple[Allowance, ...] = ALLOWANCES) -> None:
    """Raise InvalidModelFile if the model's template takes too long, or too much memory, for a greeting."""
    source: object = gguf.metadata.get("tokenizer.chat_template")
    if not isinstance(source, str):
        return
    job = {"source": source, "variables": _GREETING, "now": datetime.now().isoformat(), "marker": "\0", "most": 1}
    sandbox = Sandbox("templates", allowances)
    try:
        await sandbox.run(json.dumps(job).encode())
    except Exhausted as error:
        raise InvalidModelFile(f"the model's chat template cannot be rendered: {error}", _HINT) from None
    finally:
        await sandbox.close()
