//! `Edge`: the parts put together into one router with the pipeline in front.

use std::{mem, sync::Arc, time::Duration};

use axum::Router;
use stoa_core::Result;
use stoa_store::Store;
use tokio::net::TcpListener;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    Door, EdgeConfig, House, Metrics, Part, admin, assets,
    authenticator::SharedAuthenticator,
    csp,
    documents::{self, Documents},
    door::{self, API},
    health::{self, Check, Health},
    idempotency, jobs,
    mcp::{self, Offer},
    openapi,
    pipeline::FrontLayer,
    serve,
};

/// How often expired rows are removed.
const SWEEP: Duration = Duration::from_secs(600);

/// The HTTP server, ready to serve.
pub struct Edge {
    router: Router,
    house: House,
    health: Health,
    config: EdgeConfig,
    doors: Vec<Door>,
    document: OpenApi,
}

impl Edge {
    /// Puts the parts together.
    ///
    /// # Errors
    /// When the configuration is less safe than it must be, or a part contradicts itself or another.
    pub fn build(
        config: EdgeConfig,
        store: Arc<Store>,
        authenticator: SharedAuthenticator,
        mut parts: Vec<Part>,
        checks: Vec<Check>,
    ) -> Result<Self> {
        let (health, documents) = (Health::new(store.clone(), checks), Documents::default());
        parts.extend([health::part(&health), csp::part(), documents::part(&documents), jobs::part()]);
        let offer = Arc::new(Offer::of(parts.iter_mut().map(|part| mem::take(&mut part.tools)).collect())?);
        let base = offer.base;
        parts.extend([mcp::part(offer), mcp::metadata_part()]);
        let doors = door::doors(&parts)?;
        let house = House::new(&config, store, authenticator, door::table(&parts, &config)?, base)?;
        let mut all = OpenApiRouter::new();
        for part in parts {
            all = all.merge(OpenApiRouter::new().nest(API, part.routes)).merge(part.root);
        }
        let (router, document) = all.split_for_parts();
        let document =
            openapi::finish(document, house.doors(), house.cookie_name(), env!("CARGO_PKG_VERSION"))?;
        documents.set(&document)?;
        let router =
            router.fallback(assets::web_app).layer(FrontLayer(house.clone())).with_state(house.clone());
        Ok(Self { router, house, health, config, doors, document })
    }

    /// Serves people until the store's tasks are asked to stop.
    ///
    /// # Errors
    /// When the socket breaks.
    pub async fn serve(&self, listener: TcpListener) -> Result<()> {
        self.keep_house();
        serve::serve(listener, self.router.clone(), &self.config.connections, &self.house.store().tasks).await
    }

    /// Forgets what has expired, from time to time.
    fn keep_house(&self) {
        let store = self.house.store().clone();
        self.house.store().tasks.spawn("edge.sweep", async move {
            loop {
                tokio::select! {
                    () = store.tasks.stopping().cancelled() => return,
                    () = tokio::time::sleep(SWEEP) => {}
                }
                if let Err(error) = idempotency::sweep(&store.db, store.clock.now()).await {
                    tracing::warn!(?error, "expired answers stay until the next sweep");
                }
            }
        });
    }

    /// Serves whoever looks after the machine: metrics and health, on an address of its own, without sign-in.
    ///
    /// # Errors
    /// When the socket breaks.
    pub async fn serve_admin(&self, listener: TcpListener, metrics: &Metrics) -> Result<()> {
        let router = admin::router(&self.health, metrics);
        serve::serve(listener, router, &self.config.connections, &self.house.store().tasks).await
    }

    /// What every route shares.
    pub fn house(&self) -> &House {
        &self.house
    }

    /// Every method and path that is answered.
    pub fn doors(&self) -> &[Door] {
        &self.doors
    }

    /// The OpenAPI document.
    pub fn document(&self) -> &OpenApi {
        &self.document
    }

    /// The router itself, for tests without a socket.
    pub fn router(&self) -> Router {
        self.router.clone()
    }
}
