"""Where one process spends its time."""

from collections.abc import Mapping

from bench.recall import Corpus


def main(corpus: Corpus) -> Mapping[str, object]:
    """Run one process under a sampler; what to print."""
    raise NotImplementedError(corpus)
