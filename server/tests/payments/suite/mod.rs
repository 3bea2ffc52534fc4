//! What every processor must do, whoever it is: one suite, and a stage for each, on which people, banks and days are played.
//! What a stage cannot show is named in [`Stage::cannot`], is left out by that name only, and is tested elsewhere.

pub mod fake;
pub mod sandbox;
pub mod stripe;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::calendar::Instant;
use domain::money::Cents;
use domain::payment::{Decline, MethodKind, RefundStatus, SavedMethod, SetupStatus, Status};
use services::adapters::payment::{
    Checkout, NewCharge, NewCheckout, NewRefund, NewSetup, NotSigned, PaymentProvider, ProviderError, Report, Subject,
    Word,
};

/// What a person pays with or saves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum With {
    /// A card that is fine.
    Good,
    /// A card whose bank says no.
    Refused,
    /// A card that can be saved, and whose bank says no when it is charged.
    RefusedLater,
    /// A card whose bank wants the person to confirm; they do.
    Confirmed,
    /// The same; they do not.
    Unconfirmed,
    /// A bank account that settles.
    Bank,
    /// A bank account that cannot be debited.
    BadBank,
    /// A bank account whose bank sends the money back later.
    ReturningBank,
}

/// What a stage cannot show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// It takes no notice of keys against doing things twice, and finds nothing by our number.
    Once,
    /// It lets a declined payment be tried again in the browser only.
    AnotherTry,
    /// It sends no money back once it settled.
    Returns,
    /// It does not mind how much is given back.
    RefundLimit,
    /// It charges what was let go of.
    Forgetting,
    /// It tells of payments only.
    OtherMessages,
    /// It has no bank account that can be debited at the page.
    PageBank,
}

/// Where a processor plays.
#[async_trait]
pub trait Stage: Send + Sync {
    fn provider(&self) -> &dyn PaymentProvider;
    fn now(&self) -> Instant;
    /// What cannot be shown here.
    fn cannot(&self) -> &'static [Gap] {
        &[]
    }
    /// A person pays what was opened.
    async fn pay(&self, opened: &Checkout, with: With);
    /// A person saves something on the page that was opened.
    async fn save(&self, opened: &Checkout, with: With);
    /// Days pass, as many as banks take.
    async fn days_pass(&self);
    /// The processor's newest message about one of our numbers, with its signature header.
    async fn message(&self, reference: &str) -> (String, Vec<u8>);
}

fn can(stage: &dyn Stage, gap: Gap) -> bool {
    let can = !stage.cannot().contains(&gap);
    if !can {
        eprintln!("{} cannot show this here: {gap:?}", stage.provider().name());
    }
    can
}

fn checkout(stage: &dyn Stage, reference: &str, cents: i64) -> NewCheckout {
    NewCheckout {
        reference: reference.into(),
        amount: Cents(cents),
        description: "Utilities & <more>".into(),
        return_url: "http://portal.example/back".into(),
        expires_at: stage.now() + TimeDelta::minutes(30),
    }
}

async fn report(stage: &dyn Stage, reference: &str, id: &str) -> Report {
    stage.provider().status(reference, Some(id)).await.expect("an answer").expect("known")
}

async fn paid(stage: &dyn Stage, reference: &str, cents: i64, with: With) -> Report {
    let opened = stage.provider().create(&checkout(stage, reference, cents)).await.expect("opened");
    stage.pay(&opened, with).await;
    report(stage, reference, &opened.id).await
}

async fn saved(stage: &dyn Stage, reference: &str, with: With) -> Option<SavedMethod> {
    let new = setup(stage, reference);
    let opened = stage.provider().setup(&new).await.expect("opened");
    stage.save(&opened, with).await;
    let report = stage.provider().setup_status(reference, Some(&opened.id)).await.expect("an answer").expect("known");
    assert_eq!((report.reference.as_str(), report.setup.as_str()), (reference, opened.id.as_str()));
    assert_eq!(report.status == SetupStatus::Saved, report.method.is_some(), "{report:?}");
    report.method
}

