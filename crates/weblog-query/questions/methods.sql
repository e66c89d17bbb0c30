-- title: Request methods (everybody)
-- theme: traffic
-- answers: Which methods are used, and how often they fail.
-- param: who people|bots|all = all: whose requests count
-- needs: method
-- uses: status, bytes, bot
-- chart: bars method requests
-- example: weblog query methods logs/
select method, count(*) as requests, round(100.0 * count(*) / sum(count(*)) over (), 2) as percent,
  count(*) filter (status between 400 and 499) as client_errors, count(*) filter (status >= 500) as server_errors,
  sum(bytes)::bigint as bytes
from logs
where is_of(bot, $who)
group by method
order by requests desc, method
