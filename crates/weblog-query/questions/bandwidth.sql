-- title: Bytes sent over time, and the share of bots (everybody)
-- theme: traffic
-- answers: How much was sent, how much of it to bots, and how many bits a second that is on
--   average. Bodies of responses count, as the log has them.
-- param: every minute|hour|day|week|month = day: how long a row lasts
-- param: who people|bots|all = all: whose requests count
-- needs: time, bytes
-- uses: bot
-- chart: time time bytes
-- example: weblog query bandwidth logs/
select date_trunc($every, time) as time, sum(bytes)::bigint as bytes,
  coalesce(sum(bytes) filter (bot is not null), 0)::bigint as bot_bytes,
  round(100.0 * coalesce(sum(bytes) filter (bot is not null), 0) / nullif(sum(bytes), 0), 1) as bot_percent,
  round(8.0 * sum(bytes) / epoch(date_trunc($every, time) + (('1 ' || $every)::interval) - date_trunc($every, time)), 1)
    as bits_per_second
from logs
where is_of(bot, $who)
group by date_trunc($every, time)
order by 1
