"""The scenario of the resource shares: changed after acceptance, shared with outsiders, failed in part, untrusted."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from cli.demo.account import EmulatedAccount
from cli.demo.scenario import ACCOUNT, Expectation, ScenarioStep
from emulator.ram import faults, seeding_shares

_HUB = "210987654321"
_FRIEND = "333333333333"
_OUTSIDER = "888888888888"
_STRANGER = "777777777777"
_REGION = "us-east-1"
_REMOVE, _TAG = "ram:DisassociateResourceShare", "ram:TagResource"
_NOT_ALLOWED = "outbound-principal-not-allowed"
_CONTENT, _OWNER, _FAILED = "inbound-content-not-allowed", "inbound-owner-untrusted", "association-failed"


def steps(account: EmulatedAccount) -> Iterator[ScenarioStep]:
    """Yield what happens; only the friend is in `allowed_principals`, and the hub is trusted."""
    yield _step(0, f"core-network is shared with us by the trusted hub {_HUB}", lambda: _share(_HUB, "core-network"))
    yield _step(0, f"we share payments-subnets with {_FRIEND}, who is allowed", lambda: _ours("payments-subnets"))
    yield _step(1, "the hub puts a database into core-network: whoever has accepted that cannot leave", _fill_up)
    yield _step(
        2,
        f"somebody adds the outsider {_OUTSIDER} to payments-subnets",
        lambda: _ask(account, ACCOUNT, "AssociateResourceShare", "payments-subnets", principals=[_OUTSIDER]),
    )
    yield _step(
        3,
        f"Lake Formation shares a table with {_OUTSIDER}; a service owns that share, so nothing here may change it",
        lambda: _ours("LakeFormation-V4-TABLES", _OUTSIDER, "glue:Table"),
    )
    yield _step(4, "a subnet does not get into payments-subnets, long after the call has returned", _fail)
    yield _step(
        5,
        f"somebody has accepted free-subnets of {_STRANGER} by hand",
        lambda: _share(_STRANGER, "free-subnets", "ec2:Subnet"),
    )
    yield _step(
        7,
        "a person has read the mails: leaves free-subnets, revokes the table's grant, shares the subnet once more",
        lambda: _tidy_up(account),
    )
    yield _step(
        8,
        "the hub, asked about the database, deletes core-network",
        lambda: _ask(account, _HUB, "DeleteResourceShare", "core-network"),
    )


def expectations(account: EmulatedAccount) -> Iterator[Expectation]:
    """Count the results in the emulated AWS and in the ledger."""
    yield Expectation("principal was removed here, as the ledger has it", _done(account, _REMOVE), 1)
    yield Expectation("share says so in a tag", _done(account, _TAG), 1)
    yield Expectation("principal is gone from payments-subnets, as RAM shows it", _removals(account), 1)
    yield Expectation("alert for the outsider, who was gone at once", _count(account, "alert", "payments-subnets"), 0)
    for kind, text in (("alert", "alert"), ("ended", "notice of the end")):
        yield Expectation(f"{text} for the database put in later", _count(account, kind, "core-network", _CONTENT), 1)
        where = "LakeFormation-V4-TABLES"
        yield Expectation(
            f"{text} for the outsider in a service's share", _count(account, kind, where, _NOT_ALLOWED), 1
        )
        yield Expectation(f"{text} for the subnet that failed", _count(account, kind, "payments-subnets", _FAILED), 1)
        yield Expectation(f"{text} for the stranger's share", _count(account, kind, "free-subnets", _OWNER), 1)


def _step(hours: int, text: str, play: Callable[[], object]) -> ScenarioStep:
    def now(_moment: datetime) -> object:
        return play()

    return ScenarioStep(timedelta(hours=hours), text, now)


def _share(owner: str, name: str, kind: str = "ec2:TransitGateway", receiver: str = ACCOUNT) -> str:
    return seeding_shares.share(owner=owner, region=_REGION, name=name, principals=[receiver], resource_types=[kind])


def _ours(name: str, receiver: str = _FRIEND, kind: str = "ec2:Subnet") -> str:
    return _share(ACCOUNT, name, kind, receiver)


def _fill_up() -> None:
    seeding_shares.put_in(seeding_shares.find(_HUB, _REGION, "core-network"), "glue:Database")


def _fail() -> None:
    arn = seeding_shares.find(ACCOUNT, _REGION, "payments-subnets")
    faults.fail_association(arn, seeding_shares.put_in(arn, "ec2:Subnet"), "The subnet is in a default VPC.")


def _tidy_up(account: EmulatedAccount) -> None:
    _ask(account, ACCOUNT, "DisassociateResourceShare", "free-subnets", _STRANGER, principals=[ACCOUNT])
    _ask(account, ACCOUNT, "DisassociateResourceShare", "LakeFormation-V4-TABLES", principals=[_OUTSIDER])
    wanted = {"associationType": "RESOURCE", "associationStatus": "FAILED"}
    for failed in account.call("ram", _REGION, "GetResourceShareAssociations", **wanted)["resourceShareAssociations"]:
        _ask(account, ACCOUNT, "AssociateResourceShare", "payments-subnets", resourceArns=[failed["associatedEntity"]])


def _ask(
    account: EmulatedAccount, caller: str, operation: str, name: str, owner: str = "", **parameters: list[str]
) -> None:
    """Call RAM as *caller*, about the share of that name."""
    arn = seeding_shares.find(owner or caller, _REGION, name)
    as_caller = EmulatedAccount(account.aws, account.hub, caller)
    as_caller.call("ram", _REGION, operation, resourceShareArn=arn, **parameters)


def _done(account: EmulatedAccount, action: str) -> int:
    return sum(each["action"] == action and each["status"] == "DONE" for each in account.actions())


def _removals(account: EmulatedAccount) -> int:
    """Count the principals of payments-subnets that RAM shows as DISASSOCIATED."""
    arn = seeding_shares.find(ACCOUNT, _REGION, "payments-subnets")
    asked = {"associationType": "PRINCIPAL", "resourceShareArns": [arn]}
    held = account.call("ram", _REGION, "GetResourceShareAssociations", **asked)["resourceShareAssociations"]
    return sum(each["status"] == "DISASSOCIATED" for each in held)


def _count(account: EmulatedAccount, kind: str, share: str, check: str = _NOT_ALLOWED) -> int:
    """Count the notifications of one kind about one check of one share: other scenarios have shares too."""
    about = f"share '{share}'"
    wanted = {"kind": kind, "check": check}.items()
    return sum(
        all(message.attributes.get(name, {}).get("Value") == value for name, value in wanted)
        and about in message.for_protocol("email").replace("\n", " ")
        for message in account.messages()
    )
