"""The page's font without ligatures that lose letters: each letter has a glyph of its own.

Readers of PDF give the letters of a right-to-left ligature back in the wrong order, and WeasyPrint
leaves out what has no glyph: «دلار» could not be searched for, nor «می‌گوید» be copied. Here the
lam of lam-alef carries the whole drawing, the alef after it is blank, and the half-space is a
blank glyph; so is the hamza on a he. Nothing looks different.
"""

from typing import Any

import fontTools.merge  # noqa: F401 (lookups learn from it how to be numbered anew)
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.pens.ttGlyphPen import TTGlyphPen

_LAM = ("uniFEDF", "uniFEE0")
"""Initial and medial, as the font names them; all other ligatures are left out."""
_WITH_HAMZA = (("uni0647", "uni0654", "uni06C0"), ("uniFEEA", "uni0654", "uniFBA5"))
"""He and the hamza of «خانهٔ»: above the line it would be read as a line of its own."""
_BLANK = 200
"""Width of the blank letter after a lam; the lam is narrower by as much (thousandths of an em)."""
_HALF_SPACE = 0x200C


def keep_letters_apart(font: Any) -> None:
    """Changes the font so that its required ligatures are drawn by a glyph for each letter."""
    kept = font["GSUB"]
    lookups, records = kept.table.LookupList.Lookup, kept.table.FeatureList.FeatureRecord
    required = [record.Feature for record in records if record.FeatureTag == "rlig"]
    joined = [
        (lam, ligature.Component[0], ligature.LigGlyph)
        for index in sorted({i for feature in required for i in feature.LookupListIndex})
        for subtable in lookups[index].SubTable
        for lam in _LAM
        for ligature in getattr(subtable, "ExtSubTable", subtable).ligatures.get(lam, ())
        if len(ligature.Component) == 1
    ]
    addOpenTypeFeaturesFromString(font, _rules(font, [*joined, *_WITH_HAMZA]), tables=["GSUB"])
    made, font["GSUB"] = font["GSUB"].table, kept
    # The new rules come after the font's own, and take the place of its required ligatures.
    numbers = range(len(lookups), len(lookups) + len(made.LookupList.Lookup))
    made.LookupList.mapLookups(numbers)
    made.FeatureList.mapLookups(numbers)
    lookups += made.LookupList.Lookup
    kept.table.LookupList.LookupCount = len(lookups)
    for feature in required:
        feature.LookupListIndex = made.FeatureList.FeatureRecord[0].Feature.LookupListIndex
        feature.LookupCount = len(feature.LookupListIndex)


def _rules(font: Any, joined: list[tuple[str, str, str]]) -> str:
    """The substitutions in the language of font makers; their glyphs are added to the font."""
    drawings = [_add_glyph(font, f"{ligature}.lam", ligature) for *_, ligature in joined]
    letters = sorted({letter for _, letter, _ in joined})
    blanks = [_add_glyph(font, f"{letter}.blank", width=_BLANK) for letter in letters]
    half_space, drawn = _add_glyph(font, "halfspace"), _add_glyph(font, "halfspace.kept")
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[_HALF_SPACE] = half_space
    font.getReverseGlyphMap(rebuild=True)
    lams = [f"sub {lam}' {letter} by {ligature}.lam;" for lam, letter, ligature in joined]
    whole = [f"sub {lam} {letter} by {ligature};" for lam, letter, ligature in joined]
    # With a mark between the letters (ملّا) only the ligature knows where the mark goes.
    return f"""feature rlig {{
        lookup lams {{ {" ".join(lams)} }} lams;
        lookup afters {{ sub [{" ".join(drawings)}] [{" ".join(letters)}]' by
            [{" ".join(blanks)}]; }} afters;
        lookup halfspace {{ sub {half_space} by {drawn}; }} halfspace;
        lookup marked {{ lookupflag RightToLeft IgnoreMarks; {" ".join(whole)} }} marked;
    }} rlig;"""


def _add_glyph(font: Any, name: str, drawing: str = "", width: int = 0) -> str:
    """A blank glyph, or one that draws another from `_BLANK` further to the left."""
    pen = TTGlyphPen(font.getGlyphSet())
    if drawing:
        pen.addComponent(drawing, (1, 0, 0, 1, -_BLANK, 0))
        width = font["hmtx"][drawing][0] - _BLANK
    font["glyf"][name] = pen.glyph()
    left = font["hmtx"][drawing][1] - _BLANK if drawing else 0
    font["hmtx"][name] = (width, left)
    font["GDEF"].table.GlyphClassDef.classDefs[name] = 1
    return name
