-- title: Statuses over time (everybody)
-- theme: errors
-- answers: How many requests were answered with which class of status.
-- param: every minute|hour|day|week|month = day: how long a row lasts
-- param: who people|bots|all = all: whose requests count
-- needs: time, status
-- uses: bot
-- chart: time time ok redirects client_errors server_errors
-- example: weblog query statuses --param every=hour logs/
select date_trunc($every, time) as time, count(*) as requests,
  count(*) filter (status between 200 and 299) as ok, count(*) filter (status between 300 and 399) as redirects,
  count(*) filter (status between 400 and 499) as client_errors, count(*) filter (status >= 500) as server_errors,
  round(100.0 * count(*) filter (status >= 500) / count(*), 3) as server_error_percent
from logs
where is_of(bot, $who)
group by 1
order by 1
