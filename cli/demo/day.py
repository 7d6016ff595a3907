"""Plays the day: what happens in AWS, what Watchkeeper does, and what it notifies of."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter

from cli.demo.account import EmulatedAccount
from cli.demo.scenario import ScenarioStep
from cli.demo.screen import Screen
from functions.shared.ledger.records import moment

_TICK = timedelta(minutes=30)


@dataclass(slots=True)
class Day:
    """Runs the emulated clock, and shows what is new every half hour.

    Attributes:
        account: in the emulated AWS.
        screen: for what happens.
    """

    account: EmulatedAccount
    screen: Screen
    _actions_shown: set[str] = field(default_factory=set)
    _messages_shown: int = 0

    def play(self, steps: Iterable[ScenarioStep], length: timedelta) -> None:
        """Play all *steps* and run the clock until *length* has passed."""
        began_at = self._now()
        waiting = sorted(steps, key=lambda step: step.after)
        for after in _ticks(length):
            self._move_to(began_at + after)
            while waiting and waiting[0].after <= after:
                step = waiting.pop(0)
                self.screen.happened(self._now(), step.text)
                step.play(self._now())

    def _move_to(self, at: datetime) -> None:
        self.account.aws.advance(at - self._now())
        self._show_news()

    def _show_news(self) -> None:
        """Show the actions and notifications since the last time, in their order."""
        done = [action for action in self.account.actions() if action["sk"] not in self._actions_shown]
        self._actions_shown |= {action["sk"] for action in done}
        messages = list(self.account.messages())
        notified, self._messages_shown = messages[self._messages_shown :], len(messages)
        news = [(moment(action["started_at"]), partial(self.screen.acted, action)) for action in done]
        news += [(message.at, partial(self.screen.notified, message)) for message in notified]
        for at, show in sorted(news, key=itemgetter(0)):
            show(at)

    def _now(self) -> datetime:
        return self.account.aws.clock.now()


def _ticks(length: timedelta) -> Iterator[timedelta]:
    """Yield each half hour from the beginning to the end."""
    return (_TICK * number for number in range(length // _TICK + 1))
