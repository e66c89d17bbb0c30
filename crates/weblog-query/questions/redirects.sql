-- title: Redirects (everybody)
-- theme: errors
-- answers: Which paths are answered with a redirect, with which status, and how often: links to be
--   put right.
-- param: limit int = 20: rows at most
-- param: who people|bots|all = all: whose requests count
-- needs: path, status
-- uses: client_addr, remote_addr, referer_host, bot
-- chart: bars path requests
-- example: weblog query redirects logs/
select path, status, count(*) as requests, count(distinct coalesce(client_addr, remote_addr)) as addresses,
  min(referer_host) as a_referer_host
from logs
where is_of(bot, $who) and status in (301, 302, 303, 307, 308)
group by path, status
order by requests desc, path, status
limit $limit
