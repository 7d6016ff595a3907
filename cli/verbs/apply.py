"""Makes the changes that the configuration has on apply, or of these the changes of a plan alone."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cli.command.options import Options
from cli.configuration.loading import load
from cli.errors import UsageError
from cli.exit_status import ExitStatus, exit_status
from cli.hubs.hub import CommandHub, dry, enter
from cli.output.writing import show
from cli.run.consent import approved, asked, note_what_was_not_shown, show_actions
from cli.run.plan_file import Plan, note_left_out, read_plan, with_left_out
from cli.run.resume import is_interrupted, nothing_to_resume
from cli.run.runner import Runner
from cli.run.saved_result import read_earlier
from functions.report.html.markup import counted
from functions.report.result import Result
from functions.report.verdict import RunVerdict, verdict_of
from functions.shared.ledger.actions import ActionKey


def run(options: Options) -> int:
    """Ask, unless told not to; then change, record, and show the state after it."""
    settings, previous = load(options.config), read_earlier(options.since)
    plan = _plan_of(options)
    if not options.yes and not sys.stdin.isatty():
        raise UsageError(
            "apply needs confirmation, but there is no terminal: use --yes",
            "plan shows the changes without making them",
        )
    hub = enter(settings, options, dry_run=False)
    if plan:
        plan.check(settings, hub.account)
        hub = replace(hub, approved=plan.keys)
    application = _Application(hub, options, previous, plan)
    return application.act() if options.yes else application.ask_and_act()


def _plan_of(options: Options) -> Plan | None:
    if options.plan is None:
        return None
    if options.automations or options.accounts or options.regions:
        sentence = "apply makes the changes of a whole plan, without --automation, --account or --region"
        raise UsageError(sentence, "plan can be limited to a part")
    return read_plan(options.plan)


@dataclass(frozen=True, slots=True)
class _Application:
    """What is to be applied, and how.

    Attributes:
        hub: which may make only the changes of the plan, if there is one.
        options: of the command line.
        previous: the result to compare with.
        plan: whose changes alone are made; None for all that the configuration allows.
    """

    hub: CommandHub
    options: Options
    previous: Result | None
    plan: Plan | None

    def ask_and_act(self) -> int:
        """Show what would be done, ask for consent, and do what was shown.

        Either the dry run before the question or the run after it may be the one to resume.

        Raises:
            UsageError: there is no run to resume.
        """
        looking, options = dry(self.hub), self.options
        dry_resumes, resumes = (options.resume and is_interrupted(each, options) for each in (looking, self.hub))
        if options.resume and not (dry_resumes or resumes):
            raise nothing_to_resume()
        with self._runner(looking, _resuming(options, dry_resumes)).run() as preview:
            if verdict_of(preview) is RunVerdict.NOTHING or not self._is_possible(preview):
                return self._end(preview)
            shown = self._approved(preview)
        if shown is None:
            return ExitStatus.INTERRUPTED
        hub = replace(self.hub, approved=shown)
        return replace(self, hub=hub, options=_resuming(options, resumes)).act(is_repeated=True)

    def act(self, *, is_repeated: bool = False) -> int:
        """Make the changes, and show the state after them."""
        runner = self._runner(self.hub, self.options, self.previous)
        runner.is_repeated = is_repeated
        with runner.run() as document:
            return self._end(document)

    def _runner(self, hub: CommandHub, options: Options, previous: Result | None = None) -> Runner:
        return Runner(hub, options, previous, jobs=self.plan.jobs if self.plan else None)

    def _is_possible(self, preview: Mapping[str, Any]) -> bool:
        return self.plan is None or bool(self.plan.holding(preview, self.hub.settings))

    def _approved(self, preview: Mapping[str, Any]) -> frozenset[ActionKey] | None:
        if self.plan is None:
            return approved(preview, self.hub.settings.document)
        holding = self.plan.holding(preview, self.hub.settings)
        left_out = [*self.plan.left_out(preview, self.hub.settings)]
        show_actions({**preview, "actions": holding})
        note_left_out(left_out)
        return asked(
            f"Make {counted(len(holding), 'change')} of the plan, and write the findings to the ledger?", holding
        )

    def _end(self, document: Mapping[str, Any]) -> int:
        """Show the result; of a plan also what was left out of it."""
        if self.plan is None:
            show(document, self.options)
            note_what_was_not_shown(document)
            return exit_status(document)
        left_out = [*self.plan.left_out(document, self.hub.settings)]
        show({**document, "actions": with_left_out(document["actions"], left_out)}, self.options)
        note_left_out(left_out)
        note_what_was_not_shown(document, "those of the plan")
        return exit_status(document)


def _resuming(options: Options, resume: bool) -> Options:  # noqa: FBT001  # it is a member of the options
    return Options(**{**vars(options), "resume": resume})
