//! Lines of invoices.
#![expect(missing_docs, reason = "the columns are described where the tables are made, in `migrations`")]

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invoice_lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub invoice_id: Uuid,
    pub position: i64,
    #[sea_orm(column_type = "Text")]
    pub description: String,
    pub quantity: i64,
    pub unit_gross_cents: i64,
    pub tax_basis_points: i64,
    pub net_cents: i64,
    pub tax_cents: i64,
    pub gross_cents: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
