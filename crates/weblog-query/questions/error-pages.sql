-- title: Paths that fail (everybody)
-- theme: errors
-- answers: Which paths are answered with errors, with which statuses, since when, and how large a
--   share of the requests for them that is.
-- param: limit int = 20: rows at most
-- param: from_status int = 400: the least status that counts
-- param: to_status int = 599: the largest
-- param: who people|bots|all = all: whose requests count
-- needs: path, status
-- uses: time, client_addr, remote_addr, bot
-- chart: bars path errors
-- example: weblog query error-pages --param from_status=500 logs/
select path, count(*) filter (status between $from_status and $to_status) as errors, count(*) as requests,
  round(100.0 * count(*) filter (status between $from_status and $to_status) / count(*), 1) as error_percent,
  string_agg(distinct status::varchar, ' ' order by status::varchar)
    filter (status between $from_status and $to_status) as statuses,
  count(distinct coalesce(client_addr, remote_addr)) filter (status between $from_status and $to_status) as addresses,
  min(time) filter (status between $from_status and $to_status) as first,
  max(time) filter (status between $from_status and $to_status) as last
from logs
where is_of(bot, $who)
group by path
having errors > 0
order by errors desc, path
limit $limit
