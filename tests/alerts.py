"""What a person is told of a finding, held against AWS's own models, a shell, and the pages of the repository."""

import re
import shlex
import subprocess
from functools import cache
from pathlib import Path
from string import Formatter
from urllib.parse import quote, urlsplit

from botocore import xform_name
from botocore.model import OperationModel
from botocore.session import Session

from functions.shared.automation import Automation, Check
from functions.shared.finding import Ending, Finding, value_text
from functions.shared.run.remediation import remediation_of
from functions.shared.run.sweep import Sweep

RUNBOOKS = Path(__file__).parents[1] / "docs" / "runbooks"
HEADINGS = ["What it means", "Why it matters", "Look", "Decide", "Do", "How it ends", "Mute it"]
OF_THE_COMMAND_LINE = {"region", "query", "output"}
OF_THE_PAGES = OF_THE_COMMAND_LINE | {"cli-binary-format"}
SEVERITIES = ["LOW", "MEDIUM", "HIGH", "CRITICAL"]
HOSTILE = "$(touch broken) `touch broken`; touch broken 'x\" & \\"
"""A name that would do something wherever it were not one word."""


def endings(sweep: Sweep) -> dict[str, Ending]:
    """Return how the findings that were open before a sweep ended, by their checks."""
    return {sweep.open_before[finding_id]["check"]: end for finding_id, end in sweep.ended().items()}


def assert_it_can_be_acted_on(finding: Finding) -> None:
    """Hold what a person is told: a title and a reason with their subject, a command to paste, and where to read on."""
    values = [finding.resource_name, finding.region, *map(value_text, finding.evidence.values())]
    assert "unknown" not in finding.title + finding.remediation.text
    assert any(value and value in finding.title for value in values), finding.title
    assert finding.reason[0].isupper(), finding.reason
    assert not re.search(r"\b(keeps|says that) it\b|, and it is ", finding.reason), finding.reason
    assert finding.remediation.runbook_url.endswith(f"/docs/runbooks/{finding.check}.md")
    console = urlsplit(finding.remediation.console_url)
    assert (console.scheme, console.hostname, bool(console.path)) == ("https", "console.aws.amazon.com", True)
    assert finding.remediation.command
    assert_aws_has(finding.remediation.command)


def assert_aws_has(command: str, *, of_a_page: bool = False) -> None:
    """Hold a command: a shell takes it, and AWS has the operation and each of its parameters, and lacks none."""
    assert not subprocess.run(["bash", "-n"], input=command, text=True, check=False).returncode, command  # noqa: S607
    words = shlex.split(command)
    if words[0] == "watchkeeper":
        return
    assert words[0] == "aws", command
    shape = operation_of(*words[1:3]).input_shape
    members = {xform_name(name, "-"): member for name, member in (shape.members if shape else {}).items()}
    given = {word[2:].removeprefix("no-"): word for word in words[3:] if word.startswith("--")}
    assert given.keys() <= members.keys() | (OF_THE_PAGES if of_a_page else OF_THE_COMMAND_LINE), command
    assert "region" in given, command
    positional = {"payload", "outfile"}
    assert {xform_name(name, "-") for name in (shape.required_members if shape else ())} <= given.keys() | positional
    for option, value in zip(words[3:], [*words[4:], "--"], strict=True):
        is_alone = option.startswith("--") and value.startswith("--")
        assert not is_alone or members[option[2:].removeprefix("no-")].type_name == "boolean", command


@cache
def operation_of(service: str, command: str) -> OperationModel:
    """Return the operation that AWS's command line calls so."""
    model = Session().get_service_model(service)
    return model.operation_model({xform_name(name, "-"): name for name in model.operation_names}[command])


def assert_page_is_whole(check: Check) -> None:
    """Hold the runbook of a check: its headings, commands that AWS has, and how to mute it."""
    text = (RUNBOOKS / f"{check.id}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {check.id}\n\n{check.severity}")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    assert all(section.strip() for section in re.split(r"^## .+$", text, flags=re.MULTILINE))
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for line in "".join(blocks).replace("\\\n", " ").splitlines():
        assert_aws_has(line, of_a_page=True)
    mute = text.partition("## Mute it\n")[2]
    options = (f"--check {check.id} ", "--resource ", "--owner ", "--reason ", "--until ")
    assert [option for option in options if option not in mute] == []


def assert_hostile_values_act_nowhere(check: Check) -> None:
    """Hold that in a check's command a hostile value stays within one word, and in its link within one part."""
    told = check.title, check.next_step, check.command, check.console
    places = {place for template in told for _, place, _, _ in Formatter().parse(template) if place}
    said = remediation_of(check, dict.fromkeys(places, HOSTILE), "aws", "")
    assert_aws_has(said.command)
    words, template = shlex.split(said.command), shlex.split(check.command)
    assert len(words) == len(template)
    assert words == [re.sub(r"\{\w+\}", lambda _: HOSTILE, word) for word in template]
    address = re.sub(r"\{\w+\}", lambda _: quote(HOSTILE, safe=""), check.console)
    assert said.console_url == f"https://console.aws.amazon.com/{address}"


def assert_supersedes_only_less(automation: Automation) -> None:
    """Hold that a check takes the place of checks of its own automation, none of which is worse, and never in turns."""
    checks = {check.id: check for check in automation.checks}
    for check in checks.values():
        for lesser in check.supersedes:
            assert SEVERITIES.index(checks[lesser].severity) <= SEVERITIES.index(check.severity)
            assert check.id not in checks[lesser].supersedes
