-- title: Requests, addresses, bytes and errors over time (everybody)
-- theme: traffic
-- answers: The course of the traffic: requests, distinct addresses, bytes sent, requests that
--   failed by the client's fault (4xx) and by the server's (5xx).
-- param: every minute|hour|day|week|month = day: how long a row lasts
-- param: who people|bots|all = all: whose requests count
-- needs: time, status
-- uses: bot, bytes, client_addr, remote_addr
-- chart: time time requests
-- example: weblog query traffic --param every=hour logs/
select date_trunc($every, time) as time, count(*) as requests,
  count(distinct coalesce(client_addr, remote_addr)) as addresses, sum(bytes)::bigint as bytes,
  count(*) filter (status between 400 and 499) as client_errors,
  count(*) filter (status >= 500) as server_errors
from logs
where is_of(bot, $who)
group by 1
order by 1
