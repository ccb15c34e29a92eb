# ruff: noqa: INP001, T201  # a script, whose output is the container's log
"""Serve the bundled model with llama.cpp's own HTTP server (OpenAI-compatible) until SIGTERM.

Everything a client may leave out gets a default here that suits a model of 135 million parameters: it answers shortly,
repeats itself little and stops. A request's own `max_tokens`, `temperature` and so on still win.
"""

from __future__ import annotations

import os
import platform
import signal
import sys
from math import ceil
from pathlib import Path

MODEL = Path(__file__).with_name("model.gguf")
NAME = "smollm2-135m-instruct"
PORT = 8080
CONTEXT_TOKENS = 8192
"""What the model was trained for; one pool of 23 kB a token, shared by all conversations in flight."""
PARALLEL = 4
MAX_ANSWER_TOKENS = 256

REQUIRED_CPU_FLAGS = {"avx2", "fma", "f16c", "bmi2"}
"""What the prebuilt llama.cpp for x86-64 was compiled for; it doesn't look at run time and would die of SIGILL."""


def missing_cpu_flags() -> set[str]:
    """Return the instruction sets that llama.cpp needs and this processor lacks."""
    if platform.machine() != "x86_64":
        return set()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("flags"):
            return REQUIRED_CPU_FLAGS - set(line.split())
    return set()


def usable_cpus() -> int:
    """Return how many processors this container may use: its affinity, cut by a quota of control groups v2 or v1."""
    available = len(os.sched_getaffinity(0))
    for quota_of in (_quota_v2, _quota_v1):
        try:
            quota = quota_of()
        except (OSError, ValueError):
            continue
        return max(1, min(available, ceil(quota)))
    return available


def _quota_v2() -> float:
    quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
    return float(quota) / float(period)  # "max" is a ValueError: no limit


def _quota_v1() -> float:
    folder = Path("/sys/fs/cgroup/cpu")
    quota = int(folder.joinpath("cpu.cfs_quota_us").read_text())
    if quota <= 0:
        raise ValueError("no limit")
    return quota / int(folder.joinpath("cpu.cfs_period_us").read_text())


def main() -> int:
    """Load the model, serve it and return the exit code."""
    if missing := missing_cpu_flags():
        print(
            f"The bundled model needs a processor with {', '.join(sorted(missing)).upper()} (any since about 2015). "
            "Set LLM_API_URL to a model server elsewhere.",
            file=sys.stderr,
        )
        return 1

    # Blocked before llama.cpp starts its threads, so that they inherit it and only sigwait() below sees the signal.
    stop_signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop_signals)

    import xllamacpp  # noqa: PLC0415  # loads the native library: not before the processor is known to run it

    params = xllamacpp.CommonParams()
    params.model.path = str(MODEL)
    params.model_alias = {NAME}
    params.hostnames = ["0.0.0.0"]  # noqa: S104  # the container's network is the boundary
    params.port = PORT

    params.n_ctx = CONTEXT_TOKENS
    params.n_parallel = PARALLEL
    params.kv_unified = True  # one long conversation may use what the other slots don't
    params.cache_ram_mib = 0  # the default keeps up to 8 GB of old prompts
    threads = usable_cpus()
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads

    params.n_predict = MAX_ANSWER_TOKENS
    params.sampling.temp = 0.2  # temperature and top_p: the model's authors' advice
    params.sampling.top_p = 0.9
    params.sampling.penalty_repeat = 1.1
    params.sampling.penalty_last_n = 64

    params.ui = False
    params.endpoint_slots = False  # would show other people's prompts
    params.verbosity = 1  # errors: nothing that people type belongs in a log

    _server = xllamacpp.Server(params)  # serves as long as it is referred to
    print(f"Serving {NAME} on port {PORT}, {threads} threads, {PARALLEL} answers at once", flush=True)
    signal.sigwait(stop_signals)
    os._exit(0)  # taking the server down in order waits for the answers in flight, longer than Docker does


if __name__ == "__main__":
    sys.exit(main())
