"""Checks the configuration offline."""

import sys
from collections.abc import Iterator

from cli.command.options import Options
from cli.configuration.loading import Configuration, check
from cli.configuration.problems import ConfigurationError, Problem
from cli.exit_status import ExitStatus
from cli.output.writing import write
from functions.report import as_json
from functions.shared.finding import plain_line


def run(options: Options) -> int:
    """Print the mistakes and warnings of the configuration, or the mode of each automation."""
    try:
        configuration = check(options.config)
    except ConfigurationError as error:
        _show_problems(error, options)
        return ExitStatus.USAGE
    if options.format == "json":
        write(as_json.render(_document(options, (), configuration.warnings)), options)
    else:
        write((f"{line}\n" for line in _lines(configuration, options)), options)
    return ExitStatus.COMPLIES


def _show_problems(error: ConfigurationError, options: Options) -> None:
    if options.format == "json":
        write(as_json.render(_document(options, error.problems, error.warnings)), options)
        return
    for problem in error.problems:
        sys.stderr.write(f"{problem}\n")
    for warning in error.warnings:
        sys.stderr.write(f"warning: {warning}\n")
    count = len(error.problems)
    sys.stderr.write(f"{plain_line(options.config)} has {count} mistake{'s' * (count > 1)}.\n")


def _document(options: Options, errors: tuple[Problem, ...], warnings: tuple[Problem, ...]) -> dict[str, object]:
    return {
        "valid": not errors,
        "file": str(options.config),
        "errors": [problem.record() for problem in errors],
        "warnings": [problem.record() for problem in warnings],
    }


def _lines(configuration: Configuration, options: Options) -> Iterator[str]:
    for warning in configuration.warnings:
        yield f"warning: {warning}"
    if options.quiet:
        return
    settings = configuration.settings
    yield f"{plain_line(options.config)} is valid (configuration {settings.config_hash})."
    for name, section in settings.document.items():
        if isinstance(section, dict) and "mode" in section:
            yield f"  {name}: {section['mode']}"
