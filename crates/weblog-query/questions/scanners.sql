-- title: Who looks for holes
-- theme: security
-- answers: Addresses of scanners, and of requests for what scanners look for: how many, what for,
--   and whether something was found (answered with 2xx).
-- param: limit int = 20: rows at most
-- needs: remote_addr, probe
-- uses: client_addr, bot, bot_class, status, path, time, country, as_org
-- chart: bars address requests
-- example: weblog query scanners logs/
select coalesce(client_addr, remote_addr) as address, max(country) as country, max(as_org) as network, max(bot) as bot,
  count(*) as requests, count(distinct path) as paths,
  string_agg(distinct probe, ' ' order by probe) as probes,
  count(*) filter (probe is not null and status between 200 and 299) as found,
  min(path) filter (probe is not null and status between 200 and 299) as a_path_found, min(time) as first, max(time) as last
from logs
where probe is not null or bot_class = 'scanner'
group by 1
order by requests desc, address
limit $limit
