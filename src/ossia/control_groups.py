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
            mount = _mount(root / "sys/fs/cgroup", controller, controllers)
            group = mount / path.lstrip("/")
            yield from (folder for folder in (group, *group.parents) if folder.is_relative_to(mount))


def _mount(mounts: Path, controller: str, controllers: str) -> Path:
    """Return where a hierarchy is mounted; version 2 names no controllers.

    Of one with several, `cpu,cpuacct` say, a link is called as each of them: the kernel may have another order.
    """
    link = mounts / controller
    return link if controllers and link.is_dir() else mounts / controllers
