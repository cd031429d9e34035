//! One of the three legs of a replay.
#![expect(missing_docs, reason = "the columns are described where the tables are made, in `migrations`")]

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "replay_legs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub replay_id: Uuid,
    pub position: i64,
    #[sea_orm(column_type = "Text")]
    pub host: String,
    #[sea_orm(column_type = "Text")]
    pub boot_id: String,
    pub worker_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub program_version: String,
    #[sea_orm(column_type = "Text")]
    pub renderer: String,
    pub started_at: DateTime<Utc>,
    #[sea_orm(nullable)]
    pub lease_expires_at: Option<DateTime<Utc>>,
    #[sea_orm(nullable)]
    pub ended_at: Option<DateTime<Utc>>,
    #[sea_orm(column_type = "Text")]
    pub outcome: String,
    pub drawings: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub found: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
