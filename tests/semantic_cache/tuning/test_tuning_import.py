import subprocess
import sys


def test_importing_tuning_loads_no_model_library_no_scipy_and_no_matplotlib() -> None:
    code = "import sys, semantic_cache.tuning; print(*{'torch', 'scipy', 'matplotlib'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
