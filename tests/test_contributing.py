"""CONTRIBUTING's own code blocks, followed in a copy of the repository, make a whole automation."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
COPIED = (
    "functions",
    "bundling",
    "infra",
    "emulator",
    "cli",
    "tests",
    "docs",
    "CONTRIBUTING.md",
    "app.py",
    "pyproject.toml",
    "watchkeeper.yaml",
)
TOY = "log_groups"
pytestmark = pytest.mark.xdist_group("contributing")
BLOCK = re.compile(
    r"^```(?:python|json|markdown)\n(?:# |// |<!-- )(\S+)(?: -->)?\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
ENTRY = "_FOLDERS = [\n"

PLAN = """
import sys
from pathlib import Path
import cli.main, functions.catalog, tests.conftest
from cli.main import main
from emulator.aws import Emulator
from tests.conftest import clients_of

for module in (cli.main, functions.catalog, tests.conftest):
    assert Path(module.__file__).is_relative_to(Path.cwd()), "it is the copy that runs"
with Emulator() as aws:
    calls = clients_of().calls("logs", "us-east-1")
    calls("CreateLogGroup", logGroupName="payments")
    calls("PutRetentionPolicy", logGroupName="payments", retentionInDays=3)
    aws.calls.clear()
    status = main(["plan", "--format", "json", "--automation", "log_groups"])
    assert not aws.calls.mutating(), aws.calls.mutating()
sys.exit(status)
"""
SYNTH = """
import json, sys, tempfile
from collections import defaultdict
from pathlib import Path
from aws_cdk import App
from cli.configuration.loading import load
from bundling.archives import pack
from bundling.assets import Assets
from infra.hub import add_hub

out, tree = Path(tempfile.mkdtemp(dir=sys.argv[1])), Path(tempfile.mkdtemp(dir=sys.argv[1]))
(tree / "any.txt").write_text("any")
asset = pack(tree, out, "any")
every = defaultdict(lambda: asset)
app = App(outdir=str(out))
add_hub(app, load(Path("watchkeeper.yaml")), Assets(asset, functions=every, pollers=every, steps=every))
app.synth()
print((out / "watchkeeper.template.json").read_text())
"""


def blocks() -> dict[str, str]:
    """Return the blocks that name a file, by that name."""
    return dict(BLOCK.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with the automation that CONTRIBUTING describes."""
    copy = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, copy)
    shutil.copytree(ROOT / "requirements", copy / "requirements")
    for name, text in blocks().items():
        if name == "functions/catalog.py":
            _add_to_catalog(copy / name, text)
        else:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_text(text, encoding="utf-8")
    return copy


def _add_to_catalog(path: Path, line: str) -> None:
    catalog = path.read_text(encoding="utf-8")
    assert catalog.count(ENTRY) == 1
    path.write_text(catalog.replace(ENTRY, f"{ENTRY}{line}"), encoding="utf-8")


def run(copy: Path, *command: str, status: int = 0) -> str:
    """Run Python in the copy, and return what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_"))}
    node = Path(sys.executable).with_name("node")
    environment["PYTHONPATH"] = str(copy)
    environment |= {"JSII_NODE": str(node)} if node.is_file() else {}
    done = subprocess.run(  # noqa: S603  # our own command
        [sys.executable, *command], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def test_the_blocks_are_a_whole_automation() -> None:
    parts = ("__init__.py", "manifest.py", "decision.py", "effects.py", "handler.py", "README.md")
    wanted = {f"functions/{TOY}/{part}" for part in parts} | {"functions/catalog.py"}
    wanted |= {f"tests/{TOY}/{part}.py" for part in ("stories", "test_decision", "test_effects", "test_handler")}
    assert blocks().keys() == wanted | {f"functions/{TOY}/events/retention-changed.synthetic.json"}
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^```(?:python|json|markdown)$", text, re.MULTILINE)) == len(blocks())


def test_the_blocks_keep_the_rules(copy: Path) -> None:
    folders = [f"functions/{TOY}", f"tests/{TOY}"]
    assert "All checks passed!" in run(copy, "-m", "ruff", "check", "--no-cache", *folders)
    assert "files already formatted" in run(copy, "-m", "ruff", "format", "--no-cache", "--check", *folders)


def test_its_own_tests_and_those_of_all_pass(copy: Path) -> None:
    ours = [f"tests/{TOY}", "tests/test_imports.py", "tests/test_catalog.py"]
    printed = run(
        copy, "-m", "pytest", *ours, "-k", f"{TOY} or (imports and not planted and not draws) or catalog_once"
    )
    passed = re.search(r"(\d+) passed", printed)
    assert passed is not None
    assert int(passed[1]) > 25


def test_plan_shows_what_it_finds(copy: Path) -> None:
    document: dict[str, Any] = json.loads(run(copy, "-c", PLAN, status=1))
    (finding,) = document["findings"]
    assert finding["check"] == "retention-too-short"
    assert finding["resource"] == "arn:aws:logs:us-east-1:123456789012:log-group:payments"
    assert {row["status"] for row in document["coverage"]} == {"COMPLETE"}
    assert document["actions"] == []


def test_the_template_deploys_it(copy: Path, tmp_path: Path) -> None:
    if not Path(sys.executable).with_name("node").is_file() and not shutil.which("node"):
        pytest.skip("no node was found; it comes with requirements/dev.txt")
    template = json.loads(run(copy, "-c", SYNTH, str(tmp_path)))
    functions = [r["Properties"] for r in of_type(template, "AWS::Lambda::Function")]
    assert f"functions.{TOY}.handler.lambda_handler" in {function["Handler"] for function in functions}
    patterns = [r["Properties"]["EventPattern"] for r in of_type(template, "AWS::Events::Rule")]
    assert any(pattern.get("source") == ["aws.logs"] for pattern in patterns)
    assert "logs:DescribeLogGroups" in set(_actions(template))
    rates = [r["Properties"]["ScheduleExpression"] for r in of_type(template, "AWS::Scheduler::Schedule")]
    assert "rate(1 day)" in rates


def of_type(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [resource for resource in template["Resources"].values() if resource["Type"] == kind]


def _actions(template: dict[str, Any]) -> Iterator[str]:
    for policy in of_type(template, "AWS::IAM::ManagedPolicy"):
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            yield from [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
