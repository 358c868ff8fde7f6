//! What is beyond chance: one definition for the report and for comparisons between commits.
