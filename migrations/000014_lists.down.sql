CREATE INDEX resolutions_by_date_alone ON resolutions (date DESC, id DESC);
DROP INDEX changes_of_the_deleted;
DROP INDEX resolutions_by_region;
DROP INDEX resolutions_by_date;
ALTER INDEX resolutions_by_date_alone RENAME TO resolutions_by_date;
