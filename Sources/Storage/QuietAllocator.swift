import CSQLite

/// SQLite keeps statistics of its memory under one lock for the whole process, taken twice for every allocation: a
/// fifth of a simulated night's work, and all but one thread waiting for it. They can be switched off before the
/// first database is opened, and only then.
enum QuietAllocator {
    /// Whether SQLite took it; done once, whoever asks first.
    static let isOn = sqlite3_config_without_memory_statistics() == SQLITE_OK
}
