//! Keys between rows.

use crate::{things::Things, told, world::World};

/// Keys to other rows in all, and those of another type than what they name, or that do not go with it.
const KEYS: [(&str, &str); 2] = [
    (
        "SELECT count(*) FROM sqlite_schema t, pragma_foreign_key_list(t.name) k WHERE t.type = 'table'",
        "SELECT count(*) FROM sqlite_schema t, pragma_foreign_key_list(t.name) k WHERE t.type = 'table' AND \
         (k.on_delete <> 'CASCADE' OR (SELECT type FROM pragma_table_info(t.name) WHERE name = k.\"from\") \
         <> (SELECT type FROM pragma_table_info(k.\"table\") WHERE name = k.\"to\"))",
    ),
    (
        "SELECT count(*) FROM pg_constraint WHERE contype = 'f'",
        "SELECT count(*) FROM pg_constraint k \
         JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] \
         JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1] \
         WHERE k.contype = 'f' AND (k.confdeltype <> 'c' OR a.atttypid <> b.atttypid)",
    ),
];

told! {
/// mf_4: one type for each id wherever it stands, and what hangs on a person goes with them.
async fn mf_4_keys_have_one_type_and_rows_go_with_what_they_hang_on(world: &mut World) {
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let mut anna = olga.invites("anna", "member").await;
    Things::of(&mut anna).await;
    let (all, wrong) = KEYS[usize::from(world.is_shared())];
    assert!(world.count(all).await >= 9);
    assert_eq!(world.count(wrong).await, 0);
    let hangs = ["labmate_lab", "labmate_task", "labmate_run", "labmate_file", "labmate_report", "identity_token"];
    for table in hangs {
        assert!(world.count(&format!("SELECT count(*) FROM {table}")).await > 0, "{table}");
    }
    world.alters("DELETE FROM identity_user WHERE email_key = 'anna@example.org'").await;
    for table in hangs {
        assert_eq!(world.count(&format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
    }
    assert_eq!(world.count("SELECT count(*) FROM identity_session").await, 1);
}
}
