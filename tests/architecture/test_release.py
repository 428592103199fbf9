"""One version, a lock that names no host, a wheel that works elsewhere."""

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import finance
from tests.architecture.sources import ROOT, name_of, python_files

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")

#: Slow to import, and not needed to read a command line.
HEAVY = ("numba", "pandas", "QuantLib", "scipy", "pyarrow", "streamlit", "altair", "distributed")


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


# --- version ---


def test_all_places_give_the_same_version():
    cited = re.search(r"(?m)^version: (\S+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8")).group(1)
    assert cited.strip('"') == finance.__version__
    assert version("patient-capital") == finance.__version__, "run `make setup`"


def test_the_version_is_written_down_once_in_code():
    assert "version" not in project()
    assert "version" in project()["dynamic"]
    written = [path for path in python_files("finance") if re.search(r"(?m)^__version__\s*=", path.read_text())]
    assert [name_of(path) for path in written] == ["finance/__init__.py"]


# --- lock ---


def test_lock_names_no_host():
    assert not re.findall(r"(?im)^.*(?:://|--(?:extra-)?index|--find-links|--trusted-host).*$", LOCK)
    assert not re.findall(r"\b[\w-]+\.(?:com|org|net|io|cn|local|internal)\b", LOCK)


def test_every_locked_version_has_hashes():
    entries = re.split(r"(?m)^(?=[A-Za-z0-9])", LOCK)[1:]
    assert entries
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_lock_serves_what_the_project_asks_for():
    pins: dict[str, set[str]] = {}
    for name, pinned in re.findall(r"(?m)^([\w.-]+)==([^\s;\\]+)", LOCK):
        pins.setdefault(name, set()).add(pinned)
    extras = project()["optional-dependencies"].values()
    for text in [*project()["dependencies"], *(one for extra in extras for one in extra)]:
        wanted = Requirement(text)
        pinned = pins.get(wanted.name.lower(), set())
        assert pinned, f"{text} is not in requirements.lock"
        assert all(wanted.specifier.contains(each) for each in pinned), f"{text}: the lock has {pinned}"


# --- set-up ---


def test_make_lists_every_target_with_what_it_does():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"(?m)^\.PHONY: (.*)$", makefile).group(1).split())
    printed = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    listed = dict(re.findall(r"(?m)^  make (\S+) +(\S.*)$", printed))
    assert {"setup", "run", "test", "check", "bench", "golden", "help"} <= targets
    assert set(listed) == targets


@pytest.mark.parametrize("script", ["run", "environment", "system-packages"])
def test_scripts_are_executable_bash(script):
    path = ROOT / ".ci" / script
    assert os.access(path, os.X_OK)
    assert path.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")
    subprocess.run(["bash", "-n", str(path)], check=True)


# --- start-up ---


def test_the_command_line_starts_without_the_heavy_libraries():
    script = f"import json, sys, finance.cli; print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    printed = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert json.loads(printed.stdout) == []


# --- wheel ---


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory):
    """Run Python in an empty folder, with the package from the wheel and fresh cache folders."""
    target, empty = tmp_path_factory.mktemp("target"), tmp_path_factory.mktemp("empty")
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(target),
    ]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True, stdin=subprocess.DEVNULL)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PATIENT_CAPITAL", "NUMBA"))}
    cache = str(tmp_path_factory.mktemp("cache"))
    env = kept | {
        "PYTHONPATH": str(target),
        "XDG_CACHE_HOME": cache,
        "HOME": cache,
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    def run(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        ran = subprocess.run(command, cwd=empty, env=env, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    located = Path(run("-c", "import finance; print(finance.__file__)").strip())
    assert located.is_relative_to(target), "the checkout got in the way of the installed package"
    return run


@pytest.mark.slow
def test_wheel_carries_scenarios_and_catalogues_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    scenarios = {name_of(path) for path in (ROOT / "scenarios").rglob("*.toml")}
    catalogues = {name_of(path) for path in (ROOT / "finance" / "locale").glob("*.po")}
    assert {name.replace("scenarios/", "finance/shipped/", 1) for name in scenarios} <= set(names)
    assert "finance/shipped/baseline.toml" in names
    assert catalogues <= set(names)
    top = {name.split("/")[0] for name in names}
    assert top == {"finance", f"patient_capital-{finance.__version__}.dist-info"}


@pytest.mark.slow
def test_installed_elsewhere_it_lists_the_scenarios(elsewhere):
    assert "seeds-patient" in elsewhere("-m", "finance", "list")


@pytest.mark.slow
def test_installed_elsewhere_it_compares_in_an_empty_folder(elsewhere):
    printed = json.loads(elsewhere("-m", "finance", "compare", "baseline", "--paths", "64", "--json"))
    (coverage,) = [row for row in printed["tables"]["headline"] if row["measure"] == "coverage"]
    assert coverage["scenario"] == "baseline"
    assert 0.0 < coverage["value"] < 1.0
