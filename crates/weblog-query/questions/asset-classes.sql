-- title: Kinds of things asked for (everybody)
-- theme: traffic
-- answers: Pages, images, scripts, API calls and the rest: requests and bytes of each.
-- param: who people|bots|all = all: whose requests count
-- needs: asset_class
-- uses: status, bytes, bot
-- chart: bars asset_class requests
-- example: weblog query asset-classes logs/
select asset_class, count(*) as requests, round(100.0 * count(*) / sum(count(*)) over (), 2) as percent,
  sum(bytes)::bigint as bytes, round(100.0 * sum(bytes) / nullif(sum(sum(bytes)) over (), 0), 2) as bytes_percent,
  count(*) filter (status = 304) as not_modified
from logs
where is_of(bot, $who)
group by asset_class
order by requests desc, asset_class
