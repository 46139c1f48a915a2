DROP INDEX changes_of_the_deleted;
DROP INDEX resolutions_by_region;
DROP INDEX resolutions_by_date;
CREATE INDEX resolutions_by_date ON resolutions (date DESC, id DESC);
