"""Reads what the command line wants to silence, until when, and who answers for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cli.command.moments import length_in
from cli.command.nearest import question
from cli.command.options import Options
from cli.configuration.cross_checks.mutes import checks_like, is_of_everything
from cli.errors import UsageError
from cli.terminal.safe_text import quoted
from functions.catalog import FUNCTIONS
from functions.shared.automation import checks_of
from functions.shared.ledger.records import Item, timestamp
from functions.shared.mutes import Mute, end_of, matches

LONGEST = timedelta(days=366)
_EXAMPLE = "for example: watchkeeper mute --check 'invitation-*' --until 8h --owner 'Ann' --reason 'known sender'"


@dataclass(frozen=True, slots=True)
class Globs:
    """What is silenced.

    Attributes:
        resource: glob over the ARN; ``*`` for any.
        check: glob over the check; ``*`` for any.
        account: glob over the 12 digits; ``*`` for any.
    """

    resource: str
    check: str
    account: str

    @classmethod
    def asked(cls, options: Options, own_account: str, in_scope: Iterable[str]) -> "Globs":
        """Read the globs of the command line.

        Args:
            options: of the command line.
            own_account: 12 digits, for ``self``.
            in_scope: the accounts, where they are known; empty for any.

        Raises:
            UsageError: they match no check or no account in scope, or every finding.
        """
        named = {own_account if each == "self" else each for each in options.accounts}
        if len(named) > 1:
            raise UsageError(
                "mute takes one --account", "a glob such as 1234* stands for several; or mute each of them"
            )
        globs = cls(options.resource or "*", options.check or "*", named.pop() if named else "*")
        checks = [*checks_of(FUNCTIONS)]
        if not checks_like(globs.check, checks):
            near = question(globs.check.strip("*?"), checks)
            raise UsageError(f"no check matches {quoted(globs.check)}{near}", f"the checks are {', '.join(checks)}")
        if is_of_everything(globs.resource, globs.check, checks):
            raise UsageError("this would silence every finding", "name a --resource or a --check that is narrower")
        accounts = [*in_scope]
        if accounts and not any(matches(globs.account, each) for each in accounts):
            hint = f"the scope has {', '.join(accounts)}"
            raise UsageError(f"no account in scope matches {quoted(globs.account)}", hint)
        return globs

    @classmethod
    def of_finding(cls, finding: Item) -> "Globs":
        """Return what silences one finding, and its like in the same account, resource and check."""
        return cls(finding["resource"], finding["check"], finding["account"])

    def applies_to(self, finding: Item) -> bool:
        """Say whether a finding of the ledger would be silenced."""
        pairs = ((self.resource, "resource"), (self.check, "check"), (self.account, "account"))
        return all(matches(glob, finding[name]) for glob, name in pairs)


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms something is silenced.

    Attributes:
        owner: who answers for it.
        reason: why.
        expires_at: when it ends by itself.
    """

    owner: str
    reason: str
    expires_at: datetime

    @classmethod
    def asked(cls, options: Options, now: datetime) -> "Terms":
        """Read the terms of the command line.

        Raises:
            UsageError: one is missing, or the time is none, over or too far away.
        """
        asked = {"--until": options.until, "--owner": options.owner, "--reason": options.reason}
        if lacking := [name for name, text in asked.items() if not text.strip()]:
            raise UsageError(f"mute needs {' and '.join(lacking)}", _EXAMPLE)
        expires_at = _moment(options.until, now)
        if expires_at <= now:
            raise UsageError(f"--until {quoted(options.until)} is over: it is {timestamp(now)} now", _EXAMPLE)
        if expires_at - now > LONGEST:
            hint = "what is silenced for good belongs in the section mutes of the configuration, where others review it"
            raise UsageError(f"a mute lasts {LONGEST.days} days at most", hint)
        return cls(options.owner.strip(), options.reason.strip(), expires_at)


def refuse_mixtures(options: Options) -> None:
    """Refuse options of which one makes another meaningless, and a command that says nothing.

    Raises:
        UsageError: there are such.
    """
    begins = ("finding", "resource", "check", "until", "owner", "reason", "accounts", "yes")
    given = [name for name in begins if getattr(options, name)]
    if (options.list or options.end) and (given or (options.list and options.end)):
        what = "--list" if options.list else "--end"
        raise UsageError(f"mute {what} takes no other option", "give one of --list, --end and what to silence")
    if options.finding and (options.resource or options.check or options.accounts):
        raise UsageError("a finding says its resource, check and account itself", "leave out the globs, or the finding")
    if not (options.list or options.end or options.finding or options.resource or options.check):
        raise UsageError("mute needs what to silence: --resource, --check, or the id of a finding", _EXAMPLE)


def mute_of(globs: Globs, terms: Terms) -> Mute:
    """Return the mute that is asked for; the ledger gives it an id."""
    return Mute(globs.resource, globs.check, globs.account, terms.reason, terms.owner, terms.expires_at)


def _moment(text: str, now: datetime) -> datetime:
    """Return when a length, a date or a moment ends."""
    if (length := length_in(text)) is not None:
        return now + length
    try:
        return end_of(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        hint = "a length such as 8h, 3d or 2w, a date such as 2026-12-31, or a moment such as 2026-12-31T12:00:00Z"
        raise UsageError(f"--until {quoted(text)} is no time", hint) from error
