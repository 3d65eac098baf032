-- One passage of a long utterance.
insert into recall.passages (
    transcript_id, position, passage, first_word, last_word, first_character, character_count,
    search_config, search_vector, parser_version
)
select
    :transcript_id, :position, :passage, :first_word, :last_word, :first_character, length(given.content),
    given.search_config,
    recall.search_vector(given.search_config, given.content),
    cast(:parser_version as integer)
from (select cast(:content as text) as content, cast(:search_config as text) as search_config) as given
