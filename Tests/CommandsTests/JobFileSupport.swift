import Planning

@testable import Commands

/// The required keys alone; tests add to it or change it.
let smallestJobFile = """
    account: acme
    api:
      base_url: https://acme.pipedrive.com
      token: {env: PIPEDRIVE_API_TOKEN}
    budget:
      daily_tokens: 20000
    streams: [core]

    """

func job(_ text: String, environment: [String: String] = [:]) throws -> Job {
    try JobFile.read(bytes: Array(text.utf8), path: "job.yaml", folder: "/etc/acme/jobs", environment: environment)
}

/// The smallest job file with some lines after it, or with one line changed.
func job(adding lines: String) throws -> Job { try job(smallestJobFile + lines) }

func job(replacing old: String, with new: String) throws -> Job {
    try job(smallestJobFile.replacing(old, with: new))
}

/// What is told about a job file; empty when it is accepted.
func complaints(_ text: String, environment: [String: String] = [:]) -> [String] {
    do {
        _ = try job(text, environment: environment)
        return []
    } catch {
        return (error as? JobFileErrors)?.lines ?? ["\(error)"]
    }
}

func complaints(adding lines: String) -> [String] { complaints(smallestJobFile + lines) }

func complaints(replacing old: String, with new: String) -> [String] {
    complaints(smallestJobFile.replacing(old, with: new))
}
