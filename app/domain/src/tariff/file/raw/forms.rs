//! Values that are written in one of several forms. What fits none of them is said with what would be right.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{RawBaseline, RawPrices, RawSeries, RawStep};
use crate::tariff::Component;

/// The words of the components, as they are written.
const COMPONENTS: [(&str, Component); 8] = [
    ("commodity", Component::Commodity),
    ("distribution", Component::Distribution),
    ("public_benefits", Component::PublicBenefits),
    ("transportation", Component::Transportation),
    ("cap_and_trade", Component::CapAndTrade),
    ("carbon_offset", Component::CarbonOffset),
    ("base", Component::Base),
    ("projects", Component::Projects),
];

const PRICE: &str = "a price in quotes (\"0.30\"), a list by date, or a table by component";
const SERIES: &str = "the price of a component in quotes (\"0.30\"), or a list by date";
const STEP: &str = "a day with a price from then on: { from = \"2026-01-01\", price = \"0.30\" }";
const BASELINE: &str = "a baseline in quotes (\"7.5\"), or a table by climate zone";

/// A number that is not written as a text.
fn unquoted<E: Error>(value: impl fmt::Display) -> E {
    E::custom(format!(
        "{value} is a number without quotes, and it is kept to the last digit only with them: \"{value}\""
    ))
}

/// What is neither text nor list nor table has no form that fits.
macro_rules! no_number {
    () => {
        fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
            Err(unquoted(value))
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
            Err(unquoted(value))
        }

        fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
            Err(unquoted(value))
        }
    };
}

fn component<E: Error>(word: &str) -> Result<Component, E> {
    COMPONENTS.iter().find(|(w, _)| *w == word).map(|(_, c)| *c).ok_or_else(|| {
        let all: Vec<&str> = COMPONENTS.iter().map(|(w, _)| *w).collect();
        let list = if word == "from" || word == "price" { "; a list by date stands in [ ]" } else { "" };
        E::custom(format!("there is no component `{word}` of a price; there are {}{list}", all.join(", ")))
    })
}

struct Prices;

impl<'de> Visitor<'de> for Prices {
    type Value = RawPrices;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PRICE)
    }

    no_number!();

    fn visit_str<E: Error>(self, text: &str) -> Result<RawPrices, E> {
        Ok(RawPrices::One(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, steps: A) -> Result<RawPrices, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(steps)).map(RawPrices::Over)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<RawPrices, A::Error> {
        let mut out = BTreeMap::new();
        while let Some(word) = parts.next_key::<Word>()? {
            let value = parts.next_value()?;
            out.insert(word.component, value);
        }
        Ok(RawPrices::Parts(out))
    }
}

/// The word of a component.
struct Word {
    component: Component,
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let word = String::deserialize(d)?;
        Ok(Self { component: component(&word)? })
    }
}

impl<'de> Deserialize<'de> for RawPrices {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(Prices)
    }
}

struct Series;

impl<'de> Visitor<'de> for Series {
    type Value = RawSeries;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SERIES)
    }

    no_number!();

    fn visit_str<E: Error>(self, text: &str) -> Result<RawSeries, E> {
        Ok(RawSeries::One(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, steps: A) -> Result<RawSeries, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(steps)).map(RawSeries::Over)
    }
}

impl<'de> Deserialize<'de> for RawSeries {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(Series)
    }
}

struct Step;

impl<'de> Visitor<'de> for Step {
    type Value = RawStep;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(STEP)
    }

    no_number!();

    fn visit_map<A: MapAccess<'de>>(self, mut keys: A) -> Result<RawStep, A::Error> {
        let parts = || {
            A::Error::custom(
                "an entry of a list by date has one price; where components change by date each has a list of its own: \
                 { commodity = [{ from = \"2026-01-01\", price = \"0.30\" }] }",
            )
        };
        let (mut from, mut price) = (None, None);
        while let Some(key) = keys.next_key::<String>()? {
            match key.as_str() {
                "from" => from = Some(keys.next_value()?),
                "price" => match keys.next_value()? {
                    RawPrices::One(text) => price = Some(text),
                    _ => return Err(parts()),
                },
                word if COMPONENTS.iter().any(|(w, _)| *w == word) => return Err(parts()),
                word => return Err(A::Error::custom(format!("`{word}` is not known here; it should be {STEP}"))),
            }
        }
        let lacks =
            |key: &str| A::Error::custom(format!("an entry of a list by date has no `{key}`; it should be {STEP}"));
        Ok(RawStep { from: from.ok_or_else(|| lacks("from"))?, price: price.ok_or_else(|| lacks("price"))? })
    }
}

impl<'de> Deserialize<'de> for RawStep {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(Step)
    }
}

struct OfBaseline;

impl<'de> Visitor<'de> for OfBaseline {
    type Value = RawBaseline;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(BASELINE)
    }

    no_number!();

    fn visit_str<E: Error>(self, text: &str) -> Result<RawBaseline, E> {
        Ok(RawBaseline::One(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, zones: A) -> Result<RawBaseline, A::Error> {
        BTreeMap::deserialize(MapAccessDeserializer::new(zones)).map(RawBaseline::ByClimate)
    }
}

impl<'de> Deserialize<'de> for RawBaseline {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(OfBaseline)
    }
}

#[cfg(test)]
mod tests {
    use super::COMPONENTS;
    use crate::tariff::file;

    fn refused(price: &str) -> String {
        let text = format!(
            "[[schedule]]\ncode = \"X\"\nservice = \"electricity\"\n[[schedule.version]]\nfrom = \"2026-01-01\"\nsource = \"s\"\n[[schedule.version.charge]]\nlabel = \"energy\"\nbasis = \"delivered\"\n{price}\n"
        );
        file::read(&text).map(|_| ()).expect_err(&text).to_string()
    }

    #[test]
    fn a_value_of_no_form_is_said_with_what_would_be_right() {
        for (price, words) in [
            ("price = 0.3", "0.3 is a number without quotes"),
            ("price = 3", "3 is a number without quotes"),
            ("price = true", "expected a price in quotes"),
            ("price = { comodity = \"0.3\" }", "no component `comodity` of a price; there are commodity, distribution"),
            ("price = { commodity = 0.3 }", "0.3 is a number without quotes"),
            ("price = { commodity = { base = \"1\" } }", "expected the price of a component in quotes"),
            ("price = { from = \"2026-01-01\", price = \"1\" }", "no component `from` of a price"),
            ("price = [{ from = \"2026-01-01\", price = { commodity = \"0.3\" } }]", "each has a list of its own"),
            ("price = [{ commodity = \"0.3\" }]", "each has a list of its own"),
            ("price = [{ from = \"2026-01-01\", price = 0.3 }]", "0.3 is a number without quotes"),
            ("price = [{ from = \"2026-01-01\" }]", "has no `price`; it should be a day with a price"),
            ("price = [{ since = \"2026-01-01\" }]", "`since` is not known here"),
            ("price = [\"0.3\"]", "expected a day with a price from then on"),
            ("tiers = [{ price = 0.3 }]", "0.3 is a number without quotes"),
            ("price = \"1\"\nbaseline_per_day = 9", "9 is a number without quotes"),
        ] {
            let why = refused(price);
            assert!(why.contains(words) && why.contains("line 1"), "{why}\nlacks {words}");
            assert!(!why.contains("untagged"), "{why}");
        }
    }

    #[test]
    fn the_words_of_components_are_those_of_the_type() {
        for (word, component) in COMPONENTS {
            assert_eq!(serde_json::to_value(component).expect("json"), word);
        }
    }
}
