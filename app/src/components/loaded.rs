//! One page, one view model, one resource.

use contract::AppError;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::components::ErrorView;

/// Shows what a resource answers, the error page in its place if it fails, and, after 400 ms of waiting in the browser, the
/// page before it dimmed (the style sheet does that).
pub fn loaded<T, V, C>(
    resource: Resource<Result<T, AppError>, C>,
    show: impl Fn(T) -> V + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    V: IntoView + 'static,
    C: Send + Sync + 'static,
{
    view! {
        <Transition fallback=|| view! { <div class="skeleton" aria-busy="true"></div> }>
            {move || {
                let show = show.clone();
                Suspend::new(async move {
                    match resource.await {
                        Ok(model) => show(model).into_any(),
                        Err(error) => view! { <ErrorView error/> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
}
