"""What the documents name is there: tests, files, headings, outputs of the stack, and the calls of commands to copy."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.model import ServiceModel
from botocore.session import Session

from functions.catalog import AUTOMATIONS
from infra.logical_ids import logical

ROOT = Path(__file__).parents[1]
PAGES = [
    page
    for places in ("*", "docs/*", "docs/decisions/*", "docs/runbooks/*", "functions/*/*")
    for page in ROOT.glob(f"{places}.md")
]
THREATS, CHECK_LIST, QUESTIONS = (
    ROOT / "docs" / f"{name}.md" for name in ("threat-model", "first-deployment", "open-questions")
)
OF_THE_COMMAND_LINE = {"region", "query", "output", "profile", "debug"}
ITS_OWN = {"s3": ("mb", "ls", "cp", "rb"), "cloudformation": ("deploy",)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_to_a_file_and_a_heading(page: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", page.read_text(encoding="utf-8")):
        path = (page.parent / unquote(target)).resolve() if target else page
        assert path.exists(), f"{page.name} links to {target}"
        assert not anchor or anchor in headings(path), f"{page.name} links to {target}#{anchor}"


def headings(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as a forge makes them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_row_of_the_threat_model_names_tests_that_exist() -> None:
    rows = [line for line in THREATS.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    attacks = [row for row in rows if not row.startswith("| attack ")]
    assert len(attacks) > 30
    for row in attacks:
        tests = re.findall(r"`([\w/]+\.py)::(\w+)`", row)
        assert tests, row
        for path, name in tests:
            assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), f"{path}::{name}"


@cache
def model(service: str) -> ServiceModel | None:
    """Return what AWS's command line calls a service."""
    try:
        return Session().get_service_model({"s3api": "s3"}.get(service, service))
    except UnknownServiceError:
        return None


def commands(page: Path) -> list[list[str]]:
    """Return the calls of AWS's command line on a page, each as its words up to the next command."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = "\n".join([*blocks, *re.findall(r"`(aws [^`]+)`", text)]).replace("\\\n", " ")
    bare = re.sub(r"'[^']*'|\"(?:\\.|[^\"\\])*\"", "TEXT", lines)
    found = re.findall(r"\baws ([a-z0-9-]+) ([a-z0-9-]+)([^|;\n]*)", bare)
    return [[service, operation, *re.findall(r"(?<=\s)--([a-z0-9-]+)", rest)] for service, operation, rest in found]


@pytest.mark.parametrize("page", [CHECK_LIST, QUESTIONS], ids=lambda page: page.name)
def test_a_command_to_copy_is_one_that_aws_has(page: Path) -> None:
    found = commands(page)
    assert found
    for service, operation, *options in found:
        if operation in ITS_OWN.get(service, ()):
            continue
        known = model(service)
        assert known, service
        names = {xform_name(name, "-"): name for name in known.operation_names}
        assert operation in names, f"{service} {operation}"
        members = known.operation_model(names[operation]).input_shape
        allowed = {xform_name(name, "-") for name in (members.members if members else ())} | OF_THE_COMMAND_LINE
        assert set(options) <= allowed, f"{service} {operation}"


def test_the_check_list_asks_for_outputs_that_the_stack_has() -> None:
    text = CHECK_LIST.read_text(encoding="utf-8")
    outputs = (ROOT / "infra" / "outputs.py").read_text(encoding="utf-8")
    functions = {f"{logical(each.name)}FunctionName" for each in AUTOMATIONS}
    asked = set(re.findall(r"\$\(output (\w+)\)", text))
    assert len(asked) > 2
    assert {name for name in asked - functions if f'"{name}"' not in outputs} == set()


def test_the_check_list_is_found_from_where_somebody_looks() -> None:
    for page in ("README.md", "docs/open-questions.md"):
        assert "first-deployment.md" in (ROOT / page).read_text(encoding="utf-8")
    assert "threat-model.md" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")
