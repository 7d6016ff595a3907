"""A check is mapped to a control only by a mapping that says why; docs/frameworks.md is the table of all of them."""

import re
from collections.abc import Iterator
from pathlib import Path

from functions.catalog import FUNCTIONS
from functions.report.frameworks import CIS, MAPPINGS, NIST, SOC_2, Control, controls_of
from functions.shared.automation import checks_of

PAGE = Path(__file__).parents[2] / "docs" / "frameworks.md"
CHECKS = checks_of(FUNCTIONS)
MAPPED = [check for mapping in MAPPINGS for check in mapping.checks]
FORMS = {NIST: r"[A-Z]{2}-\d{1,2}(\(\d{1,2}\))?", CIS: r"\d{1,2}\.\d{1,2}", SOC_2: r"(CC|A|C)\d\.\d"}


def table() -> Iterator[str]:
    """Yield the lines of the table, as the page has to hold them."""
    for mapping in MAPPINGS:
        ids = "; ".join(
            f"{framework.name}: {', '.join(of_framework)}"
            for framework in FORMS
            if (of_framework := [control.id for control in mapping.controls if control.framework is framework])
        )
        yield f"| {', '.join(f'`{check}`' for check in mapping.checks)} | {ids} | {mapping.why} |"
    unmapped = ", ".join(f"`{check}`" for check in CHECKS if check not in MAPPED)
    yield f"| {unmapped} | none | No control of these frameworks is about it. |"


def controls() -> Iterator[str]:
    known = dict.fromkeys(control for mapping in MAPPINGS for control in mapping.controls)
    for framework in FORMS:
        for control in sorted((each for each in known if each.framework is framework), key=_order):
            yield f"| [{framework.name}]({framework.source}) | {control.id} | {control.title} |"


def _order(control: Control) -> str:
    return re.sub(r"\d+", lambda found: found[0].zfill(3), control.id)


def test_the_page_holds_the_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    lines = [
        line
        for line in page.splitlines()
        if line.startswith("| ") and not line.startswith(("| checks", "| framework |"))
    ]
    assert lines == [*table(), *controls()]


def test_every_mapped_check_is_a_check_and_is_mapped_once() -> None:
    assert len(MAPPED) == len(set(MAPPED))
    assert set(MAPPED) <= CHECKS.keys()


def test_a_mapping_names_controls_as_their_framework_does_and_says_why() -> None:
    for mapping in MAPPINGS:
        assert mapping.why.endswith(".")
        assert mapping.controls
        assert all(re.fullmatch(FORMS[control.framework], control.id) for control in mapping.controls)


def test_what_fits_no_control_is_mapped_to_none() -> None:
    assert controls_of("operation-slow") == ()
    assert controls_of("unknown") == ()
    assert [control.id for control in controls_of("team-change")] == ["AC-3(2)"]
