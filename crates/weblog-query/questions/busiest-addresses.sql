-- title: Addresses with the most requests (everybody)
-- theme: traffic
-- answers: Who asks most: requests, bytes, errors, when first and last, and what software says it
--   is.
-- param: limit int = 20: rows at most
-- param: who people|bots|all = all: whose requests count
-- needs: remote_addr
-- uses: time, client_addr, bytes, status, country, as_org, browser, bot
-- chart: bars address requests
-- example: weblog query busiest-addresses --param who=bots logs/
select coalesce(client_addr, remote_addr) as address, count(*) as requests, sum(bytes)::bigint as bytes,
  round(100.0 * count(*) filter (status >= 400) / count(*), 1) as error_percent,
  min(time) as first, max(time) as last, max(country) as country, max(as_org) as network,
  max(coalesce(bot, browser)) as software
from logs
where is_of(bot, $who)
group by 1
order by requests desc, address
limit $limit
