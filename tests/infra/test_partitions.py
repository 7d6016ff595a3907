"""The app in each partition of AWS: no ARN of another one, and nothing that CloudFormation would refuse there."""

import json
from pathlib import Path

import pytest

from cli.configuration.loading import load
from cli.configuration.problems import ConfigurationError
from functions.catalog import AUTOMATIONS
from tests.infra.conftest import Assembly
from tests.infra.reading import Template, function_of, lint_messages, of_type

pytestmark = pytest.mark.xdist_group("infra")


HOMES = {"aws": "eu-central-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
OTHERS = {"aws": "us-east-1", "aws-us-gov": "us-gov-east-1", "aws-cn": "cn-northwest-1"}


def configuration(folder: Path, partition: str, more: str = "") -> Path:
    """Write a configuration in which everything is on that the partition offers."""
    off = [f"{each.name}: {{mode: off}}\n" for each in AUTOMATIONS if partition not in each.partitions]
    webhook = "" if partition == "aws-us-gov" else "{name: chat, form: slack, url_secret: chat}"
    regions = f"[{HOMES[partition]}, {OTHERS[partition]}]"
    path = folder / "watchkeeper.yaml"
    path.write_text(
        f"version: 1\nhub: {{region: {HOMES[partition]}}}\n{''.join(off)}{more}"
        f'scope: {{accounts: [self, "222222222222"], regions: {regions}}}\n'
        f'notifications: {{emails: ["on-call@example.com"], security_hub: true, webhooks: [{webhook}]}}\n',
    )
    return path


@pytest.fixture(scope="session", params=HOMES)
def everywhere(
    request: pytest.FixtureRequest, assembly: Assembly, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[str, Template]]:
    """A partition, and all templates of a hub in it."""
    sets = "deployment: {stack_set: {organizational_units: [ou-ab12-cd34ef56]}}\n"
    more = "" if request.param == "aws-cn" else sets
    settings = load(configuration(tmp_path_factory.mktemp("partition"), request.param, more))
    return request.param, assembly(settings)


def test_no_partition_is_written_out(everywhere: tuple[str, dict[str, Template]]) -> None:
    _, templates = everywhere
    for template in templates.values():
        for partition in HOMES:
            assert f"arn:{partition}:" not in json.dumps(template)


def test_cfn_lint_finds_nothing(everywhere: tuple[str, dict[str, Template]]) -> None:
    partition, templates = everywhere
    for name, template in templates.items():
        of_its_own = name.removeprefix("watchkeeper-forwarder-")
        region = HOMES[partition] if of_its_own == name else of_its_own
        assert lint_messages(template, region) == [], name


def test_what_the_partition_offers_is_deployed_and_nothing_else(everywhere: tuple[str, dict[str, Template]]) -> None:
    partition, templates = everywhere
    for automation in AUTOMATIONS:
        if partition in automation.partitions:
            assert function_of(templates["watchkeeper"], automation.name)
        else:
            assert f"functions.{automation.name}." not in json.dumps(templates)


def test_functions_are_traced_but_in_china(everywhere: tuple[str, dict[str, Template]]) -> None:
    partition, templates = everywhere
    functions = of_type(templates["watchkeeper"], "Lambda::Function").values()
    wanted = None if partition == "aws-cn" else "Active"
    assert {each.get("TracingConfig", {}).get("Mode") for each in functions} == {wanted}


def test_webhooks_are_an_error_in_govcloud(tmp_path: Path) -> None:
    path = configuration(tmp_path, "aws-us-gov")
    path.write_text(path.read_text().replace("webhooks: []", "webhooks: [{name: chat, form: slack, url_secret: chat}]"))
    with pytest.raises(ConfigurationError, match="webhooks in aws-us-gov, where EventBridge has no API destinations"):
        load(path)


@pytest.mark.parametrize("partition", ["aws-us-gov", "aws-cn"])
def test_what_it_does_not_offer_is_an_error_before_the_synthesis(partition: str, tmp_path: Path) -> None:
    path = configuration(tmp_path, partition)
    path.write_text(path.read_text().replace("replication_sets: {mode: off}\n", ""))
    with pytest.raises(ConfigurationError, match=f"replication_sets switched on in {partition}"):
        load(path)
