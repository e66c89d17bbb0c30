-- title: Where visitors go from a page (people)
-- theme: pages
-- answers: Which page is viewed after this one in the same session; a row without a page are those
--   who left.
-- param: page text: the path of the page
-- param: limit int = 20: rows at most
-- param: gap span = 30m: a longer silence begins a new session
-- param: who people|bots|all = people: whose requests count
-- needs: time, remote_addr, path
-- uses: client_addr, user_agent, asset_class, status, bot
-- chart: bars next_page views
-- example: weblog query next-pages --param page=/ logs/
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
followed as (
  select path, if(lead(begins) over visits, null, lead(path) over visits) as next_page
  from marked
  window visits as (partition by visitor order by time, path)
)
select next_page, count(*) as views, round(100.0 * count(*) / sum(count(*)) over (), 2) as percent
from followed
where path = $page
group by next_page
order by views desc, next_page nulls last
limit $limit
