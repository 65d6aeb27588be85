-- As q15, per channel and day, with the largest minute.
WITH ranked AS (
  SELECT *, date(dateTime / 1000, 'unixepoch') AS day,
         strftime('%H:%M', dateTime / 1000, 'unixepoch') AS minute,
         CASE WHEN price < 10000 THEN 1 WHEN price < 1000000 THEN 2 ELSE 3 END AS rank
  FROM bid)
SELECT json_object('channel', channel, 'day', day) AS key,
       json_object('channel', channel, 'day', day, 'minute', max(minute),
                   'total_bids', count(*),
                   'rank1_bids', count(*) FILTER (WHERE rank = 1),
                   'rank2_bids', count(*) FILTER (WHERE rank = 2),
                   'rank3_bids', count(*) FILTER (WHERE rank = 3),
                   'total_bidders', count(DISTINCT bidder),
                   'rank1_bidders', count(DISTINCT bidder) FILTER (WHERE rank = 1),
                   'rank2_bidders', count(DISTINCT bidder) FILTER (WHERE rank = 2),
                   'rank3_bidders', count(DISTINCT bidder) FILTER (WHERE rank = 3),
                   'total_auctions', count(DISTINCT auction),
                   'rank1_auctions', count(DISTINCT auction) FILTER (WHERE rank = 1),
                   'rank2_auctions', count(DISTINCT auction) FILTER (WHERE rank = 2),
                   'rank3_auctions', count(DISTINCT auction) FILTER (WHERE rank = 3))
FROM ranked
GROUP BY channel, day
