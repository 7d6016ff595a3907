"""What a run remembers from sweep to sweep, and what it says about an end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from cli.hubs.emulated_hub import TABLE_NAME
from emulator.aws import Emulator
from emulator.faults import Fault
from functions.ram_invitations.manifest import AUTOMATION
from functions.shared.aws.calls import CallError, NotOfferedError, RefusedError
from functions.shared.aws.target import Target
from functions.shared.finding import Ending, thread_id
from functions.shared.ledger.actions import Action, ActionStatus
from functions.shared.ledger.membership import Membership
from functions.shared.ledger.records import recorded_finding
from functions.shared.ledger.table import Table as Writer
from functions.shared.run.events import Selection
from functions.shared.run.hub import Hub
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Run, Sweep
from functions.shared.settings import Settings
from tests.conftest import NOW, REGION, US, Table, Writes, clients_of, settings

HERE = Target(US, "global")
EVENT = Selection(US, REGION, frozenset({"arn:1"}))


def _sweep(run: Callable[[Sweep], None], selection: Selection | None = None, *, dry_run: bool = False) -> Sweep:
    hub = replace(Hub.of(settings(), US, "aws", clients_of(), TABLE_NAME), dry_run=dry_run, now=lambda: NOW)
    sweep = hub.sweep(HERE, selection or Selection(), Run(AUTOMATION, run, hub.clients_for(HERE.account, [])))
    sweep.close()
    return sweep


def _told() -> dict[str, object]:
    told: dict[str, object] = {}
    _sweep(lambda sweep: told.update(sweep.remembered))
    return told


def test_a_sweep_is_told_what_the_one_before_asked_it_to_be_told(table: Table) -> None:
    assert _told() == {}
    _sweep(lambda sweep: sweep.remember(sets=["arn:1"], since={"a": 1}))
    assert _told() == {"sets": ["arn:1"], "since": {"a": 1}}
    _sweep(lambda sweep: sweep.remember(sets=[]))
    assert _told() == {"sets": [], "since": {"a": 1}}
    assert len(table.items("memory")) == 1


def test_what_is_remembered_already_is_not_written_again(table: Table, aws: Emulator, writes: Writes) -> None:
    for _ in range(2):
        aws.calls.clear()
        _sweep(lambda sweep: sweep.remember(sets=["arn:1"]))
    assert writes() == ["dynamodb:PutItem"], "the heartbeat"
    assert len(table.items("heartbeat")) == 1


@pytest.mark.parametrize("given", [{"selection": EVENT}, {"dry_run": True}])
def test_only_a_whole_sweep_that_may_write_is_remembered(table: Table, given: dict[str, object]) -> None:
    _sweep(lambda sweep: sweep.remember(sets=["arn:1"]), **given)  # type: ignore[arg-type]
    assert not table.items("memory")


def test_a_memory_that_cannot_be_written_is_raised_and_the_findings_are_there(table: Table, aws: Emulator) -> None:
    def run(sweep: Sweep) -> None:
        sweep.remember(sets=["arn:1"])
        sweep.find("invitation-untrusted", "arn:1", "it is so", occurrence="")
        aws.faults.add(Fault("dynamodb:PutItem", "denied", after=1, times=1))

    with pytest.raises(ExceptionGroup):
        _sweep(run)
    assert [item["sk"].partition("#")[0] for item in table.items()] == ["heartbeat", "open"]


def test_a_finding_is_about_the_region_that_it_names(table: Table) -> None:
    def run(sweep: Sweep) -> None:
        for region in ("eu-west-1", ""):
            sweep.find("invitation-untrusted", "arn:1", "it is so", occurrence="", region=region)

    _sweep(run)
    assert {item["region"] for item in table.items("open#")} == {"eu-west-1", "global"}

    def keep(sweep: Sweep) -> None:
        sweep.listed_all()
        sweep.keep_open("invitation-untrusted", "arn:1", "", "eu-west-1")

    kept = _sweep(keep)
    assert [finding.region for finding in kept.findings.values()] == ["eu-west-1"]
    assert [item["region"] for item in table.items("closed#")] == ["global"]


def test_how_a_finding_ended_stands_in_its_record(table: Table) -> None:
    def found(sweep: Sweep) -> None:
        for arn in ("arn:1", "arn:2"):
            sweep.find("invitation-untrusted", arn, "it is so", occurrence="")

    def gone(sweep: Sweep) -> None:
        sweep.ended_because("arn:1", "it left the list")
        sweep.listed_all()

    _sweep(found)
    _sweep(gone)
    ends = {item["resource"]: item.get("resolution") for item in table.items("closed#")}
    assert ends == {"arn:1": "it left the list", "arn:2": "healed: AWS does not show it any more"}


@pytest.mark.usefixtures("table")
def test_a_service_that_aws_does_not_offer_in_the_region_is_not_applicable_and_nothing_there_is_over() -> None:
    _sweep(lambda sweep: sweep.find("invitation-untrusted", "arn:1", "why", occurrence=""))

    def run(sweep: Sweep) -> None:
        with sweep.isolated("arn:2"):
            raise NotOfferedError("DescribeBackups", "AWS does not offer cloudhsmv2 in ap-southeast-4")

    sweep = _sweep(run)
    row = sweep.coverage()
    assert (row["status"], row["detail"]) == ("NOT_APPLICABLE", "AWS does not offer cloudhsmv2 in ap-southeast-4")
    assert (sweep.findings, sweep.ended(), len(sweep.open_before)) == ({}, {}, 1)


# What was unreadable, and is not any more


def _unreadable(resource: str) -> None:
    def run(sweep: Sweep) -> None:
        with sweep.isolated(resource):
            raise LOST

    _sweep(run)


def _listed_with_a_gap(sweep: Sweep) -> None:
    with sweep.listing("arn:*") as listing, listing.item("arn:1", holds_more=True):
        raise LOST


@pytest.mark.usefixtures("table")
def test_a_list_that_can_be_read_again_is_so_also_if_something_in_it_cannot() -> None:
    _unreadable("arn:*")
    assert [*_sweep(_listed_with_a_gap).ended().values()] == [Ending("it can be read again")]
    _unreadable("arn:*")
    assert not _sweep(_listed_with_a_gap, EVENT).ended(), "an event lists only what it names"


@pytest.mark.usefixtures("table")
def test_what_stands_open_about_a_list_is_not_over_because_it_can_be_read() -> None:
    _sweep(lambda sweep: sweep.find("invitation-flood", "arn:*", "why", occurrence=""))
    assert not _sweep(_listed_with_a_gap).ended()


@pytest.mark.usefixtures("table")
def test_an_account_that_can_be_entered_again_is_so_also_if_something_in_it_cannot_be_read() -> None:
    refused = RefusedError("AssumeRole", "AccessDenied", "no", retryable=False, answered=True)

    def run(sweep: Sweep) -> None:
        with sweep.isolated("arn:*"):
            raise refused

    assert {found.check for found in _sweep(run).findings.values()} == {"account-unreadable"}
    assert not _sweep(lambda _: None).ended(), "nothing was read"
    assert [*_sweep(_listed_with_a_gap).ended().values()] == [Ending("the account can be read again")]


# What an event names, and AWS refuses


def _event(answer: CallError, *, listed: bool, complete: bool = True) -> Sweep:
    """Look at arn:1 because an event names it, and then at the list, which shows it or not."""

    def run(sweep: Sweep) -> None:
        with sweep.selected("arn:1"):
            raise answer
        if sweep.refused:
            with sweep.listing("arn:*") as listing:
                if listed:
                    with listing.item("arn:1"):
                        raise answer
            if complete:
                sweep.listed_all()

    return _sweep(run, EVENT)


DENIED = RefusedError("GetThing", "AccessDeniedException", "no", retryable=False, answered=True)
LOST = CallError("GetThing", "ReadTimeoutError", "no answer", retryable=True, answered=False)
GIVEN_UP = CallError("GetThing", "ThrottlingException", "given up before", retryable=False, answered=True)


@pytest.mark.usefixtures("table")
def test_what_an_event_names_and_aws_refuses_and_no_list_shows_is_not_applicable() -> None:
    sweep = _event(DENIED, listed=False)
    assert (sweep.findings, sweep.coverage()["not_applicable"]) == ({}, 1)
    assert sweep.coverage()["status"] == "COMPLETE"


@pytest.mark.usefixtures("table")
def test_what_an_event_names_and_aws_refuses_and_a_list_shows_is_unreadable() -> None:
    sweep = _event(DENIED, listed=True)
    assert {(found.check, found.resource) for found in sweep.findings.values()} == {("unreadable", "arn:1")}
    assert sweep.coverage()["not_applicable"] == 0


@pytest.mark.usefixtures("table")
def test_a_refusal_is_no_end_and_not_applicable_only_after_a_complete_list() -> None:
    _sweep(lambda sweep: sweep.find("invitation-untrusted", "arn:1", "why", occurrence=""))
    sweep = _event(DENIED, listed=False, complete=False)
    assert (sweep.ended(), sweep.coverage()["not_applicable"], sweep.refused) == ({}, 0, {"arn:1"})


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("answer", [LOST, GIVEN_UP])
def test_what_was_not_answered_is_unreadable_whoever_names_it(answer: CallError) -> None:
    assert [found.check for found in _event(answer, listed=False).findings.values()] == ["unreadable"]


def test_a_call_goes_to_the_region_that_is_asked_for(aws: Emulator, table: Table) -> None:
    _sweep(lambda sweep: (sweep.calls("sts", "eu-west-1")("GetCallerIdentity"), None)[1])
    assert [call.region for call in aws.calls.of("sts:GetCallerIdentity")] == ["eu-west-1"]
    assert table.items("heartbeat")


@pytest.mark.parametrize("why", ["cap", "opt-in"])
def test_a_change_that_is_left_out_says_why_and_is_not_made(table: Table, why: str) -> None:
    def run(sweep: Sweep) -> None:
        changes = sweep.actions
        status = changes.make(Action("x:Do", "arn:1", "rule", "reason"), lambda: pytest.fail("made"), skip=why)  # type: ignore[arg-type]
        assert status is ActionStatus.SKIPPED

    assert [(made["status"], made["detail"]) for made in _sweep(run).actions.made] == [("SKIPPED", why)]
    assert not table.items("action#")


@pytest.mark.usefixtures("table")
def test_an_account_that_cannot_be_entered_is_told_as_such_whatever_was_to_be_read_there(aws: Emulator) -> None:
    aws.faults.add(Fault("sts:AssumeRole", "denied"))
    there = Target("111111111111", REGION)
    hub = Hub.of(
        settings(scope={"accounts": ["self", there.account], "regions": [REGION]}), US, "aws", clients_of(), TABLE_NAME
    )
    clients = hub.clients_for(there.account, [])

    def run(sweep: Sweep) -> None:
        for resource in ("arn:1", "arn:2"):
            with sweep.isolated(resource):
                sweep.calls("ram")

    sweep = hub.sweep(there, Selection(), Run(AUTOMATION, run, clients))
    (finding,) = sweep.findings.values()
    assert (finding.check, finding.severity, finding.resource) == ("account-unreadable", "HIGH", there.root_arn)
    assert finding.compliance == "INSUFFICIENT_DATA"
    assert finding.reason.startswith("AssumeRole was refused: ")
    assert sweep.coverage()["status"] == "UNREADABLE"


def test_an_account_of_which_sts_did_not_answer_may_be_entered_later(table: Table) -> None:
    def run(sweep: Sweep) -> None:
        with sweep.isolated("arn:1"):
            raise CallError("AssumeRole", "ReadTimeoutError", "", retryable=True, answered=False)

    assert {finding.check for finding in _sweep(run).findings.values()} == {"unreadable"}
    assert table.items("open#")


def _finds(sweep: Sweep) -> None:
    sweep.find(
        "invitation-untrusted",
        "arn:aws:ram:us-east-1:1:resource-share-invitation/1",
        "Nobody trusts it.",
        occurrence="",
        name="prod-transit",
        began_at=NOW,
        deadline_at=NOW + timedelta(hours=12),
        senderAccountId="999999999999",
    )


def test_a_finding_says_what_it_is_called_since_when_until_when_and_what_to_do(table: Table) -> None:
    _sweep(_finds)
    (item,) = table.items("open#")
    assert (item["resource_name"], item["began_at"]) == ("prod-transit", "2026-11-20T09:00:00Z")
    assert item["deadline_at"] == "2026-11-20T21:00:00Z"
    assert item["title"]
    assert item["remediation"]["text"]
    assert item["remediation"]["runbook_url"].endswith("/invitation-untrusted.md")
    assert item["thread_id"] == thread_id(US, item["resource"])


def test_a_finding_is_as_it_was_when_it_is_read_again(table: Table) -> None:
    found = next(iter(_sweep(_finds).findings.values()))
    (item,) = table.items("open#")
    assert recorded_finding(item) == found


def test_what_another_version_says_of_a_finding_is_no_change_of_it(table: Table) -> None:
    _sweep(_finds)
    (item,) = table.items("open#")
    stands = Writer(clients_of().calls("dynamodb", REGION), TABLE_NAME)
    described = ("title", "remediation", "began_at", "deadline_at")
    stands.put({name: value for name, value in item.items() if name not in described})
    _sweep(_finds)
    (again,) = table.items("open#")
    assert again == item


def test_what_is_not_said_to_have_ended_otherwise_is_healed_and_what_lapsed_is_not_resolved(table: Table) -> None:
    def run(sweep: Sweep) -> None:
        for name in ("arn:1", "arn:2"):
            sweep.find("invitation-untrusted", name, "it is so", occurrence="")

    def over(sweep: Sweep) -> None:
        sweep.listed_all()
        sweep.ended_because("arn:2", "it expired unanswered", lapsed=True)

    _sweep(run)
    _sweep(over)
    ended = {item["resource"]: (item["status"], item["resolution"]) for item in table.items("closed#")}
    healed = ("RESOLVED", "healed: AWS does not show it any more")
    assert ended == {"arn:1": healed, "arn:2": ("LAPSED", "it expired unanswered")}


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("error", "step"),
    [
        (CallError("ListX", "AccessDeniedException", "no", retryable=False, answered=True), "Allow ListX again"),
        (CallError("ListX", "ThrottlingException", "slow", retryable=True, answered=True), "Wait for the next run"),
        (CallError("ListX", "ReadTimeoutError", "", retryable=True, answered=False), "Wait for the next run"),
        (CallError("ListX", "ExpiredToken", "old", retryable=False, answered=True), "Renew the credentials"),
        (
            CallError("ListX", "ValidationException", "odd", retryable=False, answered=True),
            "Look at it by hand, and find",
        ),
        (UnreadableError("the status is NEW_WORD"), "Look at it by hand: Watchkeeper does not understand"),
    ],
)
def test_what_to_do_about_the_unreadable_depends_on_its_cause(error: Exception, step: str) -> None:
    def run(sweep: Sweep) -> None:
        with sweep.isolated("arn:aws:ram:us-east-1:1:resource-share-invitation/*"):
            raise error

    (found,) = _sweep(run).findings.values()
    assert found.remediation.text.startswith(step)
    assert "ram_invitations" in found.title
    assert "every resource-share-invitation" in found.title


def test_a_finding_names_its_account_as_the_organization_does(table: Table) -> None:
    whole = {"organization": True, "regions": [REGION], "spoke_role": "x", "external_id": "", "exclude_accounts": []}
    document = {name: value for name, value in settings().document.items() if name != "scope"}
    hub = Hub.of(Settings({**document, "scope": whole}), US, "aws", clients_of(), TABLE_NAME)
    assert hub.ledger
    Membership(hub.ledger.table).admit(US, "payments-prod", NOW)
    sweep = hub.sweep(HERE, EVENT, Run(AUTOMATION, _finds, hub.clients_for(US, [])))
    assert [found.account_name for found in sweep.findings.values()] == ["payments-prod"]
    assert all("invites payments-prod to the share" in found.title for found in sweep.findings.values())
    assert [item["account_name"] for item in table.items("open#")] == ["payments-prod"]


def test_a_mute_of_the_ledger_mutes_and_where_none_can_be_read_that_is_raised(table: Table, aws: Emulator) -> None:
    mute = {"check": "invitation-*", "reason": "r", "owner": "o", "expires": "2026-12-01", "mute_id": "1"}
    Writer(clients_of().calls("dynamodb", REGION), TABLE_NAME).put(
        {"pk": "mutes", "sk": "mute#2026-12-01T23:59:59Z#1", **mute}
    )
    _sweep(_finds)
    assert [item["muted"] for item in table.items("open#")] == [True]
    aws.faults.add(Fault("dynamodb:Query", "denied", after=2, times=1))  # behind what is open, and what was begun
    with pytest.raises(ExceptionGroup):
        _sweep(_finds)