fn setup(stage: &dyn Stage, reference: &str) -> NewSetup {
    NewSetup {
        reference: reference.into(),
        customer: "C-17".into(),
        description: "Alder Bay".into(),
        return_url: "http://portal.example/methods".into(),
        own_page: format!("http://portal.example/methods/{reference}"),
        expires_at: stage.now() + TimeDelta::minutes(30),
    }
}

fn charge(reference: &str, method: &SavedMethod, cents: i64) -> NewCharge {
    NewCharge {
        reference: reference.into(),
        token: method.token.clone(),
        customer: "C-17".into(),
        amount: Cents(cents),
        description: "Utilities".into(),
    }
}

fn refund(reference: &str, of: &Report, cents: i64) -> NewRefund {
    NewRefund {
        reference: reference.into(),
        payment: of.reference.clone(),
        checkout: of.checkout.clone(),
        amount: Cents(cents),
        reason: "paid twice".into(),
    }
}

pub async fn one_number_is_one_checkout(stage: &dyn Stage) {
    let p = stage.provider();
    let first = p.create(&checkout(stage, "P-1", 1_234)).await.expect("opened");
    assert_ne!(p.create(&checkout(stage, "P-2", 1_234)).await.expect("opened").id, first.id);
    let r = report(stage, "P-1", &first.id).await;
    assert_eq!((r.reference.as_str(), r.amount, r.heard.status), ("P-1", Cents(1_234), Status::Created));
    assert_eq!((r.checkout.as_str(), r.returned, r.heard.decline), (first.id.as_str(), false, None));
    assert_eq!(p.status("P-3", None).await.expect("an answer"), None);
    assert_eq!(p.cancel("P-3", None).await.expect("an answer"), None);
    if can(stage, Gap::Once) {
        assert_eq!(p.create(&checkout(stage, "P-1", 1_234)).await.expect("the same"), first);
        assert_eq!(p.status("P-1", None).await.expect("an answer").map(|r| r.checkout), Some(first.id));
    }
}

pub async fn what_nobody_paid_can_be_closed(stage: &dyn Stage) {
    let p = stage.provider();
    let opened = p.create(&checkout(stage, "P-1", 1_234)).await.expect("opened");
    let before = report(stage, "P-1", &opened.id).await;
    let cancelled = p.cancel("P-1", Some(&opened.id)).await.expect("an answer").expect("known");
    assert_eq!(cancelled.heard.status, Status::Cancelled);
    assert!(cancelled.heard.revision > before.heard.revision);
    let again = p.cancel("P-1", Some(&opened.id)).await.expect("an answer").expect("known");
    assert_eq!(again.heard.status, Status::Cancelled, "cancelled once is cancelled");
    let taken = paid(stage, "P-2", 900, With::Good).await;
    let kept = p.cancel("P-2", Some(&taken.checkout)).await.expect("an answer").expect("known");
    assert!(matches!(kept.heard.status, Status::Succeeded | Status::Pending), "what was paid stays: {kept:?}");
}

pub async fn people_pay(stage: &dyn Stage) {
    let r = paid(stage, "P-1", 1_234, With::Good).await;
    assert!(matches!(r.heard.status, Status::Succeeded | Status::Pending), "{r:?}");
    stage.days_pass().await;
    let r = report(stage, "P-1", &r.checkout).await;
    assert_eq!((r.heard.status, r.method.as_deref()), (Status::Succeeded, Some("Visa ending 4242")));
    let r = paid(stage, "P-2", 1_234, With::Confirmed).await;
    stage.days_pass().await;
    assert_eq!(report(stage, "P-2", &r.checkout).await.heard.status, Status::Succeeded);
    let r = paid(stage, "P-3", 1_234, With::Unconfirmed).await;
    assert_eq!((r.heard.status, r.heard.decline), (Status::Declined, Some(Decline::ByBank)));
    let r = paid(stage, "P-4", 1_234, With::RefusedLater).await;
    let declined = (Status::Declined, Some(Decline::ByBank));
    assert!((r.heard.status, r.heard.decline) == declined || r.heard.status != Status::Declined, "{r:?}");
    if can(stage, Gap::AnotherTry) {
        let r = paid(stage, "P-5", 1_234, With::Refused).await;
        assert_eq!((r.heard.status, r.heard.decline), declined);
        let opened = stage.provider().create(&checkout(stage, "P-5", 1_234)).await.expect("the same");
        stage.pay(&opened, With::Good).await;
        stage.days_pass().await;
        let after = report(stage, "P-5", &r.checkout).await;
        assert_eq!(after.heard.status, Status::Succeeded, "another card may be tried");
        assert!(after.heard.revision > r.heard.revision);
    }
}

