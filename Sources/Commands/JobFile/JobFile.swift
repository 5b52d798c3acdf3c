package import Planning

/// Reads a job file strictly: every mistake is found before anything is touched, and all are told at once.
package enum JobFile {
    /// A job file is a page of text; what is larger is something else.
    static let largestBytes = 256 * 1024

    package static func read(path: String, environment: [String: String]) throws(JobFileErrors) -> Job {
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path, largestBytes: largestBytes)
        } catch {
            throw JobFileErrors(path: path, mistakes: [JobFileMistake(problem: "cannot be read: \(error.reason)")])
        }
        return try read(
            bytes: bytes, path: path, folder: FilePath.folder(ofFileAt: path), environment: environment)
    }

    /// The same for a text at hand; `folder` is where relative paths start.
    static func read(
        bytes: [UInt8], path: String, folder: String, environment: [String: String]
    ) throws(JobFileErrors) -> Job {
        let mistakes = MistakeList()
        let root = JobDocument.parse(bytes, environment: environment, mistakes: mistakes)
        let job = root.flatMap { JobDecoder(root: $0, folder: folder, mistakes: mistakes).job() }
        guard let job, mistakes.isEmpty else { throw JobFileErrors(path: path, mistakes: mistakes.sorted) }
        return job
    }
}
