"""What a person is told of a replication set, from the first alert to how it ended."""

import shlex
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from functions.replication_sets.manifest import AUTOMATION
from functions.shared.automation import Check
from functions.shared.finding import Ending, Finding
from functions.shared.run.sweep import Sweep
from tests.alerts import (
    HOSTILE,
    assert_it_can_be_acted_on,
    endings,
)
from tests.conftest import NOW, US
from tests.replication_sets.conftest import HERE
from tests.truth import Before, Canned, left_by, look

ARN = f"arn:aws:ssm-incidents::{US}:replication-set/0e6b1f1e"
OTHER = ARN.replace("0e6b1f1e", "4d1c")
LONG_AGO = NOW - timedelta(hours=30)
GET = f"aws ssm-incidents get-replication-set --region eu-west-1 --arn {ARN}"
SOUND = {"us-east-1": "ACTIVE", "eu-west-1": "ACTIVE"}
NOTHING: dict[str, Any] = {"status": ""}


def at(
    regions: Mapping[str, str] = SOUND,
    *,
    status: str = "ACTIVE",
    since: Any = LONG_AGO,
    before: Before | None = None,
    arn: str = ARN,
    protected: bool = True,
    **section: Any,
) -> Sweep:
    """Look at a set in this state; at none if it has no status."""
    shown = {
        "arn": arn,
        "status": status,
        "deletionProtected": protected,
        "lastModifiedBy": "somebody",
        "lastModifiedTime": LONG_AGO,
        "regionMap": {
            name: {"status": state, "statusUpdateDateTime": since, "statusMessage": "the key is disabled"}
            for name, state in regions.items()
        },
    }
    answers = {
        "ListReplicationSets": {"replicationSetArns": [arn] if status else []},
        "GetReplicationSet": {"replicationSet": shown},
    }
    is_first = before is None  # of which the last modification says since when it is so
    return look("replication_sets", Canned(answers), HERE, before=before, dry_run=is_first, replication_sets=section)


def only(sweep: Sweep, check: str) -> Finding:
    (finding,) = (found for found in sweep.findings.values() if found.check == check)
    return finding


TROUBLES: dict[str, dict[str, Any]] = {
    "set-failed": {"status": "FAILED"},
    "set-stuck": {"status": "UPDATING"},
    "deletion-unprotected": {"protected": False},
    "single-region": {"regions": {"eu-west-1": "ACTIVE"}},
    "region-not-allowed": {"allowed_regions": ["us-east-1"]},
    "region-failed": {"regions": SOUND | {"us-east-1": "FAILED"}},
    "region-stuck": {"regions": SOUND | {"us-east-1": "CREATING"}},
}
TITLES = {
    "set-failed": "Incident Manager's replication set 0e6b1f1e has failed",
    "set-stuck": "Incident Manager's replication set 0e6b1f1e is stuck in UPDATING",
    "set-vanished": "Incident Manager's replication set 0e6b1f1e is gone",
    "deletion-unprotected": "Incident Manager's replication set 0e6b1f1e is not protected against deletion",
    "single-region": "Incident Manager's replication set 0e6b1f1e has fewer Regions than 2",
    "region-not-allowed": "Incident Manager replicates to eu-west-1, which is not allowed",
    "region-failed": "Incident Manager Region us-east-1 has failed",
    "region-stuck": "Incident Manager Region us-east-1 is stuck in CREATING",
}
COMMANDS = {
    "set-vanished": "aws cloudtrail lookup-events --region eu-west-1 "
    "--lookup-attributes AttributeKey=EventName,AttributeValue=DeleteReplicationSet",
    "deletion-unprotected": f"aws ssm-incidents update-deletion-protection --region eu-west-1 --arn {ARN} "
    "--deletion-protected",
}


def found(check: str) -> Finding:
    """Return the finding of a check, as a sweep tells it."""
    if check == "set-vanished":
        return only(at(**NOTHING, before=left_by(at())), check)
    return only(at(**TROUBLES[check]), check)


every_check = pytest.mark.parametrize("check", AUTOMATION.checks, ids=lambda check: check.id)


