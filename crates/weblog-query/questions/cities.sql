-- title: Cities (people)
-- theme: places
-- answers: Where visitors are, by city.
-- param: limit int = 20: rows at most
-- param: who people|bots|all = people: whose requests count
-- needs: country, city
-- uses: region, remote_addr, client_addr, user_agent, bytes, bot
-- chart: bars city visitors
-- example: weblog query cities --param limit=10 logs/
select country, region, city, count(distinct visitor(client_addr, remote_addr, user_agent)) as visitors, count(*) as requests,
  round(100.0 * count(*) / sum(count(*)) over (), 2) as percent, sum(bytes)::bigint as bytes
from logs
where is_of(bot, $who)
group by 1, 2, 3
order by visitors desc, requests desc, 1, 2, 3
limit $limit
