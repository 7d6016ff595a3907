"""What a receiver that keeps incidents has been posted, and which of them it holds open."""

from typing import Any

from tests.notifications.conftest import World

NAME = "ops-pagerduty"


def webhook(form: str, name: str = "", **filters: Any) -> dict[str, Any]:
    """Return an entry of the configuration; its secret's URL names form and name."""
    called = name or f"ops-{form}"
    return {"name": called, "url_secret": f"hooks/{called}", "form": form, **filters}


def posts(world: World, name: str = NAME) -> list[dict[str, Any]]:
    """Return what was posted to a webhook that keeps incidents, the oldest first."""
    return [request.json() for request in world.aws.outbox.to(f"https://pagerduty.example.com/{name}")]


def open_incidents(world: World, name: str = NAME) -> set[str]:
    """Return the keys of the incidents that are open at the end."""
    return open_at_the_end(posts(world, name))


def open_at_the_end(events: list[dict[str, Any]]) -> set[str]:
    """Replay events of PagerDuty's Events API v2: a trigger opens an incident, or adds to it; a resolve closes it."""
    held: set[str] = set()
    for event in events:
        if event["event_action"] == "resolve":
            held.discard(event["dedup_key"])
        else:
            assert event["event_action"] == "trigger"
            held.add(event["dedup_key"])
    return held - {"watchkeeper-digest"}
