-- 0.908 times the price, with three places; SQLite has no decimals, so in thousandths.
SELECT '' AS key,
       json_object('auction', auction, 'bidder', bidder,
                   'price', json(printf('%d.%03d', price * 908 / 1000, price * 908 % 1000)),
                   'dateTime', dateTime, 'extra', extra)
FROM bid
