"""Junk of every kind ends in settings or in a ConfigurationError, and in nothing else."""

from pathlib import Path
from tempfile import NamedTemporaryFile

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from cli.configuration.loading import load
from cli.configuration.problems import ConfigurationError, Problem
from cli.configuration.schema import compose

KEYS = sorted({key for section in compose()["properties"].values() for key in section.get("properties", {})})
WORDS = st.sampled_from(
    [*compose()["properties"], *KEYS, "name", "accounts", "self", "off", "210987654321", "eu-west-1"]
)
SCALARS = st.one_of(
    WORDS, st.text(max_size=8), st.integers(), st.floats(), st.booleans(), st.none(), st.dates().map(str)
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
SLICES = st.sampled_from(
    [
        "version: 1\n",
        "scope: {}\n",
        "scope:\n",
        "  accounts: [self]\n",
        "ram_invitations:\n",
        "  trust:\n",
        "  - name: a\n",
        "    accounts:\n",
        "    - 012345678901\n",
        "- ",
        "? ",
        ": ",
        "&a ",
        "*a",
        "!x ",
        "|\n",
        "'",
        '"',
        "{",
        "}",
        "[",
        "]",
        ",",
        "\t",
        "\n",
        "# ",
        "%YAML 1.1\n",
        "---\n",
        "\\",
        "\u2028",
        "\x85",
        "\x00",
        "\ud7ff",
        "9",
        "e",
        ".",
        "-",
        "~",
        "<<: ",
        '"\\x1b"',
        '"\\uD800"',
        "mutes: [{expires: 0000-00-00}]\n",
        "mutes: [{expires: 0001-01-01T00:00:00+14:00}]\n",
    ]
)
FEW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def _load(content: bytes) -> None:
    with NamedTemporaryFile(suffix=".yaml") as file:
        file.write(content)
        file.flush()
        problems = _problems_of(Path(file.name))
        assert problems is None or problems
        message = "\n".join(str(problem) for problem in problems or ()).replace(file.name, "")
        assert all(c.isprintable() or c == "\n" for c in message)


def _problems_of(path: Path) -> tuple[Problem, ...] | None:
    try:
        settings_of_it = load(path)
    except ConfigurationError as error:
        return error.problems
    assert settings_of_it.config_hash
    return None


def _yaml(value: object) -> bytes:
    with NamedTemporaryFile("w+b") as file:
        YAML(typ="safe", pure=True).dump(value, file)
        file.seek(0)
        return file.read()


@FEW
@given(JUNK)
def test_any_value_is_judged(value: object) -> None:
    _load(_yaml(value))


@FEW
@given(st.dictionaries(st.sampled_from(sorted(compose()["properties"])), JUNK, max_size=5))
def test_any_value_of_a_known_section_is_judged(sections: dict[str, object]) -> None:
    _load(_yaml({"version": 1, "scope": {}, **sections}))


@FEW
@given(st.lists(SLICES, max_size=16).map("".join))
def test_any_text_made_of_yaml_is_judged(text: str) -> None:
    _load(text.encode("utf-8", errors="surrogatepass"))


@FEW
@given(st.binary(max_size=40))
@example(b"")
@example(b"\xff\xfe")
@example(
    b"version: 1\nscope: {}\nmutes: [{resource: r, check: accept-failed, reason: r, owner: o, "
    b"expires: 0001-01-01T00:00:00+14:00}]"
)
def test_any_bytes_are_judged(content: bytes) -> None:
    _load(content)
