"""How smoothly a page moves: the time between frames, and the tasks that held them up, as the browser itself counts."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median, quantiles
from time import monotonic, sleep
from typing import Self

from playwright.sync_api import Locator, Page

WATCH = """() => {
    const frames = [], tasks = [];
    const keep = (entries) => tasks.push(...entries.map((entry) => entry.duration));
    const observer = new PerformanceObserver((list) => keep(list.getEntries()));
    observer.observe({ type: "longtask" });
    let last = performance.now();
    let going = true;
    const tick = (now) => {
        frames.push(now - last);
        last = now;
        if (going) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    window.endOfWatch = () => {
        going = false;
        keep(observer.takeRecords());
        observer.disconnect();
        return [frames.slice(1), tasks];
    };
}"""


@dataclass(frozen=True)
class Frames:
    """Milliseconds of each frame, and of each task of more than 50 ms."""

    frames: tuple[float, ...]
    tasks: tuple[float, ...]

    @property
    def typical(self) -> float:
        return median(self.frames)

    @property
    def slow(self) -> float:
        """What 95 of 100 frames stay below."""
        return quantiles(self.frames, n=20)[-1]

    @property
    def worst(self) -> float:
        return max(self.frames)

    def __add__(self, other: Frames) -> Frames:
        return Frames(self.frames + other.frames, self.tasks + other.tasks)


NONE = Frames((), ())


class Watched:
    """Use as a context manager around what moves a page; ``frames`` is there afterwards."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.frames = NONE

    def __enter__(self) -> Self:
        self.page.evaluate(WATCH)
        return self

    def __exit__(self, *_: object) -> None:
        frames, tasks = self.page.evaluate("window.endOfWatch()")
        self.frames = Frames(tuple(frames), tuple(tasks))


def turn_wheel(page: Page, over: Locator, *, by: int, seconds: float = 60, turns: int | None = None) -> None:
    """Turn the wheel over an element, so many pixels every 16 ms or as fast as the browser takes them."""
    over.hover()
    end = monotonic() + seconds
    while monotonic() < end and turns != 0:
        page.mouse.wheel(0, by)
        sleep(0.016)
        turns = None if turns is None else turns - 1


def elements(over: Locator) -> int:
    """Return how many elements the page has within one."""
    return int(over.evaluate("(element) => element.querySelectorAll('*').length"))


def heap_megabytes(page: Page) -> float:
    """Return what the page's scripts hold once the garbage is gone."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return used / 2**20
