-- title: Bots that are not who they say
-- theme: bots
-- answers: Requests under the name of a bot from addresses that are not of its operator.
-- param: limit int = 20: rows at most
-- needs: bot, bot_verified
-- uses: remote_addr, client_addr, as_org, bytes, path
-- chart: bars address requests
-- example: weblog query fake-bots logs/
select bot, coalesce(client_addr, remote_addr) as address, max(as_org) as network, count(*) as requests,
  count(distinct path) as paths, sum(bytes)::bigint as bytes
from logs
where bot_verified = 'impostor'
group by 1, 2
order by requests desc, bot, address
limit $limit
