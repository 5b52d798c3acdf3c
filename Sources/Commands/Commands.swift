// Commands talks to a person or to cron: one file a command, each reading its arguments, calling one thing in a
// room below, and printing one report as text or as JSON. Exit codes leave the program in Pipesnap.swift only.
//
// It may know every room; nothing knows it. Start at Pipesnap.swift and Wiring.swift, where the world is made.
