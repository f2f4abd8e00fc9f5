"""Control groups, with which Linux limits containers and services: the folders of this process's, of either version."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/")


def settings(controller: str, names: tuple[str, ...], root: Path = ROOT) -> Iterator[str]:
    """Yield what the files of these names say for a controller, in this process's groups and in all above them."""
    for folder in _groups(controller, root):
        for name in names:
            try:
                yield (folder / name).read_text()
            except (OSError, ValueError):  # a file of the other version
                continue


def _groups(controller: str, root: Path) -> Iterator[Path]:
    """Yield the folders of the groups. In a container a path may be the host's, and only its parents exist."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers or controller in controllers.split(","):
            mount = root / "sys/fs/cgroup" / controllers
            group = mount / path.lstrip("/")
            yield from (folder for folder in (group, *group.parents) if folder.is_relative_to(mount))
