-- title: Most downloaded files (people)
-- theme: pages
-- answers: Documents, archives and media that were sent: how often, to how many addresses, how many
--   bytes.
-- param: limit int = 20: rows at most
-- param: who people|bots|all = people: whose requests count
-- needs: path, asset_class
-- uses: client_addr, remote_addr, status, bytes, bot
-- chart: bars path downloads
-- example: weblog query downloads logs/
select path, count(*) as downloads, count(distinct coalesce(client_addr, remote_addr)) as addresses,
  sum(bytes)::bigint as bytes
from logs
where is_of(bot, $who) and asset_class in ('download', 'media', 'data')
  and (status between 200 and 299 or status is null)
group by path
order by downloads desc, path
limit $limit
