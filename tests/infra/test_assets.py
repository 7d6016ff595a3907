"""What is deployed: complete, small, and the same bytes from the same sources."""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bundling import interpreter
from bundling.archives import Asset, AssetError, pack
from bundling.assets import ROOT, Assets, _without_next_steps, build, build_function, modules_in_layer
from bundling.interpreter import lambda_python
from bundling.layer import build_layer
from bundling.modules import Modules
from functions.catalog import AUTOMATIONS, COMPLIANCE_RUN, FUNCTIONS
from functions.shared.settings import Settings

NOTHING_OF_OURS = Modules(ROOT, frozenset())
NAMES = [function.name for function in FUNCTIONS]
USED = """
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes import EventBridgeEvent
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from botocore.session import Session
session = Session()
for service in {services!r}:
    client = session.create_client(
        service, region_name="eu-west-1", aws_access_key_id="any", aws_secret_access_key="any"
    )
    client.meta.service_model.client_context_parameters  # read at a first call, and not before
"""

RENDERS = """
from functions.report.html.page import render
run = {"id": "r", "mode": "plan", "started_at": "2026-11-20T12:00:00Z", "finished_at": "", "config_hash": "h"}
print("".join(render({"run": run, "coverage": [], "findings": [], "actions": []}, {})))
"""


def names_in(asset: Asset) -> set[str]:
    with zipfile.ZipFile(asset.path) as archive:
        return set(archive.namelist())


def all_of(assets: Assets) -> list[Asset]:
    return [assets.layer, *assets.functions.values(), *assets.pollers.values(), *assets.steps.values()]


