"""The forwarders' templates: what AWS emits elsewhere reaches the hub's bus, or a dead-letter queue."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from functions.catalog import FUNCTIONS
from functions.shared.automation import EventTrigger
from functions.shared.deployment.forwarding import (
    FORWARDERS,
    HUBS_OWN,
    forwarded,
    forwarding_regions,
    sources_of,
)
from functions.shared.deployment.resources import FORWARDER_ALARMS
from infra.foundation.bus_policy import BUS_POLICY_CHARACTERS
from tests.infra.conftest import Assembly, Compile, scope_of
from tests.infra.reading import Template, arn_of, joined, of_type

pytestmark = pytest.mark.xdist_group("infra")

Templates = dict[str, Template]

GENERIC = "templates/watchkeeper-forwarder"
START = "watchkeeper-forwarder-"


@pytest.fixture(scope="session")
def forwarders(assembly: Assembly, compile_settings: Compile) -> Callable[..., Templates]:
    """Return the templates of the forwarders of a configuration, by their Regions."""

    def synthesized(**changes: Any) -> Templates:
        found = assembly(compile_settings(**changes)).items()
        return {name.removeprefix(START): template for name, template in found if name.startswith(START)}

    return synthesized


@pytest.fixture(scope="session")
def usual(forwarders: Callable[..., Templates]) -> Templates:
    return forwarders()


def rules(template: Template) -> list[dict[str, Any]]:
    """All rules but the one for the forwarder's own alarms."""
    found = of_type(template, "Events::Rule").values()
    return [rule for rule in found if rule["EventPattern"]["source"] != ["aws.cloudwatch"]]


def patterns(*home_regions: str) -> list[Any]:
    """Return what AWS emits there, by the manifests, each pattern once."""
    triggers = [t for f in FUNCTIONS for t in f.triggers if isinstance(t, EventTrigger)]
    sent = [t for t in triggers if t.home_region in home_regions and not sources_of(t) <= HUBS_OWN | FORWARDERS]
    found = [dict(t.pattern) for t in sent]
    return [pattern for place, pattern in enumerate(found) if pattern not in found[:place]]


def test_each_region_but_the_hubs_has_what_aws_emits_there(usual: Templates) -> None:
    assert usual.keys() == {"eu-west-1", "us-west-2"}
    assert [rule["EventPattern"] for rule in rules(usual["us-west-2"])] == patterns("us-west-2")
    assert [rule["EventPattern"] for rule in rules(usual["eu-west-1"])] == patterns("")


def test_an_event_that_wakes_two_automations_is_sent_once(usual: Templates) -> None:
    sent = [json.dumps(rule["EventPattern"]) for rule in rules(usual["eu-west-1"])]
    assert len(sent) == len(set(sent))


def test_the_hubs_own_region_has_none(forwarders: Callable[..., Templates]) -> None:
    assert forwarders(hub={"account": "self", "region": "us-west-2"}).keys() == {"us-east-1", "eu-west-1"}


def test_an_automation_that_is_off_is_not_forwarded_to(forwarders: Callable[..., Templates]) -> None:
    assert "us-west-2" not in forwarders(mrap_operations={"mode": "off"})


def test_what_aws_emits_in_one_region_alone_is_forwarded_from_there_within_its_partition(
    compile_settings: Compile,
) -> None:
    homes = {"eu-west-1": {"us-east-1", "us-west-2"}, "us-gov-west-1": set(), "cn-north-1": set()}
    for hub_region, others in homes.items():
        hub = {"account": "self", "region": hub_region}
        settings = compile_settings(hub=hub, scope=scope_of("self", regions=[hub_region]))
        assert set(forwarding_regions(forwarded(settings, FUNCTIONS))) == {hub_region} | others


def test_every_rule_sends_to_the_hubs_bus_for_a_day_and_then_to_a_queue(usual: Templates) -> None:
    for template in usual.values():
        (queue,) = of_type(template, "SQS::Queue")
        for rule in of_type(template, "Events::Rule").values():
            (target,) = rule["Targets"]
            assert joined(target["Arn"]).endswith(":events:us-east-1:<AWS::AccountId>:event-bus/watchkeeper")
            assert target["DeadLetterConfig"] == {"Arn": arn_of(queue)}
            assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 24 * 3600


def test_a_forwarder_may_put_events_on_the_hubs_bus_and_nothing_else(usual: Templates) -> None:
    for template in usual.values():
        (role,) = of_type(template, "IAM::Role").values()
        (policy,) = role["Policies"]
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert statement["Action"] == "events:PutEvents"
        assert rules(template)[0]["Targets"][0]["Arn"] == statement["Resource"]
        assert role.keys() == {"AssumeRolePolicyDocument", "Policies", "Tags"}


def test_a_forwarders_alarms_watch_its_queue_and_take_the_way_of_the_events(usual: Templates) -> None:
    for template in usual.values():
        assert {each["AlarmName"] for each in of_type(template, "CloudWatch::Alarm").values()} == {*FORWARDER_ALARMS}
        alarms, (queue,) = of_type(template, "CloudWatch::Alarm"), of_type(template, "SQS::Queue")
        for alarm in alarms.values():
            assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": [queue, "QueueName"]}}]
            assert "AlarmActions" not in alarm
        (rule,) = (r for r in of_type(template, "Events::Rule").values() if "resources" in r["EventPattern"])
        assert rule["EventPattern"]["resources"] == [arn_of(name) for name in alarms]
        assert rule["Targets"] == rules(template)[0]["Targets"]


