//! Which days are shown, and which ones can be gone to from there. No I/O.

use chrono::{Datelike, Days, NaiveDate};
use contract::usage::{Grain, GrainChoice, Span, SpanChoice, UsageAsk};
use contract::{Field, FieldError, Problem};
use domain::calendar::{DayRange, add_months, month_start, next_day};

use super::periods::Period;

/// What there is to show.
#[derive(Clone, Debug)]
pub(super) struct Ground<'a> {
    /// From the first day with data to the day after the last that can be shown.
    pub(super) whole: DayRange,
    /// The last day with data.
    pub(super) last_day: NaiveDate,
    /// Billing periods, oldest first.
    pub(super) periods: &'a [Period],
    /// Whether the meter gives quarter-hours.
    pub(super) quarter_hours: Vec<DayRange>,
}

/// What is shown of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resolved {
    pub(super) range: DayRange,
    pub(super) grain: Grain,
    pub(super) clamped: bool,
    pub(super) problems: Vec<FieldError>,
}

impl Ground<'_> {
    fn clip(&self, range: DayRange) -> Option<DayRange> {
        range.intersect(self.whole)
    }

    /// The latest billing period with data.
    pub(super) fn default_range(&self) -> DayRange {
        let latest = self.periods.iter().rev().find(|p| p.days.from <= self.last_day && self.clip(p.days).is_some());
        latest.and_then(|p| self.clip(p.days)).unwrap_or_else(|| {
            let from = self.whole.to.checked_sub_days(Days::new(30)).unwrap_or(self.whole.from);
            DayRange { from: from.max(self.whole.from), to: self.whole.to }
        })
    }

    /// Clamps what reaches beyond the data; what lies wholly outside, is reversed, is no date or is a word that is none of ours is
    /// named as a problem, and the default is shown instead.
    pub(super) fn resolve(&self, ask: &UsageAsk) -> Resolved {
        let (range, clamped, mut problems) = match ask.days() {
            Ok(None) => {
                let range = self.default_range();
                let suits = |g: Grain| self.grains(range).into_iter().find(|c| c.grain == g).map(|c| c.range);
                (ask.grain().and_then(suits).unwrap_or(range), false, Vec::new())
            }
            Ok(Some(asked)) => match self.clip(asked) {
                Some(range) => (range, range != asked, Vec::new()),
                None => {
                    let field = if asked.from >= self.whole.to { Field::From } else { Field::To };
                    (self.default_range(), false, vec![FieldError { field, problem: Problem::OutOfRange }])
                }
            },
            Err(problems) => (self.default_range(), false, problems),
        };
        problems.extend(ask.unknown_words());
        let grain = ask.grain().unwrap_or(match range.len() {
            ..=1 => Grain::Hour,
            2..=100 => Grain::Day,
            _ => Grain::Month,
        });
        Resolved { range, grain: self.fitting(grain, range), clamped, problems }
    }

    /// The grain, or the next coarser one that the meter gives and that is not too many bars.
    fn fitting(&self, grain: Grain, range: DayRange) -> Grain {
        Grain::ALL
            .into_iter()
            .filter(|g| self.gives(*g, range))
            .find(|g| *g >= grain && range.len() <= g.longest())
            .unwrap_or(Grain::Month)
    }

    /// Whether the meters give a grain on all of some days.
    fn gives(&self, grain: Grain, range: DayRange) -> bool {
        grain != Grain::QuarterHour || self.quarter_hours.iter().any(|days| days.intersect(range) == Some(range))
    }

    /// The period that a day is in.
    fn period_of(&self, day: NaiveDate) -> Option<usize> {
        self.periods.iter().position(|p| p.days.contains(day))
    }

    /// The grains that the meter gives, each with a range that suits it.
    pub(super) fn grains(&self, range: DayRange) -> Vec<GrainChoice> {
        let last = range.last();
        let back = |days: u64, to: NaiveDate| to.checked_sub_days(Days::new(days)).unwrap_or(to);
        Grain::ALL
            .into_iter()
            .filter_map(|grain| {
                let data_end = next_day(self.last_day.min(last)).max(next_day(range.from));
                let suits = match grain {
                    Grain::QuarterHour if range.len() <= grain.longest() => range,
                    Grain::QuarterHour => DayRange { from: back(1, data_end), to: data_end },
                    Grain::Hour if range.len() <= 7 => range,
                    Grain::Hour => DayRange { from: back(7, data_end).max(range.from), to: data_end },
                    Grain::Day if (2..=grain.longest()).contains(&range.len()) => range,
                    Grain::Day => self.periods.get(self.period_of(last)?)?.days,
                    Grain::Bill => {
                        let (a, b) = (self.period_of(range.from), self.period_of(last)?);
                        match a {
                            Some(a) if b > a => range,
                            _ => DayRange {
                                from: self.periods.get(b.saturating_sub(12))?.days.from,
                                to: self.periods.get(b)?.days.to,
                            },
                        }
                    }
                    Grain::Month if month_start(range.from) != month_start(last) => range,
                    Grain::Month => self.year_to(last),
                };
                let range = self.clip(suits).filter(|range| self.gives(grain, *range))?;
                Some(GrainChoice { grain, range })
            })
            .collect()
    }

    /// Twelve calendar months up to the one of a day.
    fn year_to(&self, day: NaiveDate) -> DayRange {
        let end = add_months(month_start(day), 1);
        DayRange { from: add_months(end, -12), to: end }
    }

    /// A day, a bill, a month and a year around the end of what is shown.
    pub(super) fn spans(&self, range: DayRange) -> Vec<SpanChoice> {
        let anchor = range.last().min(self.last_day).max(range.from);
        let month = month_start(anchor);
        let year = self.year_to(anchor);
        let candidates = [
            (Span::Day, Some(DayRange { from: anchor, to: next_day(anchor) }), Grain::Hour),
            (Span::Bill, self.period_of(anchor).map(|i| self.periods[i].days), Grain::Day),
            (Span::Month, Some(DayRange { from: month, to: add_months(month, 1) }), Grain::Day),
            (Span::Year, Some(year), Grain::Month),
        ];
        let mut seen = false;
        candidates
            .into_iter()
            .filter_map(|(span, days, grain)| {
                let clipped = self.clip(days?)?;
                // A bill that happens to be a month is a bill.
                let current = !seen && clipped == range;
                seen |= current;
                Some(SpanChoice { span, range: clipped, grain, current })
            })
            .collect()
    }

    /// The stretches before and after: bills after bills, months after months, otherwise as many days.
    pub(super) fn neighbours(&self, range: DayRange) -> (Option<DayRange>, Option<DayRange>) {
        let same = |days: DayRange| self.clip(days) == Some(range);
        if let Some(i) = self.periods.iter().position(|p| same(p.days)) {
            let of = |p: Option<&Period>| p.and_then(|p| self.clip(p.days));
            return (i.checked_sub(1).and_then(|i| of(self.periods.get(i))), of(self.periods.get(i + 1)));
        }
        let start = month_start(range.from);
        let end = if range.to.day() == 1 { range.to } else { add_months(month_start(range.to), 1) };
        if same(DayRange { from: start, to: end }) {
            let n = (end.year() - start.year()) * 12 + end.month().cast_signed() - start.month().cast_signed();
            let moved = |by: i32| self.clip(DayRange { from: add_months(start, by), to: add_months(end, by) });
            return (moved(-n), moved(n));
        }
        let days = Days::new(range.len().unsigned_abs());
        let before = range.from.checked_sub_days(days).map(|from| DayRange { from, to: range.from });
        let after = range.to.checked_add_days(days).map(|to| DayRange { from: range.to, to });
        (before.and_then(|r| self.clip(r)), after.and_then(|r| self.clip(r)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn range(from: &str, to: &str) -> DayRange {
        DayRange::new(day(from), day(to)).expect("forwards")
    }

    fn periods() -> Vec<Period> {
        let mut from = day("2025-01-12");
        (0..17)
            .map(|_| {
                let days = DayRange { from, to: add_months(from, 1) };
                from = days.to;
                Period { days, bill: None }
            })
            .collect()
    }

    fn ground(periods: &[Period]) -> Ground<'_> {
        let whole = range("2025-01-20", "2026-05-21");
        Ground { whole, last_day: day("2026-05-20"), periods, quarter_hours: vec![whole] }
    }

    fn ask(from: &str, to: &str) -> UsageAsk {
        UsageAsk { from: Some(from.into()), to: Some(to.into()), ..UsageAsk::default() }
    }

    #[test]
    fn the_open_bill_by_day_comes_first() {
        let periods = periods();
        let shown = ground(&periods).resolve(&UsageAsk::default());
        assert_eq!((shown.range, shown.grain), (range("2026-05-12", "2026-05-21"), Grain::Day));
    }

    #[test]
    fn what_lies_outside_is_named_and_what_reaches_out_is_cut() {
        let periods = periods();
        let g = ground(&periods);
        let shown = g.resolve(&ask("2019-01-01", "2019-12-31"));
        assert_eq!(shown.problems, [FieldError { field: Field::To, problem: Problem::OutOfRange }]);
        assert_eq!(shown.range, g.default_range());
        let shown = g.resolve(&ask("2030-01-01", "2030-12-31"));
        assert_eq!(shown.problems, [FieldError { field: Field::From, problem: Problem::OutOfRange }]);
        let shown = g.resolve(&ask("2026-01-01", "2026-12-31"));
        assert!(shown.clamped && shown.problems.is_empty());
        assert_eq!(shown.range, range("2026-01-01", "2026-05-21"));
        assert_eq!(g.resolve(&ask("2026-05-02", "2026-05-01")).problems[0].problem, Problem::Reversed);
        let odd = UsageAsk {
            by: Some("fortnight".into()),
            service: Some("plasma".into()),
            show: Some("euros".into()),
            ..UsageAsk::default()
        };
        let fields: Vec<_> = g.resolve(&odd).problems.into_iter().map(|p| p.field).collect();
        assert_eq!(fields, [Field::Service, Field::Steps, Field::Measure]);
    }

    #[test]
    fn too_many_bars_become_coarser_ones() {
        let periods = periods();
        let mut long = ask("2025-01-20", "2026-05-20");
        long.by = Some("15min".into());
        assert_eq!(ground(&periods).resolve(&long).grain, Grain::Day);
        let mut hourly = ground(&periods);
        // A meter that gives quarter-hours came on the second of May.
        hourly.quarter_hours = vec![range("2026-05-02", "2026-05-21")];
        for (on, grain) in [("2026-05-01", Grain::Hour), ("2026-05-02", Grain::QuarterHour)] {
            let mut one = ask(on, on);
            one.by = Some("15min".into());
            let shown = hourly.resolve(&one);
            assert_eq!(shown.grain, grain, "{on}");
            let offered = hourly.grains(shown.range).iter().any(|g| g.grain == Grain::QuarterHour);
            assert_eq!(offered, grain == Grain::QuarterHour, "{on}");
        }
    }

    #[test]
    fn bills_lead_to_bills_months_to_months_and_days_to_days() {
        let periods = periods();
        let g = ground(&periods);
        let (before, after) = g.neighbours(range("2026-04-12", "2026-05-12"));
        assert_eq!((before, after), (Some(range("2026-03-12", "2026-04-12")), Some(range("2026-05-12", "2026-05-21"))));
        let (before, after) = g.neighbours(range("2026-05-01", "2026-05-21"));
        assert_eq!((before, after), (Some(range("2026-04-01", "2026-05-01")), None));
        let (before, after) = g.neighbours(range("2026-03-01", "2026-04-01"));
        assert_eq!((before, after), (Some(range("2026-02-01", "2026-03-01")), Some(range("2026-04-01", "2026-05-01"))));
        let (before, after) = g.neighbours(range("2026-03-08", "2026-03-09"));
        assert_eq!((before, after), (Some(range("2026-03-07", "2026-03-08")), Some(range("2026-03-09", "2026-03-10"))));
        assert_eq!(g.neighbours(range("2025-01-20", "2025-02-12")).0, None);
    }

    proptest! {
        #[test]
        fn every_way_on_leads_into_the_data(from in 0u64..480, len in 1u64..200) {
            let periods = periods();
            let g = ground(&periods);
            let from = g.whole.from + Days::new(from);
            let range = DayRange { from, to: from + Days::new(len) };
            let Some(range) = g.clip(range) else { return Ok(()) };
            let ways: Vec<DayRange> = g.grains(range).iter().map(|c| c.range)
                .chain(g.spans(range).iter().map(|c| c.range))
                .chain(g.neighbours(range).0).chain(g.neighbours(range).1).collect();
            for way in ways {
                prop_assert!(!way.is_empty());
                prop_assert_eq!(g.clip(way), Some(way));
            }
            for choice in g.grains(range) {
                prop_assert_eq!(g.fitting(choice.grain, choice.range), choice.grain);
            }
            let (before, after) = g.neighbours(range);
            prop_assert!(before.is_none_or(|b| b.from < range.from));
            prop_assert!(after.is_none_or(|a| a.to > range.to));
        }
    }
}
