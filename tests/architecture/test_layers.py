"""Who imports whom."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, imported_names, name_of, parsed, python_files

LINTER = "from importlinter.cli import lint_imports_command; lint_imports_command()"

#: Which extra's packages a part of the package may use beside the plain dependencies.
EXTRA_OF = {"finance/pages": "app", "finance/running": "cluster"}


def lint(config: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LINTER, "--no-cache", "--config", str(config)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_names(requirements: list[str]) -> set[str]:
    return {canonical(re.match(r"[\w.-]+", requirement).group()) for requirement in requirements}


def test_import_contracts_hold():
    linted = lint(ROOT / "pyproject.toml")
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_import_contracts_notice_a_wrong_import(tmp_path):
    """The contract of the reading order, upside down, is broken: so it is not empty."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = settings["contracts"][0]["layers"][::-1]
    upside_down = tmp_path / "contracts.toml"
    upside_down.write_text(
        "[tool.importlinter]\nroot_package = 'finance'\n[[tool.importlinter.contracts]]\n"
        f"name = 'upside down'\ntype = 'layers'\ncontainers = ['finance']\nlayers = {layers}\n",
        encoding="utf-8",
    )
    linted = lint(upside_down)
    assert linted.returncode != 0
    assert "upside down BROKEN" in linted.stdout


def test_every_library_is_a_declared_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    plain = requirement_names(project["dependencies"])
    extras = {key: requirement_names(given) for key, given in project["optional-dependencies"].items()}
    distributions = packages_distributions()
    undeclared = set()
    for path in python_files("finance"):
        extra = next((extra for start, extra in EXTRA_OF.items() if name_of(path).startswith(start)), None)
        allowed = plain | extras.get(extra, set())
        for module, line in imported_names(path):
            top = module.split(".")[0]
            if top == "finance" or top in sys.stdlib_module_names:
                continue
            if not allowed & {canonical(name) for name in distributions.get(top, [top])}:
                undeclared.add(f"{name_of(path)}:{line} imports {top}")
    assert not undeclared


@pytest.mark.parametrize("path", python_files("finance"), ids=name_of)
def test_nothing_draws_random_numbers_but_luck(path):
    if name_of(path) == "finance/luck.py":
        return
    drawn = [name for name, _ in imported_names(path) if name in {"random", "secrets", "numpy.random"}]
    drawn += [
        ast.unparse(node)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"np.random", "numpy.random"}
    ]
    assert not drawn
