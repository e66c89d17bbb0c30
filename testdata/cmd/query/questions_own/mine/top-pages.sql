select path from logs order by time limit 1
