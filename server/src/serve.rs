//! Listening and stopping.

use std::future::Future;

use anyhow::{Context as _, bail};
use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;

/// Binds addresses such as `127.0.0.1:8620`.
///
/// # Errors
/// If one of them is none, is taken or is not this machine's.
pub async fn bind(addresses: &[String]) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for address in addresses {
        let port = address.rsplit_once(':').map(|(_, port)| port);
        match port {
            None => bail!("`listen` has {address}, which names no port; say it like 127.0.0.1:8620"),
            Some(port) if port.parse::<u16>().is_err() => {
                bail!("`listen` has {address}, and {port} is no port; a port is a number from 0 to 65535")
            }
            Some(_) => {}
        }
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}; is another portal running there?"))?;
        listeners.push(listener);
    }
    Ok(listeners)
}

/// Answers on every listener until `stop` completes, then finishes what is under way.
///
/// # Errors
/// If a listener fails.
pub async fn serve(listeners: Vec<TcpListener>, router: Router, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
    let (sender, receiver) = tokio::sync::watch::channel(false);
    let mut servers = tokio::task::JoinSet::new();
    for listener in listeners {
        // Without this, Nagle's algorithm and delayed acknowledgements hold keep-alive answers back for 40 ms.
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::warn!(%error, "TCP_NODELAY was refused");
            }
        });
        let mut receiver = receiver.clone();
        let service = router.clone().into_make_service_with_connect_info::<std::net::SocketAddr>();
        servers.spawn(async move {
            axum::serve(listener, service)
                .with_graceful_shutdown(async move {
                    // An error means that the sender is gone: time to stop as well.
                    drop(receiver.wait_for(|stopping| *stopping).await);
                })
                .await
        });
    }
    stop.await;
    sender.send_replace(true);
    while let Some(done) = servers.join_next().await {
        done??;
    }
    Ok(())
}

/// Completes on Ctrl-C or when the service manager asks to stop.
pub async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
