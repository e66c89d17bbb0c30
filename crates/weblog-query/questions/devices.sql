-- title: Kinds of devices (people)
-- theme: software
-- answers: Desktop, mobile, tablet or tv.
-- param: limit int = 20: rows at most
-- param: who people|bots|all = people: whose requests count
-- needs: device
-- uses: remote_addr, client_addr, user_agent, bot
-- chart: bars device visitors
-- example: weblog query devices logs/
select device, count(distinct visitor(client_addr, remote_addr, user_agent)) as visitors, count(*) as requests,
  round(100.0 * count(*) / sum(count(*)) over (), 2) as percent
from logs
where is_of(bot, $who)
group by 1
order by visitors desc, requests desc, 1
limit $limit
