/* Counts visits in a database; -1 when it cannot be had. */
long count_visit(const char *path);
