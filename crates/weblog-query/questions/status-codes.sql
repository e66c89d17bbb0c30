-- title: Statuses (everybody)
-- theme: errors
-- answers: Every status that was answered, and how often.
-- param: who people|bots|all = all: whose requests count
-- needs: status
-- uses: bytes, bot
-- chart: bars status requests
-- example: weblog query status-codes logs/
select status, count(*) as requests, round(100.0 * count(*) / sum(count(*)) over (), 2) as percent,
  sum(bytes)::bigint as bytes
from logs
where is_of(bot, $who)
group by status
order by requests desc, status
