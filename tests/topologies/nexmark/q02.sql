-- Bids on every 123rd auction.
SELECT '' AS key, json_object('auction', auction, 'price', price) FROM bid WHERE auction % 123 = 0
