-- title: What is searched for on the site (people)
-- theme: pages
-- answers: Words in the search of the site itself, as its pages have them in a parameter of the
--   query.
-- param: parameter text = q: the parameter of the query that has the words
-- param: limit int = 20: rows at most
-- param: who people|bots|all = people: whose requests count
-- needs: query
-- uses: path, asset_class, status, client_addr, remote_addr, bot
-- chart: bars words searches
-- example: weblog query searches --param parameter=s logs/
with searches as (
  select lower(trim(url_decode(replace(regexp_extract('&' || query, '&' || regexp_escape($parameter) || '=([^&]*)', 1), '+', ' ')))) as words,
    coalesce(client_addr, remote_addr) as address
  from logs
  where is_of(bot, $who) and is_view(path, asset_class, status) and contains('&' || query, '&' || $parameter || '=')
)
select words, count(*) as searches, count(distinct address) as addresses
from searches
where words <> ''
group by words
order by searches desc, words
limit $limit
