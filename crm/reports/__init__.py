"""What an organiser asks of the whole: events with who came, and figures of orders by the day.

Import `events` for the list of events. Everything is counted by aggregation over indexes, at one
read time, and says what it costs.
"""
