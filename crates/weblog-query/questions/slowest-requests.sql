-- title: The slowest requests (everybody)
-- theme: speed
-- answers: Single requests that took longest.
-- param: limit int = 20: rows at most
-- param: who people|bots|all = all: whose requests count
-- needs: time, path, duration_us
-- uses: method, status, bytes, remote_addr, client_addr, upstream_time_us, upstream_addr, cache_status, bot
-- example: weblog query slowest-requests --param limit=5 logs/
select time, duration_us, upstream_time_us, method, path, status, bytes, coalesce(client_addr, remote_addr) as address,
  upstream_addr, cache_status
from logs
where is_of(bot, $who) and duration_us is not null
order by duration_us desc, time, path, address
limit $limit
