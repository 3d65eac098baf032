-- What recall.search() finds a text by. Each configuration is a constant, for only so the result can stand in a column that
-- Postgres fills by itself. Null for a configuration that recall.search_config() does not know.
create or replace function recall.search_vector(search_config text, content text) returns tsvector
language sql
immutable
parallel safe
as $$
select case search_vector.search_config
    when 'english' then to_tsvector('english'::regconfig, recall.search_text(search_vector.content))
    when 'arabic' then to_tsvector('arabic'::regconfig, recall.search_text(search_vector.content))
    when 'armenian' then to_tsvector('armenian'::regconfig, recall.search_text(search_vector.content))
    when 'basque' then to_tsvector('basque'::regconfig, recall.search_text(search_vector.content))
    when 'catalan' then to_tsvector('catalan'::regconfig, recall.search_text(search_vector.content))
    when 'danish' then to_tsvector('danish'::regconfig, recall.search_text(search_vector.content))
    when 'dutch' then to_tsvector('dutch'::regconfig, recall.search_text(search_vector.content))
    when 'finnish' then to_tsvector('finnish'::regconfig, recall.search_text(search_vector.content))
    when 'french' then to_tsvector('french'::regconfig, recall.search_text(search_vector.content))
    when 'german' then to_tsvector('german'::regconfig, recall.search_text(search_vector.content))
    when 'greek' then to_tsvector('greek'::regconfig, recall.search_text(search_vector.content))
    when 'hindi' then to_tsvector('hindi'::regconfig, recall.search_text(search_vector.content))
    when 'hungarian' then to_tsvector('hungarian'::regconfig, recall.search_text(search_vector.content))
    when 'indonesian' then to_tsvector('indonesian'::regconfig, recall.search_text(search_vector.content))
    when 'irish' then to_tsvector('irish'::regconfig, recall.search_text(search_vector.content))
    when 'italian' then to_tsvector('italian'::regconfig, recall.search_text(search_vector.content))
    when 'lithuanian' then to_tsvector('lithuanian'::regconfig, recall.search_text(search_vector.content))
    when 'nepali' then to_tsvector('nepali'::regconfig, recall.search_text(search_vector.content))
    when 'norwegian' then to_tsvector('norwegian'::regconfig, recall.search_text(search_vector.content))
    when 'portuguese' then to_tsvector('portuguese'::regconfig, recall.search_text(search_vector.content))
    when 'romanian' then to_tsvector('romanian'::regconfig, recall.search_text(search_vector.content))
    when 'russian' then to_tsvector('russian'::regconfig, recall.search_text(search_vector.content))
    when 'serbian' then to_tsvector('serbian'::regconfig, recall.search_text(search_vector.content))
    when 'simple' then to_tsvector('simple'::regconfig, recall.search_text(search_vector.content))
    when 'spanish' then to_tsvector('spanish'::regconfig, recall.search_text(search_vector.content))
    when 'swedish' then to_tsvector('swedish'::regconfig, recall.search_text(search_vector.content))
    when 'tamil' then to_tsvector('tamil'::regconfig, recall.search_text(search_vector.content))
    when 'turkish' then to_tsvector('turkish'::regconfig, recall.search_text(search_vector.content))
    when 'yiddish' then to_tsvector('yiddish'::regconfig, recall.search_text(search_vector.content))
end
$$;
