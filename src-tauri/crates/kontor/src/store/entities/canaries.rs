//! What canaries drew, and whether it came out the same.
#![expect(missing_docs, reason = "the columns are described where the tables are made, in `migrations`")]

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "canaries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub host: String,
    #[sea_orm(column_type = "Text")]
    pub boot_id: String,
    #[sea_orm(nullable)]
    pub worker_id: Option<Uuid>,
    pub drawn_at: DateTime<Utc>,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub outcome: String,
    pub drawings: i64,
    #[sea_orm(nullable)]
    pub document_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub author: Option<String>,
    #[sea_orm(column_type = "Blob", nullable)]
    pub expected_sha256: Option<Vec<u8>>,
    #[sea_orm(column_type = "Blob", nullable)]
    pub found_sha256: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
