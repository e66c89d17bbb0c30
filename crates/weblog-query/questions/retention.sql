-- title: How many visitors come back in later weeks (people)
-- theme: visitors
-- answers: Of the visitors who first came in a week, how many viewed a page again one, two and more
--   weeks later. Weeks begin on Monday.
-- param: weeks int = 12: weeks to look ahead
-- param: who people|bots|all = people: whose requests count
-- needs: time, remote_addr
-- uses: client_addr, user_agent, asset_class, status, bot, path
-- chart: heat week cohort percent
-- example: weblog query retention --param weeks=4 logs/
with visits as (
  select distinct visitor(client_addr, remote_addr, user_agent) as visitor, date_trunc('week', time)::date as week
  from logs
  where is_of(bot, $who) and is_view(path, asset_class, status) and time is not null
),
firsts as (select visitor, min(week) as cohort from visits group by visitor),
cells as (
  select cohort, (week - cohort) // 7 as week, count(*) as visitors
  from visits join firsts using (visitor)
  group by all
)
select cohort, week, visitors,
  round(100.0 * visitors / max(visitors) over (partition by cohort), 1) as percent
from cells
where week <= $weeks
order by cohort, week
