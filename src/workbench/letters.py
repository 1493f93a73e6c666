"""The page's font without ligatures that lose letters: each letter has a glyph of its own.

Readers of PDF give the letters of a right-to-left ligature back in the wrong order, and WeasyPrint
leaves out what has no glyph: «دلار» could not be searched for, nor «می‌گوید» be copied. Here the
lam of lam-alef carries the whole drawing, the alef after it is blank, and the half-space is a
blank glyph; so is the hamza on a he. Nothing looks different.
"""

from typing import Any

from fontTools.otlLib.builder import (
    ChainContextSubstBuilder,
    ChainContextualRule,
    LigatureSubstBuilder,
    SingleSubstBuilder,
)
from fontTools.pens.ttGlyphPen import TTGlyphPen

_LAM = ("uniFEDF", "uniFEE0")
"""Initial and medial, as the font names them; all other ligatures are left out."""
_WITH_HAMZA = (("uni0647", "uni0654", "uni06C0"), ("uniFEEA", "uni0654", "uniFBA5"))
"""He and the hamza of «خانهٔ»: above the line it would be read as a line of its own."""
_BLANK = 200
"""Width of the blank letter after a lam; the lam is narrower by as much (thousandths of an em)."""
_HALF_SPACE = 0x200C
_PASSING_OVER_MARKS = 9
"""Lookup flag: right to left, whatever marks stand between the letters."""


def keep_letters_apart(font: Any) -> None:
    """Changes the font so that its required ligatures are drawn by a glyph for each letter."""
    lookups = font["GSUB"].table.LookupList.Lookup
    records = font["GSUB"].table.FeatureList.FeatureRecord
    required = [record.Feature for record in records if record.FeatureTag == "rlig"]
    joined = [
        (lam, ligature.Component[0], ligature.LigGlyph)
        for index in sorted({i for feature in required for i in feature.LookupListIndex})
        for subtable in lookups[index].SubTable
        for lam in _LAM
        for ligature in getattr(subtable, "ExtSubTable", subtable).ligatures.get(lam, ())
        if len(ligature.Component) == 1
    ]
    called, in_order = _builders(font, [*joined, *_WITH_HAMZA])
    for at, builder in enumerate([*called, *in_order], len(lookups)):
        builder.lookup_index = at
    lookups += [builder.build() for builder in [*called, *in_order]]
    font["GSUB"].table.LookupList.LookupCount = len(lookups)
    for feature in required:
        feature.LookupListIndex = [builder.lookup_index for builder in in_order]
        feature.LookupCount = len(in_order)


def _builders(font: Any, joined: list[tuple[str, str, str]]) -> tuple[list[Any], list[Any]]:
    """The substitutions that are called by others, and those that apply, in their order."""
    drawings = {ligature: _add_glyph(font, f"{ligature}.lam", ligature) for *_, ligature in joined}
    followers = sorted({letter for _, letter, _ in joined})
    blanks = {letter: _add_glyph(font, f"{letter}.blank", width=_BLANK) for letter in followers}
    half_spaces = {_half_space(font): _add_glyph(font, "halfspace.kept")}
    font.getReverseGlyphMap(rebuild=True)
    by_letter = {letter: _single(font, {}) for letter in followers}
    for lam, letter, ligature in joined:
        by_letter[letter].mapping[lam] = drawings[ligature]
    blank = _single(font, blanks)
    lams, afters = (ChainContextSubstBuilder(font, None) for _ in range(2))
    lams.rules = [
        ChainContextualRule([], [set(single.mapping)], [{letter}], [[single]])
        for letter, single in by_letter.items()
    ]
    before = [set(drawings.values())]
    afters.rules = [ChainContextualRule(before, [set(blanks)], [], [[blank]])]
    # With a mark between the letters (ملّا) only the ligature knows where the mark goes.
    marked = LigatureSubstBuilder(font, None)
    marked.lookupflag = _PASSING_OVER_MARKS
    marked.ligatures = {(lam, letter): ligature for lam, letter, ligature in joined}
    return [blank, *by_letter.values()], [lams, afters, marked, _single(font, half_spaces)]


def _half_space(font: Any) -> str:
    name = _add_glyph(font, "halfspace")
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[_HALF_SPACE] = name
    return name


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


def _single(font: Any, mapping: dict[str, str]) -> Any:
    builder = SingleSubstBuilder(font, None)
    builder.mapping = mapping
    return builder
