"""How long finished transcripts stay unnoticed, simulated: `python -m bench.polling`, or with `--help`.

syncd's own decisions run on simulated time, against a simulated Recall, beside simpler policies and bounds.
`--write` puts the results into docs/benchmarks.md. The last line is JSON.
"""

import argparse
import time

from bench.polling import document
from bench.polling.runs import Options, bounds, results
from bench.polling.scenarios import SCENARIOS
from bench.polling.table import as_json, terminal


def main() -> None:
    """Run what the command line asks for, and print it."""
    options, writes = _arguments()
    began_s = time.monotonic()
    found = results(options)
    bounds_s = bounds(options)
    for line in terminal(options.chosen, found, bounds_s, with_targets=options.is_standard):
        print(line)
    print(f"\nSeconds of lag. Seed {options.seed}; took {time.monotonic() - began_s:.0f} s.")
    if writes:
        document.write(options, found, bounds_s)
    print(as_json(options.seed, found, bounds_s))


def _arguments() -> tuple[Options, bool]:
    names = [scenario.name for scenario in SCENARIOS]
    parser = argparse.ArgumentParser(prog="python -m bench.polling", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=0, help="of everything that is drawn (0)")
    parser.add_argument("--workloads", default=",".join(names), help=f"some of {', '.join(names)}; all if not given")
    parser.add_argument("--page-size", type=int, help="entries on a page, everywhere")
    parser.add_argument("--share", type=float, help="of both limits, everywhere")
    parser.add_argument("--jobs", type=int, default=Options.jobs, help="processes at once (one for each processor)")
    parser.add_argument("--write", action="store_true", help="renew docs/benchmarks.md and its pictures")
    given = parser.parse_args()
    chosen = tuple(given.workloads.split(","))
    if unknown := set(chosen) - set(names):
        parser.error(f"no such workload: {', '.join(sorted(unknown))}")
    options = Options(given.seed, given.page_size, given.share, given.jobs, chosen)
    if given.write and (chosen != tuple(names) or not options.is_standard):
        parser.error("--write is for all workloads, at the usual page size and share")
    return options, given.write


if __name__ == "__main__":
    main()
