"""What README and docs say that a month costs is what the model makes of counts, prices and assumptions."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from benchmarks.cost.assumptions import ACCOUNTS, REGIONS, Assumptions
from benchmarks.cost.counting import configuration
from benchmarks.cost.month import PARTS, MonthCounts, counted
from benchmarks.cost.prices import dollars
from benchmarks.cost.table import bill, document
from benchmarks.cost.usage import Meter, total
from functions.catalog import AUTOMATIONS
from functions.shared.deployment.forwarding import admitted_sources, forwarded
from functions.shared.settings import Settings
from infra.foundation.bus_policy import check_length
from infra.iam.policies import DeploymentError
from tests.infra.reading import Template

ROOT = Path(__file__).parents[2]
ASSUMED = Assumptions()
RENEW = "`python -m benchmarks cost` prints what it should say"

pytestmark = pytest.mark.xdist_group("infra")


@pytest.fixture(scope="module")
def counts(assembly: Callable[[Settings], Mapping[str, Template]]) -> MonthCounts:
    """All that the bill is made from."""
    return counted(ASSUMED, assembly(configuration(2)))


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_readme_says_what_a_month_costs(counts: MonthCounts) -> None:
    assert "\n".join(bill(counts, ASSUMED)) in text_of("README.md"), RENEW


def test_the_page_on_costs_has_every_table_as_the_model_makes_it(counts: MonthCounts) -> None:
    page = text_of("docs/cost.md")
    missing = [name for name, table in document(counts, ASSUMED).items() if table not in page]
    assert missing == [], RENEW


def test_the_configuration_that_is_priced_has_the_regions_of_the_shipped_one() -> None:
    assert f"regions: [{', '.join(REGIONS)}]" in text_of("watchkeeper.yaml")


def test_what_stands_in_the_hub_is_its_alarms_and_one_dashboard(counts: MonthCounts) -> None:
    assert counts.hub[Meter.DASHBOARD_MONTHS] == 1
    assert counts.hub[Meter.ALARM_MONTHS] > 0


def test_nothing_stands_in_other_accounts_that_costs_by_being_there(counts: MonthCounts) -> None:
    assert dollars(counts.spoke) == 0
    assert counts.alarms_of_spoke[Meter.ALARM_MONTHS] == 2 * 3  # two of each forwarder, in both Regions and us-west-2


def test_alarms_of_forwarders_would_cost_an_organization_ten_times_the_rest(counts: MonthCounts) -> None:
    most = max(ACCOUNTS)
    bill_of_most = dollars(total(part(counts, ASSUMED, most) for part in PARTS.values()))
    assert bill_of_most / most < 0.10
    assert dollars(counts.alarms_of_spoke) * (most - 1) > 10 * bill_of_most


def test_the_page_says_how_many_accounts_the_bus_of_one_hub_takes() -> None:
    sources = admitted_sources(forwarded(configuration(2), AUTOMATIONS))

    def fits(accounts: int) -> bool:
        try:
            check_length(("123456789012",) * accounts, sources)
        except DeploymentError:
            return False
        return True

    most = max(accounts for accounts in range(1, 400) if fits(accounts))
    assert f"about {round(most, -1)} other accounts" in text_of("docs/cost.md")
