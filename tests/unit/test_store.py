"""The run store: whole or not there, found again by what was asked."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from finance.running import provenance, store
from finance.running.files import write_whole
from finance.running.provenance import engine_digest, lock_digest, machine, versions
from finance.running.store import Manifest, RunStore, default_folder, run_id, to_json

DETERMINANTS = {"values": {"a": 1.5}, "paths": 2000, "seed": 1}
RUN = run_id(DETERMINANTS)
TABLES = {
    "headline": pd.DataFrame(
        {
            "scenario": pd.Series(["a", "b"], dtype="str"),
            "year": pd.Series([1, None], dtype="Int64"),
            "stage": pd.Series([None, "种子"], dtype="str"),
            "value": [0.1, np.nan],
        }
    ),
    "empty": pd.DataFrame({"scenario": pd.Series([], dtype="str"), "value": np.empty(0)}),
}


def manifest(run=RUN, **options):
    return Manifest(run, DETERMINANTS, {"baseline": 'name = "baseline"'}, {"simulate": 1.5}, **options)


@pytest.fixture
def told():
    return []


@pytest.fixture
def runs(tmp_path, told):
    return RunStore(tmp_path / "runs", told.append)


# --- ids ---


def test_an_id_is_the_hash_of_what_determines_the_result():
    assert re.fullmatch("[0-9a-f]{20}", RUN)
    assert run_id(dict(reversed(DETERMINANTS.items()))) == RUN
    assert run_id(DETERMINANTS | {"seed": 2}) != RUN
    with pytest.raises(ValueError, match="JSON"):
        run_id({"a": float("nan")})


def test_the_folder_comes_from_the_environment(monkeypatch):
    monkeypatch.delenv(store.FOLDER_VARIABLE, raising=False)
    assert default_folder() == Path("runs")
    monkeypatch.setenv(store.FOLDER_VARIABLE, "/elsewhere")
    assert RunStore().folder == Path("/elsewhere")


# --- saving and reading ---


def test_a_run_comes_back_as_it_was(runs, told):
    assert not runs.has(RUN)
    folder = runs.save(manifest(), TABLES)
    assert folder == runs.folder / RUN
    assert runs.has(RUN)
    found = runs.load(RUN)
    for name, table in TABLES.items():
        pd.testing.assert_frame_equal(found.tables[name], table)
    assert found.manifest.determinants == DETERMINANTS
    assert found.manifest.scenarios == {"baseline": 'name = "baseline"'}
    assert found.manifest.timings == {"simulate": 1.5}
    assert found.manifest.tables["headline"].rows == 2
    assert {path.name for path in runs.folder.iterdir()} == {RUN}
    assert told == []


def test_a_manifest_names_machine_versions_and_lock(runs):
    content = json.loads((runs.save(manifest(), TABLES) / "manifest.json").read_text())
    assert content["format"] == 1
    assert content["machine"]["cpu"]
    assert content["versions"]["numpy"] == np.__version__
    assert content["lock"] == lock_digest()
    assert content["created"].endswith("+00:00")


def test_a_run_is_found_by_the_beginning_of_its_id(runs):
    runs.save(manifest("abcd12"), {})
    runs.save(manifest("abcd34"), {})
    runs.save(manifest("abcd34ef"), {})
    assert runs.load("abcd1").manifest.run == "abcd12"
    assert runs.load("abcd34").manifest.run == "abcd34"
    with pytest.raises(ValueError, match="several runs"):
        runs.load("abcd")
    for missing in ("ffff", "abc", "../abcd12", "", "ABCD"):
        with pytest.raises(ValueError, match="no run"):
            runs.load(missing)


@pytest.mark.parametrize("run", ["../up", "", "xyz0", "a/b"])
def test_an_id_is_no_path(runs, run):
    with pytest.raises(ValueError, match="hexadecimal"):
        runs.save(manifest(run), {})


def test_a_table_name_is_no_path(runs):
    with pytest.raises(ValueError, match="small letters"):
        runs.save(manifest(), {"../x": TABLES["empty"]})
    assert not runs.folder.exists()


def test_a_run_is_replaced_whole(runs):
    runs.save(manifest(), TABLES)
    runs.save(manifest(), {"headline": TABLES["empty"]})
    assert list(runs.load(RUN).tables) == ["headline"]
    assert runs.load(RUN).tables["headline"].empty
    assert {path.name for path in runs.folder.iterdir()} == {RUN}


def test_a_failed_save_leaves_the_store_as_it_was(runs):
    runs.save(manifest(), TABLES)
    with pytest.raises(TypeError):
        runs.save(Manifest(RUN, {"a": object()}, {}), {"headline": TABLES["empty"]})
    assert len(runs.load(RUN).tables["headline"]) == 2
    assert {path.name for path in runs.folder.iterdir()} == {RUN}


def test_runs_are_listed_newest_first(runs, told):
    assert runs.runs() == []
    runs.save(manifest("aaaa", created="2026-01-01T00:00:00+00:00"), TABLES)
    runs.save(manifest("bbbb", created="2026-01-03T00:00:00+00:00"), TABLES)
    runs.save(manifest("cccc", created="2026-01-02T00:00:00+00:00"), TABLES)
    (runs.folder / "notes").mkdir()
    assert [one.run for one in runs.runs()] == ["bbbb", "cccc", "aaaa"]
    assert told == []


def half(folder):
    (folder / "headline.parquet").unlink()


def unlisted(folder):
    (folder / "manifest.json").unlink()


def cut(folder):
    path = folder / "manifest.json"
    path.write_text(path.read_text()[:-40])


def other_fields(folder):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"surprise": 1}))


def other_kind(folder):
    (folder / "manifest.json").write_text("[]")


def other_run(folder):
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace(RUN, "f" * 20))


@pytest.mark.parametrize("damage", [half, unlisted, cut, other_fields, other_kind, other_run])
def test_a_broken_run_is_skipped_with_a_message(runs, told, damage):
    damage(runs.save(manifest(), TABLES))
    assert runs.runs() == []
    assert not runs.has(RUN)
    assert len(told) == 2
    assert all("broken or only half a run" in text for text in told)
    with pytest.raises(ValueError, match="half a run"):
        runs.load(RUN)
    runs.save(manifest(), TABLES)
    assert runs.has(RUN)


def test_a_changed_table_is_seen(runs, told):
    path = runs.save(manifest(), TABLES) / "headline.parquet"
    content = bytearray(path.read_bytes())
    content[10] ^= 1
    path.write_bytes(content)
    assert runs.find(RUN) is None
    assert len(told) == 1


def test_a_newer_run_is_not_read(runs, told):
    path = runs.save(manifest(), TABLES) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 2}))
    assert runs.runs() == []
    assert "newer version" in told[0]


def test_skipped_runs_are_logged_by_default(tmp_path, caplog):
    (tmp_path / "abcd").mkdir()
    assert RunStore(tmp_path).runs() == []
    assert "broken" in caplog.text


# --- unfinished runs ---


def test_an_unfinished_run_keeps_its_request_until_it_is_saved(runs):
    assert runs.unfinished() == {}
    blocks = runs.begin(RUN, {"names": ["baseline"], "paths": 2000})
    (blocks / "node-0-0.npz").write_bytes(b"x")
    assert runs.begin(RUN, {"names": ["baseline"], "paths": 2000}) == blocks
    assert (blocks / "node-0-0.npz").exists()
    assert runs.unfinished() == {RUN: {"names": ["baseline"], "paths": 2000}}
    assert runs.runs() == []
    runs.save(manifest(), TABLES)
    assert runs.unfinished() == {}
    assert not blocks.exists()


def test_an_unreadable_request_is_reported(runs, told):
    blocks = runs.begin(RUN, {})
    (blocks.parent / "request.json").write_text("{")
    assert runs.unfinished() == {}
    assert "does not say what was asked" in told[0]


# --- files, JSON, provenance ---


def test_a_file_that_fails_halfway_stays_as_it_was(tmp_path):
    path = tmp_path / "file"
    write_whole(path, lambda stream: stream.write(b"old"))

    def fail(stream):
        stream.write(b"ne")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_whole(path, fail)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_json_is_strict_and_has_null_for_what_is_undefined():
    tables = TABLES | {"extreme": pd.DataFrame({"value": [np.inf, 2.0], "n": [1, 2]})}

    def refuse(constant):
        raise AssertionError(constant)

    assert json.loads(to_json("abcd", tables), parse_constant=refuse) == {
        "run": "abcd",
        "tables": {
            "headline": [
                {"scenario": "a", "year": 1, "stage": None, "value": 0.1},
                {"scenario": "b", "year": None, "stage": "种子", "value": None},
            ],
            "empty": [],
            "extreme": [{"value": None, "n": 1}, {"value": 2.0, "n": 2}],
        },
    }


def test_the_engine_digest_moves_with_the_engine_alone(tmp_path):
    for name in ("engine.py", "market/values.py", "show/chart.py", "cli.py", "pages/a.py", "locale/x.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("a = 1\n")
    before = engine_digest(tmp_path)
    for name in ("show/chart.py", "cli.py", "pages/a.py", "locale/x.py"):
        (tmp_path / name).write_text("a = 2\n")
    (tmp_path / "readme.md").write_text("not code")
    assert engine_digest(tmp_path) == before
    (tmp_path / "market/values.py").write_text("a = 2\n")
    changed = engine_digest(tmp_path)
    (tmp_path / "market/values.py").rename(tmp_path / "market/worth.py")
    assert len({before, changed, engine_digest(tmp_path), engine_digest()}) == 4


def test_versions_and_locks_that_are_not_there_are_null(tmp_path):
    assert versions(["numpy", "no-such-library"]) == {"numpy": np.__version__, "no-such-library": None}
    assert lock_digest(tmp_path / "finance") is None
    (tmp_path / "requirements.lock").write_text("numpy==2")
    assert len(lock_digest(tmp_path / "finance")) == 64


def test_the_processor_is_named(tmp_path):
    description = tmp_path / "cpuinfo"
    description.write_text("processor\t: 0\nmodel name\t: Abacus 9\n")
    assert provenance._processor(description) == "Abacus 9"
    assert provenance._processor(tmp_path / "none")
    assert machine()["processors"] >= 1
