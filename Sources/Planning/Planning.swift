// Planning decides what to pull next and what it costs. It is pure: no clock, no file, no network enters
// here, so every decision can be tested with plain values and asked again after a crash with the same result.
//
// It also holds the words that all rooms share: Instant, Interval, Coverage, StreamSpec, PageRequest, Page.
// Start at Planner.swift; Catalogue.swift is the one table of what can be pulled.
