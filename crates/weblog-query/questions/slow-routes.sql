-- title: Slowest routes, with percentiles (everybody)
-- theme: speed
-- answers: How long requests take by route: half of them, 95 and 99 of 100, the slowest, and all
--   together. Routes are ordered by one of these.
-- param: limit int = 20: rows at most
-- param: by p50|p95|p99|total = p95: what the order is by
-- param: least int = 10: routes with fewer requests are left out
-- param: who people|bots|all = all: whose requests count
-- needs: duration_us
-- uses: route, path, bot
-- chart: bars route p95_us
-- example: weblog query slow-routes --param by=total logs/
with routes as (
  select coalesce(route, path) as route, count(*) as requests,
    quantile_disc(duration_us, [0.5, 0.95, 0.99]) as quantiles, max(duration_us) as max_us,
    sum(duration_us)::bigint as total_us
  from logs
  where is_of(bot, $who) and duration_us is not null
  group by 1
  having count(*) >= $least
)
select route, requests, quantiles[1] as p50_us, quantiles[2] as p95_us, quantiles[3] as p99_us, max_us, total_us,
  round(100.0 * total_us / nullif(sum(total_us) over (), 0), 2) as percent_of_time
from routes
order by case $by when 'p50' then p50_us when 'p95' then p95_us when 'p99' then p99_us else total_us end desc, route
limit $limit
