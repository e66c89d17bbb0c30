-- title: Ways through the site (people)
-- theme: visitors
-- answers: The most common first pages of sessions, in their order.
-- param: steps int = 3: pages of the way
-- param: limit int = 20: rows at most
-- param: gap span = 30m: a longer silence begins a new session
-- param: who people|bots|all = people: whose requests count
-- needs: time, remote_addr, path
-- uses: client_addr, user_agent, asset_class, status, bot
-- chart: bars way sessions
-- example: weblog query session-paths --param steps=4 logs/
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
steps as (
  select visitor, session, path, row_number() over (partition by visitor, session order by time, path) as step
  from numbered
),
ways as (
  select string_agg(path, ' > ' order by step) as way from steps where step <= $steps group by visitor, session
)
select way, count(*) as sessions, round(100.0 * count(*) / sum(count(*)) over (), 2) as percent
from ways
group by way
order by sessions desc, way
limit $limit
