select count(*) as n from logs where status >= $least
