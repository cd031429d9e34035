//! The same inputs drawn on a suspect host, on another, and on the suspect one again.
#![expect(missing_docs, reason = "the columns are described where the tables are made, in `migrations`")]

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "replays")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub host: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub other_host: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub inputs: String,
    pub rounds: i64,
    #[sea_orm(column_type = "Text")]
    pub person: String,
    #[sea_orm(column_type = "Text")]
    pub desk: String,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    pub request_id: Uuid,
    pub asked_at: DateTime<Utc>,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    #[sea_orm(nullable)]
    pub ended_at: Option<DateTime<Utc>>,
    #[sea_orm(nullable)]
    pub confirmed_at: Option<DateTime<Utc>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub confirmed_by: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub confirmed_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
