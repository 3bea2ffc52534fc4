//! What the lines of a bill are called, on pages and in files.

use domain::billing::{Line, LineKind};
use domain::tariff::Label;

use crate::{Lang, bills};

/// The line's name: what it is for.
#[must_use]
pub fn name(lang: Lang, line: &Line) -> String {
    let percent = line.percent.unwrap_or_default().to_string();
    let base = line.base.unwrap_or_default();
    match (line.kind, line.label) {
        (LineKind::Tax, _) => bills::tax(lang, base, percent),
        (LineKind::Assistance, _) | (_, None) => bills::assistance(lang, base, percent),
        (_, Some(what)) => label(lang, what, line.picked.as_deref()),
    }
}

/// What a charge is for.
#[must_use]
pub fn label(lang: Lang, label: Label, picked: Option<&str>) -> String {
    let size = picked.unwrap_or_default();
    match label {
        Label::ServiceCharge => bills::label_service_charge(lang).to_owned(),
        Label::MeterCharge => bills::label_meter_charge(lang, size),
        Label::Energy => match picked {
            Some(hours) => bills::label_energy_in(lang, hours),
            None => bills::label_energy(lang).to_owned(),
        },
        Label::HydroAdjuster => bills::label_hydro_adjuster(lang).to_owned(),
        Label::GasDelivery => bills::label_gas_delivery(lang).to_owned(),
        Label::GasSupply => bills::label_gas_supply(lang).to_owned(),
        Label::WaterUse => bills::label_water_use(lang).to_owned(),
        Label::Wastewater => bills::label_wastewater(lang).to_owned(),
        Label::StormDrain => bills::label_storm_drain(lang).to_owned(),
        Label::Refuse => bills::label_refuse(lang, size),
        Label::ExportCredit => bills::label_export_credit(lang).to_owned(),
        Label::Demand => match picked {
            Some(hours) => bills::label_demand_in(lang, hours),
            None => bills::label_demand(lang).to_owned(),
        },
        Label::Minimum => bills::label_minimum(lang).to_owned(),
        Label::Surplus => bills::label_surplus(lang).to_owned(),
    }
}
