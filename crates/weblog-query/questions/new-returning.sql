-- title: New and returning visitors (people)
-- theme: visitors
-- answers: How many visitors came for the first time, and how many had been there before, in the
--   period that is asked about: what lies before it is not known.
-- param: every day|week|month = day: how long a row lasts
-- param: who people|bots|all = people: whose requests count
-- needs: time, remote_addr
-- uses: client_addr, user_agent, asset_class, status, bot, path
-- chart: time time new returning
-- example: weblog query new-returning --param every=week logs/
with visits as (
  select distinct visitor(client_addr, remote_addr, user_agent) as visitor, date_trunc($every, time) as period
  from logs
  where is_of(bot, $who) and is_view(path, asset_class, status) and time is not null
),
firsts as (select visitor, min(period) as first from visits group by visitor)
select period as time, count(*) as visitors, count(*) filter (period = first) as new,
  count(*) filter (period > first) as returning,
  round(100.0 * count(*) filter (period > first) / count(*), 1) as returning_percent
from visits join firsts using (visitor)
group by period
order by period
