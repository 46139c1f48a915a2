DROP TABLE accounts;
DROP TABLE import_problems;
DROP TABLE imports;
DROP TABLE sources;
DROP TABLE revisions;
