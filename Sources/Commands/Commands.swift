// Commands talks to a person or to cron: it reads the job file, wires the rooms together, runs what was asked,
// and ends with one sentence and an exit code. Each report is one value with two faces, text and JSON.
//
// It may know every room; no room knows it. Start at main.swift; JobFile/ reads job files, Token/ the secret.
