-- title: Where visitors come from, by host (people)
-- theme: sources
-- answers: Which sites send views of pages, without the site itself.
-- param: limit int = 20: rows at most
-- param: site text?: the site's own host; without it, the host that most requests refer to
-- param: who people|bots|all = people: whose requests count
-- needs: referer_host, path
-- uses: referer_class, client_addr, user_agent, asset_class, status, bot, remote_addr
-- chart: bars referer_host views
-- example: weblog query referers --param site=shop.example logs/
with own as (
  select coalesce($site, (
    select referer_host from logs where referer_host is not null group by 1 order by count(*) desc, 1 limit 1
  )) as own_host
)
select referer_host, max(referer_class) as class, count(*) as views,
  count(distinct visitor(client_addr, remote_addr, user_agent)) as visitors
from logs, own
where is_of(bot, $who) and is_view(path, asset_class, status) and referer_host is not null
  and referer_class is distinct from 'internal' and referer_host is distinct from own_host
group by referer_host
order by views desc, referer_host
limit $limit
