"""The checks of mutes: what they match, and when they end."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime

from cli.command.nearest import nearest
from cli.configuration.cross_checks.view import View
from cli.configuration.problems import Problem, dotted
from cli.terminal.safe_text import quoted
from functions.shared.automation import checks_of
from functions.shared.mutes import matches
from functions.shared.settings import Settings

_UNLIKE = ("arn:aws:ram:us-east-1:000000000000:resource-share/0", "arn:aws:s3::999999999999:accesspoint/9")
"""Resources so unlike that a glob of both is a glob of any."""


def checks_like(glob: str, checks: Iterable[str]) -> list[str]:
    """Return those of *checks* that a glob matches."""
    return [check for check in checks if matches(glob, check)]


def is_of_everything(resource: str, check: str, checks: Collection[str]) -> bool:
    """Say whether a mute of these globs would silence every finding of an account."""
    return all(matches(resource, each) for each in _UNLIKE) and len(checks_like(check, checks)) == len(checks)


def aimless_mutes(view: View) -> Iterator[Problem]:
    """Find mutes of no check, and mutes of everything."""
    checks = [*checks_of(view.automations)]
    for place, mute in enumerate(view.document["mutes"] if view.sound("mutes") else ()):
        resource, check = str(mute.get("resource", "*")), str(mute.get("check", "*"))
        if not checks_like(check, checks):
            found = f"the glob {quoted(check)}, which matches no check"
            right = nearest(check.strip("*?"), checks)
            yield view.problem(("mutes", place, "check"), found, "a glob of at least one check", right)
        elif is_of_everything(resource, check, checks):
            yield view.problem(("mutes", place), "a mute of everything", "a resource or a check that is narrower")


def accountless_mutes(view: View) -> Iterator[Problem]:
    """Warn of mutes whose account is not in a scope that lists its accounts."""
    if not (view.sound("mutes") and view.sound("scope")):
        return
    listed = view.document["scope"].get("accounts", ["self"])
    if "self" in listed or not {"organization", "organizational_units"}.isdisjoint(view.document["scope"]):
        return
    for place, mute in enumerate(view.document["mutes"]):
        if "account" in mute and not any(matches(str(mute["account"]), each) for each in listed):
            found = f"{quoted(str(mute['account']))}, which matches no account in scope"
            yield view.problem(("mutes", place, "account"), found, "an account of the scope, or a glob of it")


def impossible_times(view: View) -> Iterator[Problem]:
    """Find mutes that expire on a date that does not exist."""
    for path, _, value in view.values():
        if path[:1] == ("mutes",) and path[-1] == "expires" and dotted(path) not in view.mistakes:
            try:
                datetime.fromisoformat(value)
            except ValueError:
                yield view.problem(path, f"the text {quoted(value)}", "a date and a time of the calendar")


def ended_mutes(view: View) -> Iterator[Problem]:
    """Warn of mutes that have expired."""
    if not view.sound("mutes") or any(impossible_times(view)):
        return
    for place, mute in enumerate(Settings(view.document).mutes):
        if mute.expires_at <= view.now:
            found = f"a mute that ended at {mute.expires_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            yield view.problem(("mutes", place, "expires"), found, "a later time, or no such mute")
