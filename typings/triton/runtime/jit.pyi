from typing import Any

class JITFunction:
    run: Any
