//! The usage page and its downloads as a browser without JavaScript gets them.

use std::sync::Arc;

use app::Assets;
use app::server::RequestNonce;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use axum::{Extension, Router};
use chrono::NaiveDate;
use domain::calendar::{DayRange, Zone};
use domain::ids::SessionId;
use domain::metering::Quality;
use domain::quantity::{Commodity, Unit};
use server::http::Http;
use server::portal::Portal;
use services::clock::Entropy;
use services::{Cx, FixedClock, Principal, Settings};
use store::Pool;
use store::fixtures::{FixtureMeter, fill, home, noon};
use tower::ServiceExt as _;

const METER: FixtureMeter = FixtureMeter {
    commodity: Commodity::Electricity,
    unit: Unit::KilowattHour,
    exponent: -3,
    interval_seconds: 900,
    two_way: false,
};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

async fn portal(pool: &Pool) -> Router {
    let zone = Zone::iana("America/Los_Angeles").expect("a zone");
    let mut tx = pool.write().await.expect("a transaction");
    let home = home(&mut tx, "300100", zone.clone(), zone.start_of(day("2025-01-05")), 12, &[METER]).await;
    let all = DayRange::new(day("2025-01-05"), day("2026-05-21")).expect("forwards");
    fill(&mut tx, &home, home.registers[0], 900, -3, all, |d, _| {
        (d != day("2026-05-14")).then_some((100, Quality::Validated))
    })
    .await;
    tx.commit().await.expect("committed");
    let cx = Cx {
        pool: pool.clone(),
        clock: Arc::new(FixedClock::at(noon(&zone, day("2026-05-21")))),
        entropy: Arc::new(Entropy::seeded(1)),
        settings: Arc::new(Settings::default()),
        outside: services::adapters::Outside::default(),
    };
    let who = Principal::Resident { person: home.person, session: SessionId(1) };
    let http = Http::new(cx.clone()).expect("the HTTP layer");
    let portal = Portal { cx, assets: Assets::default(), site: std::env::temp_dir(), http };
    portal.routes().layer(Extension(who)).layer(Extension(RequestNonce("n".into())))
}

async fn get(portal: &Router, path: &str) -> (u16, String, String) {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let response = portal.clone().oneshot(request).await.expect("an answer");
    let status = response.status().as_u16();
    let kind =
        response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let body = to_bytes(response.into_body(), 10_000_000).await.expect("a body");
    (status, kind, String::from_utf8(body.to_vec()).expect("text"))
}

store::both_engines! {
    async fn the_page_has_sentence_picture_and_table(pool: Pool) {
        let portal = portal(&pool).await;
        let (status, _, page) = get(&portal, "/a/300100/usage").await;
        assert_eq!(status, 200);
        for part in [
            "You used 76.8 kWh so far",
            "role=\"img\" aria-labelledby=\"usage-wide-t usage-wide-d\"",
            "id=\"usage-narrow-t\"",
            "<th scope=\"row\"><a href=\"/a/300100/usage?service=electricity&amp;by=hour&amp;from=2026-05-12&amp;to=2026-05-12\">",
            "96 quarter-hours have no reading.",
            "No readings",
            "/a/300100/usage.csv?service=electricity&amp;by=day&amp;from=2026-05-12&amp;to=2026-05-20",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
        let main = page.find("<main").expect("a main part");
        assert!(!page[main..].contains(" style="), "the policy allows no inline style");
    }

    async fn what_is_missing_of_a_month_that_goes_on_is_said_and_shown_in_the_key(pool: Pool) {
        let portal = portal(&pool).await;
        let page = get(&portal, "/a/300100/usage?by=month&from=2026-04-01&to=2026-05-20").await.2;
        for part in ["96 of 1920 readings missing, Still going on", "Some readings missing"] {
            assert!(page.contains(part), "{part}\n{page}");
        }
        let page = get(&portal, "/a/300100/usage").await.2;
        assert!(page.contains("No readings") && !page.contains("Some readings missing"), "{page}");
    }

    async fn wrong_dates_answer_422_and_show_what_there_is(pool: Pool) {
        let portal = portal(&pool).await;
        let (status, _, page) = get(&portal, "/a/300100/usage?from=2026-05-09&to=2026-05-01").await;
        assert_eq!(status, 422);
        assert!(page.contains("The last day is before the first.") && page.contains("12 May – 20 May 2026"), "{page}");
        let (status, ..) = get(&portal, "/a/300100/usage?from=2031-01-01&to=2031-02-01").await;
        assert_eq!(status, 422);
        assert_eq!(get(&portal, "/a/999999/usage").await.0, 404);
        let (status, _, page) = get(&portal, "/a/300100/usage?from=abc&to=2026-05-14").await;
        assert_eq!(status, 422);
        assert!(!page.contains("value=\"abc\"") && page.contains("value=\"2026-05-14\""), "{page}");
    }

    async fn the_download_is_a_table_of_readings(pool: Pool) {
        let portal = portal(&pool).await;
        let (status, kind, text) = get(&portal, "/a/300100/usage.csv?from=2026-05-12&to=2026-05-12").await;
        assert_eq!((status, kind.as_str()), (200, "text/csv; charset=utf-8"));
        assert_eq!(text.lines().count(), 97);
        let (status, kind, page) = get(&portal, "/a/999999/usage.csv").await;
        assert_eq!((status, kind.starts_with("text/html")), (404, true));
        assert!(page.contains("We could not find that page"), "{page}");
        assert_eq!(get(&portal, "/a/300100/usage.csv?from=x").await.0, 303);
        let (status, kind, _) = get(&portal, "/a/300100/usage.csv?service=gas&service=electricity&x=%FF").await;
        assert_eq!((status, kind.as_str()), (200, "text/csv; charset=utf-8"));
    }

    async fn green_button_is_of_the_shown_days_or_of_all(pool: Pool) {
        let portal = portal(&pool).await;
        let page = get(&portal, "/a/300100/usage").await.2;
        let shown = "/a/300100/usage.xml?service=electricity&amp;by=day&amp;from=2026-05-12&amp;to=2026-05-20";
        assert!(page.contains(shown) && page.contains("\"/a/300100/usage.xml\""), "{page}");
        let (status, kind, text) = get(&portal, &shown.replace("&amp;", "&")).await;
        assert_eq!((status, kind.as_str()), (200, "application/atom+xml; charset=utf-8"));
        assert_eq!(text.matches("<IntervalReading>").count(), 8 * 96, "one day of nine is missing");
        let all = get(&portal, "/a/300100/usage.xml").await.2;
        assert_eq!(all.matches("<IntervalBlock ").count(), 500, "501 days, one of them missing");
        assert!(all.ends_with("</feed>\n"), "the file is whole");
        assert_eq!(get(&portal, "/a/999999/usage.xml").await.0, 404);
        assert_eq!(get(&portal, "/a/300100/usage.xml?from=x").await.0, 303);
    }
}
