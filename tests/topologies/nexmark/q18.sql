-- The last bid by event time, and of several of one time the one that arrived last.
WITH ordered AS (
  SELECT *, row_number() OVER (PARTITION BY bidder, auction ORDER BY dateTime DESC, arrival DESC) AS place FROM bid)
SELECT json_object('bidder', bidder, 'auction', auction) AS key,
       json_object('auction', auction, 'bidder', bidder, 'price', price, 'channel', channel, 'url', url,
                   'dateTime', dateTime, 'extra', extra)
FROM ordered
WHERE place = 1
