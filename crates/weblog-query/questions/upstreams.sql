-- title: Response time of each upstream server (everybody)
-- theme: speed
-- answers: How long each server behind the proxy takes, how often it fails, and how often a request
--   had to be tried again. Of several servers that were tried the last one counts.
-- param: limit int = 20: rows at most
-- param: who people|bots|all = all: whose requests count
-- needs: upstream_addr
-- uses: upstream_time_us, upstream_attempts, upstream_status, status, bot
-- chart: bars server p95_us
-- example: weblog query upstreams logs/
with servers as (
  select trim(list_last(regexp_split_to_array(upstream_addr, '[,:] +'))) as server, count(*) as requests,
    quantile_disc(upstream_time_us, [0.5, 0.95, 0.99]) as quantiles, max(upstream_time_us) as max_us,
    count(*) filter (status >= 500) as server_errors, count(*) filter (upstream_attempts > 1) as tried_again
  from logs
  where is_of(bot, $who) and upstream_addr is not null
  group by 1
)
select server, requests, quantiles[1] as p50_us, quantiles[2] as p95_us, quantiles[3] as p99_us, max_us, server_errors,
  round(100.0 * server_errors / requests, 2) as error_percent, tried_again
from servers
order by p95_us desc nulls last, server
limit $limit
