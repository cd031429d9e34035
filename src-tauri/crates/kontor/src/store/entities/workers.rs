//! Each time a process began to work on runs, and how it ended.
#![expect(missing_docs, reason = "the columns are described where the tables are made, in `migrations`")]

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "workers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub host: String,
    #[sea_orm(column_type = "Text")]
    pub boot_id: String,
    pub pid: i64,
    #[sea_orm(column_type = "Text")]
    pub program_version: String,
    #[sea_orm(column_type = "Text")]
    pub renderer: String,
    #[sea_orm(column_type = "Text")]
    pub kernel: String,
    pub started_at: DateTime<Utc>,
    #[sea_orm(nullable)]
    pub ended_at: Option<DateTime<Utc>>,
    #[sea_orm(column_type = "Text")]
    pub outcome: String,
    #[sea_orm(nullable)]
    pub exit_code: Option<i64>,
    #[sea_orm(nullable)]
    pub signal: Option<i64>,
    pub is_out_of_memory: bool,
    #[sea_orm(nullable)]
    pub memory_errors_before: Option<i64>,
    #[sea_orm(nullable)]
    pub memory_errors_after: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
