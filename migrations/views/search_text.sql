-- A text as recall.search() reads it, the same in every database: one form of each letter (NFKC), in small letters, without
-- what is not seen or not always written, and with a space for each sign that parts words: all below U+A000 and in common
-- use above that are neither letters, digits nor marks (Unicode 14), but those that NFKC makes letters of. Where lc_ctype is
-- C, Postgres takes everything beyond ASCII for letters.
create or replace function recall.search_text(content text) returns text
language plpgsql
immutable
strict
parallel safe
as $$
declare
    said text;
begin
    if octet_length(content) = length(content) then
        return lower(content collate "C");
    end if;
    said := regexp_replace(
        content,
        E'[\\u0080-\\u00a9\\u00ab\\u00ac\\u00ae-\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb-\\u00bf\\u00d7\\u00f7\\u02c2-\\u02c5'
        '\\u02d2-\\u02df\\u02e5-\\u02eb\\u02ed\\u02ef-\\u02ff\\u0375\\u037e\\u0384\\u0385\\u0387\\u03f6'
        '\\u0482\\u055a-\\u055f\\u0589-\\u058f\\u05be\\u05c0\\u05c3\\u05c6\\u05f3-\\u060f\\u061b\\u061d-\\u061f'
        '\\u066a-\\u066d\\u06d4\\u06dd\\u06de\\u06e9\\u06fd\\u06fe\\u0700-\\u070f\\u07f6-\\u07f9\\u07fe'
        '\\u07ff\\u0830-\\u083e\\u085e\\u0888\\u0890\\u0891\\u08e2\\u0964\\u0965\\u0970\\u09f2-\\u09fb\\u09fd'
        '\\u0a76\\u0af0\\u0af1\\u0b70\\u0b72-\\u0b77\\u0bf0-\\u0bfa\\u0c77-\\u0c7f\\u0c84\\u0d4f'
        '\\u0d58-\\u0d5e\\u0d70-\\u0d79\\u0df4\\u0e3f\\u0e4f\\u0e5a\\u0e5b\\u0f01-\\u0f17\\u0f1a-\\u0f1f'
        '\\u0f2a-\\u0f34\\u0f36\\u0f38\\u0f3a-\\u0f3d\\u0f85\\u0fbe-\\u0fc5\\u0fc7-\\u0fda\\u104a-\\u104f'
        '\\u109e\\u109f\\u10fb\\u1360-\\u137c\\u1390-\\u1399\\u1400\\u166d\\u166e\\u1680\\u169b\\u169c'
        '\\u16eb-\\u16ed\\u1735\\u1736\\u17d4-\\u17d6\\u17d8-\\u17db\\u17f0-\\u180a\\u180e\\u1940-\\u1945'
        '\\u19da-\\u19ff\\u1a1e\\u1a1f\\u1aa0-\\u1aa6\\u1aa8-\\u1aad\\u1b5a-\\u1b6a\\u1b74-\\u1b7e'
        '\\u1bfc-\\u1bff\\u1c3b-\\u1c3f\\u1c7e\\u1c7f\\u1cc0-\\u1cc7\\u1cd3\\u1fbd\\u1fbf-\\u1fc1'
        '\\u1fcd-\\u1fcf\\u1fdd-\\u1fdf\\u1fed-\\u1fef\\u1ffd-\\u200b\\u2012-\\u2029\\u202f-\\u205f\\u207a-\\u207e'
        '\\u208a-\\u208e\\u20a0-\\u20c0\\u2100\\u2101\\u2104-\\u2106\\u2108\\u2114\\u2116-\\u2118'
        '\\u211e-\\u2123\\u2125\\u2127\\u2129\\u212e\\u213a\\u213b\\u2140-\\u2144\\u214a-\\u214d'
        '\\u214f-\\u215f\\u2189-\\u24b5\\u24ea-\\u2bff\\u2ce5-\\u2cea\\u2cf9-\\u2cff\\u2d70\\u2e00-\\u2e2e'
        '\\u2e30-\\u3004\\u3008-\\u3020\\u3030\\u3036\\u3037\\u303d-\\u303f\\u309b\\u309c\\u30a0\\u30fb'
        '\\u3190-\\u319f\\u31c0-\\u31e3\\u3200-\\u32fe\\u3358-\\u3370\\u33e0-\\u33fe\\u4dc0-\\u4dff\\ufb29'
        '\\ufbb2-\\ufbc2\\ufd3e-\\ufd4f\\ufdcf\\ufdfc-\\ufdff'
        '\\ufe10-\\ufe19\\ufe30-\\ufe6b\\uff00-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40'
        '\\uff5b-\\uff65\\uffe0-\\ufffd\\U0001f000-\\U0001f12f\\U0001f14a-\\U0001f14f\\U0001f16a-\\U0001f16f'
        '\\U0001f18a-\\U0001faf6]',
        ' ',
        'g'
    );
    if said is not nfkc normalized then
        said := translate(normalize(said, nfkc), E'\u00b0\u00b7', '  ');  -- what parts of some signs become
    end if;
    if content like E'%\u0307%' then  -- a dot that only shows that one is above i or j
        said := normalize(regexp_replace(said, E'([ij\u012f])\u0307', E'\\1', 'g'), nfkc);
    end if;
    -- of all letters only this one has two small ones, and it is no longer told from i
    said := recall.search_lower(replace(said, E'\u0130', 'i'));
    -- what is written in two ways: final sigma, yo, sharp s, the hyphen
    said := replace(replace(said, E'\u03c2', E'\u03c3'), E'\u0451', E'\u0435');
    said := replace(replace(said, E'\u00df', 'ss'), E'\u2010', '-');
    return recall.search_signs(regexp_replace(
        said,
        -- what is not seen, Hebrew and Arabic points, the Arabic stretch
        E'[\\u00ad\\u034f\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7\\u0610-\\u061a\\u061c\\u0640'
        '\\u064b-\\u0652\\u0670\\u06d6-\\u06dc\\u06df-\\u06e4\\u06e7\\u06e8\\u06ea-\\u06ed\\u180b-\\u180d\\u180f'
        '\\u200c-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufe00-\\ufe0f\\ufeff\\U000e0000-\\U000e0fff]',
        '',
        'g'
    ));
end
$$;
