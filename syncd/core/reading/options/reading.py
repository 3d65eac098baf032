"""One set of names for the settings of all providers. What they do not say stays None; no default is guessed."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from syncd.core.reading.document import Json
from syncd.core.reading.options.flavour import Flavour, flavour_of
from syncd.core.reading.options.sources import sources_of


@dataclass(frozen=True, slots=True)
class Options:
    """What a transcript's provider was told. None: the settings do not say."""

    flavour: Flavour | None = None
    language: str | None = None
    languages: tuple[str, ...] | None = None
    has_language_detection: bool | None = None
    model: str | None = None
    has_diarization: bool | None = None
    speakers_expected: int | None = None
    has_punctuation: bool | None = None
    has_profanity_filter: bool | None = None
    has_pii_redaction: bool | None = None
    pii_policies: tuple[str, ...] | None = None
    vocabulary_size: int | None = None
    has_separate_streams: bool | None = None

    def document(self) -> dict[str, Json]:
        """As a JSON object that holds what was said and nothing else."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def read_options(provider: str | None, config: Json, has_separate_streams: bool | None) -> Options:
    """Read the settings under a provider key. Json JSON will do; what is not understood says nothing."""
    if provider is None:
        return Options(has_separate_streams=has_separate_streams)
    said = {name: _first(source.answer(config) for source in row) for name, row in sources_of(provider).items()}
    return Options(flavour=flavour_of(provider, config), has_separate_streams=has_separate_streams, **said)


def _first(answers: Iterator[Json]) -> Json:
    return next((answer for answer in answers if answer is not None), None)
