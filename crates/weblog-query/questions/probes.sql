-- title: What is looked for
-- theme: security
-- answers: What scanners ask for, by kind and path: how often, from how many addresses, and whether
--   something was found.
-- param: limit int = 20: rows at most
-- needs: path, probe
-- uses: client_addr, remote_addr, status
-- chart: bars path requests
-- example: weblog query probes logs/
select probe, path, count(*) as requests, count(distinct coalesce(client_addr, remote_addr)) as addresses,
  count(*) filter (status between 200 and 299) as found
from logs
where probe is not null
group by probe, path
order by requests desc, probe, path
limit $limit
