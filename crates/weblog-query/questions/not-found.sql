-- title: What was not found, and what may be meant (people)
-- theme: errors
-- answers: Paths that are answered with 404 or 410, and the page that exists whose path is most
--   like it: candidates for a redirect.
-- param: limit int = 20: rows at most
-- param: alike number = 0.85: how like a suggestion has to be, from 0 to 1
-- param: pages int = 5000: how many pages are candidates, the most viewed
-- param: who people|bots|all = people: whose requests count
-- needs: path, status
-- uses: bot
-- chart: bars path requests
-- example: weblog query not-found --param alike=0.9 logs/
with missing as (
  select path, count(*) as requests
  from logs
  where is_of(bot, $who) and status in (404, 410)
  group by path
  order by requests desc, path
  limit $limit
),
pages as (
  select path as page, count(*) as views
  from logs
  where (status between 200 and 299 or status = 304) 
  group by path
  order by views desc, page
  limit $pages
),
pairs as (
  select path, page, views, jaro_winkler_similarity(lower(path), lower(page)) as alike
  from missing join pages on jaro_winkler_similarity(lower(path), lower(page)) >= $alike
)
select missing.path, requests, arg_max(page, (alike, views, page)) as suggestion, round(max(alike), 3) as alike
from missing left join pairs using (path)
group by missing.path, requests
order by requests desc, missing.path
