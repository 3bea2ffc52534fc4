//! What a random life plans for later: parts on other days, autopay, and what the processor says about what is taken.

use chrono::Days;
use domain::ids::{AccountId, MethodId, PersonId};
use domain::money::Cents;
use domain::payment::autopay::{BRAKES, Terms};
use domain::payment::planned::{self, State, Why};
use domain::payment::{Decline, Heard, MethodKind, Status};
use store::autopay::NewAutopay;
use store::payments::HeardBy;
use store::planned::NewPlanned;
use store::saved_methods::NewMethod;

use super::life::Life;
use crate::adapters::payment::Report;
use crate::collections::Position;
use crate::payments::hear_in;
use crate::payments::later::{Act, act, look};
use crate::{Fault, Work};

/// A saved card that never ends.
pub(super) async fn card(
    work: &mut Work,
    person: PersonId,
    account: AccountId,
    number: &str,
) -> Result<MethodId, Fault> {
    let at = work.now;
    let reference = format!("S-{number}");
    let key = format!("S{}", number.replace('-', ""));
    let setup = store::saved_methods::begin(&mut work.tx, &reference, (person, account), &key, (at, at)).await?;
    let new = NewMethod {
        person,
        setup: setup.ok_or_else(|| Fault::Other(format!("{reference} was begun before")))?,
        provider: "bench",
        token: "bench",
        kind: MethodKind::Card,
        label: "Bench",
        expires_on: None,
        at,
    };
    let id = store::saved_methods::insert(&mut work.tx, &new).await?;
    id.ok_or_else(|| Fault::Other(format!("{reference} was saved before")))
}

impl Life {
    /// The morning's look, and what the processor says of what is taken or was on its way.
    pub(super) async fn morning(&mut self, work: &mut Work) -> Result<(), Fault> {
        for (number, amount) in std::mem::take(&mut self.on_its_way) {
            self.hear(work, number, amount, 3).await?;
        }
        look(work, self.account, self.today).await?;
        for row in store::planned::open(&mut work.tx, self.account).await? {
            // Budget billing may ask for more than is owed: then the account is ahead of what it used.
            let position = Position::load(work, self.account, self.today).await?;
            let owed = position.balance.total().max(position.asked.total)
                - store::payments::pending_sum(&mut work.tx, self.account).await?;
            let number = format!("P{}x{}x{:x}", row.id.0, row.tries, self.dice.below(u64::MAX));
            let Act::Begun(number) = act(work, &row, self.today, &number).await? else { continue };
            let payment = store::payments::by_number(&mut work.tx, &number).await?;
            let amount = payment.map(|p| p.amount).unwrap_or_default();
            if amount > owed || amount > row.amount || row.state == State::Asking || row.take_on > self.today {
                return Err(Fault::Other(format!("{amount} was taken of {owed} owed, for {row:?} on {}", self.today)));
            }
            self.hear(work, number, amount, 2).await?;
        }
        Ok(())
    }

    /// One word of the processor.
    async fn hear(&mut self, work: &mut Work, number: String, amount: Cents, revision: i64) -> Result<(), Fault> {
        let (status, decline) = match self.dice.below(8) {
            0 => (Status::Pending, None),
            1 => (Status::Declined, Some(Decline::Funds)),
            2 => (Status::Declined, Some(Decline::ExpiredCard)),
            _ => (Status::Succeeded, None),
        };
        let report = Report {
            checkout: format!("co_{number}"),
            reference: number.clone(),
            amount,
            heard: Heard { status, decline, revision },
            method: None,
            returned: false,
        };
        hear_in(work, &report, HeardBy::Webhook).await?;
        match status {
            Status::Succeeded => self.moved -= amount,
            Status::Pending => self.on_its_way.push((number, amount)),
            _ => {}
        }
        Ok(())
    }

    /// Schedules what is owed and not planned yet, in parts.
    pub(super) async fn schedule(&mut self, work: &mut Work, key: &str) -> Result<(), Fault> {
        let open = store::planned::open(&mut work.tx, self.account).await?;
        let waits: Cents = open.iter().filter(|p| p.autopay_id.is_none()).map(|p| p.amount).sum();
        let owed = crate::ledger::balance(work, self.account).await?.total()
            - store::payments::pending_sum(&mut work.tx, self.account).await?
            - waits;
        if owed < Cents(400) {
            return Ok(());
        }
        let n = usize::try_from(1 + self.dice.below(3)).unwrap_or(1);
        for (i, amount) in planned::parts(owed, n).into_iter().enumerate() {
            let ahead = 1 + self.dice.below(30);
            let new = NewPlanned {
                account: self.account,
                person: self.person,
                method: self.method,
                autopay: None,
                bill: None,
                due_on: None,
                take_on: self.today + Days::new(ahead),
                amount,
                expected: None,
                asks: None,
                form_key: &format!("{key}n{i}"),
                at: work.now,
            };
            store::planned::insert(&mut work.tx, &new).await?;
        }
        Ok(())
    }

    /// Turns autopay on, or off, or answers what it asks.
    pub(super) async fn autopay(&mut self, work: &mut Work, key: &str) -> Result<(), Fault> {
        let now = work.now;
        let Some(running) = store::autopay::active(&mut work.tx, self.account).await? else {
            let brake = usize::try_from(self.dice.below(5)).unwrap_or(0);
            let limit = self.dice.between(1_000, 60_000);
            let terms = Terms {
                days_before: u32::try_from(self.dice.below(11)).unwrap_or(0),
                limit: (self.dice.below(3) == 0).then_some(Cents(limit)),
                brake_percent: BRAKES.get(brake).copied(),
            };
            let new = NewAutopay {
                account: self.account,
                person: self.person,
                method: self.method,
                terms,
                after_due: None,
                carried_from: None,
                form_key: key,
                at: now,
            };
            store::autopay::insert(&mut work.tx, &new).await?;
            return Ok(());
        };
        let open = store::planned::open(&mut work.tx, self.account).await?;
        match open.iter().find(|p| p.state == State::Asking) {
            Some(row) if self.dice.below(2) == 0 => {
                store::planned::answer(&mut work.tx, row.id, State::Waiting, None, now).await?;
            }
            _ if self.dice.below(2) == 0 => {
                crate::payments::later::end_autopay(work, running.id, Why::Left).await?;
            }
            _ => {}
        }
        Ok(())
    }
}
