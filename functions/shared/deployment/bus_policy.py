"""The policy of the hub's bus: who may put which events on it.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
"""

from collections.abc import Iterable
from typing import Any

OWN_ACCOUNT, MEMBERS = "OwnAccount", "AccountsInScope"


def bus_statements(sources: Iterable[str], accounts: Iterable[str] | None, organization: str) -> dict[str, Any]:
    """Return the statements of the policy, by their Sids.

    Other accounts are admitted for what forwarders send: events of AWS's own services, and only by a rule. So no other
    account can put events of our own source on the bus, and EventBridge itself fills in whose event it is. A call can
    bring many events, hence ForAllValues, which alone would also admit an event without a source, hence Null.

    The hub's own account is named because EventBridge has been seen to refuse a rule of that account in another Region
    that sends to a bus whose policy does not name it; in one account this gives nobody a right beyond IAM's.

    Args:
        sources: of the events that forwarders send.
        accounts: the other accounts in scope; None for all accounts of *organization*.
        organization: id of the organization.
    """
    own = {OWN_ACCOUNT: _statement({"AWS": _root("{account}")})}
    condition: dict[str, Any] = {
        "ForAllValues:StringEquals": {"events:source": [*sources]},
        "Null": {"events:source": "false"},
        "Bool": {"events:eventBusInvocation": "true"},
    }
    if accounts is None:
        of_organization = {"StringEquals": {"aws:PrincipalOrgID": organization}}
        return {**own, MEMBERS: {**_statement("*"), "Condition": {**of_organization, **condition}}}
    roots = [_root(account) for account in accounts]
    return {**own, MEMBERS: {**_statement({"AWS": roots}), "Condition": condition}} if roots else own


def _root(account: str) -> str:
    return f"arn:{{partition}}:iam::{account}:root"


def _statement(principal: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "events:PutEvents", "Resource": "{bus}"}
