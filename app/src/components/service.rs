//! Services and amounts as people name them.

use domain::quantity::{Commodity, Decimal, Unit};
use locales::{Lang, common, format};

use super::Glyph;

/// A service's name.
#[must_use]
pub fn service_name(lang: Lang, service: Commodity) -> &'static str {
    match service {
        Commodity::Electricity => common::service_electricity(lang),
        Commodity::Gas => common::service_gas(lang),
        Commodity::Water => common::service_water(lang),
    }
}

/// A service's icon.
#[must_use]
pub const fn service_glyph(service: Commodity) -> Glyph {
    match service {
        Commodity::Electricity => Glyph::Electricity,
        Commodity::Gas => Glyph::Gas,
        Commodity::Water => Glyph::Water,
    }
}

/// An amount with its unit, to the precision that says something.
#[must_use]
pub fn amount_text(lang: Lang, amount: i64, exponent: i8, unit: Unit) -> String {
    let value = Decimal::new(amount, exponent);
    let places = match value.round_to(0).unsigned_abs() {
        0..10 => 3,
        10..1_000 => 1,
        _ => 0,
    };
    [format::number(lang, value, places), locales::bill::unit_word(unit).to_owned()].join(" ")
}
