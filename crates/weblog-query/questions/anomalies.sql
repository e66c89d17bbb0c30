-- title: Hours unlike the same hour of earlier weeks (everybody)
-- theme: change
-- answers: Hours in which the requests or errors were far from what the same hour of the same
--   weekday had in the weeks before; also hours without any. The score is how many standard
--   deviations it is off.
-- param: measure requests|errors|bytes = requests: what is counted; errors are statuses of 500 and more
-- param: weeks int = 4: earlier weeks that are compared with
-- param: least int = 2: how many of them there have to be
-- param: score number = 3: the least score that is told of
-- param: limit int = 20: rows at most
-- param: who people|bots|all = all: whose requests count
-- needs: time
-- uses: bytes, status, bot
-- chart: bars time score
-- example: weblog query anomalies --param measure=errors logs/
with counts as (
  select date_trunc('hour', time) as hour,
    sum(case $measure when 'bytes' then bytes when 'errors' then (status >= 500)::bigint else 1 end)::double as amount
  from logs
  where is_of(bot, $who) and time is not null
  group by 1
),
hours as (
  select hour, coalesce(amount, 0) as amount
  from (select unnest(generate_series(min(hour), max(hour), interval '1 hour')) as hour from counts)
  left join counts using (hour)
),
compared as (
  select hours.hour, hours.amount, count(*) as weeks, avg(earlier.amount) as expected,
    greatest(coalesce(stddev_samp(earlier.amount), 0), sqrt(avg(earlier.amount)), 1) as spread
  from hours join (select unnest(range(1, $weeks + 1)) as back) on true
  join hours as earlier on earlier.hour = hours.hour - to_days((7 * back)::integer)
  group by all
  having count(*) >= $least
)
select hour as time, amount::bigint as amount, round(expected, 1) as expected,
  round((amount - expected) / spread, 1) as score, weeks
from compared
where abs(amount - expected) / spread >= $score
order by abs(amount - expected) / spread desc, hour
limit $limit
