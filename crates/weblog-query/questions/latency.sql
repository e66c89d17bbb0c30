-- title: How long requests take, over time (everybody)
-- theme: speed
-- answers: Percentiles of the time to serve a request in each hour, and how many took longer than a
--   limit.
-- param: every minute|hour|day|week|month = hour: how long a row lasts
-- param: slow span = 1s: what counts as slow
-- param: who people|bots|all = all: whose requests count
-- needs: time, duration_us
-- uses: bot
-- chart: time time p50_us p95_us p99_us
-- example: weblog query latency --param slow=500ms logs/
with periods as (
  select date_trunc($every, time) as time, count(*) as requests,
    quantile_disc(duration_us, [0.5, 0.95, 0.99]) as quantiles, max(duration_us) as max_us,
    count(*) filter (duration_us > epoch_us($slow)) as slow
  from logs
  where is_of(bot, $who) and duration_us is not null
  group by 1
)
select time, requests, quantiles[1] as p50_us, quantiles[2] as p95_us, quantiles[3] as p99_us, max_us, slow,
  round(100.0 * slow / requests, 2) as slow_percent
from periods
order by time
