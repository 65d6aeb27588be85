-- Counts per auction and hopping window, and of each window those with the largest count.
WITH hop(n) AS (VALUES (0), (1), (2), (3), (4)),
     counts AS (
       SELECT (dateTime / 2000 - n) * 2000 AS window_start, auction, count(*) AS num
       FROM bid, hop
       GROUP BY window_start, auction),
     largest AS (SELECT window_start, max(num) AS num FROM counts GROUP BY window_start)
SELECT '' AS key,
       json_object('auction', auction, 'num', num, 'window_start', window_start,
                   'window_end', window_start + 10000)
FROM counts JOIN largest USING (window_start, num)
