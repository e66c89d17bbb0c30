-- title: Requests by collection and country (people)
-- theme: pages
-- answers: How much each part of the site is used, and from where. A collection is what the first
--   segments of a path name: /maps of /maps/1790/7.
-- param: depth int = 1: segments that make a collection
-- param: under text = /: only paths that begin with this
-- param: limit int = 20: rows at most
-- param: who people|bots|all = people: whose requests count
-- needs: path, country
-- uses: client_addr, remote_addr, user_agent, bytes, status, bot
-- chart: bars collection requests
-- example: weblog query collections --param depth=2 logs/
select coalesce(nullif(array_to_string(string_split(path, '/')[1:$depth + 1], '/'), ''), '/') as collection, country,
  count(*) as requests, count(distinct visitor(client_addr, remote_addr, user_agent)) as visitors,
  sum(bytes)::bigint as bytes
from logs
where is_of(bot, $who) and (status < 400 or status is null) and starts_with(path, $under)
group by 1, 2
order by requests desc, collection, country nulls last
limit $limit
