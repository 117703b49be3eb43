//! Many tasks at once: imports and exports. Lists of values have one length, so that statements stay few.

use sea_orm::Statement;

use super::*;

/// Rows of one statement.
const ROWS: usize = 50;
/// Names of one question.
const NAMES: usize = 100;

/// Which of these names are known of a person's tasks, or of one that came from elsewhere; and which task that is.
pub(crate) async fn known(
    db: &impl ConnectionTrait,
    owner: UserId,
    sources: &[String],
) -> Result<HashMap<String, TaskId>> {
    let mut known = HashMap::new();
    for names in sources.chunks(NAMES) {
        let rows: Vec<(Option<String>, TaskId)> = task::Entity::find()
            .select_only()
            .columns([Column::Source, Column::Id])
            .filter(Column::Owner.eq(owner))
            .filter(Column::Source.is_in(padded(names.to_vec(), NAMES)))
            .into_tuple()
            .all(db)
            .await?;
        known.extend(rows.into_iter().filter_map(|(source, id)| Some((source?, id))));
        // A file that we wrote names tasks by their ids.
        let own = |name: &String| name.strip_prefix("stoa:").and_then(|id| id.parse::<TaskId>().ok());
        let ids: Vec<TaskId> = names.iter().filter_map(own).collect();
        if !ids.is_empty() {
            let rows: Vec<TaskId> = task::Entity::find()
                .select_only()
                .column(Column::Id)
                .filter(Column::Id.is_in(padded(ids, NAMES)))
                .filter(Column::Owner.eq(owner))
                .into_tuple()
                .all(db)
                .await?;
            known.extend(rows.into_iter().map(|id| (format!("stoa:{id}"), id)));
        }
    }
    Ok(known)
}

/// The last again and again, up to a length.
fn padded<T: Clone>(mut list: Vec<T>, length: usize) -> Vec<T> {
    if let Some(last) = list.last().cloned() {
        list.resize(length, last);
    }
    list
}

/// Adds tasks with the names under which they are known again.
pub(crate) async fn add(list: &Changing<'_>, owner: UserId, tasks: &[(&Kept, &str)]) -> Result<()> {
    let row = |(task, source): &(&Kept, &str)| {
        let own = row(task)?;
        Ok::<_, stoa_core::Error>(task::ActiveModel {
            owner: Set(owner),
            source: Set(Some((*source).to_owned())),
            ..own
        })
    };
    let (whole, rest) = tasks.as_chunks::<ROWS>();
    for chunk in whole {
        let rows: Vec<_> = chunk.iter().map(row).collect::<Result<_>>()?;
        task::Entity::insert_many(rows).exec_without_returning(&**list).await?;
    }
    for one in rest {
        task::Entity::insert(row(one)?).exec_without_returning(&**list).await?;
    }
    Ok(())
}

/// Ties tasks to what they need.
pub(crate) async fn add_needs(list: &Changing<'_>, owner: UserId, links: &[(TaskId, TaskId)]) -> Result<()> {
    let row = |(task, need): &(TaskId, TaskId)| needs::ActiveModel {
        task_id: Set(*task),
        needs_id: Set(*need),
        owner: Set(owner),
    };
    let (whole, rest) = links.as_chunks::<ROWS>();
    for chunk in whole {
        needs::Entity::insert_many(chunk.iter().map(row)).exec_without_returning(&**list).await?;
    }
    for one in rest {
        needs::Entity::insert(row(one)).exec_without_returning(&**list).await?;
    }
    Ok(())
}

/// What a person's calendar shows: what is open, and what was done since a moment.
pub(crate) async fn current(
    db: &impl ConnectionTrait,
    owner: UserId,
    since: Timestamp,
    limit: u64,
) -> Result<Vec<Kept>> {
    let recent = Condition::any().add(Column::CompletedAt.is_null()).add(Column::CompletedAt.gt(since));
    let query = of(owner).filter(Column::DeletedAt.is_null()).filter(recent);
    all(db, query.order_by_desc(Column::Id).limit(limit)).await
}

/// Some of a person's tasks that are deleted, or that are not, behind one, in the order of their ids.
pub(crate) async fn some(
    db: &impl ConnectionTrait,
    owner: UserId,
    deleted: bool,
    after: Option<TaskId>,
    limit: u64,
) -> Result<Vec<Kept>> {
    let meant = if deleted { Column::DeletedAt.is_not_null() } else { Column::DeletedAt.is_null() };
    let mut query = of(owner).filter(meant);
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after));
    }
    all(db, query.order_by_asc(Column::Id).limit(limit)).await
}

/// Removes some of a person's tasks for good, deleted or not. How many.
pub(crate) async fn remove_some(list: &Changing<'_>, owner: UserId, limit: u64) -> Result<u64> {
    let sql = "DELETE FROM mindflow_task WHERE id IN \
               (SELECT id FROM mindflow_task WHERE owner = $1 ORDER BY id LIMIT $2)";
    let values = [owner.into(), i64::try_from(limit)?.into()];
    let done =
        list.execute_raw(Statement::from_sql_and_values(list.get_database_backend(), sql, values)).await?;
    Ok(done.rows_affected())
}
