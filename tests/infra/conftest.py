"""What the tests of the infrastructure stand on: a configuration, the tools, and templates that are made once."""

import json
import os
import shutil
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest

from bundling.archives import Asset, AssetError, pack
from bundling.assets import ROOT, Assets, build
from bundling.interpreter import lambda_python
from cli.configuration.defaults import completed
from cli.configuration.schema import compose
from functions.catalog import FUNCTIONS
from functions.shared.automation import Automation
from functions.shared.settings import Settings

Compile = Callable[..., Settings]
Synthesize = Callable[..., dict[str, Any]]
Assembly = Callable[..., dict[str, dict[str, Any]]]

_NODE = Path(sys.executable).with_name("node")


def missing(reason: str) -> NoReturn:
    """Skip for want of a tool, but where every tool has to be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def scope_of(*accounts: str, **changes: Any) -> dict[str, Any]:
    """The section ``scope`` for these accounts, with its other defaults but for *changes*."""
    document = completed(compose(), {"scope": {"accounts": [*accounts], **changes}})
    scope: dict[str, Any] = document["scope"]
    return scope


@pytest.fixture(scope="session")
def compile_settings() -> Compile:
    """Settings with every default of the manifests; keywords replace keys, and extend the automations' sections."""

    def compiled(**changes: Any) -> Settings:
        document: dict[str, Any] = {
            "version": 1,
            "config_hash": "0123456789abcdef",
            "hub": {"account": "self", "region": "us-east-1"},
            "scope": scope_of("self"),
            "mutes": [],
            "report": {"retention_days": 400, "object_lock": False},
            "runs": {function.name: function.run for function in FUNCTIONS if function.run},
            "target_regions": {},
            "removal": "retain",
            "deployment": completed(compose(), {"scope": {}, "deployment": changes.pop("deployment", {})})[
                "deployment"
            ],
        }
        for function in FUNCTIONS:
            properties: Mapping[str, Any] = function.settings["properties"]
            defaults = {key: schema["default"] for key, schema in properties.items()}
            document[function.name] = defaults | changes.pop(function.name, {})
        return Settings(document | changes)

    return compiled


@pytest.fixture(scope="session")
def trusting(compile_settings: Compile) -> Settings:
    """A configuration in which every automation does all that it can, here and in another account."""
    rules = [
        {"name": "network-hub", "accounts": ["210987654321", "111122223333"]},
        {"name": "images", "accounts": ["111122223333"]},
    ]
    ram = {"mode": "apply", "trust": rules, "untrusted": "reject"}
    shares = {"mode": "apply", "allowed_principals": ["333333333333"]}
    keep = [{"name": "hold", "match": {"tags": {"legal-hold": "true"}}, "never_expires": True}]
    hsm = {"mode": "apply", "rules": keep, "allow_unexempt": True, "restore_pending_deletion": True}
    people = {"emails": ["on-call@example.com"], "security_hub": True}
    sections = {"ram_invitations": ram, "resource_shares": shares, "cloudhsm_backups": hsm, "notifications": people}
    return compile_settings(scope=scope_of("self", "444455556666"), **sections)


@pytest.fixture(scope="session")
def python313() -> Path:
    try:
        return lambda_python()
    except AssetError as error:
        missing(str(error))


@pytest.fixture(scope="session")
def node() -> Path:
    """The node that jsii runs on."""
    found = str(_NODE) if _NODE.is_file() else shutil.which("node")
    if not found:
        missing("no node was found; it comes with requirements/dev.txt")
    os.environ["JSII_NODE"] = found
    return Path(found)


@pytest.fixture(scope="session")
def real_assets(trusting: Settings, tmp_path_factory: pytest.TempPathFactory) -> Assets:
    """What would be deployed, built without network: from uv's cache, or with packages that were installed before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UV_OFFLINE", "1")
        try:
            return build(trusting, into=tmp_path_factory.mktemp("assets"))
        except AssetError as error:
            missing(f"packages cannot be installed without network, `python -m bundling.assets` installs them: {error}")


@pytest.fixture(scope="session")
def any_assets(tmp_path_factory: pytest.TempPathFactory) -> Assets:
    """Zips for templates, which only name them."""
    tree = tmp_path_factory.mktemp("tree")
    (tree / "any.txt").write_text("any")
    asset: Asset = pack(tree, tmp_path_factory.mktemp("zips"), "any")
    zips = defaultdict[str, Asset](lambda: asset)
    return Assets(asset, zips, zips, zips)


@pytest.fixture(scope="session")
def assembly(node: Path, any_assets: Assets, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Synthesize the app of a configuration: all templates, by name; *change* may add to the hub before."""
    assert node

    def synthesized(
        settings: Settings,
        assets: Assets = any_assets,
        automations: Sequence[Automation] = FUNCTIONS,
        change: Callable[[Any], None] = lambda _: None,
    ) -> dict[str, dict[str, Any]]:
        from aws_cdk import App  # noqa: PLC0415  # starts node

        from infra.hub import add_hub  # noqa: PLC0415

        out = tmp_path_factory.mktemp("cdk.out")
        app = App(outdir=str(out))
        change(add_hub(app, settings, assets, automations))
        app.synth()
        return {
            path.relative_to(out).as_posix().removesuffix(".template.json"): json.loads(path.read_text())
            for path in out.rglob("*.template.json")
        }

    return synthesized


@pytest.fixture(scope="session")
def synthesize(assembly: Assembly) -> Synthesize:
    """Synthesize the hub of a configuration."""

    def synthesized(settings: Settings, *arguments: Any, **named: Any) -> dict[str, Any]:
        return assembly(settings, *arguments, **named)["watchkeeper"]

    return synthesized


@pytest.fixture(scope="session")
def templates(assembly: Assembly, trusting: Settings) -> dict[str, dict[str, Any]]:
    """All templates of the configuration in which every automation does all that it can."""
    return assembly(trusting)


@pytest.fixture(scope="session")
def template(templates: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The hub's template of that configuration."""
    return templates["watchkeeper"]


@pytest.fixture(scope="session")
def cdk(node: Path) -> list[str]:
    """The command that runs the pinned CDK CLI."""
    entry = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"
    if not entry.is_file():
        missing("the CDK CLI is not installed: npm ci")
    return [str(node), str(entry)]
