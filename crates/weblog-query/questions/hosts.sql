-- title: Virtual hosts (everybody)
-- theme: traffic
-- answers: How the requests, bytes and errors divide among virtual hosts.
-- param: limit int = 20: rows at most
-- param: who people|bots|all = all: whose requests count
-- needs: vhost
-- uses: status, bytes, client_addr, remote_addr, bot
-- chart: bars vhost requests
-- example: weblog query hosts logs/
select vhost, count(*) as requests, round(100.0 * count(*) / sum(count(*)) over (), 2) as percent,
  count(distinct coalesce(client_addr, remote_addr)) as addresses, sum(bytes)::bigint as bytes,
  count(*) filter (status >= 500) as server_errors
from logs
where is_of(bot, $who)
group by vhost
order by requests desc, vhost
limit $limit
