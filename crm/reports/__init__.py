"""What an organiser asks of the whole: events with who came, and figures of orders by the day.

Import `events` for the list of events. Everything is counted by aggregation over indexes, at one
read time, and says what it costs.
Everything is counted by aggregation over indexes, at one read time, and says what it costs.
Import `figures.get_figures`; `buckets` has the stretches of time that it tells.
"""
