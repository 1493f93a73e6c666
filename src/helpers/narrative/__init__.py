"""Numbers in, sentences out, in Persian and English.

`words` formats; the other modules hold the sentences, one module a subject. In each table of
words the two languages say the same thing. It stands above `figures` and `tables` because both
show numbers.
"""

from helpers.narrative.briefing import *
from helpers.narrative.comparison import *
from helpers.narrative.imports import *
from helpers.narrative.markets import *
from helpers.narrative.published import *
from helpers.narrative.structure import *
from helpers.narrative.words import *
