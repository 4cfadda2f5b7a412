#include "store.h"
#include <sqlite3.h>
#include <stdlib.h>

static int take(void *result, int columns, char **values, char **names) {
    (void)columns, (void)names;
    *(long *)result = values[0] ? atol(values[0]) : -1;
    return 0;
}

long count_visit(const char *path) {
    sqlite3 *database;
    long count = -1;
    if (sqlite3_open(path, &database) == SQLITE_OK)
        sqlite3_exec(database,
            "create table if not exists visits (at default current_timestamp);"
            "insert into visits default values; select count(*) from visits;",
            take, &count, 0);
    sqlite3_close(database);
    return count;
}
