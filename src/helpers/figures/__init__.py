"""A tidy table in, a chart out: readable without colour, without hovering, in either direction.

`forms` holds the kinds of charts (lines, bars, shares, matrix); the other modules the charts of
the notebooks, one module a subject.
"""

from helpers.figures.briefing import *
from helpers.figures.comparison import *
from helpers.figures.forms import *
from helpers.figures.imports import *
from helpers.figures.markets import *
from helpers.figures.published import *
