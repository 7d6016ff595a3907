"""Stories, from a record in the ledger's stream to what Security Hub holds of it."""

from typing import Any

import pytest
from moto.securityhub.models import SecurityHubBackend

from emulator.faults import Fault
from functions.notifications.decision import Channel, NotificationKind, RecordKind
from functions.notifications.policy import Policy
from functions.notifications.threads import decide
from functions.shared.finding import Severity
from tests.conftest import NOW, settings
from tests.notifications.conftest import ALERT, ENDED, TARGET, WATCHER, WORSE, World, calls, finding, record, several
from tests.notifications.test_asff import problems

ON = pytest.mark.parametrize("notifications", [{"security_hub": True}], ids=["on"])
STORM = pytest.mark.parametrize(
    "notifications", [{"security_hub": True, "digest_after": 3}], ids=["on, digest after 3"]
)
IMPORT = "securityhub:BatchImportFindings"


def held(world: World) -> dict[str, tuple[str, str, str]]:
    """Return severity, compliance and state of each finding in Security Hub, by its resource."""
    assert world
    return {
        each["Resources"][0]["Id"]: (each["Severity"]["Label"], each["Compliance"]["Status"], each["RecordState"])
        for each in calls("securityhub")("GetFindings")["Findings"]
    }


def sent(world: World) -> list[list[dict[str, Any]]]:
    """Return the findings of each call so far."""
    return [call.parameters["Findings"] for call in world.aws.calls.of(IMPORT)]


@ON
def test_a_finding_opens_changes_and_ends_in_security_hub_too(world: World) -> None:
    arn = finding().resource
    world.sees(finding())
    assert held(world) == {arn: ("MEDIUM", "FAILED", "ACTIVE")}
    world.passes(minutes=10)
    world.sees(finding(severity=Severity.HIGH))
    assert held(world) == {arn: ("HIGH", "FAILED", "ACTIVE")}
    world.passes(minutes=10)
    world.sees()
    assert held(world) == {arn: ("HIGH", "PASSED", "ARCHIVED")}
    assert problems(*(each for call in sent(world) for each in call)) == []
    world.passes(hours=3)
    assert len(sent(world)) == 3
    assert world.mails() == [ALERT, WORSE, ENDED]
    assert world.types() == ["Finding Opened", "Finding Changed", "Finding Resolved"]


@ON
def test_what_returns_is_active_again(world: World) -> None:
    for _ in range(2):
        world.sees(finding())
        world.passes(minutes=10)
        world.sees()
        world.passes(minutes=10)
    assert [call[0]["RecordState"] for call in sent(world)] == ["ACTIVE", "ARCHIVED"] * 2
    times = [call[0]["UpdatedAt"] for call in sent(world)]
    assert times == sorted(set(times))


@ON
def test_what_is_too_mild_for_people_is_imported_and_what_is_muted_is_archived(world: World) -> None:
    mild, muted = finding("1", severity=Severity.LOW), finding("2")
    world.mutes(resource=muted.resource, hours=1)
    world.sees(mild, muted, muted=[muted])
    assert {state for _, _, state in held(world).values()} == {"ACTIVE", "ARCHIVED"}
    world.passes(hours=1, minutes=1)
    world.sees(mild, muted)
    assert {state for _, _, state in held(world).values()} == {"ACTIVE"}


@ON
def test_an_action_is_none_of_security_hubs_business(world: World) -> None:
    what = {"action": "ram:AcceptResourceShareInvitation", "resource": finding().resource, "rule": "hub", "reason": "x"}
    begun = world.ledger.begin_action(WATCHER, TARGET, what, "a change", world.now)
    world.ledger.end_action(begun, "DONE", "", world.now)
    world.passes(hours=1)
    assert sent(world) == []
    assert world.types() == ["Action Taken"]


def test_unless_it_is_asked_for_nothing_is_imported(world: World) -> None:
    world.sees(finding())
    world.passes(hours=1)
    assert sent(world) == []
    assert "imported_version" not in world.item()


@ON
def test_the_bus_is_sent_nothing_of_what_was_imported(world: World) -> None:
    world.sees(finding())
    world.passes(minutes=10)
    world.sees(finding(severity=Severity.HIGH))
    assert not [name for event in world.events() for name in event["detail"] if name.startswith("imported")]


@STORM
def test_a_storm_goes_in_few_calls(world: World) -> None:
    world.sees(*several(120))
    world.passes(minutes=6)
    assert [len(call) for call in sent(world)] == [100, 20]
    assert len(held(world)) == 100  # a page
    world.passes_whole(hours=2)
    assert len(sent(world)) == 2
    assert [kind for kind, _ in world.mails()] == ["digest"]


@ON
def test_what_stays_open_is_imported_again_before_security_hub_forgets_it(world: World) -> None:
    world.sees(finding(severity=Severity.LOW))
    for _ in range(31):
        world.passes(days=1)
    first, again = sent(world)
    assert again[0]["UpdatedAt"] > first[0]["UpdatedAt"]
    assert again[0]["Id"] == first[0]["Id"]


