//! Signing in, claiming, recovering, settings and view-as, on both engines.

use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use contract::{AppError, Field, Problem};
use domain::access::AccountRole;
use domain::calendar::{DayRange, Zone};
use domain::contact::Email;
use domain::ids::{PersonId, ViewAsId};
use domain::money::Cents;
use secrecy::SecretString;
use serde_json::json;
use services::auth::{From, SignIn, SignedIn};
use services::clock::Entropy;
use services::{
    Clock as _, Cx, Fault, FixedClock, Principal, Settings, accounts, auth, claim, drafts, recover, sessions,
    settings_page, staff, users, view_as,
};
use store::Pool;
use store::bills::NewBill;
use store::fixtures::{Home, home};
use store::sessions::Realm;

const PASSWORD: &str = "four blue doors open";

struct Town {
    cx: Cx,
    clock: Arc<FixedClock>,
    mine: Home,
    other: Home,
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

fn here() -> From {
    From { address: "198.51.100.7".into(), device: "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0".into() }
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// Two homes; Robin of the first signs in as robin@example.com. One bill each of $142.18, $10.00 of it carried over.
async fn town(pool: &Pool) -> Town {
    let zone = Zone::iana("America/Los_Angeles").expect("a zone");
    let since = zone.start_of(day("2025-01-05"));
    let clock = Arc::new(FixedClock::at(zone.start_of(day("2026-05-21")) + TimeDelta::hours(10)));
    let mut tx = pool.write().await.expect("a transaction");
    let mine = home(&mut tx, "300100", zone.clone(), since, 12, &[]).await;
    let other = home(&mut tx, "300200", zone.clone(), since, 12, &[]).await;
    let bills: Vec<NewBill> = [&mine, &other]
        .iter()
        .map(|h| NewBill {
            number: format!("B{}", h.number),
            account: h.account,
            period: DayRange::new(day("2026-04-12"), day("2026-05-12")).expect("forwards"),
            issued_on: day("2026-05-13"),
            due_on: day("2026-06-02"),
            total: Cents(13_218),
            carried: Cents(1_000),
            detail: json!({}).into(),
            lines: Vec::new(),
            reads: Vec::new(),
            version: 1,
            replaces: None,
            journals: Vec::new(),
        })
        .collect();
    store::bills::insert_all(&mut tx, &bills, clock.now()).await.expect("bills");
    let email = Email::try_from("robin@example.com".to_owned()).expect("an address");
    store::people::set_email(&mut tx, mine.person, &email).await.expect("an address");
    tx.commit().await.expect("committed");
    let cx = Cx {
        pool: pool.clone(),
        clock: clock.clone(),
        entropy: Arc::new(Entropy::seeded(1)),
        settings: Arc::new(Settings { outbox_page: true, ..Settings::default() }),
        outside: services::adapters::Outside::default(),
    };
    users::set_password(&cx, "robin@example.com", secret(PASSWORD)).await.expect("a password");
    Town { cx, clock, mine, other }
}

async fn sign_in(cx: &Cx, login: &str, password: &str, realm: Realm) -> Result<SignedIn, AppError> {
    let with = SignIn { login: login.into(), password: secret(password), realm };
    auth::sign_in(cx, &Principal::Nobody, &here(), with).await.map_err(AppError::from)
}

fn resident(s: &SignedIn) -> Principal {
    Principal::Resident { person: s.person, session: s.session }
}

fn no_match() -> AppError {
    AppError::field(Field::Login, Problem::NoMatch)
}

/// The newest mail to an address: its link's token, if it has one, and its body.
async fn mail_to(cx: &Cx, to: &str) -> Option<(Option<String>, String)> {
    let rows = services::mail::outbox(cx, &Principal::Nobody).await.expect("the outbox");
    rows.into_iter().find(|m| m.to == to).map(|m| {
        let token = m.body.lines().find(|l| l.starts_with("http")).and_then(|l| l.rsplit('/').next());
        (token.filter(|t| t.len() == 43).map(str::to_owned), m.body.clone())
    })
}

async fn staff_of(town: &Town, email: &str) -> Principal {
    users::create_staff(&town.cx, "Sam", "Okafor", email, secret(PASSWORD)).await.expect("an employee");
    let s = sign_in(&town.cx, email, PASSWORD, Realm::Staff).await.expect("signed in");
    Principal::Staff { person: s.person, session: s.session }
}

fn app<T: std::fmt::Debug>(result: Result<T, Fault>) -> AppError {
    AppError::from(result.expect_err("refused"))
}

store::both_engines! {
    async fn wrong_and_unknown_sign_ins_are_answered_alike(pool: Pool) {
        let t = town(&pool).await;
        let s = sign_in(&t.cx, " Robin@Example.com ", PASSWORD, Realm::Resident).await.expect("by address");
        assert_eq!(s.person, t.mine.person);
        sign_in(&t.cx, "300100", PASSWORD, Realm::Resident).await.expect("by account number");
        for (login, password, realm) in [
            ("robin@example.com", "wrong", Realm::Resident),
            ("nobody@example.com", PASSWORD, Realm::Resident),
            ("300200", PASSWORD, Realm::Resident),
            ("999999", PASSWORD, Realm::Resident),
            ("robin@example.com", PASSWORD, Realm::Staff),
        ] {
            assert_eq!(sign_in(&t.cx, login, password, realm).await.expect_err("refused"), no_match(), "{login}");
        }
    }

    async fn tries_are_limited_and_the_limit_passes(pool: Pool) {
        let t = town(&pool).await;
        for _ in 0..services::limits::SIGN_IN_HERE.tries {
            assert_eq!(sign_in(&t.cx, "robin@example.com", "no", Realm::Resident).await.expect_err("no"), no_match());
        }
        let stopped = sign_in(&t.cx, "robin@example.com", PASSWORD, Realm::Resident).await.expect_err("limited");
        assert!(matches!(stopped, AppError::TooManyTries { retry_after } if retry_after <= 900), "{stopped:?}");
        t.clock.advance(TimeDelta::minutes(16));
        sign_in(&t.cx, "robin@example.com", PASSWORD, Realm::Resident).await.expect("the window has passed");
    }

    async fn one_address_may_sign_in_rightly_as_often_as_it_likes(pool: Pool) {
        let t = town(&pool).await;
        let limit = &services::limits::SIGN_IN_ADDRESS;
        for _ in 1..limit.tries {
            services::limits::count(&t.cx, limit, &here().address).await.expect("within the limit");
        }
        for login in ["robin@example.com", "300100", "robin@example.com"] {
            sign_in(&t.cx, login, PASSWORD, Realm::Resident).await.expect("a right password is no guess");
        }
        assert_eq!(sign_in(&t.cx, "300200", "no", Realm::Resident).await.expect_err("wrong"), no_match());
        let stopped = sign_in(&t.cx, "300200", PASSWORD, Realm::Resident).await.expect_err("wrong ones stay counted");
        assert!(matches!(stopped, AppError::TooManyTries { .. }), "{stopped:?}");
    }

    async fn sessions_end_by_themselves_and_from_elsewhere(pool: Pool) {
        let t = town(&pool).await;
        let a = sign_in(&t.cx, "300100", PASSWORD, Realm::Resident).await.expect("signed in");
        let b = sign_in(&t.cx, "300100", PASSWORD, Realm::Resident).await.expect("signed in");
        let who = |s: &SignedIn| { let (cx, token) = (t.cx.clone(), s.token.clone());
            async move { sessions::resolve(&cx, &token, Realm::Resident).await.expect("resolved") } };
        assert_eq!(who(&a).await.who, resident(&a));
        assert_eq!(sessions::resolve(&t.cx, &a.token, Realm::Staff).await.expect("resolved").who, Principal::Nobody);
        let view = settings_page::show(&t.cx, &resident(&a), "300100").await.expect("settings");
        assert_eq!(view.sessions.iter().map(|l| (l.id, l.here)).collect::<Vec<_>>(),
            vec![(a.session.0, true), (b.session.0, false)]);
        sessions::end(&t.cx, &resident(&a), b.session).await.expect("ended");
        assert_eq!(who(&b).await.who, Principal::Nobody);
        assert_eq!(who(&b).await.ended, Some(t.mine.person), "what was typed there is kept for the same person");
        assert_eq!(app(sessions::end(&t.cx, &resident(&a), b.session).await), AppError::NotFound);
        t.clock.advance(TimeDelta::minutes(59));
        assert_eq!(who(&a).await.who, resident(&a));
        t.clock.advance(TimeDelta::minutes(59));
        assert_eq!(who(&a).await.who, resident(&a), "a request in between keeps it alive");
        t.clock.advance(TimeDelta::minutes(61));
        assert_eq!(who(&a).await, sessions::Resolved { who: Principal::Nobody, ended: Some(t.mine.person) });
        let c = sign_in(&t.cx, "300100", PASSWORD, Realm::Resident).await.expect("signed in");
        auth::sign_out(&t.cx, &resident(&c)).await.expect("signed out");
        assert_eq!(who(&c).await.who, Principal::Nobody);
    }

    async fn an_account_opens_for_its_own_people_only(pool: Pool) {
        let t = town(&pool).await;
        let s = sign_in(&t.cx, "300100", PASSWORD, Realm::Resident).await.expect("signed in");
        settings_page::show(&t.cx, &resident(&s), "300100").await.expect("one's own");
        let others = app(settings_page::show(&t.cx, &resident(&s), "300200").await);
        let unknown = app(settings_page::show(&t.cx, &resident(&s), "999999").await);
        assert_eq!((others, unknown), (AppError::NotFound, AppError::NotFound));
        assert_eq!(app(settings_page::show(&t.cx, &Principal::Nobody, "300100").await), AppError::SignInRequired);
        let now = t.clock.now();
        let mut tx = pool.write().await.expect("a transaction");
        store::accounts::grant(&mut tx, t.other.account, t.mine.person, AccountRole::Guest, now).await.expect("granted");
        tx.commit().await.expect("committed");
        let mine = accounts::mine(&t.cx, &resident(&s)).await.expect("both");
        assert_eq!(mine.iter().map(|a| a.number.as_str()).collect::<Vec<_>>(), ["300100", "300200"]);
        let view = settings_page::show(&t.cx, &resident(&s), "300200").await.expect("let in");
        assert_eq!(view.account.others.len(), 1);
    }

    async fn claiming_needs_the_right_facts_and_the_link_works_once(pool: Pool) {
        let t = town(&pool).await;
        let ask = |number: &str, amount: &str| {
            let claim = claim::Claim { number: number.into(), amount: amount.into(), email: "kim@example.com".into() };
            let cx = t.cx.clone();
            async move { claim::start(&cx, &Principal::Nobody, &here(), claim).await.map_err(AppError::from) }
        };
        assert_eq!(ask("300200", "99.99").await, Ok(()), "wrong facts are answered like right ones");
        assert_eq!(ask("999999", "142.18").await, Ok(()));
        assert!(mail_to(&t.cx, "kim@example.com").await.is_none());
        assert_eq!(ask("300200", "$142.18").await, Ok(()));
        let (token, _) = mail_to(&t.cx, "kim@example.com").await.expect("a mail");
        let token = token.expect("a link");
        let view = claim::look(&t.cx, &Principal::Nobody, &here(), &token).await.expect("looked at");
        assert!(view.needs_password);
        let weak = app(claim::confirm(&t.cx, &Principal::Nobody, &here(), &token, secret("short")).await);
        assert_eq!(weak, AppError::field(Field::NewPassword, Problem::TooShort), "and the link is not used up");
        let s = claim::confirm(&t.cx, &Principal::Nobody, &here(), &token, secret(PASSWORD)).await.expect("claimed");
        assert_eq!(s.person, t.other.person, "the holder on record, who had no sign-in");
        settings_page::show(&t.cx, &resident(&s), "300200").await.expect("it is theirs");
        let again = app(claim::confirm(&t.cx, &Principal::Nobody, &here(), &token, secret(PASSWORD)).await);
        assert_eq!(again, AppError::LinkExpired);
        // An account that someone signs in to is not given away: its holder is told instead.
        assert_eq!(ask("300100", "132.18").await, Ok(()));
        let (link, body) = mail_to(&t.cx, "robin@example.com").await.expect("the holder is told");
        assert!(link.is_none() && body.contains("300100"), "{body}");
    }

    async fn a_new_password_ends_every_session(pool: Pool) {
        let t = town(&pool).await;
        let old = sign_in(&t.cx, "300100", PASSWORD, Realm::Resident).await.expect("signed in");
        for login in ["nobody@example.com", "999999", "300200"] {
            recover::start(&t.cx, &Principal::Nobody, &here(), login).await.expect("answered alike");
        }
        assert!(services::mail::outbox(&t.cx, &Principal::Nobody).await.expect("the outbox").is_empty());
        recover::start(&t.cx, &Principal::Nobody, &here(), "300100").await.expect("asked");
        let first = mail_to(&t.cx, "robin@example.com").await.and_then(|m| m.0).expect("a link");
        recover::start(&t.cx, &Principal::Nobody, &here(), "robin@example.com").await.expect("asked again");
        let second = mail_to(&t.cx, "robin@example.com").await.and_then(|m| m.0).expect("a link");
        assert_eq!(app(recover::look(&t.cx, &Principal::Nobody, &here(), &first).await), AppError::LinkExpired);
        let new = secret("three green windows shut");
        recover::finish(&t.cx, &Principal::Nobody, &here(), &second, new.clone()).await.expect("set");
        assert_eq!(app(recover::finish(&t.cx, &Principal::Nobody, &here(), &second, new).await), AppError::LinkExpired);
        let resolved = sessions::resolve(&t.cx, &old.token, Realm::Resident).await.expect("resolved");
        assert_eq!(resolved.who, Principal::Nobody);
        assert_eq!(sign_in(&t.cx, "300100", PASSWORD, Realm::Resident).await.expect_err("old"), no_match());
        recover::start(&t.cx, &Principal::Nobody, &here(), "300100").await.expect("asked");
        let late = mail_to(&t.cx, "robin@example.com").await.and_then(|m| m.0).expect("a link");
        t.clock.advance(TimeDelta::minutes(31));
        assert_eq!(app(recover::look(&t.cx, &Principal::Nobody, &here(), &late).await), AppError::LinkExpired);
    }

    async fn contact_changes_are_checked_and_confirmed(pool: Pool) {
        let t = town(&pool).await;
        let s = resident(&sign_in(&t.cx, "300100", PASSWORD, Realm::Resident).await.expect("signed in"));
        assert_eq!(app(settings_page::set_phone(&t.cx, &s, "12").await), AppError::field(Field::Phone, Problem::Malformed));
        settings_page::set_phone(&t.cx, &s, "650 555 0123").await.expect("set");
        settings_page::set_paperless(&t.cx, &s, "300100", false).await.expect("set");
        assert_eq!(app(settings_page::set_paperless(&t.cx, &s, "300200", false).await), AppError::NotFound);
        let wrong = app(settings_page::new_email(&t.cx, &s, "rr@example.com", secret("wrong")).await);
        assert_eq!(wrong, AppError::field(Field::Password, Problem::NoMatch));
        settings_page::new_email(&t.cx, &s, "rr@example.com", secret(PASSWORD)).await.expect("asked");
        assert!(mail_to(&t.cx, "robin@example.com").await.expect("the old address is told").0.is_none());
        let link = mail_to(&t.cx, "rr@example.com").await.and_then(|m| m.0).expect("a link");
        settings_page::confirm_email(&t.cx, &Principal::Nobody, &here(), &link).await.expect("confirmed");
        let twice = settings_page::confirm_email(&t.cx, &Principal::Nobody, &here(), &link).await;
        assert_eq!(app(twice), AppError::LinkExpired);
        let view = settings_page::show(&t.cx, &s, "300100").await.expect("settings");
        assert_eq!((view.email.as_str(), view.phone.as_str(), view.paperless),
            ("rr@example.com", "(650) 555-0123", false));
        sign_in(&t.cx, "rr@example.com", PASSWORD, Realm::Resident).await.expect("by the new address");
    }

    async fn view_as_is_read_only_short_and_visible(pool: Pool) {
        let t = town(&pool).await;
        let sam = staff_of(&t, "sam@utility.example").await;
        assert_eq!(app(view_as::open(&t.cx, &sam, "300100", "other", " ").await),
            AppError::field(Field::Message, Problem::Missing));
        assert_eq!(app(view_as::open(&t.cx, &sam, "300100", "curiosity", "x").await),
            AppError::field(Field::Reason, Problem::Missing));
        assert_eq!(app(view_as::open(&t.cx, &sam, "999999", "other", "x").await), AppError::NotFound);
        let hand_over = view_as::open(&t.cx, &sam, "300100", "bill_question", "case 7").await.expect("opened");
        let forged = format!("{}x", &hand_over[..hand_over.len() - 1]);
        assert_eq!(app(view_as::redeem(&t.cx, &forged).await), AppError::LinkExpired);
        let redeemed = view_as::redeem(&t.cx, &hand_over).await.expect("redeemed");
        assert_eq!(app(view_as::redeem(&t.cx, &hand_over).await), AppError::LinkExpired, "once");
        let who = view_as::resolve(&t.cx, &redeemed.token).await.expect("resolved");
        let view = settings_page::show(&t.cx, &who, "300100").await.expect("the resident's page");
        assert_eq!((view.email.as_str(), view.sessions.len()), ("r•••@example.com", 0));
        let banner = view.account.view_as.expect("the frame");
        assert_eq!((banner.staff_name.as_str(), banner.minutes_left), ("Sam Okafor", 30));
        assert_eq!(app(settings_page::show(&t.cx, &who, "300200").await), AppError::NotFound, "one account only");
        // Every write is refused, and leaves a row.
        for refused in [
            app(settings_page::set_phone(&t.cx, &who, "650 555 0123").await),
            app(settings_page::set_paperless(&t.cx, &who, "300100", true).await),
            app(settings_page::new_email(&t.cx, &who, "x@example.com", secret(PASSWORD)).await),
            app(settings_page::set_password(&t.cx, &who, secret(PASSWORD), secret(PASSWORD)).await),
            app(view_as::open(&t.cx, &who, "300200", "bill_question", "").await),
            app(view_as::stop(&t.cx, &who, "300100", ViewAsId(1)).await),
            app(auth::sign_out(&t.cx, &who).await),
        ] {
            assert_eq!(refused, AppError::ViewAsReadOnly);
        }
        view_as::touch(&t.cx, &who, true).await.expect("counted");
        let robin = resident(&sign_in(&t.cx, "300100", PASSWORD, Realm::Resident).await.expect("signed in"));
        let seen = view_as::activity(&t.cx, &robin, "300100").await.expect("listed");
        assert_eq!((seen.viewings.len(), seen.viewings[0].live, seen.viewings[0].pages), (1, true, 1));
        assert_eq!(seen.viewings[0].by, "Sam O.");
        t.clock.advance(TimeDelta::minutes(6));
        assert_eq!(view_as::resolve(&t.cx, &redeemed.token).await.expect("resolved"), Principal::Nobody, "idle");
    }

    async fn view_as_ends_with_exit_stop_and_the_staff_session(pool: Pool) {
        let t = town(&pool).await;
        let sam = staff_of(&t, "sam@utility.example").await;
        let open = || { let (cx, sam) = (t.cx.clone(), sam.clone()); async move {
            let hand_over = view_as::open(&cx, &sam, "300100", "portal_help", "").await.expect("opened");
            let redeemed = view_as::redeem(&cx, &hand_over).await.expect("redeemed");
            let who = view_as::resolve(&cx, &redeemed.token).await.expect("resolved");
            (redeemed.token, who)
        } };
        let gone = |token: String| { let cx = t.cx.clone(); async move {
            view_as::resolve(&cx, &token).await.expect("resolved") == Principal::Nobody
        } };
        let (token, who) = open().await;
        view_as::leave(&t.cx, &who).await.expect("left");
        assert!(gone(token).await);
        let (token, who) = open().await;
        let Principal::ViewAs { view_as: id, .. } = who else { panic!("a viewing") };
        let robin = resident(&sign_in(&t.cx, "300100", PASSWORD, Realm::Resident).await.expect("signed in"));
        view_as::stop(&t.cx, &robin, "300100", id).await.expect("stopped");
        assert!(gone(token).await);
        let (token, _) = open().await;
        let late = view_as::open(&t.cx, &sam, "300100", "portal_help", "").await.expect("opened");
        auth::sign_out(&t.cx, &sam).await.expect("signed out");
        assert!(gone(token).await);
        assert_eq!(app(view_as::redeem(&t.cx, &late).await), AppError::LinkExpired);
        let sue = staff_of(&t, "sue@utility.example").await;
        let slow = view_as::open(&t.cx, &sue, "300100", "portal_help", "").await.expect("opened");
        t.clock.advance(TimeDelta::seconds(61));
        assert_eq!(app(view_as::redeem(&t.cx, &slow).await), AppError::LinkExpired, "a minute has passed");
    }

    async fn nobody_views_a_colleague_themselves_or_a_neighbour(pool: Pool) {
        let t = town(&pool).await;
        let sam = staff_of(&t, "sam@utility.example").await;
        let Principal::Staff { person, .. } = sam else { panic!("an employee") };
        let now = t.clock.now();
        let mut tx = pool.write().await.expect("a transaction");
        store::accounts::grant(&mut tx, t.other.account, person, AccountRole::Holder, now).await.expect("granted");
        tx.commit().await.expect("committed");
        assert_eq!(app(view_as::open(&t.cx, &sam, "300200", "bill_question", "").await), AppError::Forbidden);
        let robin = resident(&sign_in(&t.cx, "300100", PASSWORD, Realm::Resident).await.expect("signed in"));
        assert_eq!(app(view_as::open(&t.cx, &robin, "300200", "bill_question", "").await), AppError::Forbidden);
        assert_eq!(app(staff::search(&t.cx, &robin, "robin").await), AppError::Forbidden);
        assert_eq!(app(staff::account(&t.cx, &robin, "300100").await), AppError::Forbidden);
    }

    async fn staff_find_accounts_by_name_address_and_number(pool: Pool) {
        let t = town(&pool).await;
        let sam = staff_of(&t, "sam@utility.example").await;
        let find = |text: &'static str| { let (cx, sam) = (t.cx.clone(), sam.clone()); async move {
            let found = staff::search(&cx, &sam, text).await.expect("searched");
            found.hits.into_iter().map(|h| h.number).collect::<Vec<_>>()
        } };
        assert_eq!(find("REYES").await, ["300100", "300200"]);
        assert_eq!(find("3002").await, ["300200"]);
        assert!(find("100%").await.is_empty(), "a percent sign is a percent sign");
        let summary = staff::account(&t.cx, &sam, "300100").await.expect("shown");
        assert_eq!(summary.people[0].email.as_deref(), Some("r•••@example.com"));
        users::disable(&t.cx, "sam@utility.example").await.expect("disabled");
        assert!(!users::list(&t.cx).await.expect("listed")[0].can_sign_in);
        assert_eq!(sign_in(&t.cx, "sam@utility.example", PASSWORD, Realm::Staff).await.expect_err("no"), no_match());
    }

