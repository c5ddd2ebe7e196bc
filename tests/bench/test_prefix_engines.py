"""Other engines beside `prefix`: real processes that keep to the protocol, or break it."""

from __future__ import annotations

import argparse
import fcntl
import json
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
from engine_process import Document, Engine, Job, Outcome, Times, run
from prefix_engines import add_options, chosen, table

_BENCH = Path(__file__).parents[2] / "bench"
_JOB = Job(
    (Document(4, ((1, 2, 3, 4), (1, 2, 3, 5), (1, 2, 6))), Document(2, ((1, 2), (1, 3)))),
    threads=3, dtype="float32", decode_tokens=8,
)  # fmt: skip
# Keeps the last prompt, and writes down into the file that stands for its model what it is asked.
_FAKE = f"""
    import os, sys
    sys.path.append({str(_BENCH)!r})
    from engines.first_tokens import main

    class Fake:
        version = os.environ["OMP_NUM_THREADS"] + os.environ["EXTRA"]

        def __init__(self, job):
            self.asked, self.kept = open(job["model"], "w"), []
            print(job["context"], job["dtype"], file=self.asked)

        def forget(self):
            print("forget", file=self.asked, flush=True)
            self.kept = []

        def first_token(self, ids):
            print("first", *ids, file=self.asked, flush=True)
            shared = next((n for n, pair in enumerate(zip(self.kept, ids)) if len(set(pair)) > 1), 0)
            self.kept = ids
            TROUBLE
            return shared

        def decode(self, ids, count):
            print("decode", count, "after", *ids, file=self.asked, flush=True)
            return 0.5 * count

    main(Fake)
"""


def _engine(folder: Path, script: str = _FAKE, trouble: str = "") -> Engine:
    (folder / "fake.py").write_text(dedent(script).replace("TROUBLE", trouble), "utf-8")
    return Engine("Fake", Path(sys.executable), "fake", str(folder / "asked"), {"EXTRA": " of them"}, folder)


def _options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    add_options(parser)
    return parser.parse_args(words)


def test_an_engine_reads_each_document_cold_then_warm_and_then_decodes(tmp_path: Path) -> None:
    outcome = run(_engine(tmp_path), _JOB)
    assert outcome.complaint is None
    assert [times.tokens for times in outcome.times] == [4, 2]
    assert [len(times.warm_seconds) for times in outcome.times] == [2, 1]
    assert [times.cached_tokens for times in outcome.times] == [[3, 2], [1]]
    assert [times.decode_seconds for times in outcome.times] == [[0.5], [0.5]]
    asked = (tmp_path / "asked").read_text("utf-8").splitlines()
    assert asked[:2] == ["28 float32", "first 1 2 3 4"]  # the second line is the warm-up, forgotten at once
    assert asked[2:7] == ["forget", "first 1 2 3 4", "first 1 2 3 5", "first 1 2 6", "decode 8 after 1 2 6"]
    assert asked[7:] == ["forget", "first 1 2", "first 1 3", "decode 8 after 1 3"]


def test_an_engine_gets_the_threads_and_settings_it_is_started_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    monkeypatch.setenv("PYTHONHOME", "/nowhere")  # of another interpreter: this one would not start with it
    outcome = run(_engine(tmp_path), _JOB)
    assert outcome.complaint is None
    assert outcome.version == "3 of them"


def test_a_broken_engine_is_told_with_its_last_words_and_the_next_one_runs(tmp_path: Path) -> None:
    broken = run(_engine(tmp_path, "print('loading')\nraise ImportError('libgomp.so.1 is missing')"), _JOB)
    assert not broken.times
    assert broken.complaint is not None
    assert broken.complaint.startswith("stopped: Fake: exit status 1: ")
    assert broken.complaint.endswith("ImportError: libgomp.so.1 is missing")
    silent = run(_engine(tmp_path, "raise SystemExit(7)"), _JOB)
    assert silent.complaint == "stopped: Fake: exit status 7: it said nothing"
    assert run(_engine(tmp_path), _JOB).complaint is None


@pytest.mark.parametrize(
    ("trouble", "last_words"),
    [("raise MemoryError('too little')", "MemoryError: too little"), ("os.kill(os.getpid(), 9)", "it said nothing")],
)
def test_what_was_measured_before_an_engine_broke_is_kept(tmp_path: Path, trouble: str, last_words: str) -> None:
    outcome = run(_engine(tmp_path, trouble=f"if ids == [1, 2]: {trouble}"), _JOB)
    assert [times.tokens for times in outcome.times] == [4]
    assert outcome.version == "3 of them"
    assert outcome.complaint is not None
    assert outcome.complaint.endswith(last_words)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", "0 of 2 documents in its report"),
        ('{"version": "1"}\n{"tokens": 4, "cold', "its report cannot be read (Unterminated string"),
        ('{"version": "1"}\n{"tokens": 4}\n', "its report cannot be read (Times"),
        ("[]\n", "its report cannot be read (list"),
    ],
)
def test_a_report_that_says_too_little_is_a_complaint(tmp_path: Path, written: str, expected: str) -> None:
    outcome = run(_engine(tmp_path, f"import sys\nopen(sys.argv[2], 'w').write({written!r})"), _JOB)
    assert outcome.complaint is not None
    assert outcome.complaint.startswith("stopped: Fake: " + expected)
    assert not outcome.times


