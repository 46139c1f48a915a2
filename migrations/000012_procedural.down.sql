DROP INDEX resolutions_on_procedure;
