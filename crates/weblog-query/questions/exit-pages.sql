-- title: Pages on which sessions end (people)
-- theme: pages
-- answers: Where visitors leave, and how many of the views of a page were the last of a session.
-- param: limit int = 20: rows at most
-- param: gap span = 30m: a longer silence begins a new session
-- param: who people|bots|all = people: whose requests count
-- needs: time, remote_addr, path
-- uses: client_addr, user_agent, asset_class, status, bot
-- chart: bars page exits
-- example: weblog query exit-pages logs/
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
ended as (
  select path, coalesce(lead(begins) over (partition by visitor order by time, path), true) as ends from marked
)
select path as page, count(*) filter (ends) as exits, count(*) as views,
  round(100.0 * count(*) filter (ends) / count(*), 1) as exit_percent
from ended
group by path
having exits > 0
order by exits desc, page
limit $limit