pub async fn banks_take_days(stage: &dyn Stage) {
    if !can(stage, Gap::PageBank) {
        return;
    }
    let r = paid(stage, "P-1", 5_000, With::Bank).await;
    assert_eq!(r.heard.status, Status::Pending);
    let bad = paid(stage, "P-2", 5_000, With::BadBank).await;
    assert_eq!(bad.heard.status, Status::Pending);
    stage.days_pass().await;
    assert_eq!(report(stage, "P-1", &r.checkout).await.heard.status, Status::Succeeded);
    let bad = report(stage, "P-2", &bad.checkout).await;
    assert_eq!((bad.heard.status, bad.heard.decline), (Status::Declined, Some(Decline::BankAccount)));
    if can(stage, Gap::Returns) {
        let r = paid(stage, "P-3", 5_000, With::ReturningBank).await;
        stage.days_pass().await;
        let r = report(stage, "P-3", &r.checkout).await;
        assert_eq!((r.heard.status, r.returned), (Status::Succeeded, false));
        stage.days_pass().await;
        let back = report(stage, "P-3", &r.checkout).await;
        assert_eq!((back.heard.status, back.returned), (Status::Succeeded, true));
    }
}

pub async fn what_is_saved_is_charged(stage: &dyn Stage) {
    let p = stage.provider();
    let card = saved(stage, "S-1", With::Good).await.expect("saved");
    assert_eq!((card.kind, card.label.as_str()), (MethodKind::Card, "Visa ending 4242"));
    assert!(card.expires.is_some_and(|e| !e.is_past(stage.now().date_naive())) && !card.token.contains("4242"));
    let first = p.charge(&charge("P-1", &card, 4_321)).await.expect("an answer");
    assert_eq!((first.heard.status, first.amount, first.reference.as_str()), (Status::Succeeded, Cents(4_321), "P-1"));
    assert_eq!(report(stage, "P-1", &first.checkout).await.heard.status, Status::Succeeded);
    if can(stage, Gap::Once) {
        let again = p.charge(&charge("P-1", &card, 4_321)).await.expect("an answer");
        assert_eq!(again.checkout, first.checkout, "one number is charged once");
        assert!(matches!(p.charge(&charge("P-1", &card, 1)).await, Err(ProviderError::Refused(_))));
    }
}

pub async fn charges_end_as_the_bank_says(stage: &dyn Stage) {
    let p = stage.provider();
    let card = saved(stage, "S-1", With::RefusedLater).await.expect("saved");
    let r = p.charge(&charge("P-1", &card, 500)).await.expect("an answer");
    assert_eq!((r.heard.status, r.heard.decline), (Status::Declined, Some(Decline::ByBank)));
    let card = saved(stage, "S-2", With::Confirmed).await.expect("saved");
    let r = p.charge(&charge("P-2", &card, 500)).await.expect("an answer");
    assert_eq!((r.heard.status, r.heard.decline), (Status::Declined, Some(Decline::NeedsPerson)));
    let gone = SavedMethod { token: "nobody's".into(), ..card };
    let r = p.charge(&charge("P-3", &gone, 500)).await.expect("an answer");
    assert_eq!((r.heard.status, r.heard.decline), (Status::Declined, Some(Decline::MethodGone)));
    assert_eq!(saved(stage, "S-3", With::Refused).await, None, "what the bank refuses is not saved");
    let bank = saved(stage, "S-4", With::Bank).await.expect("saved");
    assert_eq!((bank.kind, bank.expires), (MethodKind::Bank, None));
    let r = p.charge(&charge("P-4", &bank, 500)).await.expect("an answer");
    assert!(matches!(r.heard.status, Status::Pending | Status::Succeeded), "{r:?}");
    stage.days_pass().await;
    assert_eq!(report(stage, "P-4", &r.checkout).await.heard.status, Status::Succeeded);
}

