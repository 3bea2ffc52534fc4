//! The portal as an axum router: residents' pages with their server functions, staff pages, downloads, uploads, webhooks,
//! static files, health.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use app::i18n::Brand;
use app::server::RequestNonce;
use app::{App, Assets, shell};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use http::request::Parts;
use leptos::config::LeptosOptions;
use leptos::nonce::Nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{LeptosRoutes, generate_route_list};
use services::Cx;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::http::Http;

/// What handlers share.
#[derive(Clone)]
pub struct Portal {
    /// The use cases' surroundings.
    pub cx: Cx,
    /// The names of the bundled files.
    pub assets: Assets,
    /// Where the bundled files are.
    pub site: PathBuf,
    /// What every request passes.
    pub http: Http,
}

impl Portal {
    /// Reads the site folder that the bundler made.
    ///
    /// # Errors
    /// If the folder or its manifest is missing.
    pub fn new(cx: Cx, site: &Path) -> anyhow::Result<Self> {
        let manifest = site.join("manifest.json");
        let text = std::fs::read_to_string(&manifest)
            .with_context(|| format!("no site at {} (`make site` makes it)", site.display()))?;
        let http = Http::new(cx.clone())?;
        Ok(Self { cx, assets: serde_json::from_str(&text)?, site: site.to_owned(), http })
    }

    /// The whole portal: everything that is answered, inside the HTTP layer.
    pub fn router(&self) -> Router {
        self.http.around(self.routes())
    }

    /// Everything that is answered, without the HTTP layer around it.
    pub fn routes(&self) -> Router {
        let cx = self.cx.clone();
        let brand = Brand { name: cx.settings.utility_name.clone(), phone: cx.settings.utility_phone.clone() };
        let context = {
            let (cx, brand) = (cx.clone(), brand.clone());
            move || {
                provide_context(cx.clone());
                provide_context(brand.clone());
                if let Some(nonce) =
                    use_context::<Parts>().and_then(|parts| parts.extensions.get::<RequestNonce>().cloned())
                {
                    provide_context(Nonce::from_value(nonce.0));
                }
            }
        };
        let options = LeptosOptions::builder().output_name("meterside").build();
        let pages = {
            let brand = brand.clone();
            generate_route_list(move || {
                provide_context(brand.clone());
                App()
            })
        };
        let assets = self.assets.clone();
        let document = move || shell(&assets, &brand);
        // An address that nothing claims shows the same page as one that may not be seen.
        let unknown = leptos_axum::render_app_async_with_context(context.clone(), document.clone());
        Router::new()
            .leptos_routes_with_context(&options, pages, context, document)
            .with_state(options)
            .merge(crate::downloads::routes(self.cx.clone(), unknown.clone()))
            .merge(self.plain_routes())
            .merge(crate::webhooks::routes(self.cx.clone()))
            .merge(crate::help::routes(self.cx.clone()))
            .merge(crate::collections::routes(self.cx.clone()))
            .merge(crate::paying::routes(self.cx.clone()))
            .merge(crate::guest::routes(self.cx.clone()))
            .merge(crate::readings::routes(self.cx.clone()))
            .merge(crate::compare::routes(self.cx.clone()))
            .merge(crate::markers::routes(self.cx.clone()))
            .merge(crate::http::auth::routes(self.http.clone()))
            .merge(crate::http::staff::routes(self.http.clone(), &self.assets))
            .fallback(unknown)
    }

    /// What is not a page: files and health.
    fn plain_routes(&self) -> Router {
        let files = ServeDir::new(self.site.join("pkg")).precompressed_br().precompressed_gzip();
        let forever = SetResponseHeaderLayer::overriding(
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        );
        let icon = std::fs::read(self.site.join("favicon.svg")).unwrap_or_default();
        Router::new()
            .nest_service("/pkg", tower::ServiceBuilder::new().layer(forever).service(files))
            .route(
                "/favicon.svg",
                get(move || async move {
                    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=86400")], icon)
                }),
            )
            .route("/health/live", get(|| async { "ok" }))
            .route("/health/ready", get(ready).with_state(self.cx.clone()))
    }
}

/// Ready while the database answers.
async fn ready(State(cx): State<Cx>) -> impl IntoResponse {
    match cx.pool.read().await {
        Ok(_) => (StatusCode::OK, "ready"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
    }
}
