//! Names become addresses here, and only those that may be called come out. The connection goes to what came
//! out; nobody asks a second time.

use std::{collections::BTreeMap, error, fmt, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::may_be_called;
use crate::network::Network;

pub(super) struct Guarded(Arc<BTreeMap<String, Vec<Network>>>);

impl Guarded {
    pub(super) fn new(private: BTreeMap<String, Vec<Network>>) -> Self {
        Self(Arc::new(private))
    }
}

/// The name leads only where nobody may call.
#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name leads to an address that may not be called")
    }
}

impl error::Error for Refused {}

/// Whether that is why a call failed.
pub(super) fn was_refused(error: &(dyn error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<Refused>() {
            return true;
        }
        next = error.source();
    }
    false
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.0.clone();
        Box::pin(async move {
            let networks = private.get(name.as_str()).map(Vec::as_slice);
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            // One bad address among good ones is an attack or a mistake; either way it is left out.
            let good: Vec<_> = found.filter(|address| may_be_called(address.ip(), networks)).collect();
            if good.is_empty() {
                return Err(Refused.into());
            }
            Ok(Box::new(good.into_iter()) as Addrs)
        })
    }
}
