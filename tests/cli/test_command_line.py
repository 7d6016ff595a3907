"""The command line says what it can do, fast, and what is wrong with a slip."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Never

import pytest

from cli.command.command_line import explanation, parse
from cli.command.options import Options
from cli.command.verbs import VERBS
from cli.errors import UsageError
from cli.exit_status import ExitStatus
from cli.main import main
from cli.verbs import validate

ROOT = Path(__file__).parents[2]
SHARED = {
    "--config": "x.yaml",
    "--automation": "ram_invitations",
    "--account": "111122223333",
    "--region": "eu-west-1",
    "--profile": "x",
    "--format": "json",
    "--output": "x.json",
    "--quiet": "",
}
"""The shared options, each with a value; --no-color is kept to by verbs without colours too."""

HEAVY = ("moto", "boto3", "botocore", "jsonschema", "ruamel", "rich", "aws_lambda_powertools")


def test_help_loads_nothing_that_is_slow() -> None:
    code = (
        "import sys; from cli.main import main; assert main(['--help']) == 0; "
        f"loaded = [name for name in {HEAVY} if name in sys.modules]; sys.exit(f'loaded: {{loaded}}' if loaded else 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603  # our own command
    assert (run.returncode, run.stderr) == (0, "")
    assert all(f"\n  {verb} " in run.stdout for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "--help"]) == ExitStatus.COMPLIES
    out = capsys.readouterr().out
    assert f"watchkeeper {verb}" in out
    assert all((f"  {option} " in out) is (option not in VERBS[verb].unused) for option in SHARED)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_its_module(verb: str) -> None:
    assert callable(import_module(f"cli.verbs.{verb}").run)


@pytest.mark.parametrize(
    "argv", [["--config", "x.yaml", "plan"], ["plan", "--config", "x.yaml"], ["plan", "--config=x.yaml"]]
)
def test_shared_options_stand_before_and_after_the_verb(argv: list[str]) -> None:
    options = parse(argv)
    assert (options.verb, options.config) == ("plan", Path("x.yaml"))


def test_options_that_are_left_out_have_their_defaults() -> None:
    options = parse(["plan"])
    assert options.config == Path("watchkeeper.yaml")
    assert (options.automations, options.accounts, options.regions, options.profile) == ((), (), (), "")
    assert (options.format, options.output, options.quiet, options.color) == ("table", None, False, True)
    assert (options.yes, options.port) == (False, 0)


def test_repeated_options_add_up_wherever_they_stand() -> None:
    argv = [
        "--account",
        "111122223333",
        "--region",
        "eu-west-1",
        "plan",
        "--account",
        "self",
        "--automation",
        "ram_invitations",
    ]
    options = parse(argv)
    assert options.accounts == ("111122223333", "self")
    assert (options.regions, options.automations) == (("eu-west-1",), ("ram_invitations",))


def test_a_verb_takes_its_own_options() -> None:
    assert parse(["apply", "--yes"]).yes
    assert parse(["--yes", "apply"]).yes
    assert parse(["replay", "event.json"]).event == Path("event.json")
    assert parse(["emulator", "--port", "8080"]).port == 8080


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "missing command"),
        (["plam"], 'unknown verb "plam"; did you mean "plan"?'),
        (["report"], "RESULT.json"),
        (["validate", "--format", "html"], "validate has no format html"),
        (["docter"], 'unknown verb "docter"; did you mean "doctor"?'),
        (["plan", "--yes"], 'plan does not take "--yes"'),
        (["validate", "--confg", "x"], 'does not take "--confg"; did you mean "--config"?'),
        (["plan", "--conf", "x"], 'does not take "--conf"; did you mean "--config"?'),
        (["validate", "extra"], 'does not take "extra"'),
        (["validate", "--config"], "--config: expected one argument"),
        (["replay"], "EVENT.json"),
        (["plan", "--format", "xml"], '--format: unknown format "xml"; expected one of table, json'),
        (["plan", "--format", "jsn"], 'did you mean "json"?'),
        (["plan", "--automation", "ram_invitation"], 'did you mean "ram_invitations"?'),
        (["plan", "--automation", "notifications"], 'unknown automation "notifications"'),
        (["plan", "--account", "1234"], 'invalid account "1234"; expected self or 12 digits'),
        (["plan", "--account", "٢١٠٩٨٧٦٥٤٣٢١"], "invalid account"),
        (["plan", "--region", "moon"], 'invalid Region "moon"'),
        (["plan", "--output", "/nowhere/at/all"], "cannot be written"),
        (["plan", "--output", "."], "cannot be written"),
        (["emulator", "--port", "65536"], 'invalid port "65536"'),
        (["emulator", "--port", "-1"], "invalid port"),
        (["\x1b[2J"], 'unknown verb "\\x1b[2J"'),
        (["plan", "--format", "\x1b[2J"], 'unknown format "\\x1b[2J"'),
    ],
)
def test_a_slip_ends_with_one_sentence_a_hint_and_status_2(
    argv: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageError):
        parse(argv)
    assert main(argv) == ExitStatus.USAGE
    out, err = capsys.readouterr()
    sentence, hint = err.splitlines()
    assert out == ""
    assert sentence.startswith("watchkeeper: ")
    assert words in sentence
    assert hint.startswith("hint: ")


@pytest.mark.parametrize(
    ("verb", "unused"),
    [
        ("demo", {"--config", "--automation", "--account", "--region", "--profile", "--format", "--quiet"}),
        ("validate", {"--automation", "--account", "--region", "--profile"}),
        ("plan", set()),
        ("apply", set()),
        ("replay", set()),
        ("mute", {"--automation", "--region"}),
        ("report", {"--config", "--automation", "--account", "--region", "--profile"}),
        ("doctor", set()),
        ("emulator", {"--automation", "--profile", "--output", "--quiet"}),
    ],
)
def test_an_option_that_a_verb_does_not_use_is_refused_and_says_what_to_do(verb: str, unused: set[str]) -> None:
    for option, value in SHARED.items():
        words = [option, value] if value else [option]
        own = {"replay": ["event.json"], "report": ["result.json"]}.get(verb, [])
        if option not in unused:
            parse([verb, *own, *words])
            continue
        with pytest.raises(UsageError) as caught:
            parse([verb, *own, *words])
        assert caught.value.sentence == f"{verb} does not take {option}"
        assert caught.value.hint


def test_help_fits_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    texts = [explanation(), *(explanation(verb) for verb in VERBS)]
    assert [line for text in texts for line in text.splitlines() if len(line) > 92] == []


def test_help_on_a_wrong_verb_is_a_slip(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plam", "--help"]) == ExitStatus.USAGE
    assert 'did you mean "plan"?' in capsys.readouterr().err


def _verb(monkeypatch: pytest.MonkeyPatch, run: Callable[[Options], int]) -> None:
    monkeypatch.setattr(validate, "run", run)


def test_an_interrupted_command_ends_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_options: Options) -> Never:
        raise KeyboardInterrupt

    _verb(monkeypatch, interrupted)
    assert main(["validate"]) == 130
    assert capsys.readouterr() == ("", "watchkeeper: interrupted\n")


def test_the_status_of_the_verb_is_that_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    _verb(monkeypatch, lambda _options: ExitStatus.UNREADABLE)
    status = main(["validate"])
    assert status == 3


@pytest.mark.parametrize("arguments", [["--help"], ["validate", "--format", "json"]])
def test_a_reader_who_leaves_early_is_met_with_silence(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        command = [sys.executable, "-m", "cli.main", *arguments]
        run = subprocess.run(command, cwd=ROOT, stdout=pipe, stderr=subprocess.PIPE, check=False)  # noqa: S603  # our own command
    assert run.stderr == b""
    assert run.returncode == (130 if "--help" in arguments else 0)