def test_once_it_is_switched_on_what_is_open_already_is_imported_within_a_day() -> None:
    policy = Policy.of(settings(notifications={"security_hub": True}).section("notifications"), {})
    known = record(version=3, notified_version=3, alerted_severity=Severity.MEDIUM, alerted_at=NOW)
    assert decide(known, policy, NOW).kinds == {Channel.SECURITY_HUB: NotificationKind.IMPORT}
    assert decide(record(RecordKind.ACTION), policy, NOW).kinds == {}


# What fails

OUTAGES = [
    pytest.param(Fault(IMPORT, "unavailable"), id="unavailable"),
    pytest.param(Fault(IMPORT, "throttle"), id="throttled"),
    pytest.param(Fault(IMPORT, "denied"), id="denied"),
    pytest.param(Fault(IMPORT, error="InvalidAccessException"), id="not subscribed"),
    pytest.param(Fault(IMPORT, "timeout-before"), id="no answer"),
    pytest.param(Fault(IMPORT, "timeout-after"), id="no answer, and done"),
    pytest.param(Fault(IMPORT, "broken-page"), id="an answer without an end"),
]


@ON
@pytest.mark.parametrize("fault", OUTAGES)
def test_an_outage_of_security_hub_delays_nobody_and_doubles_nothing(world: World, fault: Fault) -> None:
    world.aws.faults.add(fault)
    world.sees(finding("1"))
    assert world.mails() == [ALERT]
    assert world.types() == ["Finding Opened"]
    world.passes(minutes=30)
    world.sees(finding("1"), finding("2"))
    assert world.mails() == [ALERT, ALERT]
    world.passes(minutes=30)
    assert world.mails() == [ALERT, ALERT]
    assert world.types() == ["Finding Opened"]
    world.aws.faults.remove(fault)
    world.passes(minutes=6)
    assert held(world) == dict.fromkeys((finding("1").resource, finding("2").resource), ("MEDIUM", "FAILED", "ACTIVE"))
    world.sees()
    world.passes(minutes=30)
    assert world.mails() == [ALERT, ALERT, ENDED, ENDED]
    assert world.types() == ["Finding Resolved"] * 2
    assert {state for _, _, state in held(world).values()} == {"ARCHIVED"}


@ON
def test_what_changes_during_the_outage_is_a_change_for_the_bus(world: World) -> None:
    world.aws.faults.add(Fault(IMPORT, "denied"))
    world.sees(finding())
    world.sees(finding(reason="another"))
    assert world.types() == ["Finding Opened", "Finding Changed"]


@ON
def test_an_outage_that_lasts_is_loud(world: World) -> None:
    world.aws.faults.add(Fault(IMPORT, "denied"))
    world.sees(finding())
    assert world.dead_letters() == 0
    world.passes(hours=1)
    assert world.dead_letters() > 0
    assert any(run.outcome.failed for run in world.aws.functions.runs)


@ON
def test_an_outage_of_the_topic_does_not_import_again(world: World) -> None:
    world.aws.faults.add(Fault("sns:Publish", "denied", times=2))
    world.sees(finding())
    world.passes(minutes=30)
    assert world.mails() == [ALERT]
    assert len(sent(world)) == 1


@STORM
def test_one_finding_that_is_refused_holds_up_no_other(world: World) -> None:
    bad = finding("1").finding_id
    refused = Fault(IMPORT, error="InvalidInputException", match=lambda call: bad in str(call["Findings"]))
    world.aws.faults.add(refused)
    world.sees(*several(10))
    world.passes(minutes=6)
    assert held(world).keys() == {each.resource for each in several(10)} - {finding("1").resource}
    assert [kind for kind, _ in world.mails()] == ["digest"]
    marked = {item["resource"]: item.get("imported_version") for item in world.items("open#")}
    assert [name for name, version in marked.items() if version is None] == [finding("1").resource]
    world.aws.faults.remove(refused)
    world.passes(minutes=6)
    assert len(held(world)) == 10


@ON
def test_what_security_hub_names_as_failed_is_logged_and_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = {"Id": finding().finding_id, "ErrorCode": "InvalidAccess", "ErrorMessage": "not subscribed"}
    said: list[Any] = []
    with monkeypatch.context() as patch:
        patch.setattr(SecurityHubBackend, "batch_import_findings", lambda *_, **__: (1, 0, [failed]))
        patch.setattr("functions.notifications.effects.log.warning", lambda text, **more: said.append((text, more)))
        world.sees(finding())
    reason = {"finding_id": finding().finding_id, "reason": "InvalidAccess: not subscribed"}
    assert ("Security Hub did not take a finding", reason) in said
    assert "imported_version" not in world.item()
    world.passes(minutes=6)
    assert world.item()["imported_version"] == 1
    assert world.mails() == [ALERT]
