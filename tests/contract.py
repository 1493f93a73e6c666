"""The pandera model of contract 1, to which tests hold what is cleaned and what they make up."""

from functools import cache

import pandera.pandas as pa

from helpers.schema import FLOWS, GRAINS, PROVINCE_BASES, PROVINCES, UNALLOCATED


@cache
def declarations_model() -> pa.DataFrameSchema:
    """The pandera model of `declarations`: types, vocabularies and what may be missing."""

    def text(*checks: pa.Check, nullable: bool = False) -> pa.Column:
        return pa.Column("string", list(checks), nullable=nullable, coerce=True)

    amount = pa.Column("float64", nullable=True, coerce=True)
    month = pa.Column("int8", pa.Check.in_range(1, 12), coerce=True)

    def digits(low: int, high: int) -> pa.Check:
        return pa.Check.str_matches(rf"^[0-9]{{{low},{high}}}$")

    return pa.DataFrameSchema(
        {
            "flow": text(pa.Check.isin(FLOWS)),
            "year_sh": pa.Column("int16", pa.Check.in_range(1300, 1500), coerce=True),
            "month_first_sh": month,
            "month_last_sh": month,
            "province": text(pa.Check.isin((*PROVINCES, UNALLOCATED))),
            "province_basis": text(pa.Check.isin(PROVINCE_BASES)),
            "customs_office": text(nullable=True),
            "partner_iso3": text(pa.Check.str_matches(r"^[A-Z]{3}$")),
            "hs_code": text(digits(2, 8), nullable=True),
            "hs2_code": text(digits(2, 2), nullable=True),
            "hs4_code": text(digits(4, 4), nullable=True),
            "hs6_code": text(digits(6, 6), nullable=True),
            "goods": text(nullable=True),
            "net_mass_kg": amount,
            "value_usd": amount,
            "value_irr": amount,
            "flags": text(),
            "grain": text(pa.Check.isin(GRAINS)),
            "is_synthetic": pa.Column("bool"),
            "source_file": text(),
            "source_row": pa.Column("int64", pa.Check.ge(1), coerce=True),
        },
        checks=pa.Check(
            lambda rows: rows["month_first_sh"] <= rows["month_last_sh"],
            error="month_first_sh is after month_last_sh",
        ),
        strict=True,
        ordered=True,
    )
