"""cdk-nag's rules: each finding is mended, or acknowledged on one resource with its reason."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.shared.settings import Settings
from tests.infra.conftest import Synthesize

pytestmark = pytest.mark.xdist_group("infra")


@pytest.mark.parametrize("rule", ["AwsSolutions-SQS4", "Serverless-SQSRedrivePolicy"])
def test_a_planted_violation_fails_the_synthesis(synthesize: Synthesize, trusting: Settings, rule: str) -> None:
    def plant(hub: Any) -> None:
        from aws_cdk import aws_sqs as sqs  # noqa: PLC0415  # starts node

        sqs.Queue(hub, "Planted")

    with pytest.raises(RuntimeError, match=rf"watchkeeper/Planted/Resource[\s\S]*{rule}"):
        synthesize(trusting, change=plant)


def acknowledged(app: Any) -> Iterator[tuple[Any, dict[str, str]]]:
    """Yield each construct on which something is acknowledged, with the reasons by rule."""
    from aws_cdk import Validations  # noqa: PLC0415  # starts node

    for construct in app.node.find_all():
        for entry in construct.node.metadata:
            if entry.type == Validations.ACKNOWLEDGED_RULES_METADATA_KEY:
                yield construct, entry.data


def test_every_acknowledgement_is_on_one_resource_and_has_its_reason(
    synthesize: Synthesize, trusting: Settings
) -> None:
    found: list[tuple[Any, dict[str, str]]] = []
    synthesize(trusting, change=lambda hub: found.extend(acknowledged(hub.node.root)))
    from aws_cdk import CfnResource  # noqa: PLC0415  # starts node

    assert found
    for construct, reasons in found:
        assert CfnResource.is_cfn_resource(construct.node.default_child or construct), construct.node.path
        assert all(len(reason.split()) > 3 for reason in reasons.values()), construct.node.path
