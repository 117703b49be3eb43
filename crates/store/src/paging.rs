//! Pages of lists: newest first, cut by id.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde::Serialize;
use stoa_core::{Error, Id, Result};

/// Which page of a list is wanted.
#[derive(Debug)]
pub struct Page<T> {
    /// How many rows at most: 1 to 200.
    pub limit: u64,
    /// Rows after (older than) this one.
    pub after: Option<Id<T>>,
}

impl<T> Clone for Page<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Page<T> {}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { limit: Self::USUAL, after: None }
    }
}

impl<T> Page<T> {
    /// Rows on a page when nothing is asked.
    pub const USUAL: u64 = 50;
    /// Most rows on a page.
    pub const MOST: u64 = 200;

    /// Reads `?limit=` and `?after=`.
    ///
    /// # Errors
    /// `invalid` where the limit is outside 1 to 200 or the cursor is none of ours.
    pub fn asked(limit: Option<u64>, after: Option<&str>) -> Result<Self> {
        let limit = limit.unwrap_or(Self::USUAL);
        if !(1..=Self::MOST).contains(&limit) {
            return Err(Error::field("limit", format!("must be from 1 to {}", Self::MOST)));
        }
        let after = after
            .map(|cursor| cursor.parse().map_err(|_| Error::field("after", "is not a cursor from `next`")))
            .transpose()?;
        Ok(Self { limit, after })
    }

    /// The rows of the page out of all that a query finds, newest first, and one more, for [`Page::cut`].
    pub fn of<E: EntityTrait>(&self, all: Select<E>, id: E::Column) -> Select<E> {
        let rows = all.order_by_desc(id).limit(self.limit + 1);
        match self.after {
            Some(after) => rows.filter(id.lt(after)),
            None => rows,
        }
    }

    /// Makes the answer from one row more than asked for, which tells whether there is a next page.
    pub fn cut<R>(self, mut rows: Vec<R>, id: impl Fn(&R) -> Id<T>) -> PageOf<R> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| id(row).to_string());
        PageOf { items: rows, next }
    }
}

/// One page of a list.
#[derive(Clone, Debug, Serialize)]
pub struct PageOf<R> {
    /// The rows.
    pub items: Vec<R>,
    /// Hand this back as `after` for the next page; `null` on the last.
    pub next: Option<String>,
}

impl<R> PageOf<R> {
    /// The same page with each row turned into something else.
    pub fn map<S>(self, each: impl FnMut(R) -> S) -> PageOf<S> {
        PageOf { items: self.items.into_iter().map(each).collect(), next: self.next }
    }
}
