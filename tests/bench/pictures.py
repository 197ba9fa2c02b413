"""Part of make bench: drawing long recordings, next to stock mprof on the same files."""
import os
import resource
import shutil
import subprocess
import time

FMPROF = os.environ.get("BUILD", "build") + "/fmprof"
START = 1700000000


def write_recording(path, samples, calls):
    """Samples every 100 µs; each call lasts for half of its share of the time."""
    share = max(1, samples // max(1, calls))
    with open(path, "w", encoding="ascii") as out:
        out.write(f"CMDLINE ./prog\nFMPROF 1 start={START}.000000000 interval=0.000100000 pid=10 host=h exe=/p metrics=rss\n")
        for number in range(1, 9):
            out.write(f"FN {number} fn{number} /p 0x{number:x} - fn{number}\n")
        call, opened = 0, None
        for i in range(samples):
            at, rss = f"{START + i // 10000}.{i % 10000:04d}", f"{50 + i % 100000 / 1000 + 100 * i / samples:.6f}"
            if opened and i % share == share // 2:
                fn, since, before = opened
                out.write(f"FUNC fn{fn} {before} {since}10000 {rss} {at}10000 0 call={call} fn={fn} pid=10 tid=10 end=return time=exact\n")
                opened = None
            out.write(f"MEM {rss} {at}00000\n")
            if call < calls and i % share == 0 and not opened:
                call += 1
                opened = (call % 8 + 1, at, rss)
                out.write(f"ENTER {call} {opened[0]} 10 10 0 {rss} {at}10000\n")
        out.write(f"END {START + samples // 10000 + 1}.000000000 exit=0 calls={call}\n")


def resident(pid):
    """Bytes of a process and of those it started."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            pages = int(file.read().split()[1])
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = file.read().split()
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(map(resident, children))


def cost(command, limit=900):
    """Status, wall and CPU seconds, MiB of all its processes together."""
    before, start, highest = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            highest = max(highest, resident(process.pid))
            if time.monotonic() - start > limit:
                process.kill()
                return None
            time.sleep(0.002)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return [process.returncode, time.monotonic() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, highest / 2**20]


def report(name, figures, path):
    if figures is None or figures[0] != 0:
        print(f"  {name:34} {'gave up' if figures is None else 'failed'}")
        return
    print(f"  {name:34} {figures[1]:7.2f} s   {figures[2]:7.2f} s of CPU   {figures[3]:6.0f} MiB   picture {os.path.getsize(path) / 1000:6.0f} kB", flush=True)


def bench_pictures(folder):
    path = f"{folder}/pictures.dat"
    mprof = shutil.which("python3-mprof") or shutil.which("mprof")
    for samples, calls in ((1000000, 0), (100000, 4000), (10000000, 1000000)):
        write_recording(path, samples, calls)
        print(f"drawing {samples:,} samples and {calls:,} calls ({os.path.getsize(path) >> 20} MiB)")
        for suffix in ("png", "svg", "interactive.svg", "html"):
            picture = f"{folder}/picture.{suffix}"
            report(f"fmprof plot -o x.{suffix}", cost([FMPROF, "plot", "-o", picture, path]), picture)
        report("fmprof plot --lanes -o x.png", cost([FMPROF, "plot", "--lanes", "-o", f"{folder}/picture.png", path]), f"{folder}/picture.png")
        # Of a million calls it would draw as many legend entries, for days.
        if mprof and calls <= 4000:
            report("mprof plot -o x.png", cost([mprof, "plot", "-o", f"{folder}/mprof.png", path]), f"{folder}/mprof.png")
    os.unlink(path)
