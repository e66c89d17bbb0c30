-- title: The busiest moments (everybody)
-- theme: traffic
-- answers: The seconds, minutes or hours with the most requests, how many addresses they came from,
--   and which address sent the most.
-- param: every second|minute|hour = minute: how long a moment lasts
-- param: limit int = 20: rows at most
-- param: who people|bots|all = all: whose requests count
-- needs: time, remote_addr
-- uses: client_addr, bot
-- chart: bars time requests
-- example: weblog query peaks --param every=second logs/
with moments as (
  select date_trunc($every, time) as time, count(*) as requests
  from logs
  where is_of(bot, $who) and time is not null
  group by 1
  order by requests desc, time
  limit $limit
),
senders as (
  select moments.time, moments.requests, coalesce(client_addr, remote_addr) as address, count(*) as sent
  from logs join moments on date_trunc($every, logs.time) = moments.time
  where is_of(bot, $who)
  group by all
)
select time, requests, round(requests / epoch(('1 ' || $every)::interval), 2) as per_second,
  count(*) as addresses, arg_max(address, (sent, address)) as busiest_address, max(sent) as sent_by_it
from senders
group by time, requests
order by requests desc, time
