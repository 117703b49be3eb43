//! The clients that this process remembers: most requests come from a few.
//!
//! What is remembered is good in the epoch it was read in, so whoever changes or removes a client raises the epoch. A
//! document is read anew when its time is over, remembered or not.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use stoa_core::Timestamp;

use super::authentication::Client;

/// Clients remembered at most; some kilobytes each.
const KEPT: usize = 1_000;

#[derive(Default)]
pub(crate) struct Known(RwLock<HashMap<String, (i64, Arc<Client>)>>);

impl Known {
    /// A client that is surely still as it is remembered.
    pub(super) fn recall(&self, id: &str, epoch: i64, now: Timestamp) -> Option<Arc<Client>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (_, client) = known.get(id).filter(|(then, _)| *then == epoch)?;
        client.row.fresh_until.is_none_or(|until| now < until).then(|| client.clone())
    }

    /// Remembers a client. `epoch` was read before it was.
    pub(super) fn keep(&self, epoch: i64, client: Arc<Client>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.retain(|_, (then, _)| *then == epoch);
        }
        if known.len() >= KEPT {
            // Full of what is true: begin anew. One query each brings back those in use.
            known.clear();
        }
        known.insert(client.id().to_owned(), (epoch, client));
    }
}
