-- title: Pots of tea (everybody)
-- theme: kitchen
-- answers: How many requests were answered with one status.
-- param: status int = 418: the status
-- needs: status
-- uses: vhost
select status, vhost, count(*) as requests from logs where status = $status group by all
