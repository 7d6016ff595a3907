"""Where an event says to look, and nothing else of it."""

import re
from typing import Any

import pytest

from functions.shared.aws.target import SWEEP_EVENT
from functions.shared.run.events import Selection, selection_of

THING = re.compile(r"arn:aws:x:::thing/\d+")
EVENT = {"source": "aws.x", "account": "111122223333", "region": "eu-west-1", "resources": [], "detail": {}}


def _named(count: int) -> list[str]:
    return [f"arn:aws:x:::thing/{number}" for number in range(count)]


def _wake(*named: str) -> Selection:
    return Selection("111122223333", "eu-west-1", frozenset(named))


def test_the_schedule_looks_at_everything() -> None:
    assert selection_of(dict(SWEEP_EVENT), THING) == Selection()
    assert selection_of({**SWEEP_EVENT, "account": "111122223333", "more": 1}, THING) == Selection()


def test_an_event_of_aws_looks_at_its_account_and_region() -> None:
    assert selection_of(EVENT, THING) == _wake()


@pytest.mark.parametrize("place", ["resources", "detail"])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda arns: arns,
        lambda arns: [[arns]],
        lambda arns: {"a": {"b": arns}},
        lambda arns: [{"c": arns}, None, 1],
    ],
)
def test_what_it_names_is_found_wherever_it_stands(place: str, wrap: Any) -> None:
    assert selection_of(EVENT | {place: wrap(_named(2))}, THING) == _wake(*_named(2))


def test_only_whole_texts_name_something() -> None:
    texts = ["see arn:aws:x:::thing/1", "arn:aws:x:::thing/1\n", "arn:aws:x:::thing/", "arn:aws:x:::other/1"]
    assert selection_of(EVENT | {"detail": texts}, THING) == _wake()


def test_a_name_of_a_member_names_nothing() -> None:
    assert selection_of(EVENT | {"detail": {"arn:aws:x:::thing/1": 1}}, THING) == _wake()


def test_twenty_are_looked_at_alone_and_more_are_a_look_at_everything() -> None:
    assert selection_of(EVENT | {"resources": _named(20)}, THING) == _wake(*_named(20))
    for many in (21, 10_000):
        assert selection_of(EVENT | {"resources": _named(many)}, THING) == _wake()
    assert selection_of(EVENT | {"resources": _named(1) * 100}, THING) == _wake(*_named(1))


def test_no_depth_is_too_deep() -> None:
    nested: Any = _named(1)
    for _ in range(50_000):
        nested = [nested]
    assert selection_of(EVENT | {"detail": nested}, THING) == _wake(*_named(1))


@pytest.mark.parametrize(
    "event",
    [
        *(None, [], [EVENT], [1, [2]], 7, 1.5, "text", "Sweep", b"bytes", True, {}, {1: 2}, {"detail": [{}]}),
        {f"key {number}\n": "x" * 1000 for number in range(1000)},
        {**SWEEP_EVENT, "detail-type": ["Sweep"]},
    ],
    ids=lambda event: str(event)[:40],
)
def test_what_is_no_event_wakes_nobody(event: object) -> None:
    assert selection_of(event, THING) is None


@pytest.mark.parametrize(
    "change",
    [
        {"source": "x.aws."},
        {"source": "somebody"},
        {"source": "watchkeeper"},
        {"source": None},
        {"source": ["aws.x"]},
        {"account": "11112222333"},
        {"account": "1111222233334"},
        {"account": "111122223333\n"},
        {"account": 111122223333},
        {"account": ["111122223333"]},
        {"account": None},
        {"region": ""},
        {"region": None},
        {"region": {}},
        {"region": ["eu-west-1"]},
    ],
    ids=str,
)
def test_an_event_that_says_not_where_wakes_nobody(change: dict[str, Any]) -> None:
    assert selection_of(EVENT | change, THING) is None


def test_a_member_tells_what_a_text_is_where_the_text_alone_does_not() -> None:
    named = re.compile(r"arn:aws:x:::vault/(\w+)|(?i:vaultName)=(\w+)")
    detail = {
        "requestParameters": {"VaultName": "prod", "note": "vaultname"},
        "more": ["prod", "arn:aws:x:::vault/dev"],
    }
    assert selection_of(EVENT | {"detail": detail}, named) == _wake("prod", "dev")


# Elsewhere than where the event comes from

SOURCED = re.compile(r"source=(arn:aws:x:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):vault/\w+)|name=(\w+)")
OWNER = "444455556666"


def _source(account: str = OWNER, region: str = "us-east-1", name: str = "prod") -> str:
    return f"arn:aws:x:{region}:{account}:vault/{name}"


def test_a_thing_that_is_elsewhere_is_looked_at_where_it_is() -> None:
    detail = {"source": _source(), "name": "ours"}
    expected = Selection(OWNER, "us-east-1", frozenset({_source()}))
    assert selection_of(EVENT | {"detail": detail}, SOURCED) == expected
    assert selection_of(EVENT | {"detail": {"name": "ours"}}, SOURCED) == _wake("ours")


def test_an_event_that_names_two_places_looks_at_its_own() -> None:
    for other in (_source("777788889999"), _source(region="eu-west-1")):
        detail = [{"source": _source()}, {"source": other}]
        assert selection_of(EVENT | {"detail": detail}, SOURCED) == _wake()
    both = [{"source": _source()}, {"source": _source(name="dev")}]
    expected = Selection(OWNER, "us-east-1", frozenset({_source(), _source(name="dev")}))
    assert selection_of(EVENT | {"detail": both}, SOURCED) == expected


@pytest.mark.parametrize("account", [OWNER.translate({ord("4"): "٤"}), "12345678901", "self", "*"])
def test_an_account_that_is_none_leads_nowhere(account: str) -> None:
    assert selection_of(EVENT | {"detail": {"source": _source(account)}}, SOURCED) == _wake()


def test_an_event_that_may_be_about_any_account_looks_everywhere() -> None:
    expected = Selection("111122223333", "eu-west-1", everywhere=True)
    assert selection_of(EVENT | {"detail": {"source": _source()}}, SOURCED, ("aws.x",)) == expected
    assert selection_of(EVENT | {"account": "self"}, SOURCED, ("aws.x",)) is None
