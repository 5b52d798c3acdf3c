// Warehouse explains the snapshots to an engine: which columns a stream has and of what type, how an engine reads a
// line of a snapshot file, what the newest line of each record is, and how new files are loaded so that twice does no
// harm. It is pure text: it knows the catalogue (Planning) and no file, no network and no database.
//
// Start at StreamTable.swift, which says what the columns are, and Dialect.swift, which says what an engine has to
// know; each engine is one file.
