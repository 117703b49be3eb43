//! `Edge`: the parts put together into one router with the pipeline in front.

use std::sync::Arc;

use axum::{Router, response::IntoResponse};
use stoa_core::{Error, Result};
use stoa_store::Store;
use tokio::net::TcpListener;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    Door, EdgeConfig, House, Metrics, Part, Problem, admin,
    authenticator::SharedAuthenticator,
    csp,
    documents::{self, Documents},
    door::{self, API},
    health::{self, Check, Health},
    openapi,
    pipeline::FrontLayer,
    serve,
};

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
        parts.extend([health::part(&health), csp::part(), documents::part(&documents)]);
        let doors = door::doors(&parts)?;
        let house = House::new(&config, store, authenticator, door::table(&parts, &config)?)?;
        let mut all = OpenApiRouter::new();
        for part in parts {
            all = all.merge(OpenApiRouter::new().nest(API, part.routes)).merge(part.root);
        }
        let (router, document) = all.split_for_parts();
        let document =
            openapi::finish(document, house.doors(), house.cookie_name(), env!("CARGO_PKG_VERSION"))?;
        documents.set(&document)?;
        let router = router.fallback(nothing_here).layer(FrontLayer(house.clone())).with_state(house.clone());
        Ok(Self { router, house, health, config, doors, document })
    }

    /// Serves people until the store's tasks are asked to stop.
    ///
    /// # Errors
    /// When the socket breaks.
    pub async fn serve(&self, listener: TcpListener) -> Result<()> {
        serve::serve(listener, self.router.clone(), &self.config.connections, &self.house.store().tasks).await
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

async fn nothing_here() -> impl IntoResponse {
    Problem::from(Error::not_found("there is nothing here"))
}
