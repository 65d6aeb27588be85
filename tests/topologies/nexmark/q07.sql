-- The highest price of each ten seconds, joined with the bids of that price up to and with the end.
WITH highest AS (
  SELECT (dateTime / 10000 + 1) * 10000 AS window_end, max(price) AS price FROM bid GROUP BY window_end)
SELECT '' AS key,
       json_object('auction', b.auction, 'price', b.price, 'bidder', b.bidder, 'dateTime', b.dateTime,
                   'extra', b.extra, 'window_end', h.window_end)
FROM bid b JOIN highest h
  ON b.price = h.price AND b.dateTime BETWEEN h.window_end - 10000 AND h.window_end
