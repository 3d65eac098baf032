-- The text search configuration for a language code; simple for a language that has none, null where none is named.
create or replace function recall.search_config(language_code text) returns text
language sql
immutable
parallel safe
as $$
select coalesce(
    '{
        "ar": "arabic", "ara": "arabic", "arabic": "arabic",
        "hy": "armenian", "hye": "armenian", "arm": "armenian", "armenian": "armenian",
        "eu": "basque", "eus": "basque", "baq": "basque", "basque": "basque",
        "ca": "catalan", "cat": "catalan", "catalan": "catalan",
        "da": "danish", "dan": "danish", "danish": "danish",
        "nl": "dutch", "nld": "dutch", "dut": "dutch", "dutch": "dutch", "flemish": "dutch",
        "en": "english", "eng": "english", "english": "english",
        "fi": "finnish", "fin": "finnish", "finnish": "finnish",
        "fr": "french", "fra": "french", "fre": "french", "french": "french",
        "de": "german", "deu": "german", "ger": "german", "german": "german",
        "el": "greek", "ell": "greek", "gre": "greek", "greek": "greek",
        "hi": "hindi", "hin": "hindi", "hindi": "hindi",
        "hu": "hungarian", "hun": "hungarian", "hungarian": "hungarian",
        "id": "indonesian", "ind": "indonesian", "indonesian": "indonesian",
        "ga": "irish", "gle": "irish", "irish": "irish",
        "it": "italian", "ita": "italian", "italian": "italian",
        "lt": "lithuanian", "lit": "lithuanian", "lithuanian": "lithuanian",
        "ne": "nepali", "nep": "nepali", "nepali": "nepali",
        "no": "norwegian", "nor": "norwegian", "nb": "norwegian", "nob": "norwegian", "nn": "norwegian",
        "nno": "norwegian", "norwegian": "norwegian",
        "pt": "portuguese", "por": "portuguese", "portuguese": "portuguese",
        "ro": "romanian", "ron": "romanian", "rum": "romanian", "romanian": "romanian",
        "ru": "russian", "rus": "russian", "russian": "russian",
        "sr": "serbian", "srp": "serbian", "serbian": "serbian",
        "es": "spanish", "spa": "spanish", "spanish": "spanish", "castilian": "spanish",
        "sv": "swedish", "swe": "swedish", "swedish": "swedish",
        "ta": "tamil", "tam": "tamil", "tamil": "tamil",
        "tr": "turkish", "tur": "turkish", "turkish": "turkish",
        "yi": "yiddish", "yid": "yiddish", "yiddish": "yiddish"
    }'::jsonb ->> language.name,
    -- the code of some other language; longer words, such as auto or multi, name none
    case when language.name ~ '^[a-z]{2,3}$' and language.name not in ('und', 'mul', 'mis', 'zxx') then 'simple' end
)
from (select split_part(translate(lower(btrim(search_config.language_code) collate "C"), '_', '-'), '-', 1) as name) as language
$$;
