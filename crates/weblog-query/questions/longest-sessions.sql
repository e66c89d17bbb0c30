-- title: The sessions with most pages (people)
-- theme: visitors
-- answers: Single sessions: who, when, how many pages, where they began and ended, and the first
--   pages of the way.
-- param: limit int = 20: rows at most
-- param: steps int = 8: pages of the way that are shown
-- param: gap span = 30m: a longer silence begins a new session
-- param: who people|bots|all = people: whose requests count
-- needs: time, remote_addr, path
-- uses: client_addr, user_agent, asset_class, status, bot, country
-- example: weblog query longest-sessions --param limit=5 logs/
with views as (
  select time, path, visitor(client_addr, remote_addr, user_agent) as visitor,
    coalesce(client_addr, remote_addr) as address, country
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
steps as (
  select *, row_number() over (partition by visitor, session order by time, path) as step from numbered
)
select min(time) as start, min(address) as address, min(country) as country, count(*) as views,
  epoch_us(max(time) - min(time)) as duration_us, min(path) filter (step = 1) as entry,
  arg_max(path, step) as exit,
  string_agg(path, ' > ' order by step) filter (step <= $steps) as way
from steps
group by visitor, session
order by views desc, duration_us desc, start, address, way
limit $limit
