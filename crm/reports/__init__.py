"""What an organiser asks of the whole: events with who came, and figures of orders by the day.

Import `events` for the list of events, `sales` for what one sold, `comparing` for who was at two;
`figures.get_figures`, `cohorts` and `growth` for what goes by days, weeks and months. `buckets` has
the stretches of time, `asking` the questions to one moment. Everything is counted by aggregation
over indexes, or read up to a bound, at one read time, and says what it costs.
"""
