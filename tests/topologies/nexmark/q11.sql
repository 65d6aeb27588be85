-- A session begins where the bidder was silent for more than ten seconds before.
WITH gaps AS (
       SELECT bidder, dateTime,
              dateTime - lag(dateTime) OVER (PARTITION BY bidder ORDER BY dateTime) > 10000 AS begins
       FROM bid),
     numbered AS (
       SELECT bidder, dateTime,
              sum(coalesce(begins, 1)) OVER (PARTITION BY bidder ORDER BY dateTime) AS session
       FROM gaps)
SELECT '' AS key,
       json_object('bidder', bidder, 'bid_count', count(*), 'window_start', min(dateTime),
                   'window_end', max(dateTime) + 10000)
FROM numbered
GROUP BY bidder, session
