-- Statistics per auction and day; the average is an integer.
WITH ranked AS (
  SELECT *, date(dateTime / 1000, 'unixepoch') AS day,
         strftime('%H:%M', dateTime / 1000, 'unixepoch') AS minute,
         CASE WHEN price < 10000 THEN 1 WHEN price < 1000000 THEN 2 ELSE 3 END AS rank
  FROM bid)
SELECT json_object('auction', auction, 'day', day) AS key,
       json_object('auction', auction, 'day', day,
                   'total_bids', count(*),
                   'rank1_bids', count(*) FILTER (WHERE rank = 1),
                   'rank2_bids', count(*) FILTER (WHERE rank = 2),
                   'rank3_bids', count(*) FILTER (WHERE rank = 3),
                   'min_price', min(price), 'max_price', max(price),
                   'avg_price', sum(price) / count(*), 'sum_price', sum(price))
FROM ranked
GROUP BY auction, day
