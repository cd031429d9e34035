//! What a mailbox costs, with a validity.
#![expect(missing_docs, reason = "the columns are described where the tables are made, in `migrations`")]

use chrono::NaiveDate;
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tariffs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub code: String,
    #[sea_orm(column_type = "Text")]
    pub name_de: String,
    #[sea_orm(column_type = "Text")]
    pub name_en: String,
    pub gross_cents: i64,
    #[sea_orm(column_type = "Text")]
    pub currency: String,
    #[sea_orm(column_type = "Text")]
    pub tax_code: String,
    pub quota_bytes: i64,
    pub first_month_full: bool,
    pub valid_from_on: NaiveDate,
    #[sea_orm(nullable)]
    pub valid_until_on: Option<NaiveDate>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
