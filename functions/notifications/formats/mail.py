"""An e-mail: a subject of ASCII, and plain text in which nothing but our own addresses becomes a link.

SNS sends no header of its own choice, so a mail program cannot thread by references: each subject about one thing
ends with the same eight digits instead.

Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

from collections.abc import Iterable, Iterator

from functions.notifications.content.content import Content
from functions.notifications.content.evidence import evidence_lines, first_lines
from functions.shared.run.foreign_text import without_links

_LONGEST_SUBJECT = 99
_DIGITS_OF_A_THREAD = 8
_MOST_LINES = 60


def subject_of(content: Content) -> str:
    """Return the subject: how bad, where, and what; and which incident, which is never cut off."""
    incident = f" [{content.thread[:_DIGITS_OF_A_THREAD]}]" if content.thread else ""
    text, most = without_links(content.headline).encode("ascii", "replace").decode(), _LONGEST_SUBJECT - len(incident)
    return f"{text if len(text) <= most else f'{text[: most - 3]}...'}{incident}"


def prose_of(content: Content) -> str:
    """Return the text: what, why, where, since and until when, what to do next, and what AWS says."""
    return "\n".join(_lines(content)) + "\n"


def _lines(content: Content) -> Iterator[str]:
    yield without_links(content.title)
    for paragraph in content.paragraphs:
        yield from ("", without_links(paragraph))
    if content.facts:
        width = max(map(len, content.facts)) + 2
        yield from ("", *(f"{name:<{width}}{without_links(text)}" for name, text in content.facts.items()))
    for heading, lines in content.lists.items():
        yield from _block(heading, lines)
    yield from _advice(content)
    if content.evidence:
        yield from _block("Evidence", evidence_lines(content.evidence))
    if content.mute:
        yield from ("", content.how_to_mute, "", content.mute)
    if content.thread:
        yield from ("", f"Incident  {content.thread}")
    if content.finding_id:
        yield f"Finding   {content.finding_id}"


def _advice(content: Content) -> Iterator[str]:
    if content.next_step:
        yield from ("", "Next step", f"  {without_links(content.next_step)}")
    if content.command:
        yield from ("", content.command)
    addresses = {"Console": content.console_url, "Runbook": content.runbook_url}
    if any(addresses.values()):
        yield from ("", *(f"{name}  {address}" for name, address in addresses.items() if address))


def _block(heading: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", heading, *(f"  {without_links(line)}" for line in first_lines(lines, _MOST_LINES)))
