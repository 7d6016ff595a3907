"""No exemption ends without its opt-in, nor that of a cluster's newest, in any policy, world and order."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from emulator.aws import Emulator
from emulator.cloudhsmv2 import faults, seeding
from functions.cloudhsm_backups.decision import Backup, Policy, Siblings, Unexempt, decide
from tests.cloudhsm_backups.conftest import World
from tests.conftest import REGION, US

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CLUSTERS = ("cluster-aaaaaaaaaaa", "cluster-bbbbbbbbbbb", "")
STATES = ("READY", "READY", "READY", "PENDING_DELETION", "CREATE_IN_PROGRESS", "DELETED", "MELTED")


def some_rule(random: Random, number: int) -> dict[str, Any]:
    """Return a rule of any kind; half of them end exemptions."""
    match: dict[str, Any] = {}
    if random.random() < 0.2:
        match["tags"] = {"hold": random.choice("01")}
    if random.random() < 0.2:
        match["clusters"] = random.sample(CLUSTERS[:2], random.randint(1, 2))
    if random.random() < 0.2:
        match["older_than_days"] = random.randint(1, 100)
    if random.random() < 0.2:
        match["keep"] = {
            name: random.randint(1, 3) for name in random.sample(("newest", "monthly", "yearly"), random.randint(1, 3))
        }
    return {"name": f"rule-{number}", "match": match, "never_expires": random.random() < 0.3}


def some_policy(random: Random) -> dict[str, Any]:
    """Return a section of the configuration."""
    return {
        "mode": "apply",
        "rules": [some_rule(random, number) for number in range(random.randint(1, 3))],
        "change_limit_per_run": random.choice((1, 3, 20)),
        "allow_unexempt": random.random() < 0.7,
        "restore_pending_deletion": random.random() < 0.5,
    }


def some_backup(random: Random, number: int) -> Backup:
    """Return a backup of any state and age."""
    created_at = None if random.random() < 0.05 else NOW - timedelta(days=random.randint(0, 5) * random.choice((1, 40)))
    cluster = random.choice(CLUSTERS)
    return Backup(
        backup_id=f"backup-{number}",
        arn=f"arn:{number}",
        account=random.choice((US, US, US, "999999999999")),
        state=random.choice(STATES),
        cluster=cluster,
        origin="" if cluster else CLUSTERS[0],
        created_at=created_at,
        never_expires=random.random() < 0.7,
        tags={"hold": random.choice("01")} if random.random() < 0.5 else {},
    )


def is_newest(backup: Backup, backups: list[Backup]) -> bool:
    """Say whether nobody can show a newer READY one of ours in the same cluster."""
    others = [b for b in backups if b.cluster == backup.cluster and b.is_ready and b.account == US and b.created_at]
    newest = max((b.created_at for b in others if b.created_at), default=None)
    return newest is None or backup.created_at is None or backup.created_at >= newest


def test_ten_thousand_policies_and_worlds_end_no_exemption_that_they_may_not() -> None:
    random = Random(20)  # noqa: S311  # no secret: the same worlds in every run
    ended = 0
    for _ in range(10_000):
        policy = Policy.from_settings(some_policy(random))
        backups = [some_backup(random, number) for number in range(random.randint(3, 8))]
        families: dict[str, Siblings] = {}
        for each in backups:
            if each.is_ready and each.cluster and each.created_at and each.account == US:
                families.setdefault(each.cluster, Siblings()).add(each.created_at, each.backup_id)
        for each in random.sample(backups, len(backups)):
            for around in (None, families.get(each.cluster, Siblings())):
                verdict = decide(each, policy, US, NOW, around)
                if isinstance(verdict, Unexempt) and verdict.leave is None:
                    ended += 1
                    assert policy.allow_unexempt
                    assert (each.is_ready, each.account, each.never_expires) == (True, US, True)
                    assert each.cluster
                    assert not is_newest(each, backups)
    assert ended > 500  # it does happen, where it may


@given(seed=st.integers(0, 1 << 32))
@hypothesis_settings(max_examples=500, deadline=None, database=None)
def test_the_order_in_which_aws_lists_changes_no_verdict(seed: int) -> None:
    random = Random(seed)  # noqa: S311  # no secret
    policy = Policy.from_settings(some_policy(random))
    backups = [some_backup(random, number) for number in range(6)]
    verdicts = []
    for listed in (backups, random.sample(backups, 6)):
        family = Siblings()
        for each in listed:
            if each.is_ready and each.created_at:
                family.add(each.created_at, each.backup_id)
        verdicts.append([decide(each, policy, US, NOW, family) for each in backups])
    assert verdicts[0] == verdicts[1]


@given(seed=st.integers(0, 1 << 32))
@hypothesis_settings(
    max_examples=25, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nor_does_any_run_end_one_at_aws(world: World, aws: Emulator, seed: int) -> None:
    random = Random(seed)  # noqa: S311  # no secret
    backend = seeding.backend_of(US, REGION)
    backend.backups.clear()
    world.section = some_policy(random)
    for _ in range(random.randint(1, 8)):
        at = aws.clock.now() - timedelta(days=random.randint(0, 5) * random.choice((1, 30)))
        tags = {"hold": random.choice("01")} if random.random() < 0.5 else {}
        stored = seeding.backup(US, REGION, world.cluster, at=at, never_expires=random.random() < 0.7, tags=tags)
        if random.random() < 0.2:
            faults.purge(stored)
    ids = random.sample(sorted(backend.backups), 1) if random.random() < 0.4 else []
    for _ in range(2):  # the first run may restore a backup, which is the newest that is READY from then on
        ready = [each for each in backend.backups.values() if each.state(aws.clock.now()) == "READY"]
        exempt = {each.backup_id for each in ready if each.never_expires}
        newest_at = max((each.created_at for each in ready), default=aws.clock.now())
        world.event(*ids)
        ended = [each for each in ready if each.backup_id in exempt and not each.never_expires]
        assert world.section["allow_unexempt"] or not ended
        assert not [each for each in ended if each.created_at >= newest_at]
        assert len(ended) <= world.section["change_limit_per_run"]
