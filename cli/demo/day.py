"""Plays the day: what happens in AWS, hour by hour, and what is done and told about it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter

from cli.demo.scene import Scene
from cli.demo.screen import Screen
from cli.demo.world import World
from functions.shared.ledger.records import moment

STEP = timedelta(minutes=30)


@dataclass(slots=True)
class Day:
    """Lets the emulated clock run, and shows what is new after each step.

    Attributes:
        world: the emulated AWS.
        screen: where it is shown.
    """

    world: World
    screen: Screen
    _actions_shown: set[str] = field(default_factory=set)
    _messages_shown: int = 0

    def play(self, scenes: Iterable[Scene], length: timedelta) -> None:
        """Play all *scenes* and let the clock run until *length* has passed."""
        began_at = self._now()
        waiting = sorted(scenes, key=lambda scene: scene.after)
        for after in _steps(length):
            self._move_to(began_at + after)
            while waiting and waiting[0].after <= after:
                scene = waiting.pop(0)
                self.screen.happened(self._now(), scene.text)
                scene.play(self._now())

    def wait(self, length: timedelta) -> None:
        """Let the clock run on, showing what is new every half hour of its time."""
        began_at = self._now()
        for after in _steps(length):
            self._move_to(began_at + after)

    def _move_to(self, at: datetime) -> None:
        self.world.aws.advance(at - self._now())
        self._show_news()

    def _show_news(self) -> None:
        """Show what was done and told since the last step, each at its own moment."""
        done = [action for action in self.world.actions() if action["sk"] not in self._actions_shown]
        self._actions_shown |= {action["sk"] for action in done}
        messages = list(self.world.messages())
        told, self._messages_shown = messages[self._messages_shown :], len(messages)
        news = [(moment(action["started_at"]), partial(self.screen.did, action)) for action in done]
        news += [(message.at, partial(self.screen.told, message)) for message in told]
        for at, show in sorted(news, key=itemgetter(0)):
            show(at)

    def _now(self) -> datetime:
        return self.world.aws.clock.now()


def _steps(length: timedelta) -> Iterator[timedelta]:
    """Yield every step from the beginning to the end."""
    return (STEP * number for number in range(length // STEP + 1))
