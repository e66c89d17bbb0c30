-- title: Pages by visitors (people)
-- theme: pages
-- answers: Which pages most visitors have seen: reloading one does not make it larger.
-- param: limit int = 20: rows at most
-- param: under text = /: only paths that begin with this
-- param: who people|bots|all = people: whose requests count
-- needs: path, remote_addr
-- uses: client_addr, user_agent, asset_class, status, bot
-- chart: bars page visitors
-- example: weblog query page-visitors logs/
select path as page, count(distinct visitor(client_addr, remote_addr, user_agent)) as visitors, count(*) as views
from logs
where is_of(bot, $who) and is_view(path, asset_class, status) and starts_with(path, $under)
group by path
order by visitors desc, views desc, page
limit $limit
