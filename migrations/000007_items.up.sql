-- Each resolution as the API answers it, laid down when it is written, so that
-- to read it is to read one row and to encode nothing. It is believed only
-- where it is in the shape that the program knows and of the row's own revision:
-- a program of an earlier release writes the row and leaves these as they were.

ALTER TABLE resolutions
    ADD item          text,
    ADD item_detail   text,
    ADD item_form     smallint,
    ADD item_revision bigint;
COMMENT ON COLUMN resolutions.item IS 'the resolution in a list, as JSON';
COMMENT ON COLUMN resolutions.item_detail IS 'its statements and sources, as members of a JSON object';
COMMENT ON COLUMN resolutions.item_form IS 'the shape of both: votes.ItemForm of the program that wrote them';
COMMENT ON COLUMN resolutions.item_revision IS 'the revision of the row that both were made from';

-- In the row and as it is: a page of fifty is unpacked for every request, which
-- takes longer than to find it.
ALTER TABLE resolutions
    ALTER item SET STORAGE EXTERNAL,
    ALTER item_detail SET STORAGE EXTERNAL,
    SET (toast_tuple_target = 8160);

-- What is there already is laid down by store.Migrate.
