//! Effective-dated prices: schedules, charges, tiers, taxes.
