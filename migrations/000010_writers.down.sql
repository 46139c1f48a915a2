DROP TABLE audit_log;
DROP FUNCTION audit_log_only_grows();
DROP TABLE replies;
DROP TABLE sessions;
DROP TABLE tokens;
