//! What the operator sets and use cases need. Where each value came from is the configuration's business.

use serde::{Deserialize, Serialize};

/// Settings of one utility's portal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The utility's name, as in page titles and mails.
    pub utility_name: String,
    /// A telephone number that people may call.
    pub utility_phone: String,
    /// The portal's own origin, such as `https://my.example.org`, without a slash at the end.
    pub portal_origin: String,
    /// The origin of view-as, `assist.` before the portal's host.
    pub assist_origin: String,
    /// The origin of the payment processor's hosted page.
    pub pay_origin: String,
    /// Where the processor's API is called from here; in the demo a loopback address.
    pub pay_api: String,
    /// Origins that the payment processor's fields on pages of ours call; empty where it has pages of its own.
    pub fields_connect: String,
    /// Origins whose frames those fields are.
    pub fields_frames: String,
    /// The IANA zone of the city.
    pub zone: String,
    /// Whether bills are printed on A4 rather than on Letter.
    pub a4: bool,
    /// Whether only a person releases bills: the nightly run then says what waits and issues nothing.
    pub bills_by_hand: bool,
    /// Addresses or networks of the proxies in front, separated by spaces: whom they name as the sender is believed.
    pub trusted_proxies: String,
    /// Whether mail is shown on a local outbox page (demo and tests only).
    pub outbox_page: bool,
    /// The sending systems whose usage files are taken, as the files name them, separated by commas; empty takes all.
    pub senders: String,
    /// What has been agreed with senders, by their name in the files.
    pub sender_rules: std::collections::BTreeMap<String, crate::ingest::SenderRule>,
    /// Figures of the rules by which usage is validated and estimated.
    pub vee: domain::metering::vee::Figures,
    /// When stored usage is packed, and how long it is kept.
    pub storage: crate::storage::Figures,
    /// Figures of late fees, notices, arrangements and deposits.
    pub collections: domain::ledger::collections::Figures,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            utility_name: "City of Alder Bay Utilities".into(),
            utility_phone: "(650) 555-0100".into(),
            portal_origin: "http://localhost:8620".into(),
            assist_origin: "http://assist.localhost:8620".into(),
            pay_origin: "http://pay.localhost:8621".into(),
            pay_api: "http://127.0.0.1:8621".into(),
            fields_connect: String::new(),
            fields_frames: String::new(),
            zone: "America/Los_Angeles".into(),
            a4: false,
            bills_by_hand: false,
            trusted_proxies: String::new(),
            outbox_page: false,
            senders: String::new(),
            sender_rules: std::collections::BTreeMap::new(),
            vee: domain::metering::vee::Figures::default(),
            storage: crate::storage::Figures::default(),
            collections: domain::ledger::collections::Figures::default(),
        }
    }
}
