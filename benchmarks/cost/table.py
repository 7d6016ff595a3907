"""The bill as tables in Markdown, as README and docs show them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from benchmarks.cost.assumptions import ACCOUNTS, Assumptions
from benchmarks.cost.counting import configuration
from benchmarks.cost.month import PARTS, MonthCounts, counted, most_accounts
from benchmarks.cost.prices import PRICES, dollars
from benchmarks.cost.synthesis import synthesized
from benchmarks.cost.usage import total

_TEN_DOLLARS = 10


def printed() -> str:
    """Count, and return everything that is printed."""
    assumed = Assumptions()
    return "\n\n".join(document(counted(assumed, synthesized(configuration(2))), assumed).values())


def document(counts: MonthCounts, assumed: Assumptions) -> Mapping[str, str]:
    """Return each table, by what it tells."""
    return {
        "bill": "\n".join(bill(counts, assumed)),
        "one more": "\n".join(_one_more(counts, assumed)),
        "reach": "\n".join(_reach(counts, assumed)),
        "assumptions": "\n".join(_rows(["assumed", ""], assumed.in_words().items())),
        "prices": "\n".join(_prices()),
    }


def bill(counts: MonthCounts, assumed: Assumptions) -> Iterator[str]:
    """Yield the lines of the table of what a month costs."""
    heads = ["US dollars a month", *(f"{size:,} account{'s' * (size > 1)}" for size in ACCOUNTS)]
    parts = [
        [name, *(money(dollars(part(counts, assumed, size))) for size in ACCOUNTS)] for name, part in PARTS.items()
    ]
    sums = (total(part(counts, assumed, size) for part in PARTS.values()) for size in ACCOUNTS)
    yield from _rows(heads, [*parts, ["**total**", *(f"**{money(dollars(usage))}**" for usage in sums)]], right=True)


def money(amount: float) -> str:
    """Write dollars with two significant digits, and no part of a cent: the assumptions are known no better."""
    rounded = float(f"{amount:.1e}")
    if rounded >= _TEN_DOLLARS:
        return f"{rounded:,.0f}"
    return f"{rounded:.1f}" if rounded >= 1 else f"{amount:.2f}"


def _one_more(counts: MonthCounts, assumed: Assumptions) -> Iterator[str]:
    """Yield the lines of the table of what a thousand of something cost."""
    seen = counts.trouble
    extra = {name: part(counts, assumed, 2) - part(counts, assumed, 1) for name, part in PARTS.items()}
    costs = {
        "quiet accounts, swept for a month": extra["scheduled sweeps"],
        "accounts whose forwarders have alarms, for a month": counts.alarms_of_spoke,
        "findings, from the first alert to the notice of the end": seen.finding,
        "reminders": seen.finding_reminded,
        "changes, recorded, told and verified": seen.change,
        "events that change nothing": seen.event,
        "access point operations of five minutes": seen.operation,
    }
    rows = [[what, money(1000 * dollars(usage))] for what, usage in costs.items()]
    yield from _rows(["a thousand", "US dollars"], rows, right=True)


def _reach(counts: MonthCounts, assumed: Assumptions) -> Iterator[str]:
    rows = [[f"`{name}`", f"{most:,}"] for name, most in most_accounts(counts, assumed).items()]
    yield from _rows(["function", "accounts in one invocation"], rows, right=True)


def _prices() -> Iterator[str]:
    rows = (
        [
            str(meter),
            _exact(price.dollars),
            price.unit,
            f"[{price.source.split('/')[3]}]({price.source})",
            f"{'that page' if price.is_from_aws else 'another table'}, {price.read}",
        ]
        for meter, price in PRICES.items()
    )
    yield from _rows(["what is billed", "US dollars", "for", "what holds", "read in"], rows)


def _exact(amount: float) -> str:
    whole, _, cents = f"{amount:.10f}".rstrip("0").partition(".")
    return f"{whole}.{cents:0<2}"


def _rows(heads: Sequence[str], rows: Iterable[Sequence[str]], *, right: bool = False) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'|'.join(['---', *('---:' if right else '---' for _ in heads[1:])])}|"
    yield from (f"| {' | '.join(row)} |" for row in rows)
