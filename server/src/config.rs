//! The operator's configuration: defaults, then a TOML file, then the environment (`METERSIDE_…`), then flags. Each value knows
//! where it came from; `meterside config` prints them all.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use domain::ledger::collections;
use domain::metering::vee::Figures;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use services::Settings;
use services::adapters::Outside;
use services::adapters::mail::Smtp;
use services::adapters::payment::stripe::StripeOptions;
use services::adapters::payment::{Hosted, Stripe};
use services::ingest::SenderRule;

/// A key that may be set.
struct Key {
    name: &'static str,
    default: &'static str,
    secret: bool,
    help: &'static str,
}

const fn key(name: &'static str, default: &'static str, help: &'static str) -> Key {
    Key { name, default, secret: false, help }
}

const KEYS: &[Key] = &[
    Key { secret: true, ..key("database", "sqlite:meterside.db", "sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME") },
    key("listen", "127.0.0.1:8620", "addresses to listen on, separated by spaces"),
    key("site", "", "folder that the bundler made; by default beside the program"),
    key("log", "info", "what is logged, as in RUST_LOG"),
    key("log_format", "text", "text or json"),
    key("inbox", "", "folder whose usage files are taken in as they come; empty watches none"),
    key("senders", "", "sending systems whose usage files are taken, separated by commas; empty takes all"),
    key(
        "sender_rules",
        "",
        "what has been agreed with senders, such as { AMI = { zone = \"America/Denver\", stamps = \"start\", units = { KWHR = \"electricity received kWh\" } } }",
    ),
    key("utility_name", "", "the utility's name"),
    key("utility_phone", "", "a number that people may call"),
    key("portal_origin", "", "the portal's origin, such as https://my.example.org"),
    key("assist_origin", "", "the origin of view-as, such as https://assist.my.example.org"),
    key("pay_origin", "", "the origin of the payment processor's page"),
    key("pay_api", "", "where the payment processor's interface is called"),
    key("zone", "", "the city's IANA time zone"),
    key("paper", "letter", "what bills are printed on: letter or a4"),
    key(
        "bill_run",
        "nightly",
        "nightly issues what is due unless its sum is far from that of the bills before; by-hand leaves it to `bill run`",
    ),
    key(
        "trusted_proxies",
        "",
        "addresses or networks of the proxies in front, such as 10.0.0.0/8; their X-Forwarded-For is believed",
    ),
    key("vee", "", "figures of the checks of usage, such as { zero_days_water = 21, high_percent = 300 }"),
    key("storage", "", "when usage is packed and how long it is kept, such as { pack_after_days = 5, keep_years = 0 }"),
    key("collections", "", "figures of late fees, notices and arrangements, such as { late_fee_basis_points = 150 }"),
    Key {
        secret: true,
        ..key("pay_key", "", "the key for the payment processor's interface; empty turns payments off")
    },
    Key {
        secret: true,
        ..key("pay_webhook_secret", "", "the secret that the payment processor signs its messages with")
    },
    Key {
        secret: true,
        ..key("stripe_key", "", "Stripe's secret or restricted key; empty where payments do not go to Stripe")
    },
    key("stripe_publishable_key", "", "Stripe's key for browsers"),
    Key { secret: true, ..key("stripe_webhook_secret", "", "the secret that Stripe signs its messages with") },
    key("stripe_methods", "card us_bank_account", "what people may pay with at Stripe, separated by spaces"),
    key("stripe_api", "https://api.stripe.com", "where Stripe's interface is called, by us and by browsers"),
    key("stripe_script", "https://js.stripe.com/v3/", "Stripe's script for browsers"),
    key(
        "stripe_frames",
        "https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com",
        "origins of the frames that Stripe's script shows",
    ),
    Key { secret: true, ..key("smtp", "", "smtp://USER:PASSWORD@HOST:PORT; empty keeps mail in the outbox") },
    key("mail_from", "no-reply@utilities.example", "the sender of mail"),
];

/// Where a value came from, weakest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// A file.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
    /// A flag of the command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// All values with their origins.
