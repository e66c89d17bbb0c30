-- title: Most viewed pages (people)
-- theme: pages
-- answers: Which pages are viewed most. Only what was served counts (2xx and 304), and only pages:
--   no images, scripts or API calls.
-- param: limit int = 20: rows at most
-- param: under text = /: only paths that begin with this
-- param: who people|bots|all = people: whose requests count
-- needs: path
-- uses: asset_class, status, bot
-- chart: bars page views
-- example: weblog query top-pages --param under=/blog/ logs/
with pages as (
  select path as page, count(*) as views
  from logs
  where is_of(bot, $who) and is_view(path, asset_class, status) and starts_with(path, $under)
  group by path
)
select page, views, round(100.0 * views / sum(views) over (), 2) as percent
from pages
order by views desc, page
limit $limit
