"""Questions that other tools answer wrongly, and AWS's old and odd records: each answered rightly here."""

from emulator.cloudhsmv2 import faults, seeding
from tests.cloudhsm_backups.conftest import LIST, MODIFY, World, backup
from tests.conftest import NOW, REGION, US
from tests.world import found


def test_a_filter_that_is_asked_for_is_applied(world: World) -> None:
    """Cloud Custodian validates `query: Filters` on backups, and ignores it."""
    seeding.many(US, REGION, [world.cluster], 1000, until=NOW, never_expires=True)
    one = backup(world.cluster, 50)
    world.aws.calls.clear()
    world.sweep()
    first, second, change = [(call.name, dict(call.parameters)) for call in world.aws.calls.of("cloudhsm:*")]
    assert first == (LIST, {"MaxResults": 50, "Filters": {"neverExpires": ["false"], "states": ["READY"]}})
    assert second == (LIST, {"MaxResults": 50, "Filters": {"states": ["PENDING_DELETION"]}})
    assert change == (MODIFY, {"BackupId": one.backup_id, "NeverExpires": True})


def test_what_is_being_deleted_is_not_hidden(world: World) -> None:
    """Cloud Custodian leaves PENDING_DELETION out."""
    plain, exempt = backup(world.cluster, 3), backup(world.cluster, 2, never_expires=True)
    for each in (plain, exempt):
        faults.purge(each)
    assert found(world.sweep()) == {("must-keep-pending-deletion", each.arn) for each in (plain, exempt)}


def test_a_record_without_never_expires_is_one_that_is_not_exempt(world: World) -> None:
    world.section["mode"] = "plan"
    one = backup(world.cluster, 3, never_expires=None)
    assert found(world.sweep()) == {("must-keep-not-exempt", one.arn)}


def test_a_cluster_without_a_retention_policy_is_no_crash(world: World) -> None:
    world.section["mode"] = "plan"
    one = backup(seeding.cluster(US, REGION, retention_days=None), 3)
    (finding,) = world.sweep().findings.values()
    assert (finding.check, finding.resource) == ("must-keep-not-exempt", one.arn)
    assert finding.reason.endswith("from when it may be purged is not known")
