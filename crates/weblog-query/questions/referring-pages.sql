-- title: Pages elsewhere that link here (people)
-- theme: sources
-- answers: The addresses of pages that send visitors, and which page of this site they link to.
-- param: limit int = 20: rows at most
-- param: site text?: the site's own host; without it, the host that most requests refer to
-- param: who people|bots|all = people: whose requests count
-- needs: referer, referer_host, path
-- uses: referer_class, asset_class, status, bot
-- chart: bars referer views
-- example: weblog query referring-pages logs/
with own as (
  select coalesce($site, (
    select referer_host from logs where referer_host is not null group by 1 order by count(*) desc, 1 limit 1
  )) as own_host
)
select referer, path as page, count(*) as views
from logs, own
where is_of(bot, $who) and is_view(path, asset_class, status) and referer_host is not null
  and referer_class is distinct from 'internal' and referer_host is distinct from own_host
group by referer, path
order by views desc, referer, page
limit $limit
