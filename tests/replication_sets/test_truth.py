"""Over all that Incident Manager can answer, in every Region: nothing complies or ends by what was not read."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import permutations, product
from typing import Any

import pytest

from functions.replication_sets.effects import REGIONS
from functions.shared.run.events import EVERYTHING, Selection
from functions.shared.run.sweep import Sweep
from tests.conftest import NOW, US
from tests.replication_sets.conftest import HERE
from tests.truth import (
    ABSENT,
    IAM_WORDS,
    REFUSALS,
    SERVICE_WORDS,
    Answer,
    Answers,
    Before,
    Canned,
    is_unread,
    left_by,
    look,
    outcome,
    refusal,
    violations,
)

ARN = f"arn:aws:ssm-incidents::{US}:replication-set/0b1f7a8e"
OTHERS = ARN.replace(US, "999999999999")
LIST, GET = "ListReplicationSets", "GetReplicationSet"
LISTED = {"replicationSetArns": [ARN]}
NONE: dict[str, Any] = {"replicationSetArns": []}
LATER = NOW + timedelta(hours=3)


def a_set(one: str = "ACTIVE", other: str = "ACTIVE", status: str = "ACTIVE") -> dict[str, Any]:
    def region(state: str) -> dict[str, Any]:
        return {"status": state, "statusMessage": "said", "sseKmsKeyId": "key", "statusUpdateDateTime": NOW}

    found = {
        "arn": ARN,
        "createdBy": "somebody",
        "createdTime": NOW,
        "deletionProtected": True,
        "lastModifiedBy": "somebody",
        "lastModifiedTime": NOW,
        "regionMap": {"eu-north-1": region(one), "eu-west-1": region(other)},
        "status": status,
    }
    return {"replicationSet": found}


SOUND = a_set()
FAILED = a_set(other="FAILED", status="FAILED")
STUCK = a_set(other="CREATING", status="CREATING")
UNJUDGED = tuple(
    f"replicationSet.{name}"
    for name in (
        *("arn", "createdBy", "createdTime", "lastModifiedBy", "lastModifiedTime"),
        *("regionMap.*.sseKmsKeyId", "regionMap.*.statusMessage"),
    )
)


def at(answers: Answers, before: Before | None = None, selection: Selection = EVERYTHING, **scope: Any) -> Sweep:
    aws = Canned({LIST: LISTED, GET: SOUND} | dict(answers))
    sections = {"scope": {"accounts": ["self"], "regions": ["us-east-1", "eu-west-1"]} | scope}
    return look("replication_sets", aws, HERE, before=before, selection=selection, now=LATER, **sections)


def standing(found: dict[str, Any]) -> Before:
    """Return what a sweep leaves that sees *found*."""
    return left_by(at({GET: found}))


@pytest.mark.parametrize("found", [SOUND, FAILED, STUCK], ids=["sound", "failed", "stuck"])
@pytest.mark.parametrize("before", [None, FAILED, STUCK], ids=["nothing", "a failure", "a stuck change"])
def test_no_set_complies_or_ends_by_a_member_that_was_not_read(found: Any, before: Any) -> None:
    def once(answer: dict[str, Any]) -> Sweep:
        return at({GET: answer}, standing(before) if before else None)

    dates = {"replicationSet.regionMap.*.statusUpdateDateTime": ABSENT}
    wrong = violations(once, "ssm-incidents", GET, found, unjudged=UNJUDGED, means=dates)
    assert wrong == []


@pytest.mark.parametrize("before", [None, SOUND, FAILED], ids=["nothing", "a set", "a failure"])
def test_no_set_is_gone_or_another_by_a_list_that_was_not_read(before: Any) -> None:
    def once(answer: dict[str, Any]) -> Sweep:
        return at({LIST: answer, GET: FAILED}, standing(before) if before else None)

    assert violations(once, "ssm-incidents", LIST, LISTED) == []


@pytest.mark.parametrize("state", ["FAILED", "CREATING", "DELETING"])
def test_the_trouble_of_a_region_goes_on_where_aws_leaves_out_since_when(state: str) -> None:
    found = a_set(other=state)
    before = standing(found)
    del found["replicationSet"]["regionMap"]["eu-west-1"]["statusUpdateDateTime"]
    assert outcome(at({GET: found}, before)) == outcome(at({GET: a_set(other=state)}))


# Refusals, in every order of the Regions


def refuse(refusing: Mapping[str, str], found: Answer, operation: str = GET, of: tuple[str, ...] = ("eu-",)) -> Answers:
    """Refuse in some Regions; elsewhere answer, where the set is, and say that there is none, where it is not."""

    def answer(region: str, _: object) -> Answer:
        name = next((name for prefix, name in refusing.items() if region.startswith(prefix)), "")
        if name:
            return refusal(name, operation)
        return found if operation == LIST or region.startswith(of) else refusal("as not there", operation)

    return {operation: answer}


PARTS = ("us-", "eu-", "ap-", "ca-", "sa-")


SCOPES = (["us-east-1"], ["eu-north-1", "us-west-2"], "enabled")


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize(("operation", "answer"), [(GET, FAILED), (LIST, LISTED)])
def test_a_failed_region_is_seen_whoever_refuses_elsewhere(name: str, operation: str, answer: Answer) -> None:
    refusing = {part: name for part in PARTS if part != "eu-"}
    aws = Canned({LIST: LISTED, GET: FAILED} | dict(refuse(refusing, answer, operation)))
    for hub, in_scope, before in product(REGIONS, SCOPES, (None, standing(SOUND), standing(FAILED))):
        sections = {"scope": {"accounts": ["self"], "regions": in_scope}, "hub": {"account": "self", "region": hub}}
        sweep = look("replication_sets", aws, HERE, before=before, now=LATER, **sections)
        assert {finding.check for finding in sweep.findings.values()} == {"set-failed", "region-failed"}
        assert sweep.coverage()["status"] == "COMPLETE"


@pytest.mark.parametrize("name", [name for name in REFUSALS if name != "as not there"])
@pytest.mark.parametrize("operation", [LIST, GET])
def test_a_refusal_everywhere_is_unreadable_and_ends_nothing(name: str, operation: str) -> None:
    for before in (standing(SOUND), standing(FAILED), standing(STUCK)):
        sweep = at({operation: refusal(name, operation)}, before)
        assert is_unread(sweep)
        assert sweep.ended() == {}
        (reason,) = (finding.reason for finding in sweep.findings.values() if finding.check == "unreadable")
        assert "us-east-1, eu-" in reason or "eu-north-1, eu-west-1" in reason, "each Region that refused is named"


def test_a_refusal_in_some_regions_and_none_in_others_is_unreadable() -> None:
    for parts, before in product(permutations(PARTS, 3), (None, standing(FAILED))):
        sweep = at(refuse(dict.fromkeys(parts, "a control policy"), FAILED, of=()), before)
        assert is_unread(sweep)
        assert sweep.ended() == {}


def test_a_set_that_is_listed_and_in_no_region_is_unreadable_and_not_gone() -> None:
    for before in (None, standing(SOUND), standing(FAILED)):
        sweep = at({GET: refusal("as not there")}, before)
        assert is_unread(sweep)
        assert sweep.ended() == {}
        assert {finding.check for finding in sweep.findings.values()} == {"unreadable"}


# A service that is closed to new customers


@pytest.mark.parametrize("name", IAM_WORDS)
def test_whatever_iam_denies_is_unreadable_in_an_account_that_has_no_set_either(name: str) -> None:
    assert is_unread(at({LIST: refusal(name)}))


def test_a_service_that_is_closed_to_the_account_is_not_applicable_with_its_own_words() -> None:
    row = at({LIST: refusal("in the service's words")}).coverage()
    assert (row["status"], row["detail"], row["insufficient_data"]) == ("NOT_APPLICABLE", SERVICE_WORDS, 0)


def test_what_was_unreadable_before_does_not_hinder_it_and_ends_with_it() -> None:
    before = left_by(at({LIST: refusal("no right")}))
    sweep = at({LIST: refusal("in the service's words")}, before)
    assert sweep.coverage()["status"] == "NOT_APPLICABLE"
    assert [*sweep.ended()] == [*before.standing]


def test_a_service_is_not_closed_to_an_account_that_had_a_set() -> None:
    for before in (standing(SOUND), Before(standing(FAILED).standing)):
        assert is_unread(at({LIST: refusal("in the service's words")}, before))


def test_one_region_that_denies_with_iams_words_is_no_closed_service() -> None:
    words = {"us-": "in the service's words", "eu-": "a control policy", "ap-": "in the service's words"}
    refusing = words | {"ca-": "in the service's words", "sa-": "no right"}
    assert is_unread(at(refuse(refusing, NONE, LIST)))


# What an event names


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("arn", [ARN.replace("0b1f7a8e", "nonsense"), OTHERS])
def test_a_thing_that_only_an_event_knows_wakes_nobody(arn: str, name: str) -> None:
    selection = Selection(US, "eu-west-1", frozenset({arn}))
    for listed in (LISTED, NONE):

        def answer(_: str, parameters: Mapping[str, Any]) -> Answer:
            return SOUND if parameters["arn"] == ARN else refusal(name)

        sweep = at({LIST: listed, GET: answer}, selection=selection)
        assert sweep.findings == {}
        assert sweep.coverage()["not_applicable"] == 1


def test_a_thing_of_another_account_is_not_asked_about() -> None:
    aws = Canned({LIST: LISTED, GET: SOUND})
    sweep = look("replication_sets", aws, HERE, selection=Selection(US, "eu-west-1", frozenset({OTHERS})))
    assert aws.asked == []
    assert sweep.coverage()["status"] == "NOT_APPLICABLE"


@pytest.mark.parametrize("name", REFUSALS)
def test_our_own_set_that_an_event_names_and_aws_refuses_is_unreadable_at_once(name: str) -> None:
    for before in (None, standing(SOUND), standing(FAILED)):
        sweep = at({GET: refusal(name)}, before, Selection(US, "eu-west-1", frozenset({ARN})))
        assert is_unread(sweep)
        assert sweep.ended() == {}
