//! Readings from other systems: by request and through a folder.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use domain::ids::DeliveryId;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use server::readings;
use services::clock::Entropy;
use services::{Cx, FixedClock, Settings, keys};
use store::Pool;
use tower::ServiceExt as _;

/// Two hours of a meter that nobody registered yet.
const CMEP: &str = "MEPMD01,19970819,head end,,UTIL,,202605200300,E900,OK,E,KWH,1,00000015,4,\
                    202605200015,R,0.1,202605200030,R,0.2,202605200045,R,0.3,202605200100,R,0.4\n";

fn cx(pool: Pool) -> Cx {
    Cx {
        pool,
        clock: Arc::new(FixedClock::at("2026-05-21T18:00:00Z".parse().expect("an instant"))),
        entropy: Arc::new(Entropy::seeded(1)),
        settings: Arc::new(Settings::default()),
        outside: services::adapters::Outside::default(),
    }
}

async fn send(routes: &Router, key: Option<&str>, query: &str, body: Vec<u8>) -> (StatusCode, Value) {
    let mut request = Request::post(format!("/v1/usage{query}"));
    if let Some(key) = key {
        request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
    }
    let response = routes.clone().oneshot(request.body(Body::from(body)).expect("a request")).await.expect("an answer");
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    (status, serde_json::from_slice(&body).expect("JSON"))
}

store::both_engines! {
    async fn a_system_with_a_key_sends_readings_once(pool: Pool) {
        let cx = cx(pool);
        let routes = readings::routes(cx.clone());
        assert_eq!(send(&routes, None, "", CMEP.into()).await.0, StatusCode::UNAUTHORIZED);
        assert_eq!(send(&routes, Some("msk_guess"), "", CMEP.into()).await.0, StatusCode::FORBIDDEN);
        let key = keys::create(&cx, "head end").await.expect("asked").expect("made");
        assert!(keys::create(&cx, "head end").await.expect("asked").is_err_and(|e| e.contains("already")));
        assert!(keys::create(&cx, " ").await.expect("asked").is_err());
        let key = key.expose_secret();
        let (status, report) = send(&routes, Some(key), "?name=day.cmep", CMEP.into()).await;
        assert_eq!((status, &report["file"], &report["waiting"]), (StatusCode::OK, &"day.cmep".into(), &4.into()), "{report}");
        let delivery = DeliveryId(report["delivery"].as_i64().expect("a key"));
        let mut tx = cx.pool.read().await.expect("a transaction");
        let kept = store::review::delivery_name(&mut tx, delivery).await.expect("asked");
        drop(tx);
        assert_eq!(kept.as_deref(), Some("day.cmep, sent by head end"));
        let (status, again) = send(&routes, Some(key), "", CMEP.into()).await;
        assert_eq!((status, &again["already"]), (StatusCode::OK, &true.into()));
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(CMEP.replace("E900", "E901").as_bytes()).expect("packed");
        let (_, report) = send(&routes, Some(key), "", packed.finish().expect("packed")).await;
        assert_eq!((&report["format"], &report["waiting"]), (&"cmep".into(), &4.into()));
        let (status, refused) = send(&routes, Some(key), "", b"<html>expired".to_vec()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused["problem"].as_str().is_some_and(|p| p.contains("web page")), "{refused}");
        let (status, _) = send(&routes, Some(key), "?zone=Moon", CMEP.into()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let listed = keys::list(&cx).await.expect("listed");
        assert!(listed.len() == 1 && listed[0].last_used_at.is_some() && listed[0].revoked_at.is_none());
        assert!(keys::revoke(&cx, "head end").await.expect("asked"));
        assert!(!keys::revoke(&cx, "head end").await.expect("asked"));
        assert_eq!(send(&routes, Some(key), "", CMEP.into()).await.0, StatusCode::FORBIDDEN);
    }

    async fn what_is_put_into_the_folder_is_taken_in_and_put_away(pool: Pool) {
        let cx = cx(pool);
        let folder = tempfile::tempdir().expect("a folder");
        let inbox = folder.path().join("inbox");
        readings::prepare(&inbox).expect("made");
        let put = |name: &str, text: &str, age: u64| {
            let file = std::fs::File::create(inbox.join(name)).expect("a file");
            (&file).write_all(text.as_bytes()).expect("written");
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).expect("aged");
        };
        put("monday.cmep", CMEP, 60);
        put("letter.txt", "Dear all", 60);
        put(".partial", CMEP, 60);
        put("still-coming.cmep", &CMEP.replace("E900", "E902"), 0);
        assert_eq!(readings::sweep(&cx, &inbox).await.expect("swept"), 2);
        assert!(inbox.join("done/monday.cmep").exists() && inbox.join("still-coming.cmep").exists());
        let reason = std::fs::read_to_string(inbox.join("refused/letter.txt.reason.txt")).expect("a reason");
        assert!(reason.contains("none of the formats"), "{reason}");
        // The same name comes again: the first is not written over.
        put("monday.cmep", &CMEP.replace("E900", "E903"), 60);
        assert_eq!(readings::sweep(&cx, &inbox).await.expect("swept"), 1);
        assert!(inbox.join("done/monday.cmep").exists() && inbox.join("done/monday.cmep.1").exists());
        let waiting = services::ingest::waiting(&cx).await.expect("listed");
        let meters: Vec<&str> = waiting.iter().map(|w| w.meter.as_str()).collect();
        assert_eq!(meters, ["E900", "E903"]);
    }
}
