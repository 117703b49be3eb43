//! `Personal`: what a part keeps of people, so that it can be handed over to them and erased (GDPR articles 15, 17, 20).
//! Whoever puts the files together, and decides when somebody is erased, knows no part.

use std::future::Future;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use serde::Serialize;
use stoa_core::{Error, Id, Result, UserId};
use stoa_store::{Ctx, Page, PageOf, Tx};

/// What a part keeps of people.
#[async_trait]
pub trait Personal: Send + Sync {
    /// Its name: the folder of its files.
    fn name(&self) -> &'static str;

    /// What that folder holds, in a sentence, for the person who opens it.
    fn about(&self) -> &'static str;

    /// Puts all that it keeps of the person who acts, as files.
    ///
    /// # Errors
    /// When it cannot be read, or not be put.
    async fn export(&self, ctx: &Ctx, files: &mut dyn Files) -> Result<()>;

    /// Removes some of what it keeps of a person, files above all, since a cascade leaves those. True while there is
    /// more: it is asked again, in another transaction, so that none is long. Asked again after a crash, it goes on.
    ///
    /// # Errors
    /// When the engine fails.
    async fn erase(&self, ctx: &Ctx, tx: &Tx, who: UserId) -> Result<bool>;
}

/// Where a part puts its files.
#[async_trait]
pub trait Files: Send {
    /// Puts one file, as its bytes come. The path is below the part's folder; what could leave it is taken out.
    ///
    /// # Errors
    /// `too_large` where all together would be; the stream's own.
    async fn put(&mut self, path: &str, bytes: BoxStream<'_, Result<Bytes>>) -> Result<()>;
}

/// Puts a value as a JSON document.
///
/// # Errors
/// As [`Files::put`].
pub async fn put_document(
    files: &mut dyn Files,
    path: &str,
    value: &(impl Serialize + Sync + ?Sized),
) -> Result<()> {
    let text = Bytes::from(serde_json::to_vec_pretty(value)?);
    files.put(path, stream::once(async { Ok(text) }).boxed()).await
}

/// Puts a list as a JSON document, a page at a time, however long it is.
///
/// # Errors
/// As [`Files::put`]; the list's own.
pub async fn put_list<T, R, F>(
    files: &mut dyn Files,
    path: &str,
    mut page: impl FnMut(Page<T>) -> F + Send,
) -> Result<()>
where
    R: Serialize + Send,
    F: Future<Output = Result<PageOf<R>>> + Send,
    T: 'static,
{
    let mut begins = true;
    // Which page comes next: `None` once the last has been put.
    let pieces = stream::try_unfold(Some(None::<Id<T>>), |next| {
        let rows = next.map(|after| page(Page { limit: Page::<T>::MOST, after }));
        let begins = std::mem::replace(&mut begins, false);
        async move {
            let Some(rows) = rows else { return Ok::<_, Error>(None) };
            let rows = rows.await?;
            let mut text = if begins { String::from("[") } else { String::new() };
            for (at, row) in rows.items.iter().enumerate() {
                text.push_str(if begins && at == 0 { "\n" } else { ",\n" });
                text.push_str(&serde_json::to_string(row)?);
            }
            let next = rows.next.map(|after| after.parse::<Id<T>>()).transpose()?;
            if next.is_none() {
                text.push_str("\n]\n");
            }
            Ok(Some((Bytes::from(text), next.map(Some))))
        }
    });
    files.put(path, pieces.boxed()).await
}
