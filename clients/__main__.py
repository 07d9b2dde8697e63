"""Write anew what is made of the models of all calls: `python -m clients`."""

from clients import made

made.write()
