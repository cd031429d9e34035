//! The few kinds of column that all tables are made of, so that a rule such as "money is whole cents" stands once.

use sea_orm_migration::prelude::*;

/// Primary key: `UUIDv7`, made by the program.
pub fn id() -> ColumnDef {
    ColumnDef::new("id").uuid().not_null().primary_key().take()
}

/// A UUID that may be missing.
pub fn maybe_uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().null().take()
}

/// A UUID that must be there.
pub fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

/// Text that must be there.
pub fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

/// Text that may be missing.
pub fn maybe_text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().null().take()
}

/// A point in time, UTC.
pub fn at(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().not_null().take()
}

/// A point in time that may be missing.
pub fn maybe_at(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().null().take()
}

/// A calendar day.
pub fn day(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).date().not_null().take()
}

/// A calendar day that may be missing.
pub fn maybe_day(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).date().null().take()
}

/// A whole number of 64 bits: money in cents, sizes in bytes, counters.
pub fn whole(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

/// A whole number that may be missing.
pub fn maybe_whole(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().null().take()
}

/// Yes or no.
pub fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().take()
}

/// Bytes that must be there.
pub fn bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().not_null().take()
}

/// Bytes that may be missing.
pub fn maybe_bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().null().take()
}

/// Text of a closed list of words, held by a check.
pub fn word(name: &'static str, allowed: &[&'static str]) -> ColumnDef {
    ColumnDef::new(name).text().not_null().check(Expr::col(name).is_in(allowed.iter().copied())).take()
}

/// Adds what every row that people edit carries: times, optimistic lock and seal.
pub fn edited(table: &mut TableCreateStatement) -> &mut TableCreateStatement {
    table.col(at("created_at")).col(at("updated_at")).col(whole("version").default(1).take()).col(maybe_bytes("seal"))
}

/// A foreign key that refuses to leave orphans.
pub fn refers(from: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(from, column)
        .to(to, "id")
        .on_delete(ForeignKeyAction::Restrict)
        .on_update(ForeignKeyAction::Restrict)
        .take()
}

/// Adds a column to a table that is there.
pub async fn add(manager: &SchemaManager<'_>, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).add_column(&mut { column }).take()).await
}

/// Creates an index named after its table and columns.
pub async fn index(manager: &SchemaManager<'_>, table: &'static str, columns: &[&'static str]) -> Result<(), DbErr> {
    manager.create_index(named(table, columns, "").take()).await
}

/// Creates a unique index.
pub async fn unique(manager: &SchemaManager<'_>, table: &'static str, columns: &[&'static str]) -> Result<(), DbErr> {
    manager.create_index(named(table, columns, "").unique().take()).await
}

/// Creates an index over the rows that match a condition; `name` tells it from others on the same columns.
pub async fn partial(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
    name: &str,
    condition: SimpleExpr,
    unique: bool,
) -> Result<(), DbErr> {
    let mut index = named(table, columns, name);
    if unique {
        index.unique();
    }
    manager.create_index(index.and_where(condition).take()).await
}

fn named(table: &'static str, columns: &[&'static str], suffix: &str) -> IndexCreateStatement {
    let mut name = format!("{table}_{}", columns.join("_"));
    if !suffix.is_empty() {
        name = format!("{table}_{suffix}");
    }
    let mut index = Index::create().name(name).table(table).take();
    for column in columns {
        index.col(*column);
    }
    index
}
