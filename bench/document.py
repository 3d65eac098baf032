"""Renew docs/benchmarks.md and its pictures from bench/results.json: `python -m bench.document`.

What a result says stands between marks that bear its name (`begin: ingest, by bench.document`), and only that is
renewed; a result whose marks are not in the page is left out. A benchmark without a section below is shown as it is,
one row for each of its values. The tables of the simulator are written by `python -m bench.polling --write`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bench import bars
from bench.__main__ import read

DOCUMENTS = Path(__file__).resolve().parents[1] / "docs"
CONTENDERS = {
    "syncd": "syncd",
    "dlt": "dlt",
    "target_postgres": "Singer target-postgres, as installed",
    "target_postgres_fastest": "Singer target-postgres, fastest",
    "copy": "bare COPY",
}
_FLOOR = ("read_s", "copy_jsonb_s", "copy_json_s", "copy_without_s")
Result = Mapping[str, Any]  # JSON, as the benchmark printed it
Lines = Iterator[str]


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> Lines:
    """A table whose first column is text, and all others numbers."""
    heads = list(heads)
    yield f"| {' | '.join(heads)} |"
    yield "|---" + "|--:" * (len(heads) - 1) + "|"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"
    yield ""


def ingest(found: Result) -> Lines:
    """Contenders, processes, files of providers, and small transcripts."""
    shown = {name: title for name, title in CONTENDERS.items() if f"{name}_words_per_s" in found}
    yield from (f"Medians of {found['runs']} run(s), on {found['machine']}.", "")
    yield from table(
        ("", "words a second", "syncd is faster by", "processor seconds", "Postgres' own", "bytes kept per word"),
        (
            (
                title,
                f"{found[f'{name}_words_per_s']:,}",
                "" if name == "syncd" else f"{found[f'ratio_{name}']:,.2f} times",
                *(f"{found['used'][name][key]:,.1f}" for key in ("cpu_s", "postgres_cpu_s", "kept_bytes_per_word")),
            )
            for name, title in shown.items()
        ),
    )
    yield from ("![Words a second, from the start of a process to its end](images/ingest.svg)", "")
    yield from table(
        ("processes of syncd", "words a second", "their processor seconds", "Postgres' own"),
        (_processes(found, count) for count in found["processes"]),
    )
    yield from table(
        ("files of a provider", "MB", "syncd, MB a second", "dlt, MB a second", "syncd is faster by"),
        (_provider(name, each) for name, each in found["providers"].items()),
    )
    words, rate = (found["small"][name] for name in ("words_each", "syncd_transcripts_per_s"))
    yield f"Of transcripts of {words} words, one process loads {rate:,} a second."


def _processes(found: Result, count: str) -> Iterator[str]:
    used = found["used_by_processes"][count]
    yield from (count, f"{found['processes'][count]:,}", f"{used['cpu_s']:.1f}", f"{used['postgres_cpu_s']:.1f}")


def _provider(name: str, found: Result) -> Iterator[str]:
    yield from (f"`{name}`", f"{found['raw_bytes'] / 1e6:,.0f}", f"{found['syncd_mb_per_s']:.1f}")
    yield from (f"{found[key]:.1f}{unit}" if key in found else "" for key, unit in DLT_OF_PROVIDER)


DLT_OF_PROVIDER = (("dlt_mb_per_s", ""), ("ratio_dlt", " times"))


def draw_ingest(found: Result) -> None:
    """The picture of it."""
    rates = [
        bars.Bar(title, found[f"{name}_words_per_s"], is_own=name == "syncd")
        for name, title in CONTENDERS.items()
        if f"{name}_words_per_s" in found
    ]
    several = [
        bars.Bar(f"syncd, {count} processes", rate, is_own=True)
        for count, rate in found["processes"].items()
        if count != "1"
    ]
    bars.write(
        DOCUMENTS / "images" / "ingest.svg", "From finished files to rows", "words a second", [*rates, *several]
    )


def profile(found: Result) -> Lines:
    """Shares of one process."""
    rows = ((step, f"{share:.0%}") for step, share in found["share"].items())
    yield from table(("what one process does", "share of its time"), rows)


def storage(found: Result) -> Lines:
    """Bytes per word by table."""
    rounded = found["rounded_times"]
    parts = ("rows", "indexes", "toast", "all")
    rows: list[list[object]] = [
        [f"`{name}`", *(sizes[part] for part in parts), rounded["tables"].get(name, {}).get("all", "")]
        for name, sizes in found["tables"].items()
    ]
    rows.append(["**together**", "", "", "", f"**{found['bytes_per_word']}**", f"**{rounded['bytes_per_word']}**"])
    rows.append(["raw JSON", "", "", "", found["raw_bytes_per_word"], rounded["raw_bytes_per_word"]])
    yield from table(("table", "rows", "indexes", "out of line", "all", "all, times in hundredths"), rows)


def backlog(found: Result) -> Lines:
    """Lags of live transcripts with and without it."""
    names = {"seen": "from finished to seen", "ready": "from finished to rows"}
    yield from table(
        ("live transcripts, mean", "without a backlog", "while it is loaded", "ratio"),
        (
            (
                title,
                f"{found[f'{name}_s_without']:.2f} s",
                f"{found[f'{name}_s_with']:.2f} s",
                f"{found[f'ratio_{name}']:.2f}",
            )
            for name, title in names.items()
        ),
    )
    yield f"The backlog of {found['backlog_words']:,} words was loaded in {found['loading_s']:.0f} s, in which"
    yield f"{found['judged']:.0f} live transcripts finished."


def large(found: Result) -> Lines:
    """Memory of large files, and small transcripts beside them."""
    heads = ("", "MB", "seconds", "memory, MB", "times the file", "small ones, median", "against without it")
    kinds = {"provider_file": "provider's file, {parts:,} parts", "transcript_file": "transcript of {words:,} words"}
    rows: list[list[object]] = [
        [
            title.format(**each),
            *(f"{each['bytes'] / 1e6:.0f}", each["seconds"], each["peak_mb"], each["times_the_file"]),
            *(f"{each['small_s']:.1f} s", f"{each['ratio_small']:.2f}"),
        ]
        for each, title in ((found[kind], title) for kind, title in kinds.items())
    ]
    rows.append([f"{found['small']} small ones alone", "", "", found["peak_mb"], "", f"{found['small_s']:.1f} s", ""])
    yield from table(heads, rows)


def search(found: Result) -> Lines:
    """Questions to syncd and to raw jsonb."""
    rows: list[list[object]] = [
        [title, _time(each["syncd_ms"]), _time(each["raw_ms"]), f"{each['ratio']:,.0f} times"]
        for title, each in found["questions"].items()
    ]
    own, raw = (found["size_mb"][name] for name in ("syncd", "raw"))
    rows.append(["size on disk, search included", f"{own} MB", f"{raw} MB", ""])
    yield from table(("question", "syncd", "raw jsonb", "faster by"), rows)


def _time(ms: float) -> str:
    return f"{ms / 1000:,.1f} s" if ms >= 1000 else f"{ms:.1f} ms"


def growth(found: Result) -> Lines:
    """Questions to few and to many settled transcripts."""
    few, many = (f"{count:,}" for count in found["settled"])
    yield from table(
        ("question", few, many, "times"),
        (
            (title, *(f"{ms:.2f} ms" for ms in both), f"{both[1] / both[0]:.2f}")
            for title, both in found["medians_ms"].items()
        ),
    )


def bloat(found: Result) -> Lines:
    """The queue after ever more polls, alone and beside an old snapshot."""
    times = ("claim_ms", "claim_from_start_ms", "look_anew_ms")
    yield from table(
        ("", "polls", "table", "indexes", "claim", "from the start", "looked anew"),
        (
            (
                name,
                f"{each['polls']:,}",
                *(f"{each[size] / 1e6:.1f} MB" for size in ("table_size", "index_size")),
                *(f"{each[time]:.1f} ms" for time in times),
            )
            for name, samples in found["samples"].items()
            for each in samples
        ),
    )


IDLE = (
    ("share of a core", "cpu_share", "{:.1%}"),
    ("memory (RSS)", "rss_mb", "{:.0f} MB"),
    ("transactions a second", "transactions_per_s", "{:.1f}"),
    ("from `recall.track()` to the call, median of five", "track_to_call_s", "{:.2f} s"),
)


def idle(found: Result) -> Lines:
    """A daemon that has nothing to do."""
    yield from table(("", ""), ((title, shown.format(found[key])) for title, key, shown in IDLE if key in found))


def lag(found: Result) -> Lines:
    """Lags of daemons, and of the same stream through the simulator."""
    calls, several = found["calls"], "one daemon" if found["processes"] == 1 else f"{found['processes']} daemons"
    made = ", ".join(f"{calls[route]['calls']:,}" for route in ("retrieve", "list"))
    throttled = sum(each["throttled"] for each in calls.values())
    rows = ((several, found["real"]["live"], (made, throttled)), ("simulated", found["simulated"], ("", "")))
    yield from table(
        ("", "finished", "mean", "median", "p99", "calls: retrieves, list", "throttled"),
        (
            (name, lags["finished"], *(f"{lags[key]:.2f}" for key in ("mean", "median", "p99")), *more)
            for name, lags, more in rows
        ),
    )
    for route, each in calls.items():
        if "fullest_minute" in each:
            yield f"In the fullest minute {each['fullest_minute']} of {each['limit']} {route} calls."


def kills(found: Result) -> Lines:
    """What became of transcripts whose daemons were killed."""
    told = ", ".join(f"{count} {kind}" for kind, count in found["events"].items())
    yield f"{found['kills']} kills, every row true, each of the {found['transcripts']} ends told once ({told}),"
    yield f"{found['retrieves']:,} retrieves, {found['throttled']} of them throttled."


def facts(found: Result) -> Lines:
    """Each value with its name."""
    yield from table(("", ""), ((name.replace("_", " "), value) for name, value in _flat(found) if name != "bench"))


def _flat(found: Result, before: str = "") -> Iterator[tuple[str, object]]:
    for name, value in found.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}: ")
        else:
            yield f"{before}{name}", value


def provider_floor(found: Result) -> Lines:
    """What a provider's file costs at least."""
    yield from table(
        ("one file", "MB", "reader", "COPY as it is kept", "COPY as `json`", "COPY without messages"),
        (
            (f"`{name}`", f"{each['bytes'] / 1e6:.1f}", *(f"{each[key]:.3f} s" for key in _FLOOR))
            for name, each in found["providers"].items()
        ),
    )


