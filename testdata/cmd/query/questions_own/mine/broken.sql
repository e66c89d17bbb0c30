-- title: Broken
-- parm: x int: y
select 1
