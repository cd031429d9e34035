//! Repairs, staged, applied or undone.
#![expect(missing_docs, reason = "the columns are described where the tables are made, in `migrations`")]

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "repairs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(nullable)]
    pub finding_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub table_name: String,
    #[sea_orm(column_type = "Text")]
    pub row_key: String,
    #[sea_orm(column_type = "Text")]
    pub action: String,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub person: String,
    #[sea_orm(column_type = "Text")]
    pub desk: String,
    pub request_id: Uuid,
    #[sea_orm(nullable)]
    pub batch_id: Option<Uuid>,
    pub staged_at: DateTime<Utc>,
    #[sea_orm(nullable)]
    pub applied_at: Option<DateTime<Utc>>,
    #[sea_orm(nullable)]
    pub undone_at: Option<DateTime<Utc>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub value: Option<String>,
    #[sea_orm(nullable)]
    pub row_id: Option<Uuid>,
    #[sea_orm(column_type = "Blob", nullable)]
    pub before_sha256: Option<Vec<u8>>,
    #[sea_orm(column_type = "Blob", nullable)]
    pub after_sha256: Option<Vec<u8>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub refusal: Option<String>,
    pub is_open: bool,
    #[sea_orm(column_type = "Text", nullable)]
    pub known: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub applied_by: Option<String>,
    #[sea_orm(nullable)]
    pub acted_at: Option<DateTime<Utc>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub undone_by: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub undone_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
