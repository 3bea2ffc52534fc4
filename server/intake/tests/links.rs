//! Links between the entries of a Green Button feed.

use domain::calendar::Zone;
use intake::data::ChannelData;
use intake::sniff::{Options, load};

fn read(text: &str) -> Vec<ChannelData> {
    let loaded = load(text.as_bytes(), &Options { zone: Zone::utc(), limit: None }).expect("a feed");
    assert_eq!(loaded.findings, []);
    loaded.channels
}

/// A feed of so many meters. All blocks come first and the usage points last, so that only links can bring them together.
fn feed(meters: usize) -> String {
    let entry = |links: String, content: String| format!("<entry>{links}<content>{content}</content></entry>");
    let link = |rel: &str, href: String| format!("<link rel=\"{rel}\" href=\"{href}\"/>");
    let (mut blocks, mut types, mut readings, mut points) =
        (String::new(), String::new(), String::new(), String::new());
    for n in 0..meters {
        blocks += &entry(
            link("up", format!("M/{n}/B")) + &link("self", format!("M/{n}/B/1")),
            format!(
                "<IntervalBlock><IntervalReading><timePeriod><duration>900</duration><start>1777593600</start>\
                 </timePeriod><value>{n}</value></IntervalReading></IntervalBlock>"
            ),
        );
        types += &entry(
            link("self", format!("T/{n}")),
            format!("<ReadingType><uom>72</uom><powerOfTenMultiplier>{}</powerOfTenMultiplier></ReadingType>", n % 4),
        );
        readings += &entry(
            link("self", format!("M/{n}"))
                + &link("up", format!("P/{n}/M"))
                + &link("related", format!("M/{n}/B"))
                + &link("related", format!("T/{n}")),
            "<MeterReading/>".to_owned(),
        );
        points += &entry(
            link("self", format!("P/{n}")) + &link("related", format!("P/{n}/M")),
            "<UsagePoint><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint>".to_owned(),
        );
    }
    format!("<feed xmlns=\"http://naesb.org/espi\">{blocks}{types}{readings}{points}</feed>")
}

#[test]
fn every_block_finds_its_meter_its_type_and_its_usage_point() {
    let channels = read(&feed(50));
    assert_eq!(channels.len(), 50);
    for (n, c) in channels.iter().enumerate() {
        let value = i64::try_from(n).expect("a small number");
        assert_eq!((c.meter.as_str(), c.points[0].value), (format!("P/{n}").as_str(), value));
        assert_eq!(c.exponent, i8::try_from(n % 4).expect("a small number") - 3);
    }
}

#[test]
fn characters_may_be_written_in_every_way_of_xml() {
    let plain = feed(1).replace("<value>0</value>", "<value>1250</value>").replace("M/0/B", "M?a=1&amp;b/0/B");
    let expected = read(&plain);
    assert_eq!(expected[0].points[0].value, 1250);
    for (from, to) in [
        ("<value>1250</value>", "<value><![CDATA[1250]]></value>"),
        ("<value>1250</value>", "<value>\n 12<![CDATA[5]]>0 </value>"),
        ("<value>1250</value>", "<value>&#49;2&#x35;0</value>"),
        ("<uom>72</uom>", "<uom><![CDATA[ 72 ]]></uom>"),
        ("href=\"M?a=1&amp;b/0/B\"", "href=\"M?a=&#49;&#x26;b/0/B\""),
    ] {
        let written = plain.replace(from, to);
        assert_ne!(written, plain);
        let found = read(&written);
        assert_eq!(
            (&found[0].points, found[0].unit, &found[0].meter),
            (&expected[0].points, expected[0].unit, &expected[0].meter),
            "{to}"
        );
    }
    let spaced = plain.replace("<value>1250</value>", "<value>12 &#53;0</value>");
    let loaded = load(spaced.as_bytes(), &Options { zone: Zone::utc(), limit: None }).expect("a feed");
    assert!(loaded.findings.iter().any(|f| f.code == "number"), "a space is no digit: {:?}", loaded.findings);
    let damaged = plain.replace("<value>1250</value>", "<value>&#xZZ;</value>");
    let error = load(damaged.as_bytes(), &Options { zone: Zone::utc(), limit: None }).expect_err("damaged");
    assert!(error.to_string().contains("#xZZ"), "{error}");
}

#[test]
fn thousands_of_meters_each_get_their_own_readings() {
    let found = read(&feed(3_000));
    assert_eq!(found.len(), 3_000);
    assert!(found.iter().all(|channel| channel.unit.is_some() && !channel.points.is_empty()));
}
