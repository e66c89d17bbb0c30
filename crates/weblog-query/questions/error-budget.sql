-- title: Error budget (everybody)
-- theme: errors
-- answers: How much of the errors that an objective allows have been used: requests that failed by
--   the server's fault (5xx), by day, and added up over the whole period.
-- param: target number = 99.9: percent of requests that have to be served
-- param: every minute|hour|day|week|month = day: how long a row lasts
-- param: who people|bots|all = all: whose requests count
-- needs: time, status
-- uses: bot
-- chart: time time budget_used_percent
-- example: weblog query error-budget --param target=99.5 logs/
with periods as (
  select date_trunc($every, time) as time, count(*) as requests, count(*) filter (status >= 500) as errors
  from logs
  where is_of(bot, $who) and time is not null
  group by 1
)
select time, requests, errors, round(100.0 - 100.0 * errors / requests, 4) as served_percent,
  round(100.0 * errors / nullif(requests * (100 - $target) / 100, 0), 1) as budget_used_percent,
  round(100.0 * sum(errors) over (order by time)
    / nullif(sum(requests) over () * (100 - $target) / 100, 0), 1) as used_of_all_percent
from periods
order by time