    async fn what_was_typed_comes_back_once_to_the_same_person(pool: Pool) {
        let t = town(&pool).await;
        let s = resident(&sign_in(&t.cx, "300100", PASSWORD, Realm::Resident).await.expect("signed in"));
        let state = contract::form::FormState { fields: vec![("message".into(), "a leak".into())], ..Default::default() };
        let keep = |p: PersonId| { let (cx, state) = (t.cx.clone(), state.clone());
            async move { drafts::keep(&cx, Some(p), "/a/300100/help", &state).await.expect("kept") } };
        let take = |who: Principal, token: String, path: &'static str| { let cx = t.cx.clone();
            async move { drafts::take(&cx, &who, &token, path).await.expect("asked") } };
        let token = keep(t.mine.person).await;
        assert_eq!(take(Principal::Nobody, token.clone(), "/a/300100/help").await, drafts::Taken::Later);
        assert_eq!(take(s.clone(), token.clone(), "/a/300100").await, drafts::Taken::Later);
        assert_eq!(take(s.clone(), token.clone(), "/a/300100/help").await, drafts::Taken::Back(state.clone()));
        assert_eq!(take(s.clone(), token, "/a/300100/help").await, drafts::Taken::Gone);
        let theirs = keep(t.other.person).await;
        assert_eq!(take(s.clone(), theirs, "/a/300100/help").await, drafts::Taken::Gone, "someone else's");
        let old = keep(t.mine.person).await;
        t.clock.advance(TimeDelta::minutes(16));
        assert_eq!(take(s, old, "/a/300100/help").await, drafts::Taken::Gone, "too old");
    }
}
