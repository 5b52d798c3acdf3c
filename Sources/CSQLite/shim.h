#pragma once
#include <sqlite3.h>

/// SQLite counts every allocation under one lock of the whole process, for statistics that nobody here reads. Swift
/// cannot call `sqlite3_config` itself, whose arguments vary. Returns SQLITE_MISUSE once SQLite is in use.
static inline int sqlite3_config_without_memory_statistics(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