#[derive(Clone, Debug)]
pub struct Config(BTreeMap<&'static str, (String, Origin)>);

impl Config {
    /// Reads file, environment and flags (`name`, value).
    ///
    /// # Errors
    /// If the file cannot be read, is not TOML, or sets a key that does not exist.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: &[(&'static str, String)],
    ) -> anyhow::Result<Self> {
        let built_in = toml::Value::try_from(Settings::default()).context("the built-in settings are a table")?;
        let mut values: BTreeMap<_, _> = KEYS
            .iter()
            .map(|k| {
                let own = built_in.get(k.name).and_then(toml::Value::as_str).unwrap_or(k.default);
                (k.name, (own.to_owned(), Origin::Default))
            })
            .collect();
        if let Some(path) = file {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            let table: toml::Table = text.parse().with_context(|| format!("{} is not TOML", path.display()))?;
            for (name, value) in table {
                let Some(key) = KEYS.iter().find(|k| k.name == name) else {
                    let known: Vec<_> = KEYS.iter().map(|k| k.name).collect();
                    bail!("{}: there is no key `{name}`; there are {}", path.display(), known.join(", "));
                };
                let value = match value {
                    toml::Value::String(text) => text,
                    other => other.to_string(),
                };
                values.insert(key.name, (value, Origin::File(path.to_owned())));
            }
        }
        for (name, value) in environment {
            let Some(own) = name.strip_prefix("METERSIDE_") else { continue };
            if let Some(key) = KEYS.iter().find(|k| k.name == own.to_lowercase()) {
                values.insert(key.name, (value, Origin::Environment(name)));
            }
        }
        for (name, value) in flags {
            values.insert(name, (value.clone(), Origin::Flag));
        }
        let config = Self(values);
        config.table::<Figures>("vee", "zero_days_water = 21")?;
        let rules = config.sender_rules()?;
        if let Err(problem) = services::ingest::agreements(&rules) {
            bail!("`sender_rules`, {problem}");
        }
        config.table::<services::storage::Figures>("storage", "pack_after_days = 5")?;
        config.table::<collections::Figures>("collections", "late_fee_basis_points = 150")?;
        if !matches!(config.get("paper"), "letter" | "a4") {
            bail!("`paper` is `{}`; it should be letter or a4", config.get("paper"));
        }
        if !matches!(config.get("bill_run"), "nightly" | "by-hand") {
            bail!("`bill_run` is `{}`; it should be nightly or by-hand", config.get("bill_run"));
        }
        Ok(config)
    }

    /// A table of figures; those that are not named keep their defaults.
    fn table<T: Default + Copy + DeserializeOwned>(&self, name: &str, example: &str) -> anyhow::Result<T> {
        let text = self.get(name).trim();
        if text.is_empty() {
            return Ok(T::default());
        }
        let table: BTreeMap<String, T> = toml::from_str(&format!("{name} = {text}"))
            .with_context(|| format!("`{name}` is a table of figures such as {{ {example} }}"))?;
        Ok(table.get(name).copied().unwrap_or_default())
    }

    fn sender_rules(&self) -> anyhow::Result<BTreeMap<String, SenderRule>> {
        let text = self.get("sender_rules").trim();
        if text.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut table: BTreeMap<String, BTreeMap<String, SenderRule>> =
            toml::from_str(&format!("rules = {text}")).context(
                "`sender_rules` is a table such as { AMI = { zone = \"America/Denver\", stamps = \"start\", units = { KWHR = \"electricity received kWh\" } } }",
            )?;
        Ok(table.remove("rules").unwrap_or_default())
    }

    /// One value.
    ///
    /// # Panics
    /// For a name that is no key, which is a defect.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        &self.0.get(name).expect("only declared keys are asked for").0
    }

    /// What use cases need of it.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let text = |name: &str| self.get(name).to_owned();
        let stripe = !self.get("stripe_key").is_empty();
        Settings {
            utility_name: text("utility_name"),
            utility_phone: text("utility_phone"),
            portal_origin: text("portal_origin").trim_end_matches('/').to_owned(),
            assist_origin: text("assist_origin").trim_end_matches('/').to_owned(),
            pay_origin: text("pay_origin").trim_end_matches('/').to_owned(),
            pay_api: text("pay_api").trim_end_matches('/').to_owned(),
            fields_connect: if stripe { text("stripe_api").trim_end_matches('/').to_owned() } else { String::new() },
            fields_frames: if stripe { text("stripe_frames") } else { String::new() },
            zone: text("zone"),
            senders: text("senders"),
            sender_rules: self.sender_rules().unwrap_or_default(),
            a4: self.get("paper") == "a4",
            bills_by_hand: self.get("bill_run") == "by-hand",
            trusted_proxies: text("trusted_proxies"),
            // What cannot be read was refused when it was loaded.
            vee: self.table("vee", "").unwrap_or_default(),
            storage: self.table("storage", "").unwrap_or_default(),
            collections: self.table("collections", "").unwrap_or_default(),
            ..Settings::default()
        }
    }

    /// The services outside: the payment processor and the mail server, each left out where it is not set.
    ///
    /// # Errors
    /// If one of them is set by half or cannot be read.
    pub fn outside(&self) -> anyhow::Result<Outside> {
        let secret = |name: &str| SecretString::from(self.get(name).to_owned());
        let mut outside = Outside::default();
        match (self.get("pay_key").is_empty(), self.get("pay_webhook_secret").is_empty()) {
            (false, false) => {
                // The built-in addresses are the demo's; a city's payments must not go there unnoticed.
                self.require("pay_api", "payments are on (`pay_key`)")?;
                self.require("pay_origin", "payments are on (`pay_key`)")?;
                let hosted = Hosted::new(self.get("pay_api"), secret("pay_key"), secret("pay_webhook_secret"));
                outside.payments = Arc::new(hosted.context("`pay_api` cannot be used")?);
            }
            (true, true) => {}
            (true, false) => bail!("`pay_webhook_secret` is set and `pay_key` is not; payments need both"),
            (false, true) => bail!("`pay_key` is set and `pay_webhook_secret` is not; payments need both"),
        }
        if let Some(stripe) = self.stripe()? {
            outside.payments = Arc::new(stripe);
        }
        if !self.get("smtp").is_empty() {
            self.require("mail_from", "mail is sent (`smtp`)")?;
            let smtp = Smtp::new(&secret("smtp"), self.get("mail_from"));
            outside.mail = Arc::new(smtp.context("`smtp` or `mail_from` cannot be used")?);
        }
        Ok(outside)
    }

    /// Stripe, where it is set.
    fn stripe(&self) -> anyhow::Result<Option<Stripe>> {
        let keys = ["stripe_key", "stripe_publishable_key", "stripe_webhook_secret"];
        let Some(set) = keys.iter().find(|k| !self.get(k).is_empty()) else { return Ok(None) };
        if let Some(missing) = keys.iter().find(|k| self.get(k).is_empty()) {
            bail!("`{set}` is set and `{missing}` is not; Stripe needs all three");
        }
        if !self.get("pay_key").is_empty() {
            bail!("`pay_key` and `stripe_key` are both set; payments go to one processor");
        }
        let list = |name: &str| self.get(name).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let secret = |name: &str| SecretString::from(self.get(name).to_owned());
        let options = StripeOptions {
            api: self.get("stripe_api").to_owned(),
            script: self.get("stripe_script").to_owned(),
            browser_api: self.get("stripe_api").trim_end_matches('/').to_owned(),
            frames: list("stripe_frames"),
            secret_key: secret("stripe_key"),
            publishable_key: self.get("stripe_publishable_key").to_owned(),
            webhook_secret: secret("stripe_webhook_secret"),
            methods: list("stripe_methods"),
        };
        Ok(Some(Stripe::new(options).context("`stripe_api` cannot be used")?))
    }

    /// Refuses a built-in value where the operator's own is needed.
    fn require(&self, name: &str, because: &str) -> anyhow::Result<()> {
        let (value, origin) = &self.0[name];
        if value.is_empty() || *origin == Origin::Default {
            bail!("`{name}` is not set; it is needed where {because}");
        }
        Ok(())
    }

    /// The folder with the bundled files: as set, or `site` beside the program's own folder.
    #[must_use]
    pub fn site(&self) -> PathBuf {
        match self.get("site") {
            "" => std::env::current_exe()
                .ok()
                .and_then(|exe| Some(exe.parent()?.parent()?.join("site")))
                .unwrap_or_else(|| PathBuf::from("target/site")),
            set => PathBuf::from(set),
        }
    }

    /// Each key with its value, where that is from, and what it is for. Secrets are hidden.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, String, String, &'static str)> {
        KEYS.iter().map(|key| {
            let (value, origin) = &self.0[key.name];
            let shown = if key.secret { redact(value) } else { value.clone() };
            (key.name, shown, origin.to_string(), key.help)
        })
    }
}

