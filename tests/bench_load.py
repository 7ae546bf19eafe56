"""Ask one address as often as it answers, and measure: by wrk where it is installed, else by ourselves."""

import asyncio
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

CONNECTIONS = 16
WARM_UP_SECONDS = 1
SECONDS = 4
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True, slots=True)
class Load:
    """What a server bore: requests a second, and how long the middle and the slowest hundredth took, in milliseconds."""

    per_second: float
    p50: float
    p99: float


def generator() -> str:
    """Return who asks."""
    return "wrk" if shutil.which("wrk") else "asyncio, which itself is the limit above a few thousand requests a second"


def measure(url: str, **headers: str) -> Load:
    """Warm up, then measure. Raises RuntimeError when an answer isn't a success."""
    sent = {"Accept-Encoding": "br", "User-Agent": "Mozilla/5.0 (bench)", **headers}
    ask = _wrk if shutil.which("wrk") else _asyncio
    ask(url, sent, WARM_UP_SECONDS)
    return ask(url, sent, SECONDS)


def _wrk(url: str, headers: dict[str, str], seconds: int) -> Load:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    per_second = re.search(r"Requests/sec:\s+([\d.]+)", said)
    shares = {share: float(value) * UNITS[unit] for share, value, unit in re.findall(r"(50|99)%\s+([\d.]+)(us|ms|s|m)\b", said)}
    assert per_second, said
    return Load(float(per_second[1]), shares["50"], shares["99"])


def _asyncio(url: str, headers: dict[str, str], seconds: int) -> Load:
    times = sorted(asyncio.run(_ask_together(url, headers, seconds)))
    return Load(len(times) / seconds, times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000)


async def _ask_together(url: str, headers: dict[str, str], seconds: int) -> list[float]:
    deadline = time.perf_counter() + seconds
    lists = await asyncio.gather(*(_ask_in_turn(url, headers, deadline) for _ in range(CONNECTIONS)))
    return [taken for times in lists for taken in times]


async def _ask_in_turn(url: str, headers: dict[str, str], deadline: float) -> list[float]:
    parts = urlsplit(url)
    lines = [f"GET {parts.path or '/'} HTTP/1.1", f"Host: {parts.netloc}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    request = "\r\n".join(lines).encode()
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    times = []
    while (started := time.perf_counter()) < deadline:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        assert length, head
        await reader.readexactly(int(length[1]))
        times.append(time.perf_counter() - started)
    writer.close()
    return times
