-- title: Who is refused (everybody)
-- theme: security
-- answers: Addresses that are answered with 401, 403, 407 or 429: wrong passwords, forbidden
--   places, too many requests.
-- param: limit int = 20: rows at most
-- param: who people|bots|all = all: whose requests count
-- needs: remote_addr, status
-- uses: client_addr, remote_user, path, time, country, bot
-- chart: bars address refused
-- example: weblog query denied logs/
select coalesce(client_addr, remote_addr) as address, max(country) as country,
  count(*) filter (status in (401, 403, 407, 429)) as refused, count(*) filter (status = 401) as unauthorized,
  count(*) filter (status = 403) as forbidden, count(*) filter (status = 429) as too_many,
  count(distinct remote_user) as users, min(path) filter (status in (401, 403, 407, 429)) as a_path,
  count(*) filter (status < 400) as served, max(time) as last
from logs
where is_of(bot, $who)
group by 1
having refused > 0
order by refused desc, address
limit $limit
