-- title: Paths that miss the cache (everybody)
-- theme: speed
-- answers: Which paths went past the cache most, and what the cache said.
-- param: limit int = 20: rows at most
-- param: who people|bots|all = all: whose requests count
-- needs: path, cache_status
-- uses: bytes, bot
-- chart: bars path misses
-- example: weblog query cache-misses logs/
with requests as (
  select path, bytes, cache_status,
    regexp_matches(upper(cache_status), '^(TCP_)?(MEM_)?(HIT|STALE|UPDATING|REVALIDATED|REFRESHHIT|REFRESH_HIT)') as hit
  from logs
  where is_of(bot, $who) and cache_status is not null
)
select path, count(*) filter (not hit) as misses, count(*) as requests,
  round(100.0 * count(*) filter (hit) / count(*), 1) as hit_percent,
  sum(bytes) filter (not hit)::bigint as missed_bytes, string_agg(distinct cache_status, ' ' order by cache_status) filter (not hit) as statuses
from requests
group by path
having misses > 0
order by misses desc, path
limit $limit
