-- title: Requests by weekday and hour (people)
-- theme: traffic
-- answers: When people come: a cell for each hour of each day of the week, Monday is 1, on the
--   clocks of a zone. Cells without requests are there too.
-- param: zone text = UTC: whose clocks, as Europe/Berlin
-- param: who people|bots|all = people: whose requests count
-- needs: time
-- uses: bot
-- chart: heat hour weekday requests
-- example: weblog query heatmap --param zone=Europe/Berlin logs/
with quarters as (
  select time_bucket(interval '15 minutes', time) as quarter, count(*) as requests
  from logs
  where is_of(bot, $who) and time is not null
  group by 1
),
cells as (
  select isodow(local_time(quarter, $zone)) as weekday, hour(local_time(quarter, $zone)) as hour,
    sum(requests)::bigint as requests
  from quarters
  group by 1, 2
)
select weekday, ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][weekday] as day, hour,
  coalesce(requests, 0) as requests
from (select weekday, hour from range(1, 8) weekdays (weekday), range(0, 24) hours (hour))
left join cells using (weekday, hour)
order by weekday, hour
