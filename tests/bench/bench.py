"""What the benchmarks share: an emulator, a spool, a manifest, and a program measured to its end."""

import atexit
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]


def build():
    """The release build with the yardstick; returns the folder of the programs. WANSPOOL_PROGRAMS names a folder
    where they are already: then nothing is built."""
    if "WANSPOOL_PROGRAMS" in os.environ:
        return pathlib.Path(os.environ["WANSPOOL_PROGRAMS"]).resolve()
    log = ROOT / "build" / "bench.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as out:
        for command in (["cmake", "--preset", "release", "-DWANSPOOL_BENCH=ON"],
                        ["cmake", "--build", "--preset", "release", "--target", "wanspool",
                         "wanspool-emulator", "wanspool-sim", "bench-bare"]):
            if subprocess.run(command, cwd=ROOT, stdout=out, stderr=out).returncode:
                sys.exit(f"the build failed; see {log}")
    return ROOT / "build" / "release"


class Emulator:
    """The provider without service time and without limits, on a free port."""

    def __init__(self, bin, folder, *options):
        port_file = folder / "port"
        port_file.unlink(missing_ok=True)
        self.log = (folder / "emulator.log").open("w")
        self.process = subprocess.Popen(
            [bin / "wanspool-emulator", "--port", "0", "--port-file", port_file, *options],
            stdout=self.log, stderr=self.log)
        while not (port_file.exists() and port_file.read_text().strip()):
            if self.process.poll() is not None:
                sys.exit(f"the emulator ended; see {self.log.name}")
            time.sleep(0.02)
        self.endpoint = f"http://127.0.0.1:{port_file.read_text().strip()}/api/v1"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.log.close()

    def ledger(self, tasks=False):
        """Its books; with every task if asked to."""
        address = f"{self.endpoint.removesuffix('/api/v1')}/__emulator/ledger{'' if tasks else '?tasks=no'}"
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address) as answer:
            return json.load(answer)

    def cpu(self):
        return cpu_of(self.process.pid)


def cpu_of(pid):
    """Seconds that all its threads have been on a core, in nanoseconds' steps."""
    spent = 0
    for stat in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
        spent += int(stat.read_text().split()[0])
    return spent / 1e9


def status_of(pid, name):
    """A number out of /proc/PID/status, such as VmRSS (in KiB)."""
    return int(re.search(rf"^{name}:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M)[1])


def measure(command, env=None, stdout=subprocess.DEVNULL, stderr=None):
    """Runs it to its end: exit code, seconds, CPU seconds, peak memory in MiB, of this one process."""
    began = time.monotonic()
    process = subprocess.Popen(command, env={**os.environ, "NO_PROXY": "*", "no_proxy": "*", **(env or {})},
                               stdout=stdout, stderr=stderr)
    _, status, usage = os.wait4(process.pid, 0)
    return {"exit": os.waitstatus_to_exitcode(status), "seconds": time.monotonic() - began,
            "cpu": usage.ru_utime + usage.ru_stime, "peak_mib": usage.ru_maxrss / 1024}


def write_manifest(path, jobs):
    with path.open("w") as out:
        out.write("manifest: 1\ndefaults: { model: wan2.6-t2i }\njobs:\n")
        for number in range(jobs):
            out.write(f"  - {{ id: job-{number}, prompt: a kite over a harbour number {number} }}\n")


def folder_beside_the_build(name):
    """On the disk of the build, for a sync has to cost what it costs; where that is what is slow,
    WANSPOOL_BENCH_FOLDER=/dev/shm/bench tells what the program can do without it. What was there before goes at the
    end: without a journal ext4 looks long for inodes that nobody has just removed."""
    folder = pathlib.Path(os.environ.get("WANSPOOL_BENCH_FOLDER", ROOT / "build" / "bench")) / name
    if folder.exists():
        aside = folder.with_name(f"{name}.{time.monotonic_ns()}")
        folder.rename(aside)
        atexit.register(shutil.rmtree, aside, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def median(numbers):
    return sorted(numbers)[len(numbers) // 2]
