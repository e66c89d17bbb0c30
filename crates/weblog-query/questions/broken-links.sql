-- title: Broken links of the site itself (people)
-- theme: errors
-- answers: Pages of the site that link to what is not there: the referer is of the site, the answer
--   404 or 410.
-- param: limit int = 20: rows at most
-- param: site text?: the site's own host; without it, the host that most requests refer to
-- param: who people|bots|all = people: whose requests count
-- needs: path, status, referer, referer_host
-- uses: referer_class, bot
-- chart: bars path requests
-- example: weblog query broken-links --param site=shop.example logs/
with own as (
  select coalesce($site, (
    select referer_host from logs where referer_host is not null group by 1 order by count(*) desc, 1 limit 1
  )) as own_host
)
select path, referer, count(*) as requests
from logs, own
where is_of(bot, $who) and status in (404, 410) and (referer_class = 'internal' or referer_host = own_host)
group by path, referer
order by requests desc, path, referer
limit $limit
