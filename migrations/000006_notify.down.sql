DROP TABLE unfinished;
DROP TRIGGER tell_of_revisions ON revisions;
DROP FUNCTION tell_of_revisions();
