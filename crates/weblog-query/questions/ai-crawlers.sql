-- title: AI crawlers by bytes
-- theme: bots
-- answers: Which crawlers and agents of AI companies come: for training, for search and for a user;
--   how much they take, and whether they read robots.txt.
-- param: limit int = 20: rows at most
-- needs: bot, bot_class
-- uses: bytes, path, remote_addr, time, status
-- chart: bars bot bytes
-- example: weblog query ai-crawlers logs/
select bot, bot_class as class, sum(bytes)::bigint as bytes,
  round(100.0 * sum(bytes) / nullif((select sum(bytes) from logs), 0), 2) as percent_of_all, count(*) as requests,
  count(distinct path) as paths, count(distinct remote_addr) as addresses,
  count(*) filter (path = '/robots.txt') as robots_txt, count(*) filter (status >= 400) as errors, max(time) as last
from logs
where starts_with(bot_class, 'ai-')
group by bot, bot_class
order by bytes desc nulls last, requests desc, bot
limit $limit
