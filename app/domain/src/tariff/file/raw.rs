//! The form of a tariff file, as it is written.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Spanned;

use crate::quantity::ServiceKind;
use crate::tariff::{Component, Fact, Fill, Label, Per, Program, Rounding, Verified, WindowDays};

mod forms;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub schedule: Vec<Spanned<RawSchedule>>,
    #[serde(default)]
    pub tax: Vec<Spanned<RawTax>>,
    #[serde(default)]
    pub discount: Vec<Spanned<RawDiscount>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSchedule {
    pub code: String,
    pub service: ServiceKind,
    pub choice: Option<String>,
    #[serde(default)]
    pub holidays: Vec<NaiveDate>,
    #[serde(default)]
    pub rounding: Rounding,
    #[serde(default)]
    pub version: Vec<Spanned<RawVersion>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawVersion {
    pub from: NaiveDate,
    pub source: String,
    pub verified: Option<Verified>,
    #[serde(default)]
    pub charge: Vec<Spanned<RawCharge>>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawBasis {
    Month,
    Day,
    MonthBy,
    Delivered,
    Received,
    Demand,
    Minimum,
    MinimumDay,
    Surplus,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWindow {
    #[serde(default)]
    pub days: WindowDays,
    pub hours: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCharge {
    pub label: Label,
    pub basis: RawBasis,
    #[serde(default)]
    pub months: Vec<u32>,
    pub per: Option<Per>,
    pub by: Option<Fact>,
    pub price: Option<RawPrices>,
    pub prices: Option<BTreeMap<String, RawPrices>>,
    pub tiers: Option<Vec<RawTier>>,
    #[serde(default)]
    pub times: Vec<RawWindow>,
    pub period: Option<String>,
    #[serde(default)]
    pub net: bool,
    #[serde(default)]
    pub adder: bool,
    #[serde(default)]
    pub falling: bool,
    #[serde(default)]
    pub seasonal: bool,
    #[serde(default)]
    pub fill: Fill,
    pub minutes: Option<u32>,
    pub baseline_per_day: Option<RawBaseline>,
    pub ratchet: Option<RawRatchet>,
}

pub(super) enum RawBaseline {
    One(String),
    ByClimate(BTreeMap<String, String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRatchet {
    pub percent: String,
    pub of_last: u32,
    #[serde(default)]
    pub months: Vec<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTier {
    pub up_to_per_day: Option<String>,
    pub up_to: Option<String>,
    pub up_to_percent: Option<String>,
    pub price: RawPrices,
}

pub(super) enum RawPrices {
    One(String),
    Over(Vec<RawStep>),
    Parts(BTreeMap<Component, RawSeries>),
}

pub(super) enum RawSeries {
    One(String),
    Over(Vec<RawStep>),
}

pub(super) struct RawStep {
    pub from: NaiveDate,
    pub price: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTax {
    pub from: NaiveDate,
    pub percent: String,
    pub services: Vec<ServiceKind>,
    #[serde(default)]
    pub after_export_credit: bool,
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDiscount {
    pub program: Program,
    pub from: NaiveDate,
    pub percent: BTreeMap<ServiceKind, String>,
    pub source: String,
}
