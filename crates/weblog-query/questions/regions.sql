-- title: Regions (people)
-- theme: places
-- answers: Where visitors are, by the first division of their country.
-- param: limit int = 20: rows at most
-- param: who people|bots|all = people: whose requests count
-- needs: country, region
-- uses: remote_addr, client_addr, user_agent, bytes, bot
-- chart: bars region visitors
-- example: weblog query regions --param limit=10 logs/
select country, region, count(distinct visitor(client_addr, remote_addr, user_agent)) as visitors, count(*) as requests,
  round(100.0 * count(*) / sum(count(*)) over (), 2) as percent, sum(bytes)::bigint as bytes
from logs
where is_of(bot, $who)
group by 1, 2
order by visitors desc, requests desc, 1, 2
limit $limit
