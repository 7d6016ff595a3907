"""The app as a user starts it: by the CDK CLI, without network."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bundling.assets import ROOT, Assets, build
from cli.configuration.loading import load

pytestmark = pytest.mark.xdist_group("infra")

NOWHERE = "http://127.0.0.1:9"
OFFLINE = {
    "CI": "false",  # else the CLI says on standard output what belongs on the other
    "UV_OFFLINE": "1",
    "HTTP_PROXY": NOWHERE,
    "HTTPS_PROXY": NOWHERE,
    "CDK_DISABLE_CLI_TELEMETRY": "1",
    "CDK_DISABLE_VERSION_CHECK": "1",
}


def synth(cdk: list[str], out: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [*cdk, "synth", "--quiet", "--output", str(out)]
    path = {"PATH": f"{Path(cdk[0]).parent}{os.pathsep}{os.environ['PATH']}"}
    variables = {**os.environ, **path, **OFFLINE, **environment}
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=variables)  # noqa: S603


def asset_keys(template: str) -> list[str]:
    return re.findall(r'"S3Key": "([0-9a-f]{64}\.zip)"', template)


def test_two_syntheses_of_one_commit_name_the_same_assets(
    cdk: list[str],
    real_assets: Assets,
    synthesize: Callable[..., dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert real_assets
    done = synth(cdk, tmp_path / "out")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    keys = asset_keys((tmp_path / "out" / "watchkeeper.template.json").read_text())
    assert {path.name.removeprefix("asset.") for path in (tmp_path / "out").glob("asset.*.zip")} == set(keys)

    monkeypatch.setenv("UV_OFFLINE", "1")
    settings = load(ROOT / "watchkeeper.yaml")
    again = synthesize(settings, build(settings, into=tmp_path / "assets"))
    assert asset_keys(json.dumps(again)) == keys


def test_with_a_python_that_is_named_and_does_not_fit_nothing_is_synthesized_and_the_end_says_why(
    cdk: list[str], tmp_path: Path
) -> None:
    done = synth(cdk, tmp_path / "out", WATCHKEEPER_PYTHON313="/bin/false")
    assert done.returncode == 1
    assert "WATCHKEEPER_PYTHON313=/bin/false is not a CPython 3.13" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "out").glob("*.template.json"))
