"""Check of llama.cpp, the engine of models that are no gpt-oss: whether it is there where it is needed."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version

from ossia.admin.doctor.check import Check
from ossia.config import LLAMA_CPP_DEVICES, Settings
from ossia.engine.choice import PACKAGE, is_installed
from ossia.engine.facts import names_gpt_oss
from ossia.store.models import Model


def llama_cpp(settings: Settings, models: Sequence[Model]) -> Iterator[Check]:
    """Yield its version, or why it is missed."""
    name, options = "llama.cpp", settings.engine
    others = ", ".join(str(model.name) for model in models if not names_gpt_oss(model.config.get("model_family")))
    asks = options.engine_name == "llamacpp" or options.device.startswith(LLAMA_CPP_DEVICES)
    install = "pip install 'ossia[llamacpp]', and start the server again"
    if others and options.engine_name == "native":
        yield Check(name, f"ruled out by OSSIA_ENGINE=native, but {others} cannot run without it", "unset OSSIA_ENGINE")
    elif is_installed():
        yield Check(name, f"{PACKAGE} {version(PACKAGE)}")
    elif others:
        yield Check(name, f"not installed, but {others} cannot run without it", install)
    elif asks:
        yield Check(name, "not installed, but OSSIA_ENGINE or OSSIA_DEVICE asks for it", install)
    else:
        yield Check(name, "not installed: only models of gpt-oss run")