pub async fn a_setup_has_one_page_and_ends(stage: &dyn Stage) {
    let p = stage.provider();
    let opened = p.setup(&setup(stage, "S-1")).await.expect("opened");
    let open = p.setup_status("S-1", Some(&opened.id)).await.expect("an answer").expect("known");
    assert_eq!((open.status, open.method), (SetupStatus::Open, None));
    assert_eq!(p.setup_status("S-9", None).await.expect("an answer"), None);
    if can(stage, Gap::Once) {
        assert_eq!(p.setup(&setup(stage, "S-1")).await.expect("the same"), opened);
    }
    stage.save(&opened, With::Good).await;
    let end = p.setup_status("S-1", Some(&opened.id)).await.expect("an answer").expect("known");
    assert_eq!(end.status, SetupStatus::Saved);
    assert!(end.revision > open.revision);
}

pub async fn what_is_forgotten_is_never_charged(stage: &dyn Stage) {
    let p = stage.provider();
    let card = saved(stage, "S-1", With::Good).await.expect("saved");
    for _ in 0..2 {
        p.forget(&card.token).await.expect("forgotten, and it is no error to say so twice");
    }
    p.forget("nobody's").await.expect("there is nothing to forget");
    if can(stage, Gap::Forgetting) {
        let r = p.charge(&charge("P-1", &card, 500)).await.expect("an answer");
        assert_eq!((r.heard.status, r.heard.decline), (Status::Declined, Some(Decline::MethodGone)));
    }
}

pub async fn no_more_is_given_back_than_was_paid(stage: &dyn Stage) {
    let p = stage.provider();
    if can(stage, Gap::RefundLimit) {
        let open = p.create(&checkout(stage, "P-0", 1_000)).await.expect("opened");
        let unpaid = Report { checkout: open.id.clone(), ..report(stage, "P-0", &open.id).await };
        match p.refund(&refund("R-0", &unpaid, 100)).await {
            Ok(r) => assert_eq!(r.heard.status, RefundStatus::Failed, "nothing was paid"),
            Err(e) => assert!(matches!(e, ProviderError::Refused(_)), "{e}"),
        }
    }
    let card = saved(stage, "S-1", With::Good).await.expect("saved");
    let of = p.charge(&charge("P-1", &card, 1_000)).await.expect("charged");
    let part = p.refund(&refund("R-1", &of, 300)).await.expect("an answer");
    assert!(part.heard.status.is_posted(), "{part:?}");
    assert_eq!((part.reference.as_str(), part.payment.as_str(), part.amount), ("R-1", "P-1", Cents(300)));
    let again = p.refund(&refund("R-1", &of, 300)).await.expect("an answer");
    assert_eq!(again.refund, part.refund, "one number is given back once");
    stage.days_pass().await;
    let end = p.refund_status("R-1", Some(&part.refund)).await.expect("an answer").expect("known");
    assert_eq!((end.heard.status, end.checkout.as_str()), (RefundStatus::Succeeded, of.checkout.as_str()));
    if can(stage, Gap::RefundLimit) {
        let too_much = p.refund(&refund("R-2", &of, 701)).await.expect("an answer");
        assert_eq!(too_much.heard.status, RefundStatus::Failed);
    }
    let rest = p.refund(&refund("R-3", &of, 700)).await.expect("an answer");
    assert!(rest.heard.status.is_posted());
    if can(stage, Gap::RefundLimit) {
        let cent = p.refund(&refund("R-4", &of, 1)).await.expect("an answer");
        assert_eq!(cent.heard.status, RefundStatus::Failed, "all of it was given back");
    }
    assert_eq!(p.refund_status("R-9", None).await.expect("an answer"), None);
}

