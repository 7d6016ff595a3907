"""What a person is told of a finding: its title, and what to do about it, with the finding's own values filled in."""

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import quote

from functions.shared.automation import Check
from functions.shared.finding import Finding, Remediation, plain_line, quoted, short_name, value_text
from functions.shared.run.context import RunContext

RUNBOOKS = "https://github.com/watchkeeper/watchkeeper/blob/main/docs/runbooks/{check}.md"
"""Where the runbooks are, unless the configuration says that they are published elsewhere."""

CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
    "aws-eusc": "console.amazonaws-eusc.eu",
}
"""Hosts of the AWS console, by partition.

Source: https://docs.aws.amazon.com/general/latest/gr/aws-arns.html
"""

_UNKNOWN = "unknown"
_NOT_A_VALUE = ("-", "file://", "fileb://", "http://", "https://")
"""What the AWS CLI takes for an option, or for a place to read the value from.

Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html
"""


def described(finding: Finding, check: Check, context: RunContext) -> Finding:
    """Return a finding with its title, what to do about it, and the names of its thing and its account.

    Args:
        finding: as the run judged it; a thing that it does not name is called by the end of its ARN.
        check: what it was judged by.
        context: of the run.
    """
    name, account_name = finding.resource_name or _end_of(finding.resource), context.account_name()
    members = {
        **finding.evidence,
        "automation": finding.automation,
        "account": finding.account,
        "region": finding.region,
        "resource": finding.resource,
        "occurrence": finding.occurrence,
        "name": name,
    }
    runbooks = str(context.section("notifications")["runbooks_url"])
    return replace(
        finding,
        title=title_of(check, members | {"account": account_name or finding.account}),
        resource_name=name,
        account_name=account_name,
        remediation=remediation_of(check, members, context.target.partition, runbooks),
    )


def title_of(check: Check, members: Mapping[str, object]) -> str:
    """Return the title of a finding; a value that it lacks is called unknown.

    Args:
        check: what it was judged by.
        members: of the finding, and of its evidence.
    """
    return check.title.format_map(_Filled(members, _in_a_title))


def remediation_of(check: Check, members: Mapping[str, object], partition: str, runbooks: str) -> Remediation:
    """Return what a person does about a finding.

    Args:
        check: what it was judged by.
        members: of the finding, and of its evidence.
        partition: of the account.
        runbooks: where the runbooks are published; ``{check}`` stands for the check, which else is the address's end.
            Empty for those of the project.
    """
    where = (runbooks if "{check}" in runbooks else f"{runbooks.rstrip('/')}/{{check}}") if runbooks else RUNBOOKS
    return Remediation(
        text=check.next_step.format_map(_Filled(members, _in_a_title)),
        command=_whole(check.command, members, shlex.quote),
        console_url=_console(check, members, partition),
        runbook_url=where.replace("{check}", check.id),
    )


def _console(check: Check, members: Mapping[str, object], partition: str) -> str:
    host, page = CONSOLES.get(partition, ""), _whole(check.console, members, _in_an_address)
    return f"https://{host}/{page}" if host and page else ""


def _whole(template: str, members: Mapping[str, object], write: Callable[[str], str]) -> str:
    """Fill in a template; return nothing where a value is missing, or could be taken for something else."""
    filled = _Filled(members, write)
    text = template.format_map(filled)
    return "" if filled.is_doubtful else text


class _InATitle(str):
    """A value of a title or a next step; the conversion ``!r`` puts it into quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Quote it."""
        return quoted(self)


class _Filled(dict[str, str]):
    """The values of a template, written as its reader needs them."""

    def __init__(self, members: Mapping[str, object], write: Callable[[str], str]) -> None:
        super().__init__()
        self.is_doubtful = False
        self._members = members
        self._write = write

    def __missing__(self, name: str) -> str:
        value = self._members.get(name)
        text = "" if value is None else value_text(value)
        if not text or text.startswith(_NOT_A_VALUE) or not text.isprintable():
            self.is_doubtful = True
        return self._write(text or _UNKNOWN)


def _in_a_title(text: str) -> str:
    return _InATitle(short_name(text))


def _in_an_address(text: str) -> str:
    return quote(text, safe="")


def _end_of(arn: str) -> str:
    """Return what an ARN calls a thing: its end, without the kind; of all of a kind, ``every`` and the kind."""
    *_, kind, name = re.split("[:/]", f":{arn}")
    return plain_line(f"every {kind}" if kind and name == "*" else name or arn)
