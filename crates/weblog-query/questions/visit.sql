-- title: What one address did (everybody)
-- theme: visitors
-- answers: The requests of one address in their order, with the time since the one before.
-- param: address text: the address of the client
-- param: limit int = 200: rows at most
-- needs: time, remote_addr, path
-- uses: client_addr, method, status, bytes, referer, browser, bot
-- example: weblog query visit --param address=192.0.2.7 logs/
select time, epoch_us(time - lag(time) over (order by time, path, status, bytes)) as since_us, method, path, status, bytes,
  referer, coalesce(bot, browser) as software
from logs
where coalesce(client_addr, remote_addr) = $address
order by time, path, status, bytes
limit $limit