@every_check
def test_each_check_tells_what_is_wrong_with_which_set_and_what_to_do(check: Check) -> None:
    finding = found(check.id)
    assert_it_can_be_acted_on(finding)
    assert finding.title == TITLES[check.id]
    assert finding.resource_name == "0e6b1f1e"
    assert finding.remediation.command == COMMANDS.get(check.id, GET)
    assert "region=eu-west-1" in finding.remediation.console_url, "a Region that can answer, never global"


@pytest.mark.parametrize("check", ["region-failed", "region-stuck", "set-stuck"])
def test_it_is_said_since_when_it_is_so_in_the_words_of_aws(check: str) -> None:
    assert found(check).began_at == LONG_AGO


def test_a_set_that_failed_says_what_each_of_its_regions_says() -> None:
    sweep = at(SOUND | {"us-east-1": "FAILED"}, status="FAILED")
    assert only(sweep, "set-failed").reason.endswith("replicated; Region us-east-1: the key is disabled")


def test_a_hostile_region_and_a_hostile_set_stay_what_they_are() -> None:
    sweep = at({HOSTILE: "FAILED"}, arn=f"{ARN}{HOSTILE}")
    finding = only(sweep, "region-failed")
    assert HOSTILE in finding.title
    words = shlex.split(finding.remediation.command)
    assert words == ["aws", "ssm-incidents", "get-replication-set", "--region", HOSTILE, "--arn", f"{ARN}{HOSTILE}"]


IS = "replication set 0e6b1f1e"
LOST = Ending(f"{IS} is gone, and the account has no other", lapsed=True)
ANEW = Ending(f"{IS} is gone, and the account has replication set 4d1c now")
ENDS: list[tuple[str, dict[str, Any], Ending]] = [
    ("set-failed", {}, Ending(f"{IS} is ACTIVE now")),
    ("set-failed", {"status": "UPDATING"}, Ending(f"{IS} is UPDATING now")),
    ("set-stuck", {}, Ending(f"{IS} is ACTIVE now")),
    ("set-stuck", {"status": "FAILED"}, Ending(f"{IS} is FAILED now", lapsed=True)),
    ("deletion-unprotected", {}, Ending(f"deletion protection of {IS} is on")),
    (
        "deletion-unprotected",
        {"protected": False, "require_deletion_protection": False},
        Ending(f"the configuration does not ask for deletion protection of {IS}"),
    ),
    ("single-region", {}, Ending(f"{IS} is in eu-west-1, us-east-1 now, as the configuration asks")),
    ("region-not-allowed", {}, Ending(f"{IS} is in eu-west-1, us-east-1 now, as the configuration asks")),
    ("region-failed", {}, Ending(f"Region us-east-1 of {IS} is ACTIVE now")),
    (
        "region-failed",
        {"regions": SOUND | {"us-east-1": "DELETING"}, "since": NOW},
        Ending(f"Region us-east-1 of {IS} is DELETING now"),
    ),
    (
        "region-failed",
        {"regions": SOUND | {"us-east-1": "FAILED"}, "since": NOW},
        Ending(f"Region us-east-1 of {IS} is FAILED again", lapsed=True),
    ),
    ("region-failed", {"regions": {"eu-west-1": "ACTIVE"}}, Ending(f"Region us-east-1 is not in {IS} any more")),
    ("region-stuck", {}, Ending(f"Region us-east-1 of {IS} is ACTIVE now")),
    (
        "region-stuck",
        {"regions": SOUND | {"us-east-1": "FAILED"}},
        Ending(f"Region us-east-1 of {IS} is FAILED now", lapsed=True),
    ),
    ("region-stuck", {"regions": {"eu-west-1": "ACTIVE"}}, Ending(f"Region us-east-1 is not in {IS} any more")),
    *((check, NOTHING, LOST) for check in TROUBLES),
    *((check, {"arn": OTHER}, ANEW) for check in TROUBLES),
    ("set-vanished", {}, Ending(f"{IS} is there again")),
    ("set-vanished", {"arn": OTHER}, Ending("the account has replication set 4d1c now")),
]


@pytest.mark.parametrize(("check", "after", "end"), ENDS)
def test_each_end_says_how_the_set_stands_now(check: str, after: dict[str, Any], end: Ending) -> None:
    first = at(**NOTHING, before=left_by(at())) if check == "set-vanished" else at(**TROUBLES[check])
    before = left_by(first)
    assert endings(at(**after, before=before))[check] == end
