-- title: Versions and ciphers of TLS (everybody)
-- theme: traffic
-- answers: What connections are encrypted with, and by how many addresses: who would be lost
--   without an old version.
-- param: limit int = 20: rows at most
-- param: who people|bots|all = all: whose requests count
-- needs: tls_protocol
-- uses: tls_cipher, client_addr, remote_addr, bot
-- chart: bars tls_protocol requests
-- example: weblog query tls --param who=people logs/
select tls_protocol, tls_cipher, count(*) as requests, round(100.0 * count(*) / sum(count(*)) over (), 2) as percent,
  count(distinct coalesce(client_addr, remote_addr)) as addresses
from logs
where is_of(bot, $who)
group by tls_protocol, tls_cipher
order by requests desc, tls_protocol, tls_cipher
limit $limit
