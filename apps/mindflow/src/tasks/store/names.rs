//! Names that tasks share: tags and projects.

use sea_orm::{Statement, Value};

use super::*;

/// A name, or several tags as a row has them; how many tasks have it, and how many of those are open.
pub(crate) type Counted = (String, u64, u64);

const TAGS: &str = "SELECT tags, COUNT(*), COUNT(*) - COUNT(completed_at) FROM mindflow_task \
                    WHERE owner = $1 AND deleted_at IS NULL AND tags <> '' GROUP BY tags";
const PROJECTS: &str = "SELECT project, COUNT(*), COUNT(*) - COUNT(completed_at) FROM mindflow_task \
                        WHERE owner = $1 AND deleted_at IS NULL AND project IS NOT NULL GROUP BY project";

async fn counted(db: &impl ConnectionTrait, sql: &str, owner: UserId) -> Result<Vec<Counted>> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [owner.into()]);
    let rows = db.query_all_raw(statement).await?;
    let number = |row: &QueryResult, place| {
        Ok::<_, stoa_core::Error>(u64::try_from(row.try_get_by_index::<i64>(place)?)?)
    };
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, number(row, 1)?, number(row, 2)?))).collect()
}

/// The sets of tags that tasks of a person have, each with how many have it.
pub(crate) async fn tags(db: &impl ConnectionTrait, owner: UserId) -> Result<Vec<Counted>> {
    counted(db, TAGS, owner).await
}

/// The projects of a person.
pub(crate) async fn projects(db: &impl ConnectionTrait, owner: UserId) -> Result<Vec<Counted>> {
    counted(db, PROJECTS, owner).await
}

/// A changed task is a new version, even within one microsecond.
const VERSION: &str = "updated_at = CASE WHEN updated_at < $1 THEN $1 ELSE updated_at + 1 END";

/// Puts one tag in place of another, on deleted tasks too; how many tasks changed.
pub(crate) async fn rename_tag(
    list: &Changing<'_>,
    owner: UserId,
    from: &str,
    to: &str,
    now: Timestamp,
) -> Result<u64> {
    let (from, to) = (format!(" {from} "), format!(" {to} "));
    let has = |tag: &str| list::pattern(tag);
    // Whoever has both keeps one.
    let both = format!(
        "UPDATE mindflow_task SET tags = REPLACE(tags, $2, ''), {VERSION} \
         WHERE owner = $3 AND tags LIKE $4 ESCAPE '!' AND tags LIKE $5 ESCAPE '!'"
    );
    let values = [now.into(), from.clone().into(), owner.into(), has(&from).into(), has(&to).into()];
    let one = format!(
        "UPDATE mindflow_task SET tags = REPLACE(tags, $2, $5), {VERSION} \
         WHERE owner = $3 AND tags LIKE $4 ESCAPE '!'"
    );
    let rest = [now.into(), from.clone().into(), owner.into(), has(&from).into(), to.into()];
    Ok(update(list, &both, values).await? + update(list, &one, rest).await?)
}

/// Puts one project in place of another, on deleted tasks too; how many tasks changed.
pub(crate) async fn rename_project(
    list: &Changing<'_>,
    owner: UserId,
    from: &str,
    to: &str,
    now: Timestamp,
) -> Result<u64> {
    let sql = format!("UPDATE mindflow_task SET project = $2, {VERSION} WHERE owner = $3 AND project = $4");
    update(list, &sql, [now.into(), to.into(), owner.into(), from.into()]).await
}

async fn update<const N: usize>(list: &Changing<'_>, sql: &str, values: [Value; N]) -> Result<u64> {
    let statement = Statement::from_sql_and_values(list.get_database_backend(), sql, values);
    Ok(list.execute_raw(statement).await?.rows_affected())
}
