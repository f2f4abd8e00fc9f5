"""The dashboard is what Grafana's own types allow, without which an import fails. Its queries: test_prometheus.py.

Grafana itself is not installed: the types are those that it publishes for whoever writes dashboards.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.clients.environments import node_with

pytestmark = pytest.mark.slow
DASHBOARD = json.loads((Path(__file__).parents[2] / "docs" / "grafana.json").read_text())
COMPILE = ("--noEmit", "--skipLibCheck", "--moduleResolution", "bundler", "--module", "esnext", "--target", "es2022")


def errors(dashboard: dict[str, Any]) -> str:
    """Return what TypeScript says of a dashboard as one of Grafana's type."""
    folder = node_with("@grafana/schema@13.2.3", "typescript@7.0.2")
    script = folder / "dashboard.ts"
    script.write_text(
        f'import type {{ Dashboard }} from "@grafana/schema";\nexport const it: Dashboard = {json.dumps(dashboard)};\n'
    )
    command = [folder / "node_modules" / ".bin" / "tsc", *COMPILE, script]
    return subprocess.run(command, capture_output=True, text=True, timeout=100).stdout


def test_the_dashboard_has_grafanas_type() -> None:
    assert errors(DASHBOARD) == ""
    assert "is not assignable to type 'number'" in errors(DASHBOARD | {"version": "one"})


def test_panels_do_not_overlap_and_name_their_source() -> None:
    (source,) = DASHBOARD["templating"]["list"]
    cells: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        taken = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken
        cells |= taken
        assert {each["datasource"]["uid"] for each in (panel, *panel["targets"])} == {f"${{{source['name']}}}"}
    assert max(x for x, _ in cells) < 24  # columns of a dashboard