SECTIONS: Mapping[str, Callable[[Result], Lines]] = {
    "ingest": ingest,
    "profile": profile,
    "storage": storage,
    "backlog": backlog,
    "large": large,
    "provider_floor": provider_floor,
    "search": search,
    "growth": growth,
    "bloat": bloat,
    "idle": idle,
    "idle_discovering": idle,
    "lag": lag,
    "lag_of_four": lag,
    "kills": kills,
}


def renewed(text: str, results: Mapping[str, Result]) -> str:
    """The page with these results between their marks."""
    for name, result in results.items():
        body = "\n".join(SECTIONS.get(name, facts)(result)).rstrip()
        begin, end = f"<!-- begin: {name}, by bench.document -->", f"<!-- end: {name} -->"
        before, has_begin, rest = text.partition(begin)
        _, has_end, after = rest.partition(end)
        if has_begin and has_end:
            text = f"{before}{begin}\n\n{body}\n\n{end}{after}"
    return text


def main() -> None:
    """Renew the page and the pictures."""
    page, results = DOCUMENTS / "benchmarks.md", read()
    page.write_text(renewed(page.read_text(encoding="utf-8"), results), encoding="utf-8")
    if "ingest" in results:
        draw_ingest(results["ingest"])


if __name__ == "__main__":
    main()
