-- title: What changed between two periods (everybody)
-- theme: change
-- answers: Compares a period with an earlier one of the same length, and says what contributed most
--   to the difference: which paths, countries, statuses or others gained and lost. Without times
--   the last 7 days of the log are compared with the 7 days before.
-- param: by path|route|country|status|method|referer_host|asset_class|browser|os|device|bot|bot_class|remote_addr|as_org|vhost|cache_status|upstream_addr = path: what is compared
-- param: measure requests|bytes|errors = requests: what is counted; errors are statuses of 500 and more
-- param: span span = 7d: how long both periods are
-- param: until time?: when the later one ends; without it, with the log
-- param: before time?: when the earlier one ends; without it, where the later one begins
-- param: limit int = 20: rows at most
-- param: who people|bots|all = all: whose requests count
-- needs: time, $by
-- uses: bytes, status, bot, path, route, country, method, referer_host, asset_class, browser, os, device, bot_class, remote_addr, as_org, vhost, cache_status, upstream_addr
-- chart: bars what change
-- example: weblog query changes --param by=status --param span=1d logs/
with last as (select coalesce($until, max(time) + interval '1 microsecond') as until from logs),
periods as (select until, until - $span as since, coalesce($before, until - $span) as before from last),
counted as (
  select case $by when 'path' then path when 'route' then route when 'country' then country when 'status'
      then status::varchar when 'method' then method when 'referer_host' then referer_host when
      'asset_class' then asset_class when 'browser' then browser when 'os' then os when 'device'
      then device when 'bot' then bot when 'bot_class' then bot_class when 'remote_addr' then
      remote_addr when 'as_org' then as_org when 'vhost' then vhost when 'cache_status' then
      cache_status when 'upstream_addr' then upstream_addr end as what,
    case $measure when 'bytes' then bytes when 'errors' then (status >= 500)::bigint else 1 end as amount,
    time >= since and time < until as is_later, time >= before - $span and time < before as is_earlier
  from logs, periods
  where is_of(bot, $who)
),
sums as (
  select what, coalesce(sum(amount) filter (is_earlier), 0)::bigint as earlier,
    coalesce(sum(amount) filter (is_later), 0)::bigint as later
  from counted
  where is_earlier or is_later
  group by what
)
select what, earlier, later, later - earlier as change,
  round(100.0 * (later - earlier) / nullif(earlier, 0), 1) as change_percent,
  round(100.0 * abs(later - earlier) / nullif(sum(abs(later - earlier)) over (), 0), 1) as contribution_percent
from sums
where earlier <> later
order by abs(later - earlier) desc, what
limit $limit
