// Extraction runs: decide, ask, keep, report. One loop asks the planner what is next, reserves the tokens,
// sends the requests, lets the answers through the store, and says at the end what came of it.
//
// It joins the rooms below and holds no knowledge of its own about the API or the disk. Start at Extractor.swift;
// StatusReport.swift and PlanReport.swift look without touching.
