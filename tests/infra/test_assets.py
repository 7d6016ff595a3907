"""What is deployed: complete, readable, small, and the same bytes from the same sources."""

import base64
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.session import Session

from bundling import interpreter, packages
from bundling.archives import Asset, AssetError, pack
from bundling.assets import ROOT, Assets, build
from bundling.interpreter import compile_tree, find_python, lambda_python
from bundling.packages import layer_packages, requirements
from functions.catalog import AUTOMATIONS, COMPLIANCE_RUN, FUNCTIONS
from functions.shared.settings import Settings
from tests.infra.conftest import missing

SWEEP = f"{COMPLIANCE_RUN.name}-sweep"
SERVICES = {
    *("sts", "ssm", "dynamodb"),
    *(service for function in FUNCTIONS for service in function.services),
    *(service for step in COMPLIANCE_RUN.steps for service in step.services),
}
USED = f"""
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes import EventBridgeEvent
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from botocore.session import Session
session = Session()
for service in {sorted(SERVICES)!r}:
    session.create_client(service, region_name="eu-west-1", aws_access_key_id="any", aws_secret_access_key="any")
    print(service, *session.get_available_regions(service))
"""

RENDERS = """
from functions.report.html.page import render
run = {"id": "r", "mode": "plan", "started_at": "2026-11-20T12:00:00Z", "finished_at": "", "config_hash": "h"}
print("".join(render({"run": run, "coverage": [], "findings": [], "actions": []})))
"""


def names_in(asset: Asset) -> set[str]:
    with zipfile.ZipFile(asset.path) as archive:
        return set(archive.namelist())


def read(asset: Asset, name: str) -> bytes:
    with zipfile.ZipFile(asset.path) as archive:
        return archive.read(name)


def zips_of(assets: Assets) -> dict[str, Asset]:
    pollers = {f"{name}-poller": asset for name, asset in assets.pollers.items()}
    steps = {f"{COMPLIANCE_RUN.name}-{name}": asset for name, asset in assets.steps.items()}
    return {**assets.functions, **pollers, **steps}


def all_of(assets: Assets) -> list[Asset]:
    return [assets.layer, *zips_of(assets).values()]


def sources_in(asset: Asset) -> set[str]:
    return {name for name in names_in(asset) if name.endswith(".py")}


def compiled_in(asset: Asset) -> set[str]:
    """Return the sources beside which there is a `.pyc`."""
    compiled = [Path(name) for name in names_in(asset) if name.endswith(".cpython-313.pyc")]
    return {(path.parent.parent / f"{path.name.split('.')[0]}.py").as_posix() for path in compiled}