/// Hides the password of an address, and a secret that is none altogether.
fn redact(value: &str) -> String {
    match (value.find("://"), value.rfind('@')) {
        (Some(start), Some(at)) if start + 3 < at => format!("{}…{}", &value[..start + 3], &value[at..]),
        _ if value.is_empty() || value.contains(':') => value.to_owned(),
        _ => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_sources_win_and_are_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("meterside.toml");
        std::fs::write(&file, "listen = \"0.0.0.0:80\"\nzone = \"America/New_York\"\nlog = \"warn\"\n")
            .expect("written");
        let environment =
            [("METERSIDE_LOG".to_owned(), "debug".to_owned()), ("METERSIDE_OTHER".to_owned(), "x".to_owned())];
        let config = Config::load(Some(&file), environment, &[("listen", "127.0.0.1:1".into())]).expect("loads");
        assert_eq!(
            (config.get("listen"), config.get("log"), config.get("zone")),
            ("127.0.0.1:1", "debug", "America/New_York")
        );
        let origins: BTreeMap<_, _> = config.rows().map(|(name, _, origin, _)| (name, origin)).collect();
        assert_eq!(origins["listen"], "flag");
        assert_eq!(origins["log"], "environment METERSIDE_LOG");
        assert!(origins["zone"].starts_with("file "));
        assert_eq!(origins["utility_phone"], "default");
    }

    #[test]
    fn what_was_agreed_with_senders_is_a_table_of_tables() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("meterside.toml");
        let text = "[sender_rules.HILLS]\nzone = \"America/Denver\"\nstamps = \"start\"\nunits = { KWHR = \"electricity received kWh\" }\n";
        std::fs::write(&file, text).expect("written");
        let settings = Config::load(Some(&file), [], &[]).expect("loads").settings();
        let rule = &settings.sender_rules["HILLS"];
        assert_eq!((rule.zone.as_deref(), rule.stamps.as_deref()), (Some("America/Denver"), Some("start")));
        assert_eq!(rule.units["KWHR"], "electricity received kWh");
        for wrong in ["stamps = \"middle\"", "zone = \"Moon\"", "units = { A = \"steam\" }", "color = 1"] {
            std::fs::write(&file, format!("[sender_rules.HILLS]\n{wrong}\n")).expect("written");
            let error = Config::load(Some(&file), [], &[]).expect_err("refused").to_string();
            assert!(error.contains("sender_rules"), "{wrong}: {error}");
        }
    }

    #[test]
    fn figures_of_the_checks_are_a_table() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("meterside.toml");
        std::fs::write(&file, "vee = { zero_days_water = 21 }\n").expect("written");
        let vee = Config::load(Some(&file), [], &[]).expect("loads").settings().vee;
        assert_eq!(vee, Figures { zero_days_water: 21, ..Figures::default() });
        for wrong in ["{ zero_days_beer = 1 }", "21", "{ zero_days_water = -1 }"] {
            assert!(Config::load(None, [("METERSIDE_VEE".to_owned(), wrong.to_owned())], &[]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_the_ones_there_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("meterside.toml");
        std::fs::write(&file, "listten = \"x\"\n").expect("written");
        let error = Config::load(Some(&file), [], &[]).expect_err("refused").to_string();
        assert!(error.contains("`listten`") && error.contains("listen, site"), "{error}");
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(redact("postgres://u:secret@h/db"), "postgres://…@h/db");
        assert_eq!(redact("sqlite:meterside.db"), "sqlite:meterside.db");
        assert_eq!((redact("k3y"), redact("")), ("…".to_owned(), String::new()));
    }

    #[test]
    fn what_is_set_by_half_is_refused_by_name() {
        let outside = |set: &[(&'static str, &str)]| {
            let flags: Vec<_> = set.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            Config::load(None, [], &flags).expect("loads").outside().map(drop).map_err(|e| e.to_string())
        };
        assert_eq!(outside(&[]), Ok(()));
        let keys = [("pay_key", "a"), ("pay_webhook_secret", "b")];
        let api = ("pay_api", "https://api.pay.example");
        assert_eq!(outside(&[keys[0], keys[1], api, ("pay_origin", "https://pay.example")]), Ok(()));
        assert!(outside(&[keys[0], keys[1], api]).is_err_and(|e| e.starts_with("`pay_origin` is not set")));
        assert!(outside(&keys).is_err_and(|e| e.starts_with("`pay_api` is not set")));
        assert!(outside(&[("pay_key", "a")]).is_err_and(|e| e.contains("`pay_webhook_secret` is not")));
        assert!(outside(&[("pay_webhook_secret", "a")]).is_err_and(|e| e.contains("`pay_key` is not")));
        let stripe = [("stripe_key", "sk"), ("stripe_publishable_key", "pk"), ("stripe_webhook_secret", "wh")];
        assert_eq!(outside(&stripe), Ok(()));
        assert!(outside(&stripe[..2]).is_err_and(|e| e.contains("`stripe_webhook_secret` is not")));
        let both = [&stripe[..], &[keys[0], keys[1], api, ("pay_origin", "https://pay.example")]].concat();
        assert!(outside(&both).is_err_and(|e| e.contains("one processor")));
        let from = ("mail_from", "bills@utilities.example.org");
        assert_eq!(outside(&[("smtp", "smtp://127.0.0.1:2525"), from]), Ok(()));
        assert!(outside(&[("smtp", "smtp://127.0.0.1:2525")]).is_err_and(|e| e.starts_with("`mail_from` is not set")));
        assert!(outside(&[("smtp", "mail.example.org"), from]).is_err_and(|e| e.contains("`smtp`")));
    }
}
