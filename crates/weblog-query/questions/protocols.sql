-- title: Protocols of requests (everybody)
-- theme: traffic
-- answers: How many requests came by HTTP/1.0, 1.1, 2 and 3, from how many addresses.
-- param: who people|bots|all = all: whose requests count
-- needs: protocol
-- uses: client_addr, remote_addr, bot
-- chart: bars protocol requests
-- example: weblog query protocols logs/
select protocol, count(*) as requests, round(100.0 * count(*) / sum(count(*)) over (), 2) as percent,
  count(distinct coalesce(client_addr, remote_addr)) as addresses
from logs
where is_of(bot, $who)
group by protocol
order by requests desc, protocol
