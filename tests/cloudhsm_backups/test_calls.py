"""How many calls a sweep and an event make: as few as tell the truth."""

from collections import Counter

import pytest

from emulator.cloudhsmv2 import faults, seeding
from tests.cloudhsm_backups.conftest import (
    CLUSTERS,
    DROP_ALL,
    HELD,
    LEGAL,
    LIST,
    MODIFY,
    RESTORE,
    World,
    backup,
)
from tests.conftest import NOW, REGION, US

KEEP_THREE = [{"name": "newest", "match": {"keep": {"newest": 3}}, "never_expires": True}]


def fill(world: World, count: int, **more: object) -> None:
    """Let our cluster have so many backups, exempt ones if nothing else is said."""
    seeding.many(US, REGION, [world.cluster], count, until=NOW, **{"never_expires": True, **more})
    world.aws.calls.clear()


def test_twenty_thousand_backups_of_which_ten_violate_cost_two_listings_and_ten_changes(world: World) -> None:
    fill(world, 20_000)
    for number in range(10):
        backup(world.cluster, 10 + number)
    sweep = world.sweep()
    assert [change["status"] for change in sweep.actions.made] == ["DONE"] * 10
    assert sweep.findings == {}
    # What must be kept and is being deleted would hide behind its exemption: hence the second listing.
    assert world.calls() == Counter({LIST: 2, MODIFY: 10})
    world.sweep()
    assert world.calls() == Counter({LIST: 2})


@pytest.mark.parametrize(("violating", "pages"), [(1, 1), (50, 1), (51, 2)])
def test_a_sweep_makes_a_call_a_page_of_what_violates_and_one_a_change(
    world: World, violating: int, pages: int
) -> None:
    world.section["change_limit_per_run"] = 200
    fill(world, violating, never_expires=False)
    world.sweep()
    assert world.calls() == Counter({LIST: pages + 1, MODIFY: violating})


def test_clusters_are_listed_only_where_something_is_left_to_report(world: World) -> None:
    world.section["mode"] = "plan"
    fill(world, 3, never_expires=False)
    world.sweep()
    assert world.calls() == Counter({LIST: 2, CLUSTERS: 1})


def test_where_all_is_exempt_the_opposite_proves_it_once(world: World) -> None:
    fill(world, 300)
    world.sweep()
    assert world.calls() == Counter({LIST: 4})
    world.sweep()
    assert world.calls() == Counter({LIST: 2})


def test_an_account_without_backups_costs_one_call_once_that_is_known(world: World) -> None:
    assert world.sweep().coverage()["status"] == "NOT_APPLICABLE"
    assert world.calls() == Counter({LIST: 2})
    world.sweep()
    assert world.calls() == Counter({LIST: 1})


def test_an_account_that_grows_beyond_a_page_is_filtered_again(world: World) -> None:
    world.sweep()
    fill(world, 200)
    world.sweep()
    assert world.calls() == Counter({LIST: 4})
    world.sweep()
    assert world.calls() == Counter({LIST: 4})
    world.sweep()
    assert world.calls() == Counter({LIST: 2})


def test_without_rules_one_call_tells_whether_the_service_is_used(world: World) -> None:
    world.section["rules"] = []
    fill(world, 200)
    assert world.sweep().coverage()["status"] == "COMPLETE"
    assert world.calls() == Counter({LIST: 1})


@pytest.mark.parametrize("rules", [KEEP_THREE, DROP_ALL, [LEGAL, *DROP_ALL]])
def test_rules_that_look_at_others_of_a_cluster_read_each_page_once(world: World, rules: list[object]) -> None:
    world.section |= {"rules": rules, "mode": "plan"}
    fill(world, 120, never_expires=False, tags=HELD)
    world.sweep()
    assert world.calls()[LIST] == 3


@pytest.mark.parametrize("others", [10, 3000])
def test_an_event_about_one_backup_costs_the_same_among_any_number(world: World, others: int) -> None:
    """Cloud Custodian lists them all: 400 calls for 20,000."""
    fill(world, others)
    one = backup(world.cluster, 3)
    world.event(one.backup_id)
    assert world.calls() == Counter({LIST: 1, MODIFY: 1})
    assert one.never_expires
    assert world.event(one.backup_id).coverage()["compliant"] == 1
    assert world.calls() == Counter({LIST: 1})


def test_an_event_reads_one_cluster_more_where_only_that_tells(world: World) -> None:
    other = seeding.cluster(US, REGION)
    seeding.many(US, REGION, [other], 500, until=NOW)
    world.section["rules"] = KEEP_THREE
    one = backup(world.cluster, 3)
    world.event(one.backup_id)
    assert world.calls() == Counter({LIST: 2, MODIFY: 1})


def test_a_rescue_is_two_changes(world: World) -> None:
    world.section["restore_pending_deletion"] = True
    one = backup(world.cluster, 3)
    faults.purge(one)
    world.event(one.backup_id)
    assert world.calls() == Counter({LIST: 1, RESTORE: 1, MODIFY: 1})


def test_several_clusters_are_read_in_pages(world: World) -> None:
    world.section["mode"] = "plan"
    for _ in range(26):
        backup(seeding.cluster(US, REGION), 3)
    world.aws.calls.clear()
    world.sweep()
    assert world.calls() == Counter({LIST: 2, CLUSTERS: 2})


def test_a_dry_run_reads_as_much_and_changes_nothing(world: World) -> None:
    fill(world, 300)
    backup(world.cluster, 3)
    sweep = world.sweep(dry_run=True)
    assert [change["status"] for change in sweep.actions.made] == ["PLANNED"]
    assert world.calls() == Counter({LIST: 2, CLUSTERS: 1})
    assert world.aws.calls.mutating() == []
    assert world.table.items() == []
