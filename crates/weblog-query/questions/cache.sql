-- title: What the cache did, over time (everybody)
-- theme: speed
-- answers: How many requests and bytes were served from the cache. A hit is any status that begins
--   with HIT, or is STALE, UPDATING or REVALIDATED.
-- param: every minute|hour|day|week|month = day: how long a row lasts
-- param: who people|bots|all = all: whose requests count
-- needs: time, cache_status
-- uses: bytes, bot
-- chart: time time hit_percent
-- example: weblog query cache --param every=hour logs/
with requests as (
  select date_trunc($every, time) as time, bytes,
    regexp_matches(upper(cache_status), '^(TCP_)?(MEM_)?(HIT|STALE|UPDATING|REVALIDATED|REFRESHHIT|REFRESH_HIT)') as hit
  from logs
  where is_of(bot, $who) and cache_status is not null
)
select time, count(*) as requests, count(*) filter (hit) as hits, round(100.0 * count(*) filter (hit) / count(*), 2) as hit_percent,
  sum(bytes)::bigint as bytes, round(100.0 * coalesce(sum(bytes) filter (hit), 0) / nullif(sum(bytes), 0), 2) as hit_bytes_percent
from requests
group by time
order by time
