"""Part of make bench: a suite of short programs, next to fmprof run of each by xargs."""
import os
import statistics
import subprocess
import time

BUILD = os.environ.get("BUILD", "build")
FMPROF = f"{BUILD}/fmprof"
COUNT = 500


def wall(command, lines):
    start = time.monotonic()
    subprocess.run(command, input="".join(f"{line}\n" for line in lines), text=True, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - start


def bench_batch(folder, rounds=3):
    """Wall time, round by round; both do two at once, and name one function."""
    program = f"{BUILD}/testprogs/recursion"
    os.mkdir(f"{folder}/xargs")
    contenders = {
        "fmprof batch -j2": ([FMPROF, "batch", "-q", "-j2", "-f", "fib", "-o", f"{folder}/batch", "-"],
                             [f"{program} 2 2"] * COUNT),
        "xargs -P2 fmprof run": (["xargs", "-P2", "-I{}", FMPROF, "run", "-q", "-f", "fib", "-o", f"{folder}/xargs/{{}}.dat", program, "2", "2"],
                                 range(COUNT)),
    }
    seconds = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, (command, lines) in contenders.items():
            seconds[name].append(wall(command, lines))
    print(f"{COUNT} short programs, two at once: wall seconds, medians of {rounds} interleaved rounds")
    for name, values in seconds.items():
        print(f"  {name:24} {statistics.median(values):7.2f}")
    ratios = [batch / xargs for batch, xargs in zip(*seconds.values())]
    print(f"  batch / xargs, round by round: median {statistics.median(ratios):.2f}, {min(ratios):.2f} .. {max(ratios):.2f} (at most 1.3)",
          flush=True)
