-- title: Countries (people)
-- theme: places
-- answers: Where visitors are: visitors, requests and bytes of each country.
-- param: limit int = 20: rows at most
-- param: who people|bots|all = people: whose requests count
-- needs: country
-- uses: remote_addr, client_addr, user_agent, bytes, bot
-- chart: map country visitors
-- example: weblog query countries --param limit=10 logs/
select country, count(distinct visitor(client_addr, remote_addr, user_agent)) as visitors, count(*) as requests,
  round(100.0 * count(*) / sum(count(*)) over (), 2) as percent, sum(bytes)::bigint as bytes
from logs
where is_of(bot, $who)
group by 1
order by visitors desc, requests desc, 1
limit $limit
