-- title: Pages on which sessions begin (people)
-- theme: pages
-- answers: Where visitors come in, and how many of them view nothing else.
-- param: limit int = 20: rows at most
-- param: gap span = 30m: a longer silence begins a new session
-- param: who people|bots|all = people: whose requests count
-- needs: time, remote_addr, path
-- uses: client_addr, user_agent, asset_class, status, bot
-- chart: bars page entries
-- example: weblog query entry-pages logs/
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
  select *, coalesce(lead(begins) over (partition by visitor order by time, path), true) as ends from marked
)
select path as page, count(*) as entries, round(100.0 * count(*) / sum(count(*)) over (), 2) as percent,
  round(100.0 * count(*) filter (ends) / count(*), 1) as bounce_percent
from ended
where begins
group by path
order by entries desc, page
limit $limit
