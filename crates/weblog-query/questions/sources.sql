-- title: Where visitors come from, by kind (people)
-- theme: sources
-- answers: How many views of pages come from search engines, social networks, AI assistants, mail
--   and other sites, and without a referer at all.
-- param: site text?: the site's own host; without it, the host that most requests refer to
-- param: who people|bots|all = people: whose requests count
-- needs: referer_class, referer_host, path
-- uses: client_addr, user_agent, asset_class, status, bot, remote_addr
-- chart: bars source views
-- example: weblog query sources logs/
with own as (
  select coalesce($site, (
    select referer_host from logs where referer_host is not null group by 1 order by count(*) desc, 1 limit 1
  )) as own_host
)
select coalesce(referer_class, 'none') as source, count(*) as views, round(100.0 * count(*) / sum(count(*)) over (), 2) as percent,
  count(distinct visitor(client_addr, remote_addr, user_agent)) as visitors
from logs, own
where is_of(bot, $who) and is_view(path, asset_class, status)
  and referer_class is distinct from 'internal' and referer_host is distinct from own_host
group by 1
order by views desc, source
