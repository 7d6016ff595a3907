"""The doctor finds what the CDK deployed to be well, and says so when nobody listens."""

import json
from typing import Any

import pytest

from cli import hub
from cli.main import main
from tests.conftest import clients_of
from tests.deploy.conftest import Deployment

PEOPLE = {"emails": ["on-call@example.com"]}


def test_a_deployed_hub_is_well_but_for_a_trail_until_nobody_listens(
    deployment: Deployment, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "Session", lambda **_: clients_of().session)
    deployment.synthesize(notifications=PEOPLE)
    deployment.cdk.deploy()
    rows = examined(deployment, capsys)
    assert {(row["name"], row["state"]) for row in rows if row["state"] != "OK"} == {("trails", "MISSING")}
    looked_at = ("hub", "ledger", "service-control-policies", "rules-and-schedules", "forwarders", "queues")
    assert {*looked_at, "rights", "subscribers"} <= {row["name"] for row in rows}
    (subscription,) = deployment.call("sns", "ListSubscriptions")["Subscriptions"]
    deployment.call("sns", "Unsubscribe", SubscriptionArn=subscription["SubscriptionArn"])
    found = {(row["name"], row["reason"]) for row in examined(deployment, capsys) if row["state"] == "MISSING"}
    assert ("subscribers", "nobody listens") in found


def examined(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Run the doctor with the configuration that was deployed."""
    capsys.readouterr()
    path = deployment.folder / "deployed.json"
    path.write_text(json.dumps(deployment.config), encoding="utf-8")
    main(["doctor", "--format", "json", "--config", str(path)])
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["examinations"]
    return rows
