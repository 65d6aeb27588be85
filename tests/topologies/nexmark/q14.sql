-- Middle prices; 8 to 18 o'clock is day, up to 6 and from 20 is night.
WITH hours AS (SELECT *, dateTime / 3600000 % 24 AS hour FROM bid)
SELECT '' AS key,
       json_object('auction', auction, 'bidder', bidder,
                   'price', json(printf('%d.%03d', price * 908 / 1000, price * 908 % 1000)),
                   'bidTimeType', CASE WHEN hour BETWEEN 8 AND 18 THEN 'dayTime'
                                       WHEN hour <= 6 OR hour >= 20 THEN 'nightTime'
                                       ELSE 'otherTime' END,
                   'dateTime', dateTime, 'extra', extra,
                   'c_counts', length(extra) - length(replace(extra, 'c', '')))
FROM hours
WHERE price * 908 > 1000000000 AND price * 908 < 50000000000
