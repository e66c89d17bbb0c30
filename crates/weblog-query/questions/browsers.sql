-- title: Browsers (people)
-- theme: software
-- answers: Which browsers visitors use.
-- param: versions bool = false: whether versions count apart
-- param: limit int = 20: rows at most
-- param: who people|bots|all = people: whose requests count
-- needs: browser, browser_version
-- uses: remote_addr, client_addr, user_agent, bot
-- chart: bars browser visitors
-- example: weblog query browsers logs/
select browser as browser, if($versions, split_part(browser_version, '.', 1), null) as version,
  count(distinct visitor(client_addr, remote_addr, user_agent)) as visitors, count(*) as requests,
  round(100.0 * count(*) / sum(count(*)) over (), 2) as percent
from logs
where is_of(bot, $who)
group by 1, 2
order by visitors desc, requests desc, 1, 2
limit $limit