def python_as_in_lambda(assets: Assets, task: Asset, code: str, workshop: Path) -> subprocess.CompletedProcess[str]:
    """Run *code* with nothing on the path but what Lambda unpacks."""
    opt, own = workshop / "opt", workshop / "task"
    if not opt.exists():
        shutil.unpack_archive(assets.layer.path, opt)
    shutil.rmtree(own, ignore_errors=True)
    shutil.unpack_archive(task.path, own)
    path = [str(own), str(opt / "python")]
    script = f"import sys; sys.path[:0] = {path!r}\n{code}"
    command = [lambda_python(), "-I", "-S", "-B", "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.fixture(scope="session")
def loaded(real_assets: Assets, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What each function loads of ours, by Lambda's Python from its zip and the layer; by the name of its zip."""
    handlers = {function.name: function.handler for function in FUNCTIONS}
    handlers |= {f"{function.name}-poller": function.poller.handler for function in FUNCTIONS if function.poller}
    handlers |= {f"{COMPLIANCE_RUN.name}-{step.name}": step.handler for step in COMPLIANCE_RUN.steps}
    runs = [automation.run for automation in AUTOMATIONS]  # the steps that sweep load these by their names
    loaded, workshop = {}, tmp_path_factory.mktemp("loaded")
    for name, asset in zips_of(real_assets).items():
        paths = [handlers[name], *(runs if name.endswith("-sweep") else [])]
        modules = ", ".join(path.rpartition(".")[0] for path in paths)
        code = f"import sys, {modules}; print(*(n for n, m in sys.modules.items() if getattr(m, '__file__', None)))"
        done = python_as_in_lambda(real_assets, asset, code, workshop)
        assert not done.stderr
        loaded[name] = {
            f"{each.replace('.', '/')}.pyc" for each in done.stdout.split() if each.startswith("functions.")
        }
    return loaded


def zips_of(assets: Assets) -> dict[str, Asset]:
    pollers = {f"{name}-poller": asset for name, asset in assets.pollers.items()}
    steps = {f"{COMPLIANCE_RUN.name}-{name}": asset for name, asset in assets.steps.items()}
    return {**assets.functions, **pollers, **steps}


def ours_in(asset: Asset, below: str = "") -> set[str]:
    names = {name.removeprefix(below) for name in names_in(asset) if name.startswith(below)}
    return {name for name in names if name.startswith("functions/")}


def test_what_two_functions_load_is_in_the_layer_and_what_one_loads_alone_in_its_zip(
    real_assets: Assets,
    loaded: dict[str, set[str]],
) -> None:
    users = Counter(module for modules in loaded.values() for module in modules)
    shared = {module for module, count in users.items() if count > 1}
    assert ours_in(real_assets.layer, "python/") == shared
    alone = {name: modules - shared for name, modules in loaded.items()}
    in_zips = {name: ours_in(asset) for name, asset in zips_of(real_assets).items()}
    assert {name: {file for file in files if file.endswith(".pyc")} for name, files in in_zips.items()} == alone


def test_a_functions_zip_holds_no_more_than_its_modules_and_its_configuration(real_assets: Assets) -> None:
    for asset in real_assets.functions.values():
        assert names_in(asset) == ours_in(asset) | {"settings.json"}


def test_a_package_may_stand_in_the_zip_and_in_the_layer_at_once(real_assets: Assets, tmp_path: Path) -> None:
    own, shared = "functions.mrap_operations.backoff", "functions.mrap_operations.decision"
    code = f"import {own} as own, {shared} as shared; print(own.__spec__.origin, shared.__spec__.origin)"
    done = python_as_in_lambda(real_assets, real_assets.pollers["mrap_operations"], code, tmp_path)
    task, opt = tmp_path / "task", tmp_path / "opt" / "python"
    places = [task / "functions/mrap_operations/schedule.pyc", opt / "functions/mrap_operations/decision.pyc"]
    assert (done.stderr, done.stdout.split()) == ("", [str(place) for place in places])


def test_a_traceback_says_whether_the_layer_or_the_function_failed(real_assets: Assets, tmp_path: Path) -> None:
    code = """
import functions.mrap_operations.backoff as own, functions.shared.run.entrypoint as shared
print(own.gap.__code__.co_filename, shared.answer_event.__code__.co_filename)
"""
    done = python_as_in_lambda(real_assets, real_assets.pollers["mrap_operations"], code, tmp_path)
    paths = ["/var/task/functions/mrap_operations/schedule.py", "/opt/python/functions/shared/handling.py"]
    assert (done.stderr, done.stdout.split()) == ("", paths)


def test_a_page_is_rendered_by_what_is_shipped_alone(real_assets: Assets, trusting: Settings, tmp_path: Path) -> None:
    handler = "functions.report.html.page.render"
    asset = build_function(
        replace(FUNCTIONS[-1], name="renderer", handler=handler), trusting, modules_in_layer(), tmp_path
    )
    assert asset.path.stat().st_size <= 48 * 1024, "its handler needs the rest of 60 KB"
    done = python_as_in_lambda(real_assets, asset, RENDERS, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("<!doctype html>")
    assert done.stdout.rstrip().endswith("</html>")


def test_a_function_carries_the_configuration_that_its_role_was_made_from(
    real_assets: Assets,
    trusting: Settings,
) -> None:
    for name, asset in real_assets.functions.items():
        with zipfile.ZipFile(asset.path) as archive:
            carried = json.loads(archive.read("settings.json"))
        told = trusting.document if name == "notifications" else _without_next_steps(trusting).document
        assert carried == told, "only who tells people says what to do next"


@pytest.mark.parametrize("name", NAMES)
def test_a_handler_imports_with_nothing_but_its_asset_and_the_layer(
    real_assets: Assets,
    name: str,
    tmp_path: Path,
) -> None:
    (function,) = (function for function in FUNCTIONS if function.name == name)
    module, _, handler = function.handler.rpartition(".")
    code = f"import {module} as module; assert callable(module.{handler})"
    done = python_as_in_lambda(real_assets, real_assets.functions[name], code, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_layer_serves_every_service_of_the_manifests_and_all_of_powertools_that_is_used(
    real_assets: Assets,
    tmp_path: Path,
) -> None:
    services = sorted({service for function in FUNCTIONS for service in function.services} | {"sts", "ssm", "dynamodb"})
    any_task = real_assets.functions[NAMES[0]]
    done = python_as_in_lambda(real_assets, any_task, USED.format(services=services), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_layer_holds_no_model_of_any_other_service(real_assets: Assets) -> None:
    data = "python/botocore/data/"
    held = {name.removeprefix(data).split("/")[0] for name in names_in(real_assets.layer) if name.startswith(data)}
    called = [*(function.services for function in FUNCTIONS), *(step.services for step in COMPLIANCE_RUN.steps)]
    services = {service for services in called for service in services} | {"sts", "ssm", "dynamodb"}
    assert {name for name in held if not name.endswith(".json")} == services


def test_every_module_of_the_layer_is_compiled(real_assets: Assets) -> None:
    names = names_in(real_assets.layer)
    for name in names:
        if name.endswith(".py"):
            module = Path(name)
            assert (module.parent / "__pycache__" / f"{module.stem}.cpython-313.pyc").as_posix() in names


def test_the_zips_are_small(real_assets: Assets) -> None:
    assert real_assets.layer.path.stat().st_size <= 4 * 1024 * 1024
    for asset in real_assets.functions.values():
        assert asset.path.stat().st_size <= 60 * 1024
    for asset in real_assets.pollers.values():
        assert asset.path.stat().st_size <= 1024 * 1024


def test_two_builds_make_the_same_bytes(real_assets: Assets, trusting: Settings, tmp_path: Path) -> None:
    again = build(trusting, into=tmp_path)
    assert again.layer.path != real_assets.layer.path
    for first, second in zip(
        all_of(real_assets),
        all_of(again),
        strict=True,
    ):
        assert second.digest == first.digest
        assert second.path.read_bytes() == first.path.read_bytes()


def test_a_changed_source_of_one_function_changes_the_digest_of_that_one_alone(
    real_assets: Assets,
    trusting: Settings,
    tmp_path: Path,
) -> None:
    shutil.copytree(ROOT / "functions", tmp_path / "functions")
    change(tmp_path / "functions" / "notifications" / "decision.py")
    in_layer = modules_in_layer(tmp_path)
    for function in FUNCTIONS:
        built = build_function(function, trusting, in_layer, tmp_path)
        is_changed = built.digest != real_assets.functions[function.name].digest
        assert is_changed == (function.name == "notifications")


def change(source: Path) -> None:
    with source.open("a") as file:
        file.write("\nCHANGED = True\n")


def test_a_changed_configuration_changes_the_functions_digest(
    real_assets: Assets,
    trusting: Settings,
    tmp_path: Path,
) -> None:
    other = Settings({**trusting.document, "config_hash": "fedcba9876543210"})
    changed = build_function(FUNCTIONS[0], other, modules_in_layer(), tmp_path)
    assert changed.digest != real_assets.functions[FUNCTIONS[0].name].digest


def write_wheel(folder: Path, version: str) -> str:
    """Write a wheel that has the packages a layer is trimmed from, and return the line that locks it."""
    model = {"metadata": {"endpointPrefix": "any"}}
    files = {
        "aws_lambda_powertools/__init__.py": "",
        "aws_lambda_powertools/utilities/__init__.py": "",
        "botocore/__init__.py": f"VERSION = {version!r}\n",
        "botocore/data/endpoints.json": json.dumps({"partitions": []}),
        "urllib3/http2/__init__.py": "",
        "deps-info.txt": "",
        f"deps-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: deps\nVersion: {version}\n",
        f"deps-{version}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files |= {
        f"botocore/data/{name}/2020-01-01/service-2.json": json.dumps(model) for name in ("dynamodb", "ssm", "sts")
    }
    record = f"deps-{version}.dist-info/RECORD"
    lines = [f"{name},sha256={_hash(text)},{len(text)}" for name, text in files.items()]
    wheel = folder / f"deps-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in (files | {record: "\n".join([*lines, f"{record},,"])}).items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return f"deps=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def _hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python313: Path) -> Path:
    """A folder that uv takes its wheels from, and nothing else."""
    assert python313
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, value in {
        "UV_OFFLINE": "1",
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": str(folder),
        "UV_NO_CACHE": "1",
    }.items():
        monkeypatch.setenv(name, value)
    return folder


def test_a_changed_dependency_changes_the_layers_digest(wheels: Path, tmp_path: Path) -> None:
    lock = tmp_path / "lambda.txt"
    digests = []
    for version in ("1.0", "1.1"):
        lock.write_text(write_wheel(wheels, version))
        digests.append(build_layer(lock, [], NOTHING_OF_OURS, tmp_path).digest)
    assert digests[0] != digests[1]


def test_a_changed_source_that_functions_share_changes_the_layers_digest(wheels: Path, tmp_path: Path) -> None:
    lock, source = tmp_path / "lambda.txt", tmp_path / "functions" / "shared" / "finding.py"
    lock.write_text(write_wheel(wheels, "1.0"))
    shutil.copytree(ROOT / "functions" / "shared", source.parent)
    ours = Modules(tmp_path, frozenset({source}))
    before, same = (build_layer(lock, [], ours, tmp_path) for _ in range(2))
    change(source)
    after = build_layer(lock, [], ours, tmp_path)
    assert same == before
    assert after.digest != before.digest
    assert "python/functions/shared/finding.pyc" in names_in(after)
    assert names_in(after) == names_in(before)


def test_a_dependency_that_is_not_what_the_lock_says_is_refused(wheels: Path, tmp_path: Path) -> None:
    lock = tmp_path / "lambda.txt"
    write_wheel(wheels, "1.0")
    lock.write_text(f"deps==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(AssetError, match=r"uv cannot install lambda\.txt"):
        build_layer(lock, [], NOTHING_OF_OURS, tmp_path)


def test_a_service_that_botocore_does_not_know_is_named(wheels: Path, tmp_path: Path) -> None:
    lock = tmp_path / "lambda.txt"
    lock.write_text(write_wheel(wheels, "1.0"))
    with pytest.raises(AssetError, match="botocore has no model of no-such-service"):
        build_layer(lock, ["no-such-service"], NOTHING_OF_OURS, tmp_path)


def test_without_the_runtimes_python_the_build_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "_candidates", lambda: iter([str(Path(sys.executable).parent / "no-python")]))
    monkeypatch.delenv("WATCHKEEPER_PYTHON313", raising=False)
    with pytest.raises(AssetError, match=r"no CPython 3\.13 was found.*WATCHKEEPER_PYTHON313="):
        lambda_python.__wrapped__()


def test_a_python_that_is_named_and_does_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHKEEPER_PYTHON313", "/bin/false")
    with pytest.raises(AssetError, match="/bin/false is no CPython"):
        lambda_python.__wrapped__()


def test_a_module_that_does_not_compile_is_named(tmp_path: Path, python313: Path) -> None:
    assert python313
    (tmp_path / "broken.py").write_text("def\n")
    with pytest.raises(AssetError, match=r"broken\.py"):
        interpreter.compile_tree(tmp_path, "/var/task")


def test_a_zip_does_not_depend_on_dates_and_modes(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "file").write_text("text")
    first = pack(tree, tmp_path / "first", "any")
    (tree / "file").chmod(0o600)
    shutil.copystat(ROOT, tree / "file")
    second = pack(tree, tmp_path / "second", "any")
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.path.name == second.path.name
