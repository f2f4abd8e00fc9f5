"""Pulling a blob of 1 GB from a registry on this machine: `ossia` compared with curl followed by sha256sum.

Both end with the verified bytes in a file; ossia's is also synced to disk, and can be resumed on the way. Needs curl,
sha256sum and docker-registry (CNCF's distribution).
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.registry.conftest import write_gguf
from tests.registry.server import Registry, real_registry

from ossia.store.identity import Identity
from ossia.store.models import ModelStore
from ossia.store.progress import ignore
from ossia.store.pull import pull
from ossia.store.push import push


def with_curl(registry: Registry, digest: str, folder: Path) -> float:
    """Return the seconds that curl and sha256sum take."""
    file = folder / "blob"
    began = time.perf_counter()
    url = f"http://{registry.host}/v2/library/bench/blobs/{digest}"
    subprocess.run(["curl", "-sf", "-o", file, url], check=True)
    done = subprocess.run(["sha256sum", file], check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    assert digest == f"sha256:{done.stdout.split()[0]}"
    file.unlink()
    return seconds


def with_ossia(registry: Registry, store: ModelStore, identity: Identity) -> float:
    """Return the seconds that ossia takes."""
    model = store.resolve(f"{registry.host}/library/bench")
    store.delete(str(model.name))
    began = time.perf_counter()
    pulled = pull(model.name, store, identity, ignore, insecure=True)
    seconds = time.perf_counter() - began
    assert pulled.digest == model.digest
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        with real_registry(folder) as registry:
            store, identity = ModelStore(folder / "store"), Identity.load(folder)
            file = write_gguf(folder / "model.gguf", arguments.megabytes)
            model = store.create(f"{registry.host}/library/bench", files=[file], move=True)
            push(model.name, store, identity, ignore, insecure=True)
            digest, size = model.manifest.of_kind("model")[0].digest, model.path.stat().st_size
            rounds = [
                (with_curl(registry, digest, folder), with_ossia(registry, store, identity))
                for _ in range(arguments.rounds)
            ]
    print(f"{'curl + sha256sum':>18} {'ossia pull':>12} {'ratio':>7}   ({size / 1e6:.0f} MB, MB/s)")
    for curl, ossia in rounds:
        print(f"{size / curl / 1e6:18.0f} {size / ossia / 1e6:12.0f} {curl / ossia:7.2f}")
    ratios = [curl / ossia for curl, ossia in rounds]
    print(
        json.dumps(
            {
                "bench": "pull",
                "bytes": size,
                "ratio": round(statistics.median(ratios), 3),
                "spread": [round(min(ratios), 3), round(max(ratios), 3)],
                "mb_per_s": round(statistics.median(size / ossia / 1e6 for _, ossia in rounds), 1),
            }
        )
    )


if __name__ == "__main__":
    main()
