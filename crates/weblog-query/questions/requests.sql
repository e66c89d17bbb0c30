-- title: Requests over time (everybody)
-- theme: traffic
-- answers: How many requests came in each day, hour or other time. The cheapest of all questions:
--   it reads one column.
-- param: every minute|hour|day|week|month = day: how long a row lasts
-- param: who people|bots|all = all: whose requests count
-- needs: time
-- uses: bot
-- chart: time time requests
-- example: weblog query requests --param every=hour logs/
select case $every when 'day' then time::date::timestamp else date_trunc($every, time) end as time,
  count(*) as requests
from logs
where is_of(bot, $who)
group by 1
order by 1
