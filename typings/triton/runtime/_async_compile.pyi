from typing import Any

active_mode: Any