def python_as_in_lambda(assets: Assets, task: Asset, code: str, workshop: Path) -> subprocess.CompletedProcess[str]:
    """Run *code* with nothing on the path but what Lambda unpacks, by the `python313` that there is."""
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
def loaded(real_assets: Assets, python313: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What each function loads of ours, by Lambda's Python from its zip and the layer; by the name of its zip."""
    assert python313
    handlers = {function.name: function.handler for function in FUNCTIONS}
    handlers |= {f"{function.name}-poller": function.poller.handler for function in FUNCTIONS if function.poller}
    handlers |= {f"{COMPLIANCE_RUN.name}-{step.name}": step.handler for step in COMPLIANCE_RUN.steps}
    runs = [automation.run for automation in AUTOMATIONS]  # the steps that sweep load these by their names
    loaded, workshop = {}, tmp_path_factory.mktemp("loaded")
    for name, asset in zips_of(real_assets).items():
        paths = [handlers[name], *(runs if name == SWEEP else [])]
        modules = ", ".join(path.rpartition(".")[0] for path in paths)
        code = f"import sys, {modules}; print(callable({handlers[name]}))\n"
        code += "print(*(n + '/__init__' * hasattr(m, '__path__') for n, m in sys.modules.items()))"
        done = python_as_in_lambda(real_assets, asset, code, workshop)
        is_callable, names = done.stdout.splitlines()
        assert (done.stderr, is_callable) == ("", "True")
        loaded[name] = {f"{each.replace('.', '/')}.py" for each in names.split() if each.startswith("functions")}
    return loaded


@pytest.fixture
def without_python313(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(interpreter, "_candidates", lambda: iter([str(Path(sys.executable).parent / "no-python")]))
    monkeypatch.delenv("WATCHKEEPER_PYTHON313", raising=False)
    monkeypatch.setenv("UV_OFFLINE", "1")
    find_python.cache_clear()
    yield
    find_python.cache_clear()


# What is in a zip


def test_a_functions_zip_holds_what_it_loads_and_no_other_module(
    real_assets: Assets, loaded: dict[str, set[str]]
) -> None:
    held = {name: sources_in(asset) for name, asset in zips_of(real_assets).items()}
    assert {name: {each for each in names if each.startswith("functions/")} for name, names in held.items()} == loaded
    assert all(held[name] == loaded[name] for name in held if not name.endswith("-poller")), "packages are in the layer"


def test_a_source_can_be_read_as_it_stands_in_the_repository(real_assets: Assets) -> None:
    for asset in zips_of(real_assets).values():
        for name in names_in(asset):
            if name.startswith("functions/") and "__pycache__" not in name:
                assert read(asset, name) == (ROOT / name).read_bytes()


def test_the_pyc_stands_beside_each_source_and_is_not_compared_with_it(real_assets: Assets, python313: Path) -> None:
    assert python313
    for asset in all_of(real_assets):
        is_step = asset in real_assets.steps.values()  # with them two would be larger than a function may be
        assert compiled_in(asset) == (set() if is_step else sources_in(asset))
    pyc = read(real_assets.functions["ram_invitations"], "functions/shared/__pycache__/finding.cpython-313.pyc")
    assert int.from_bytes(pyc[4:8], "little") == 1, "hash-based and unchecked"


def test_a_traceback_shows_the_line_of_the_source(real_assets: Assets, python313: Path, tmp_path: Path) -> None:
    assert python313
    code = "from functions.mrap_operations.backoff import gap\ngap(None, None)"
    done = python_as_in_lambda(real_assets, real_assets.pollers["mrap_operations"], code, tmp_path)
    assert f'File "{tmp_path / "task/functions/mrap_operations/backoff.py"}", line' in done.stderr
    assert "step = next((length for until, length in STEPS if age < until), LAST_STEP)" in done.stderr


def test_a_page_is_rendered_by_what_is_shipped_alone(real_assets: Assets, python313: Path, tmp_path: Path) -> None:
    assert python313
    done = python_as_in_lambda(real_assets, real_assets.steps["report"], RENDERS, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("<!doctype html>")
    assert done.stdout.rstrip().endswith("</html>")


def test_every_function_carries_the_configuration_that_its_role_was_made_from(
    real_assets: Assets, trusting: Settings
) -> None:
    for asset in zips_of(real_assets).values():
        assert json.loads(read(asset, "settings.json")) == trusting.document


# What is in the layer


def test_the_layer_serves_every_service_of_the_manifests_and_all_of_powertools_that_is_used(
    real_assets: Assets, python313: Path, tmp_path: Path
) -> None:
    assert python313
    done = python_as_in_lambda(real_assets, real_assets.functions["notifications"], USED, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    whole = Session()
    assert done.stdout.splitlines() == [
        " ".join([each, *whole.get_available_regions(each)]) for each in sorted(SERVICES)
    ]


def test_the_layer_holds_no_model_of_any_other_service(real_assets: Assets) -> None:
    data = "python/botocore/data/"
    held = {name.removeprefix(data).split("/")[0] for name in names_in(real_assets.layer) if name.startswith(data)}
    assert {name for name in held if not name.endswith(".json")} == SERVICES


def test_every_package_has_its_metadata_and_its_licence(real_assets: Assets) -> None:
    in_layer = requirements(ROOT / "requirements" / "lambda.txt").keys()
    in_poller = requirements(ROOT / "requirements" / "poller.txt").keys() - in_layer
    for asset, locked in ((real_assets.layer, in_layer), (real_assets.pollers["mrap_operations"], in_poller)):
        metadata = [Path(name).parts[-2:] for name in names_in(asset) if name.endswith(".dist-info/METADATA")]
        assert len(metadata) == len(locked)
        licensed = {part for name in names_in(asset) if "LICENSE" in name for part in Path(name).parts}
        assert all({folder, folder.partition("-")[0]} & licensed for folder, _ in metadata)


def test_the_zips_are_small(real_assets: Assets) -> None:
    assert real_assets.layer.path.stat().st_size <= 4 * 1024**2
    for name, asset in zips_of(real_assets).items():
        assert asset.path.stat().st_size <= (1024**2 if name.endswith("-poller") else 250 * 1024)


# When it changes


def test_two_builds_make_the_same_bytes(real_assets: Assets, trusting: Settings, tmp_path: Path) -> None:
    again = build(trusting, into=tmp_path)
    assert again.layer.path != real_assets.layer.path
    for first, second in zip(all_of(real_assets), all_of(again), strict=True):
        assert second.digest == first.digest
        assert second.path.read_bytes() == first.path.read_bytes()


def test_a_changed_source_of_one_function_changes_the_digest_of_that_one_alone(
    real_assets: Assets, trusting: Settings, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "functions", tmp_path / "functions")
    with (tmp_path / "functions" / "notifications" / "decision.py").open("a") as source:
        source.write("\nCHANGED = True\n")
    before, after = zips_of(real_assets), zips_of(build(trusting, root=tmp_path, into=tmp_path))
    assert {name for name in before if before[name].digest != after[name].digest} == {"notifications"}


def test_a_changed_configuration_changes_the_functions_digests_and_not_the_layers(
    real_assets: Assets, trusting: Settings, tmp_path: Path
) -> None:
    changed = build(Settings({**trusting.document, "config_hash": "fedcba9876543210"}), into=tmp_path)
    assert changed.layer.digest == real_assets.layer.digest
    before, after = zips_of(real_assets), zips_of(changed)
    assert all(before[name].digest != after[name].digest for name in before)


def write_wheel(folder: Path, version: str) -> str:
    """Write a wheel with the part of botocore that a layer is trimmed by, and return the line that locks it."""
    model = json.dumps({"metadata": {"endpointPrefix": "ram"}})
    info = f"deps-{version}.dist-info"
    files = {
        "botocore/__init__.py": f"VERSION = {version!r}\n".encode(),
        "botocore/data/endpoints.json": json.dumps({"partitions": []}).encode(),
        "botocore/data/ram/2020-01-01/service-2.json.gz": gzip.compress(model.encode(), mtime=0),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: deps\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [f"{name},sha256={_hash(content)},{len(content)}" for name, content in files.items()]
    wheel = folder / f"deps-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in (files | {f"{info}/RECORD": "\n".join([*lines, f"{info}/RECORD,,"]).encode()}).items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return f"deps=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def _hash(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that uv takes its wheels from, and nothing else."""
    monkeypatch.setattr(packages, "ROOT", tmp_path)
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, value in {"OFFLINE": "1", "NO_INDEX": "1", "FIND_LINKS": str(folder), "NO_CACHE": "1"}.items():
        monkeypatch.setenv(f"UV_{name}", value)
    return folder


def test_a_changed_dependency_changes_the_layer(wheels: Path, tmp_path: Path) -> None:
    lock = tmp_path / "lambda.txt"
    digests = []
    for version in ("1.0", "1.1"):
        lock.write_text(write_wheel(wheels, version))
        digests.append(pack(layer_packages(["ram"], lock), tmp_path, "layer").digest)
    assert digests[0] != digests[1]


def test_a_dependency_that_is_not_what_the_lock_says_is_refused(wheels: Path, tmp_path: Path) -> None:
    lock = tmp_path / "lambda.txt"
    write_wheel(wheels, "1.0")
    lock.write_text(f"deps==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(AssetError, match="uv cannot install what is locked"):
        layer_packages(["ram"], lock)


def test_a_service_that_botocore_does_not_know_is_named(wheels: Path, tmp_path: Path) -> None:
    lock = tmp_path / "lambda.txt"
    lock.write_text(write_wheel(wheels, "1.0"))
    with pytest.raises(AssetError, match="botocore has no model of no-such-service"):
        layer_packages(["no-such-service"], lock)


# The Python of the runtime


@pytest.mark.usefixtures("without_python313")
def test_without_the_runtimes_python_sources_alone_are_shipped_and_one_line_says_what_that_costs(
    trusting: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        first = build(trusting, into=tmp_path / "first")
    except AssetError as error:
        missing(str(error))
    said = capsys.readouterr().err
    assert said.startswith("warning: no CPython 3.13 was found, so the zips hold no .pyc files, and a cold start takes")
    assert said.endswith("WATCHKEEPER_PYTHON313=/path/to/python3.13\n")
    assert said.count("\n") == 1
    assert not any(name.endswith(".pyc") for asset in all_of(first) for name in names_in(asset))
    again = build(trusting, into=tmp_path / "again")
    assert [asset.digest for asset in all_of(again)] == [asset.digest for asset in all_of(first)]


def test_with_the_runtimes_python_nothing_is_said(
    trusting: Settings, python313: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert python313
    build(trusting, into=tmp_path)
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("without_python313")
def test_what_runs_a_zip_needs_the_runtimes_python_and_says_so() -> None:
    with pytest.raises(AssetError, match=r"no CPython 3\.13 was found.*WATCHKEEPER_PYTHON313="):
        lambda_python()


@pytest.mark.usefixtures("without_python313")
def test_a_python_that_is_named_and_does_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHKEEPER_PYTHON313", "/bin/false")
    with pytest.raises(AssetError, match="/bin/false is not a CPython"):
        find_python()


def test_a_module_that_does_not_compile_is_named(tmp_path: Path, python313: Path) -> None:
    assert python313
    (tmp_path / "broken.py").write_text("def\n")
    with pytest.raises(AssetError, match=r"broken\.py"):
        compile_tree(tmp_path)


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


# What the folder build/ has already is not believed


def spoil(path: Path) -> None:
    """Put another module into a zip that stands ready, in place of its first file."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for place, (name, content) in enumerate(files.items()):
            archive.writestr(name, content if place else b"import os; os.system('id')")


def test_a_zip_that_is_not_what_its_name_says_is_made_again_and_the_layer_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "handler.py").write_text("RIGHT = True\n")
    for stem in ("notifications", "layer"):
        made = pack(tree, tmp_path / "assets", stem)
        right = made.path.read_bytes()
        spoil(made.path)
        again = pack(tree, tmp_path / "assets", stem)
        assert (again.path, again.path.read_bytes()) == (made.path, right)
        assert f"{made.path} did not hold what its name says" in capsys.readouterr().err
        pack(tree, tmp_path / "assets", stem)
        assert capsys.readouterr().err == ""


def test_packages_that_were_changed_after_they_were_installed_are_installed_again(
    wheels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "lambda.txt"
    lock.write_text(write_wheel(wheels, "1.0"))
    module = layer_packages(["ram"], lock) / "botocore" / "__init__.py"
    module.write_text("import os; os.system('id')\n")
    (module.parent / "more.py").write_text("")
    again = layer_packages(["ram"], lock)
    assert (again / "botocore" / "__init__.py").read_text() == "VERSION = '1.0'\n"
    assert not (again / "botocore" / "more.py").exists()
    assert "has changed since it was installed" in capsys.readouterr().err
    assert layer_packages(["ram"], lock) == again
    assert capsys.readouterr().err == ""
