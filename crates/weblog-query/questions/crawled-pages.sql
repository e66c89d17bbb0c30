-- title: What bots read most
-- theme: bots
-- answers: Which paths bots ask for most, how many different bots, and when last.
-- param: limit int = 20: rows at most
-- param: bot text?: only this bot
-- param: class text?: only bots of this class
-- needs: path, bot
-- uses: bot_class, bytes, time, status
-- chart: bars path requests
-- example: weblog query crawled-pages --param bot=Googlebot logs/
select path, count(*) as requests, count(distinct bot) as bots, sum(bytes)::bigint as bytes, max(time) as last,
  arg_max(status, (time, status)) as last_status
from logs
where bot is not null and ($bot is null or bot = $bot) and ($class is null or bot_class = $class)
group by path
order by requests desc, path
limit $limit
