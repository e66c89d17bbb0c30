-- title: Visitors over time (people)
-- theme: visitors
-- answers: How many visitors there were, how many pages they viewed, and with how many requests. A
--   visitor is an address with a user agent; one who comes on two days counts on both.
-- param: every minute|hour|day|week|month = day: how long a row lasts
-- param: who people|bots|all = people: whose requests count
-- needs: time, remote_addr
-- uses: client_addr, user_agent, asset_class, status, bot, path
-- chart: time time visitors
-- example: weblog query visitors --param every=week logs/
select date_trunc($every, time) as time, count(distinct visitor(client_addr, remote_addr, user_agent)) as visitors,
  count(*) filter (is_view(path, asset_class, status)) as views, count(*) as requests,
  round(count(*) filter (is_view(path, asset_class, status))
    / count(distinct visitor(client_addr, remote_addr, user_agent)), 2) as views_per_visitor
from logs
where is_of(bot, $who)
group by 1
order by 1
