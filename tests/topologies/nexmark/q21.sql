-- Known channels have fixed ids; of the others the id stands in the url behind an ampersand.
WITH split AS (
       SELECT *, CASE WHEN instr(url, '&channel_id=') > 0
                      THEN substr(url, instr(url, '&channel_id=') + length('&channel_id=')) || '&' END AS rest
       FROM bid),
     ids AS (
       SELECT *, CASE lower(channel) WHEN 'apple' THEN '0' WHEN 'google' THEN '1' WHEN 'facebook' THEN '2'
                                     WHEN 'baidu' THEN '3' ELSE substr(rest, 1, instr(rest, '&') - 1) END AS channel_id
       FROM split)
SELECT '' AS key,
       json_object('auction', auction, 'bidder', bidder, 'price', price, 'channel', channel, 'channel_id', channel_id)
FROM ids
WHERE channel_id IS NOT NULL