def test_a_forwarder_needs_neither_assets_nor_bootstrapping(usual: Templates) -> None:
    for template in usual.values():
        assert template.keys() == {"Description", "Resources"}
        assert not of_type(template, "Lambda::Function")


def condition_of(template: Template, source: str) -> set[str]:
    """The conditions under which events of a service are forwarded."""
    resources = (each for each in template["Resources"].values() if each["Type"] == "AWS::Events::Rule")
    return {each.get("Condition", "") for each in resources if source in each["Properties"]["EventPattern"]["source"]}


def test_one_template_for_all_accounts_and_regions_forwards_what_aws_emits_where_it_stands(
    templates: Templates,
) -> None:
    template = templates[GENERIC]
    assert [rule["EventPattern"] for rule in rules(template)] == patterns("", "us-east-1", "us-west-2")
    assert condition_of(template, "aws.s3") == {"InUsWest2"}
    assert condition_of(template, "aws.mpa") == condition_of(template, "aws.multi-party-approval") == {"InUsEast1"}
    assert condition_of(template, "aws.ram") == {"InScope"}
    assert condition_of(template, "aws.cloudwatch") == {"Watched"}
    here = {"Ref": "AWS::Region"}
    assert template["Conditions"] == {
        "InUsEast1": {"Fn::Equals": [here, "us-east-1"]},
        "InUsWest2": {"Fn::Equals": [here, "us-west-2"]},
        "InScope": {"Fn::Or": [{"Fn::Equals": [here, region]} for region in ("us-east-1", "eu-west-1")]},
        "Watched": {"Fn::Equals": [{"Ref": "Alarms"}, "yes"]},
    }


def test_a_forwarder_elsewhere_has_alarms_only_if_it_is_told_to(templates: Templates) -> None:
    template = templates[GENERIC]
    assert template["Parameters"]["Alarms"]["Default"] == "no"
    alarms = [each for each in template["Resources"].values() if each["Type"] == "AWS::CloudWatch::Alarm"]
    assert [each["Condition"] for each in alarms] == ["Watched"] * 2


def test_that_template_is_told_which_bus_is_the_hubs_and_may_put_on_no_other(templates: Templates) -> None:
    template = templates[GENERIC]
    assert template.keys() == {"Description", "Parameters", "Conditions", "Resources"}
    (role,) = of_type(template, "IAM::Role").values()
    assert role["Policies"][0]["PolicyDocument"]["Statement"][0]["Resource"] == {"Ref": "HubBusArn"}
    for rule in of_type(template, "Events::Rule").values():
        assert rule["Targets"][0]["Arn"] == {"Ref": "HubBusArn"}


def test_a_scope_of_many_regions_is_a_condition_that_cloudformation_takes(
    assembly: Assembly, compile_settings: Compile
) -> None:
    regions = [f"eu-west-{number}" for number in range(1, 25)]
    scope = scope_of("self", "222222222222", regions=regions)
    template = assembly(compile_settings(scope=scope))[GENERIC]
    outer = template["Conditions"]["InScope"]["Fn::Or"]
    assert [len(inner["Fn::Or"]) for inner in outer] == [10, 10, 4]


def admitted(template: Template) -> dict[str, dict[str, Any]]:
    policies = of_type(template, "Events::EventBusPolicy").values()
    return {each["StatementId"]: each["Statement"] for each in policies}


def test_the_bus_of_a_hub_that_watches_itself_alone_takes_events_from_nobody_else(
    assembly: Assembly, compile_settings: Compile
) -> None:
    alone = assembly(compile_settings())
    ((_, statement),) = admitted(alone["watchkeeper"]).items()
    assert joined(statement["Principal"]["AWS"]) == "arn:<AWS::Partition>:iam::<AWS::AccountId>:root"
    assert not [name for name in alone if name.startswith("templates/")]


def test_the_bus_takes_events_from_exactly_the_accounts_in_scope(assembly: Assembly, compile_settings: Compile) -> None:
    hub = {"account": "111111111111", "region": "us-east-1"}
    scope = scope_of("self", "111111111111", "222222222222", "333333333333", "444444444444")
    scope["exclude_accounts"] = ["333333333333"]
    found = admitted(assembly(compile_settings(hub=hub, scope=scope))["watchkeeper"])
    assert found.keys() == {"OwnAccount", "AccountsInScope"}
    statement = found["AccountsInScope"]
    assert [joined(arn) for arn in statement["Principal"]["AWS"]] == [
        "arn:<AWS::Partition>:iam::222222222222:root",
        "arn:<AWS::Partition>:iam::444444444444:root",
    ]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "events:PutEvents")
    assert "Arn" in statement["Resource"]["Fn::GetAtt"]


def test_more_accounts_than_a_bus_policy_holds_stop_the_synthesis(
    assembly: Assembly, compile_settings: Compile
) -> None:
    many = [f"{number:012}" for number in range(1, 301)]
    with pytest.raises(Exception, match=rf"300 accounts.*{BUS_POLICY_CHARACTERS:,}.*about 24\d .*two hubs"):
        assembly(compile_settings(scope=scope_of("self", *many)))
