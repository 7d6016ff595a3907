"""The forwarders' templates: what AWS emits elsewhere reaches the hub's bus, or a dead-letter queue."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import ManualArgs, lint

from functions.catalog import FUNCTIONS
from functions.shared.automation import EventTrigger
from functions.shared.settings import Settings
from infra.assets import Assets

pytestmark = pytest.mark.xdist_group("infra")

Compile = Callable[..., Settings]
Templates = dict[str, dict[str, Any]]


@pytest.fixture
def forwarders(
    node: Path, any_assets: Assets, compile_settings: Compile, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Templates]:
    """Return the templates of the forwarders of a configuration, by their Regions."""
    assert node

    def synthesized(**changes: Any) -> Templates:
        from aws_cdk import App  # noqa: PLC0415  # starts node

        from infra.hub import add_hub  # noqa: PLC0415

        out = tmp_path_factory.mktemp("cdk.out")
        app = App(outdir=str(out))
        add_hub(app, compile_settings(**changes), any_assets)
        app.synth()
        start = "watchkeeper-forwarder-"
        return {
            path.name.removeprefix(start).partition(".")[0]: json.loads(path.read_text())
            for path in out.glob(f"{start}*.template.json")
        }

    return synthesized


def rules(template: dict[str, Any]) -> list[dict[str, Any]]:
    return [each["Properties"] for each in template["Resources"].values() if each["Type"] == "AWS::Events::Rule"]


def patterns(home_region: str) -> list[Any]:
    """Return what AWS emits there, by the manifests."""
    found = [t for f in FUNCTIONS for t in f.triggers if isinstance(t, EventTrigger) and t.home_region == home_region]
    return [dict(trigger.pattern) for trigger in found if trigger.pattern["source"] != ["aws.lambda"]]


def test_each_region_but_the_hubs_has_what_aws_emits_there(forwarders: Callable[..., Templates]) -> None:
    found = forwarders()
    assert found.keys() == {"eu-west-1", "us-west-2"}
    assert [rule["EventPattern"] for rule in rules(found["us-west-2"])] == patterns("us-west-2")
    assert [rule["EventPattern"] for rule in rules(found["eu-west-1"])] == patterns("")


def test_the_hubs_own_region_has_none(forwarders: Callable[..., Templates]) -> None:
    assert forwarders(hub={"account": "self", "region": "us-west-2"}).keys() == {"us-east-1", "eu-west-1"}


def test_an_automation_that_is_off_is_not_forwarded_to(forwarders: Callable[..., Templates]) -> None:
    assert "us-west-2" not in forwarders(mrap_operations={"mode": "off"})


def test_every_rule_sends_to_the_hubs_bus_for_a_day_and_then_to_a_queue(forwarders: Callable[..., Templates]) -> None:
    for template in forwarders().values():
        (queue,) = (name for name, each in template["Resources"].items() if each["Type"] == "AWS::SQS::Queue")
        for rule in rules(template):
            (target,) = rule["Targets"]
            assert json.dumps(target["Arn"]).count(":events:us-east-1:") == 1
            assert json.dumps(target["Arn"]).count(":event-bus/watchkeeper") == 1
            assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [queue, "Arn"]}}
            assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 24 * 3600


def test_a_forwarder_may_put_events_on_the_hubs_bus_and_nothing_else(forwarders: Callable[..., Templates]) -> None:
    for template in forwarders().values():
        roles = [each["Properties"] for each in template["Resources"].values() if each["Type"] == "AWS::IAM::Role"]
        (policy,) = (policy for role in roles for policy in role["Policies"])
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert statement["Action"] == "events:PutEvents"
        assert rules(template)[0]["Targets"][0]["Arn"] == statement["Resource"]


def test_a_forwarder_needs_neither_assets_nor_bootstrapping(forwarders: Callable[..., Templates]) -> None:
    for template in forwarders().values():
        assert template.keys() == {"Description", "Resources"}
        assert "AWS::Lambda::Function" not in {each["Type"] for each in template["Resources"].values()}


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")]
)
def test_a_forwarder_is_clean_in_every_partition(
    forwarders: Callable[..., Templates], region: str, partition: str
) -> None:
    other = {"aws": "eu-west-1", "aws-us-gov": "us-gov-east-1", "aws-cn": "cn-northwest-1"}[partition]
    scope = {"accounts": ["self"], "exclude_accounts": [], "regions": [region, other]}
    off = {} if partition == "aws" else {"mrap_operations": {"mode": "off"}, "replication_sets": {"mode": "off"}}
    scope |= {"spoke_role": "watchkeeper-spoke", "external_id": ""}
    found = forwarders(hub={"account": "self", "region": region}, scope=scope, **off)
    for where, template in found.items():
        assert lint(json.dumps(template), config=ManualArgs(regions=[where])) == []
        assert "arn:aws:" not in json.dumps(template)
