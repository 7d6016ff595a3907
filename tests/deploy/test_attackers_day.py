"""An attacker's day against the deployed hub: a stranger and a member account do what they can, and people see it.

Roles and the policies of resources are judged. Who stole one function's credentials is in
``tests/infra/test_stolen_credentials.py``, who browses or logs on beside the emulator in ``tests/cli`` and
``emulator/tests``; `docs/threat-model.md` lists every attack with its test.
"""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from functions.shared.aws.calls import CallError
from functions.shared.deployment.resources import FORWARDER_ALARMS
from tests.deploy.conftest import CHAT, HUB, REGION, STRANGER, Deployment
from tests.deploy.test_deploy import heard, invite_and_tell, listen

MEMBER = "444455556666"
LURE = "payroll https://evil.example/login **now** ~~or never~~"
LINK = re.compile(r"https?://(?![\w.-]*amazonaws)", re.IGNORECASE)
HUB_BUS = f"arn:aws:events:{REGION}:{HUB}:event-bus/watchkeeper"
FORGED = {"source": "watchkeeper", "detail-type": "Finding Resolved", "detail": {"finding_id": "0" * 64}}


@pytest.fixture
def attacked(deployment: Deployment) -> Deployment:
    """A hub that watches a member account, in which the two templates for other accounts stand."""
    deployment.synthesize(
        scope={"accounts": ["self", MEMBER], "regions": [REGION]},
        notifications={
            "emails": ["on-call@example.com"],
            "minimum_severity": "HIGH",
            "webhooks": [{"name": "chat", "form": "slack", "url_secret": "hooks/chat"}],
        },
        ram_invitations={"mode": "apply", "trust": [], "warn_at_remaining": 0.99},
    )
    deployment.cdk.deploy()
    _stand(deployment, "watchkeeper-spoke-role", HubAccount=HUB)
    _stand(deployment, "watchkeeper-forwarder", HubBusArn=HUB_BUS, Alarms="yes")
    return deployment


def test_whatever_a_stranger_or_a_member_does_is_refused_or_reported(attacked: Deployment) -> None:
    url = listen(attacked)
    _a_strangers_name_is_no_link(attacked)
    _a_member_puts_nothing_of_ours_on_the_bus(attacked, url)
    _a_member_writes_no_mail(attacked)
    _a_member_that_locks_us_out_is_reported(attacked)


def _a_strangers_name_is_no_link(attacked: Deployment) -> None:
    """A stranger's share bears a link and markup as its name; people read the name, and can click nothing."""
    invite_and_tell(attacked, STRANGER, LURE)
    attacked.aws.advance(timedelta(hours=7))
    attacked.aws.settle()
    told = [*_mails(attacked), *(request.json()["text"] for request in attacked.aws.outbox.to(CHAT))]
    about = [text for text in told if "evil" in text]
    assert [text for text in about if LINK.search(text)] == []
    assert about or all("invitation-untrusted" not in text for text in told), "MEDIUM, and told from HIGH on"
    assert any(
        LURE.partition(" ")[0] in json.dumps(item["evidence"]) for item in attacked.ledger() if "evidence" in item
    )


def _a_member_puts_nothing_of_ours_on_the_bus(attacked: Deployment, url: str) -> None:
    """A member forges the news that a finding of another account was resolved: by a call, and by a rule of its own."""
    [*_drained(attacked, url)]
    posted = len(attacked.aws.outbox.to(CHAT))
    entry = {
        "EventBusName": HUB_BUS,
        "Source": FORGED["source"],
        "DetailType": FORGED["detail-type"],
        "Detail": json.dumps(FORGED["detail"]),
    }
    for source in ("watchkeeper", "my.own"):
        with pytest.raises(CallError, match="AccessDenied"):
            attacked.call("events", "PutEvents", account=MEMBER, Entries=[{**entry, "Source": source}])
    _forward(attacked, {"source": ["watchkeeper", "my.own"]})
    for source in ("watchkeeper", "my.own"):
        own = {name: value for name, value in entry.items() if name != "EventBusName"}
        attacked.call("events", "PutEvents", account=MEMBER, Entries=[{**own, "Source": source}])
    attacked.aws.settle()
    assert [event for event in _drained(attacked, url) if event["account"] != HUB] == []
    assert len(attacked.aws.outbox.to(CHAT)) == posted


def _a_member_writes_no_mail(attacked: Deployment) -> None:
    """A member lets alarms flap whose names and reasons are its own text; at most one mail comes, in constant words."""
    before = len(_mails(attacked))
    _forward(attacked, {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]})
    for name in ("URGENT reset your password at https://evil.example", FORWARDER_ALARMS[0]):
        attacked.call("cloudwatch", "PutMetricAlarm", account=MEMBER, **_alarm(name))
        for _ in range(5):
            for state in ("ALARM", "OK"):
                given = {"AlarmName": name, "StateValue": state, "StateReason": LURE}
                attacked.call("cloudwatch", "SetAlarmState", account=MEMBER, **given)
                attacked.aws.settle()
    mails = _mails(attacked)[before:]
    assert len(mails) <= 1
    assert [text for text in mails if "evil" in text or "payroll" in text] == []
    assert all(MEMBER in text for text in mails)


def _a_member_that_locks_us_out_is_reported(attacked: Deployment) -> None:
    """A member deletes the spoke roles; the minimum severity does not hide it."""
    attacked.call("cloudformation", "DeleteStack", account=MEMBER, StackName="watchkeeper-spoke-role")
    attacked.aws.advance(timedelta(hours=2))
    attacked.aws.settle()
    told = f"HIGH {MEMBER}: Account {MEMBER} cannot be entered: nobody watches it"
    assert [subject.rpartition(" [")[0] for subject in attacked.subjects()].count(told) == 1


def _stand(attacked: Deployment, name: str, **parameters: str) -> None:
    """Let the member deploy one of the templates."""
    template = attacked.cdk.assembly / "templates" / f"{name}.template.json"
    attacked.call(
        "cloudformation",
        "CreateStack",
        account=MEMBER,
        StackName=name,
        TemplateBody=template.read_text(encoding="utf-8"),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )


def _forward(attacked: Deployment, pattern: dict[str, Any]) -> None:
    """Let the member's own rule send events of its own choice to the hub's bus, by a role that may do so."""
    trust = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
    may = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*"}
    name = f"own-{len(json.dumps(pattern))}"
    document, rights = (json.dumps({"Version": "2012-10-17", "Statement": [each]}) for each in (trust, may))
    made = attacked.call("iam", "CreateRole", account=MEMBER, RoleName=name, AssumeRolePolicyDocument=document)
    attacked.call("iam", "PutRolePolicy", account=MEMBER, RoleName=name, PolicyName="put", PolicyDocument=rights)
    attacked.call("events", "PutRule", account=MEMBER, Name=name, EventPattern=json.dumps(pattern))
    target = {"Id": "hub", "Arn": HUB_BUS, "RoleArn": made["Role"]["Arn"]}
    attacked.call("events", "PutTargets", account=MEMBER, Rule=name, Targets=[target])


def _alarm(name: str) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "AlarmDescription": LURE,
        "Namespace": "Own",
        "MetricName": "Own",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    }


def _mails(attacked: Deployment) -> list[str]:
    return [message.for_protocol("email") for message in attacked.aws.inbox.of(attacked.hub.topic_arn)]


def _drained(attacked: Deployment, url: str) -> Iterator[dict[str, Any]]:
    while events := heard(attacked, url):
        yield from events
