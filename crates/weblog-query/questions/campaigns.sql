-- title: Campaigns (people)
-- theme: sources
-- answers: What utm_source, utm_medium and utm_campaign say: how many views and visitors each
--   brought.
-- param: limit int = 20: rows at most
-- param: who people|bots|all = people: whose requests count
-- needs: campaign_source, campaign_medium, campaign
-- uses: client_addr, remote_addr, user_agent, bot
-- chart: bars campaign visitors
-- example: weblog query campaigns logs/
select campaign_source as source, campaign_medium as medium, campaign, count(*) as requests,
  count(distinct visitor(client_addr, remote_addr, user_agent)) as visitors
from logs
where is_of(bot, $who) and (campaign_source is not null or campaign_medium is not null or campaign is not null)
group by all
order by visitors desc, requests desc, source, medium, campaign
limit $limit
