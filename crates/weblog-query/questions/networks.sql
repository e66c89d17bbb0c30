-- title: Networks (people)
-- theme: places
-- answers: Which providers and organisations visitors come through.
-- param: limit int = 20: rows at most
-- param: who people|bots|all = people: whose requests count
-- needs: asn
-- uses: as_org, remote_addr, client_addr, user_agent, bytes, bot
-- chart: bars network visitors
-- example: weblog query networks --param limit=10 logs/
select asn, as_org as network, count(distinct visitor(client_addr, remote_addr, user_agent)) as visitors, count(*) as requests,
  round(100.0 * count(*) / sum(count(*)) over (), 2) as percent, sum(bytes)::bigint as bytes
from logs
where is_of(bot, $who)
group by 1, 2
order by visitors desc, requests desc, 1, 2
limit $limit
