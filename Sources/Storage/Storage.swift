// Storage keeps what came back, so that a crash loses nothing. A page becomes a block of a snapshot file and a
// transaction of the index, in this order: append, flush, commit. The commit is the moment of truth; a file is
// cut back to what was committed, sealed, and published by one rename.
//
// It knows files, SQLite and gzip, and nothing of HTTP. Start at Vault.swift, the door to the room; IndexSchema.swift
// says what is remembered, Folders.swift where everything lies.