def test_an_engine_that_does_not_end_is_ended(tmp_path: Path) -> None:
    engine = replace(_engine(tmp_path, "import time\ntime.sleep(600)"), timeout_seconds=0.5)
    outcome = run(engine, _JOB)
    assert outcome.complaint == "stopped: Fake: not done after 0.5 s; ask for fewer or shorter prompts"


def test_what_an_engine_leaves_running_is_ended_with_it(tmp_path: Path) -> None:
    # The lock goes when the last process that holds the file open is gone.
    held = tmp_path / "held"
    leaving = f"""
        import fcntl, subprocess, sys
        file = open({str(held)!r}, "w")
        fcntl.flock(file, fcntl.LOCK_EX)
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], pass_fds=[file.fileno()])
        raise SystemExit(5)
    """
    outcome = run(_engine(tmp_path, leaving), _JOB)
    assert outcome.complaint == "stopped: Fake: exit status 5: it said nothing"
    with held.open() as file:
        for _ in range(100):  # a killed process is gone soon, not at once
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(0.1)
    pytest.fail("a process of the engine's still runs")


def test_a_file_that_is_no_interpreter_is_told(tmp_path: Path) -> None:
    (tmp_path / "python").write_text("not a program")
    outcome = run(replace(_engine(tmp_path), interpreter=tmp_path / "python"), _JOB)
    assert outcome.complaint is not None
    assert outcome.complaint.startswith(f"stopped: Fake: {tmp_path / 'python'} does not start (")


def test_engines_that_are_not_installed_are_skipped_and_said(tmp_path: Path) -> None:
    skipped = list(chosen(_options("--llama", str(tmp_path / "python3")), tmp_path))
    assert skipped == [
        Outcome("vLLM", complaint="skipped: vLLM: no .venv-vllm; make engines"),
        Outcome("llama.cpp", complaint=f"skipped: llama.cpp: no interpreter at {tmp_path / 'python3'}"),
    ]
    assert list(table([], [one for one in skipped if isinstance(one, Outcome)]))[1:] == [
        "Other engines, same prompts: none ran",
        "skipped: vLLM: no .venv-vllm; make engines",
        f"skipped: llama.cpp: no interpreter at {tmp_path / 'python3'}",
    ]


def test_installed_engines_get_the_weights_of_the_command_line(tmp_path: Path) -> None:
    for name in (".venv-vllm", ".venv-llama"):
        (tmp_path / name / "bin").mkdir(parents=True)
        (tmp_path / name / "bin" / "python").write_text("")
    vllm, llama = chosen(_options("--model", str(tmp_path)), tmp_path)
    assert isinstance(vllm, Engine)
    assert (vllm.model, vllm.interpreter) == (str(tmp_path), tmp_path / ".venv-vllm" / "bin" / "python")
    assert isinstance(llama, Outcome)
    assert llama.complaint is not None
    assert "--gguf FILE" in llama.complaint
    vllm, llama = chosen(_options("--model", "org/name", "--gguf", str(tmp_path / "w.gguf")), tmp_path)
    assert isinstance(vllm, Engine)
    assert isinstance(llama, Engine)
    assert (vllm.model, llama.model) == ("org/name", str(tmp_path / "w.gguf"))


@pytest.mark.parametrize("name", ["vllm_first_token", "llama_first_token"])
def test_the_engines_scripts_say_what_they_miss_where_it_is_not_installed(tmp_path: Path, name: str) -> None:
    engine = replace(_engine(tmp_path), module=f"engines.{name}", folder=_BENCH)
    outcome = run(engine, _JOB)
    assert outcome.complaint is not None
    assert "ModuleNotFoundError: No module named" in outcome.complaint


def test_the_table_has_a_gap_where_an_engine_stopped(tmp_path: Path) -> None:
    ours = [Times(1023, 4.0, [0.2, 0.1, 0.3], [0.1]), Times(2048, 8.0, [0.4], [0.2])]
    stopped = Outcome("vLLM", "1.2", (Times(1023, 2.0, [0.1], [0.05]),), "stopped: vLLM: it was full")
    lines = list(table(ours, [stopped, Outcome("llama.cpp", complaint="skipped: llama.cpp: not there")]))
    assert lines[1] == "Other engines, same prompts: vLLM 1.2"
    assert lines[4:] == [
        "| 1023 | 4.00 | 200.0 | 2.00 | 100.0 | 2.00 | 10.0, 20.0 |",
        "| 2048 | 8.00 | 400.0 | – | – | – | 5.0, – |",
        "stopped: vLLM: it was full",
        "skipped: llama.cpp: not there",
    ]
    heads = [line.replace(" cold s | ", " cold | ").count("|") for line in lines[2:6]]
    assert len(set(heads)) == 1, lines[2:6]


def test_a_job_is_plain_json_for_the_other_side(tmp_path: Path) -> None:
    run(_engine(tmp_path, "import shutil, sys\nshutil.copy(sys.argv[1], 'kept.json')"), _JOB)
    job = json.loads((tmp_path / "kept.json").read_text("utf-8"))
    assert job["documents"][1] == {"tokens": 2, "prompts": [[1, 2], [1, 3]]}
    assert {name: job[name] for name in ("threads", "dtype", "decode_tokens", "context")} == {
        "threads": 3, "dtype": "float32", "decode_tokens": 8, "context": 28,
    }  # fmt: skip
