-- title: Paths by bytes sent (everybody)
-- theme: traffic
-- answers: Which paths cost the most bandwidth, with the size of a mean and of the largest
--   response.
-- param: limit int = 20: rows at most
-- param: who people|bots|all = all: whose requests count
-- needs: path, bytes
-- uses: bot
-- chart: bars path bytes
-- example: weblog query heaviest-paths --param limit=10 logs/
with paths as (
  select path, sum(bytes)::bigint as bytes, count(*) as requests, round(avg(bytes))::bigint as mean_bytes,
    max(bytes) as largest_bytes
  from logs
  where is_of(bot, $who)
  group by path
)
select path, bytes, round(100.0 * bytes / nullif(sum(bytes) over (), 0), 2) as percent, requests, mean_bytes, largest_bytes
from paths
order by bytes desc nulls last, path
limit $limit
