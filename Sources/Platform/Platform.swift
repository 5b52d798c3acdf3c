// Platform touches the world: the clock, the network, the disk, and nothing else. Each comes as one small
// protocol with one real implementation; tests put a manual clock, an in-memory account and a failing disk in
// its place, and all other code runs as it is.
//
// It knows nothing of Pipedrive, records or tokens. Start at WallClock.swift, HTTPTransport.swift, FileSystem.swift.
