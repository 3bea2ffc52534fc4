//! Master data come in whole or not at all, and twice changes nothing.

use std::sync::Arc;

use services::adapters::Outside;
use services::clock::Entropy;
use services::import::{Imported, Subject, load};
use services::{Cx, FixedClock, Settings};
use store::Pool;

const PREMISES: &str = "street,city,postcode,zone,service_point,commodity
12 Egret Lane,Alder Bay,94999,America/Los_Angeles,SP-E-1,electricity
12 Egret Lane,Alder Bay,94999,America/Los_Angeles,SP-W-1,water
";
const METERS: &str =
    "meter,commodity,registers,unit,exponent,interval_seconds,dial_digits,service_point,installed,removed
E100,electricity,delivered+received,kilowatt_hour,-3,900,6,SP-E-1,2020-01-01T00:00:00-08:00,
W100,water,delivered,gallon,0,3600,7,SP-W-1,2020-01-01T00:00:00-08:00,2026-03-05T11:30:00-08:00
W101,water,delivered,gallon,0,3600,7,SP-W-1,2026-03-05T11:30:00-08:00,
";
const ACCOUNTS: &str = "account,name,given_name,family_name,email,phone,opened,closed,cycle_day,paperless,mailing_street,mailing_city,mailing_postcode,street,postcode,service,service_point,schedule,facts,since,until
100200300,Maria Alvarez,Maria,Alvarez,maria@example.com,650-555-0101,2020-01-01,,14,true,12 Egret Lane,Alder Bay,94999,12 Egret Lane,94999,electricity,SP-E-1,E-1,,2020-01-01T00:00:00-08:00,
100200300,Maria Alvarez,Maria,Alvarez,maria@example.com,650-555-0101,2020-01-01,,14,true,12 Egret Lane,Alder Bay,94999,12 Egret Lane,94999,storm,,D-1,\"{\"\"eru\"\":\"\"1.0\"\"}\",2020-01-01T00:00:00-08:00,
";

fn cx(pool: Pool) -> Cx {
    Cx {
        pool,
        clock: Arc::new(FixedClock::at("2026-11-20T18:00:00Z".parse().expect("an instant"))),
        entropy: Arc::new(Entropy::seeded(1)),
        settings: Arc::new(Settings::default()),
        outside: Outside::default(),
    }
}

async fn take(cx: &Cx, subject: Subject, text: &str) -> Imported {
    load(cx, subject, text.as_bytes(), false).await.expect("the database answers")
}

store::both_engines! {
    async fn a_town_comes_in_and_a_second_time_changes_nothing(pool: Pool) {
        let cx = cx(pool);
        let files = [(Subject::Premises, PREMISES), (Subject::Meters, METERS), (Subject::Accounts, ACCOUNTS)];
        for (subject, text) in files {
            let done = take(&cx, subject, text).await;
            assert_eq!(done.refused, [], "{subject:?}");
            assert_eq!(done.added, text.lines().count() as u64 - 1, "{subject:?}");
        }
        for (subject, text) in files {
            let done = take(&cx, subject, text).await;
            assert_eq!((done.added, done.changed, done.refused.len()), (0, 0, 0), "{subject:?}");
        }
        let moved = ACCOUNTS.replace("E-1,,", "E-2,,");
        assert_eq!(take(&cx, Subject::Accounts, &moved).await.changed, 1);
    }

    async fn one_bad_line_and_nothing_is_taken(pool: Pool) {
        let cx = cx(pool);
        let bad = format!("{PREMISES}13 Egret Lane,Alder Bay,94999,America/Nowhere,SP-E-2,electricity\n");
        let done = take(&cx, Subject::Premises, &bad).await;
        assert_eq!(done.refused.len(), 1);
        assert_eq!(done.refused[0].line, 4);
        assert!(done.refused[0].message.contains("America/Los_Angeles"), "{}", done.refused[0].message);
        assert_eq!(take(&cx, Subject::Premises, PREMISES).await.added, 2, "nothing of the refused file had stayed");
        let done = take(&cx, Subject::Meters, &METERS.replace("SP-W-1", "SP-W-9")).await;
        assert_eq!(done.refused.len(), 2);
        assert!(done.refused[0].message.contains("SP-W-9"));
    }

    async fn a_trial_says_what_would_happen_and_does_nothing(pool: Pool) {
        let cx = cx(pool);
        let trial = load(&cx, Subject::Premises, PREMISES.as_bytes(), true).await.expect("the database answers");
        assert_eq!((trial.added, trial.dry_run), (2, true));
        assert_eq!(take(&cx, Subject::Premises, PREMISES).await.added, 2);
    }

    async fn weather_comes_by_day_and_may_be_corrected(pool: Pool) {
        let cx = cx(pool.clone());
        let done = take(&cx, Subject::Weather, "day,low_f,mean_f,high_f\n2026-11-19,44.1,52,63.5\n2026-11-20,45,,60\n").await;
        assert_eq!((done.added, done.refused.len()), (2, 0));
        let again = "day,low_f,mean_f,high_f\n2026-11-19,44.1,52,63.5\n2026-11-20,45,,61\n";
        let done = take(&cx, Subject::Weather, again).await;
        assert_eq!((done.added, done.changed, done.unchanged), (0, 1, 1));
        let mut tx = pool.read().await.expect("a connection");
        let days = "2026-11-01".parse().ok().zip("2026-12-01".parse().ok());
        let (from, to) = days.expect("dates");
        let known = store::weather::range(&mut tx, domain::calendar::DayRange { from, to }).await.expect("days");
        let temperatures: Vec<_> = known.iter().map(|d| (d.low, d.mean, d.high)).collect();
        assert_eq!(temperatures, [(441, 520, 635), (450, 530, 610)]);
        let done = take(&cx, Subject::Weather, "day,low_f,mean_f,high_f\n2026-11-21,70,60,50\n2026-11-22,x,,9\n").await;
        assert!(done.refused[0].message.contains("should rise") && done.refused[1].message.contains("like 61.5"), "{done:?}");
    }

    async fn a_header_that_is_not_ours_is_refused_with_ours(pool: Pool) {
        let cx = cx(pool);
        let done = take(&cx, Subject::Premises, "street,town\n1,2\n").await;
        assert_eq!(done.refused[0].line, 1);
        assert!(done.refused[0].message.contains("city, postcode, zone"), "{}", done.refused[0].message);
    }
}