/// What a word is about.
fn about(word: &Word) -> Option<(Subject, Option<&str>)> {
    match word {
        Word::Payment(r) => Some((Subject::Payment, Some(&r.reference))),
        Word::Setup(r) => Some((Subject::Setup, Some(&r.reference))),
        Word::Refund(r) => Some((Subject::Refund, Some(&r.reference))),
        Word::Look { about, reference, .. } => Some((*about, reference.as_deref())),
        Word::Nothing => None,
    }
}

pub async fn what_changed_is_listed(stage: &dyn Stage) {
    let p = stage.provider();
    let since = stage.now() - TimeDelta::minutes(1);
    let card = saved(stage, "S-1", With::Good).await.expect("saved");
    let of = p.charge(&charge("P-1", &card, 1_000)).await.expect("charged");
    p.charge(&charge("P-2", &card, 2_000)).await.expect("charged");
    p.refund(&refund("R-1", &of, 300)).await.expect("given back");
    let mut seen = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = p.changes(since, after.as_deref()).await.expect("an answer");
        seen.extend(page.words.iter().filter_map(about).map(|(s, r)| (s, r.unwrap_or_default().to_owned())));
        after = page.next;
        if after.is_none() {
            break;
        }
        assert!(seen.len() < 1_000, "it ends");
    }
    let has = |subject, reference: &str| seen.iter().any(|(s, r)| (*s, r.as_str()) == (subject, reference));
    assert!(has(Subject::Payment, "P-1") && has(Subject::Payment, "P-2"), "{seen:?}");
    if can(stage, Gap::OtherMessages) {
        assert!(has(Subject::Setup, "S-1") && has(Subject::Refund, "R-1"), "{seen:?}");
    }
}

pub async fn only_signed_messages_are_believed(stage: &dyn Stage) {
    let p = stage.provider();
    assert_eq!(p.webhook("t=1,v1=00", b"{}", stage.now()), Err(NotSigned::Forged));
    let card = saved(stage, "S-1", With::Good).await.expect("saved");
    p.charge(&charge("P-1", &card, 1_000)).await.expect("charged");
    let (header, body) = stage.message("P-1").await;
    let now = stage.now();
    let word = p.webhook(&header, &body, now).expect("believed");
    assert_eq!(about(&word), Some((Subject::Payment, Some("P-1"))));
    if let Word::Payment(r) = &word {
        assert_eq!((r.heard.status, r.amount), (Status::Succeeded, Cents(1_000)));
    }
    let mut altered = body.clone();
    altered.push(b' ');
    assert_eq!(p.webhook(&header, &altered, now), Err(NotSigned::Forged));
    assert_eq!(p.webhook("", &body, now), Err(NotSigned::Forged));
    assert_eq!(p.webhook(&header, &body, now + TimeDelta::minutes(6)), Err(NotSigned::Stale), "replayed later");
}

/// The whole suite on a stage: a test each.
macro_rules! keeps_the_contract {
    ($name:ident, $stage:path) => {
        mod $name {
            macro_rules! test {
                ($part:ident) => {
                    #[tokio::test(flavor = "multi_thread")]
                    async fn $part() {
                        let stage = $stage().await;
                        $crate::suite::$part(&stage).await;
                    }
                };
            }
            test!(one_number_is_one_checkout);
            test!(what_nobody_paid_can_be_closed);
            test!(people_pay);
            test!(banks_take_days);
            test!(what_is_saved_is_charged);
            test!(charges_end_as_the_bank_says);
            test!(a_setup_has_one_page_and_ends);
            test!(what_is_forgotten_is_never_charged);
            test!(no_more_is_given_back_than_was_paid);
            test!(what_changed_is_listed);
            test!(only_signed_messages_are_believed);
        }
    };
}
pub(crate) use keeps_the_contract;
