"""Where one process spends its time: `python -m bench.ingest --profile`.

The process is the real one, but that it works on one transcript at a time, and that a thread looks every millisecond
at what its other threads are doing (sampled.py). The innermost frame of syncd's own says which step that is; waiting
for an answer belongs to the step that waits. What a look finds counts for the time since the look before.
"""

from collections.abc import Mapping

from bench.databases import databases
from bench.ingest.contenders import profile
from bench.recall import Corpus, serving


def main(corpus: Corpus) -> Mapping[str, object]:
    """Run one process under the sampler; what to print."""
    with databases() as server, serving(corpus) as served:
        run, seconds = profile(server, served)
    total = sum(seconds.values())
    shares = {step: round(each / total, 3) for step, each in sorted(seconds.items(), key=lambda each: -each[1])}
    return {"bench": "profile", "words": served.words, "seconds": round(run.seconds, 2), "share": shares}
