"""What an organiser asks of the whole: events with who came, and figures of orders by the day.

Import `events` for the list of events, `figures.get_figures` for figures; `buckets` has the
stretches of time that they tell. Everything is counted by aggregation over indexes, at one read
time, and says what it costs.
"""
