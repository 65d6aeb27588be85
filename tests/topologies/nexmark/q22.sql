-- Fields 3, 4 and 5 of the url between slashes: SQLite splits where the text is made a list of JSON.
WITH parts AS (SELECT *, '["' || replace(url, '/', '","') || '"]' AS list FROM bid)
SELECT '' AS key,
       json_object('auction', auction, 'bidder', bidder, 'price', price, 'channel', channel,
                   'dir1', list ->> 3, 'dir2', list ->> 4, 'dir3', list ->> 5)
FROM parts
