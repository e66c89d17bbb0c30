-- title: Files that other sites embed (everybody)
-- theme: sources
-- answers: Images, media, fonts, scripts and downloads that were asked for from pages of other
--   hosts: their readers, your bandwidth. Search engines and the like are left out.
-- param: limit int = 20: rows at most
-- param: site text?: the site's own host; without it, the host that most requests refer to
-- param: who people|bots|all = all: whose requests count
-- needs: path, referer_host, asset_class
-- uses: referer_class, bytes, status, bot
-- chart: bars path bytes
-- example: weblog query hotlinks --param site=shop.example logs/
with own as (
  select coalesce($site, (
    select referer_host from logs where referer_host is not null group by 1 order by count(*) desc, 1 limit 1
  )) as own_host
)
select path, referer_host, count(*) as requests, sum(bytes)::bigint as bytes
from logs, own
where is_of(bot, $who) and asset_class in ('image', 'media', 'font', 'script', 'style', 'download')
  and referer_host is not null and referer_host is distinct from own_host
  and coalesce(referer_class, 'other') = 'other' and (status < 400 or status is null)
group by path, referer_host
order by bytes desc nulls last, requests desc, path, referer_host
limit $limit
