-- The ten highest prices of each auction; of equal ones the earlier first, then the one that arrived first.
WITH ordered AS (
  SELECT *, row_number() OVER (PARTITION BY auction ORDER BY price DESC, dateTime, arrival) AS rank FROM bid)
SELECT json_object('auction', auction, 'rank', rank) AS key,
       json_object('auction', auction, 'bidder', bidder, 'price', price, 'channel', channel, 'url', url,
                   'dateTime', dateTime, 'extra', extra, 'rank', rank)
FROM ordered
WHERE rank <= 10
