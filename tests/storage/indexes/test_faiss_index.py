"""What FAISS does beside searching."""

from __future__ import annotations

import subprocess
import sys

import faiss
import numpy as np

from storage import FaissIndex


def test_a_search_leaves_the_number_of_threads_as_it_was() -> None:
    # OpenMP may be shared with torch, which would compute with one thread ever after.
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(3)
    try:
        index = FaissIndex(4)
        index.add([1], np.eye(4, dtype=np.float32)[:1])
        assert index.search(np.eye(4, dtype=np.float32)[0], 1) == [(1, 1.0)]
        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(before)


def test_importing_storage_loads_no_model_library_and_changes_no_thread_count() -> None:
    script = (
        "import sys, faiss; before = faiss.omp_get_max_threads(); import storage;"
        "assert faiss.omp_get_max_threads() == before;"
        "print([name for name in ('torch', 'transformers', 'normalize', 'kvcache') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
