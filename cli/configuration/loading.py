"""Turns watchkeeper.yaml into settings, or into a list of its mistakes."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from cli.configuration.cross_checks import deployment, general, mutes, principals, receivers, texts, trust
from cli.configuration.cross_checks.view import View
from cli.configuration.defaults import completed
from cli.configuration.problems import ConfigurationError, Problem, in_file_order
from cli.configuration.reading import read
from cli.configuration.schema import compose
from cli.configuration.validation import Validation
from functions.catalog import FUNCTIONS
from functions.shared.automation import Automation, checks_of
from functions.shared.settings import Settings

CrossCheck = Callable[[View], Iterator[Problem]]

_ERRORS: tuple[CrossCheck, ...] = (
    general.repeated_names,
    general.empty_scope,
    general.missing_services,
    general.missing_webhooks,
    mutes.impossible_times,
    mutes.aimless_mutes,
    receivers.unknown_automations,
    receivers.repeated_addresses,
    receivers.too_many_filters,
    texts.unprintable_texts,
    general.undemanded_principals,
    general.locked_and_destroyed,
    principals.unmatched_principals,
    deployment.misplaced_key,
    deployment.foreign_partitions,
    deployment.unreachable_stack_sets,
)
_WARNINGS: tuple[CrossCheck, ...] = (
    mutes.ended_mutes,
    mutes.accountless_mutes,
    general.nothing_watched,
    general.unknown_regions,
    general.global_resources,
    receivers.accounts_out_of_scope,
    receivers.useless_minimums,
    texts.outer_spaces,
    texts.regular_expressions,
    texts.foreign_resource_types,
    texts.hidden_backup_rules,
    trust.unreachable_rules,
    trust.repeated_accounts,
    trust.regions_out_of_scope,
    trust.own_account,
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """A valid configuration.

    Attributes:
        settings: complete and compiled.
        warnings: of what is allowed, but probably not meant.
    """

    settings: Settings
    warnings: tuple[Problem, ...]


def load(path: Path, automations: Sequence[Automation] = FUNCTIONS) -> Settings:
    """Return the compiled configuration.

    Raises:
        ConfigurationError: all mistakes.
    """
    return check(path, automations).settings


def check(path: Path, automations: Sequence[Automation] = FUNCTIONS) -> Configuration:
    """Return the compiled configuration with its warnings.

    Raises:
        ConfigurationError: all mistakes, with the warnings.
    """
    source, problems = read(path)
    schema = compose(automations)
    problems = (*problems, *Validation(source, schema).problems())
    document = source.values
    if not isinstance(document, dict):
        raise ConfigurationError(in_file_order(problems))
    if _is_of_another_version(document):
        raise ConfigurationError([problem for problem in problems if problem.path == "version"])
    document = completed(schema, document)
    mistakes = frozenset(problem.path for problem in problems)
    view = View(source, document, schema, automations, datetime.now(UTC), mistakes)
    problems = in_file_order(chain(problems, *(cross_check(view) for cross_check in _ERRORS)))
    warnings = in_file_order(chain(*(cross_check(view) for cross_check in _WARNINGS)))
    if problems:
        raise ConfigurationError(problems, warnings)
    return Configuration(compiled(document, automations), warnings)


def _from_manifests(automations: Sequence[Automation]) -> dict[str, Any]:
    """Return what the functions need from the manifests: a zip holds the manifests of what it runs, and no others."""
    return {
        "runs": {a.name: a.run for a in automations if a.run},
        "supersedes": {check.id: [*check.supersedes] for check in checks_of(automations).values() if check.supersedes},
        "target_regions": {a.name: a.target_region for a in automations if a.target_region},
    }


def _is_of_another_version(document: Mapping[str, Any]) -> bool:
    """Say whether the file is for another version, whose keys are not known."""
    version = document.get("version")
    return isinstance(version, int) and not isinstance(version, bool) and version != 1


def compiled(document: Mapping[str, Any], automations: Sequence[Automation] = FUNCTIONS) -> Settings:
    """Return settings that hold *document*, what functions need from the manifests, and a hash of both.

    The hash is the first 16 hexadecimal digits of the SHA-256 of the canonical JSON.
    """
    whole = {**_from_manifests(automations), **document}
    canonical = json.dumps(whole, sort_keys=True, separators=(",", ":"))
    return Settings({**whole, "config_hash": sha256(canonical.encode()).hexdigest()[:16]})
