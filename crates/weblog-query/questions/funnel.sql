-- title: How many get from one step to the next (people)
-- theme: visitors
-- answers: Of the visitors who were at the first page, how many came to the second afterwards, to
--   the third, and so on; other pages may lie between. Steps are paths; * stands for anything.
-- param: step list: a path; give several, in their order
-- param: per visitor|day = visitor: whether the way may take longer than a day
-- param: who people|bots|all = people: whose requests count
-- needs: time, remote_addr, path
-- uses: client_addr, user_agent, status, bot
-- chart: bars page visitors
-- example: weblog query funnel --param step=/ --param 'step=/product/*' --param step=/cart logs/
with patterns as (select unnest($step) as page, generate_subscripts($step, 1) as step),
hits as (
  select visitor(client_addr, remote_addr, user_agent) as visitor,
    case $per when 'day' then time::date end as day, time, step
  from logs join patterns on path glob page
  where is_of(bot, $who) and (status < 400 or status is null) and time is not null
),
reached as (
  select list_reduce(list(step order by time, step desc), lambda reached, step: if(step = reached + 1, step, reached), 0::bigint)
    as reached
  from hits
  group by visitor, day
)
select step, page, count(reached) as visitors,
  round(100.0 * count(reached) / nullif(first_value(count(reached)) over steps, 0), 1) as percent_of_first,
  round(100.0 * count(reached) / nullif(lag(count(reached)) over steps, 0), 1) as percent_of_previous,
  lag(count(reached)) over steps - count(reached) as lost
from patterns left join reached on reached >= step
group by step, page
window steps as (order by step)
order by step
