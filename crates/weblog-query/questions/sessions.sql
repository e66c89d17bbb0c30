-- title: Sessions over time (people)
-- theme: visitors
-- answers: How many sessions there were, how many pages one has, how long half of them last, and
--   how many end with the page they began with. A session ends with a silence of 30 minutes.
-- param: every day|week|month = day: how long a row lasts
-- param: gap span = 30m: a longer silence begins a new session
-- param: who people|bots|all = people: whose requests count
-- needs: time, remote_addr, path
-- uses: client_addr, user_agent, asset_class, status, bot
-- chart: time time sessions
-- example: weblog query sessions --param gap=1h logs/
with views as (
  select time, path, visitor(client_addr, remote_addr, user_agent) as visitor
  from logs
  where is_of(bot, $who) and is_view(path, asset_class, status) and time is not null
),
marked as (
  select *, coalesce(time - lag(time) over visits > $gap, true) as begins
  from views
  window visits as (partition by visitor order by time, path)
),
numbered as (
  select *, count(*) filter (begins) over (partition by visitor order by time, path rows unbounded preceding) as session
  from marked
),
sessions as (
  select visitor, session, min(time) as start, max(time) - min(time) as duration, count(*) as views
  from numbered
  group by visitor, session
)
select date_trunc($every, start) as time, count(*) as sessions, count(distinct visitor) as visitors,
  round(avg(views), 2) as views_per_session, epoch_us(median(duration))::bigint as median_duration_us,
  round(100.0 * count(*) filter (views = 1) / count(*), 1) as bounce_percent
from sessions
group by 1
order by 1
