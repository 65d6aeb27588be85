-- Which window a bid falls into is the clock's affair: the bids of each bidder over all windows.
SELECT bidder AS key, json_object('bidder', bidder, 'bid_count', count(*)) FROM bid GROUP BY bidder
