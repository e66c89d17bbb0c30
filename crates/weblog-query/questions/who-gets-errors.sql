-- title: Who gets errors, by status and address (everybody)
-- theme: errors
-- answers: Which address gets which error how often, on how many paths, and as what software.
-- param: limit int = 20: rows at most
-- param: from_status int = 400: the least status that counts
-- param: to_status int = 599: the largest
-- param: who people|bots|all = all: whose requests count
-- needs: status, remote_addr
-- uses: client_addr, path, time, country, browser, bot
-- chart: bars address errors
-- example: weblog query who-gets-errors --param from_status=500 logs/
select status, coalesce(client_addr, remote_addr) as address, count(*) as errors, count(distinct path) as paths,
  min(path) as a_path, max(country) as country, max(coalesce(bot, browser)) as software, max(time) as last
from logs
where is_of(bot, $who) and status between $from_status and $to_status
group by 1, 2
order by errors desc, status, address
limit $limit
