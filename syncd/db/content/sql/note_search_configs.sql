-- Text search configurations that utterances have, each once.
insert into recall.search_configs (search_config)
select given.search_config from unnest(cast(:search_configs as text[])) as given (search_config)
on conflict do nothing
