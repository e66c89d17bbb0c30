-- title: Bots by bytes
-- theme: bots
-- answers: Which bots and tools come, what they are for, and what they cost.
-- param: limit int = 20: rows at most
-- param: class text?: only of this class, as search or ai-training
-- needs: bot
-- uses: bot_class, bytes, status, remote_addr, time
-- chart: bars bot bytes
-- example: weblog query bots --param class=search logs/
select bot, max(bot_class) as class, sum(bytes)::bigint as bytes, count(*) as requests,
  count(distinct remote_addr) as addresses, count(*) filter (status >= 400) as errors, max(time) as last
from logs
where bot is not null and ($class is null or bot_class = $class)
group by bot
order by bytes desc nulls last, requests desc, bot
limit $limit
