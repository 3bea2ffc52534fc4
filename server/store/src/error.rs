//! What can go wrong in the store.

/// A failed database call. Absence is not an error: look-ups answer `Option`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with the same unique value exists.
    #[error("already there")]
    Duplicate(#[source] sqlx::Error),
    /// A row that this one names does not exist, or is still named by others.
    #[error("a linked row is missing")]
    Missing(#[source] sqlx::Error),
    /// A stored value cannot be understood: a defect or a damaged file.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// The address of the database is of no known kind.
    #[error("`{0}` is neither sqlite:PATH nor postgres://…")]
    UnknownEngine(String),
    /// A migration failed.
    #[error("migration failed")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// Anything else.
    #[error("database failed")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::error::ErrorKind;
        match error.as_database_error().map(sqlx::error::DatabaseError::kind) {
            Some(ErrorKind::UniqueViolation) => Self::Duplicate(error),
            Some(ErrorKind::ForeignKeyViolation) => Self::Missing(error),
            _ => Self::Database(error),
        }
    }
}
