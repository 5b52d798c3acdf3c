import Pipedrive
import Planning
import Storage

extension World {
    /// The job's output folder, opened for a run; a lost index is made anew on the way.
    func vault(for job: Job, _ progress: ProgressLine? = nil) throws -> Vault {
        try Vault(
            account: job.account, output: job.output.directory, disk: disk, clock: clock,
            recovery: recovery(for: job, progress))
    }

    /// Brings together the two rooms that do not know each other: files are kept by one, objects read by the other.
    func recovery(for job: Job, _ progress: ProgressLine?) -> Recovery {
        Recovery(
            reader: World.objectReader, doubtUntil: BudgetCalendar(job.budget).nextReset(after: now),
            observe: { progress?.show($0.line) }, tell: { Console.log("warning", $0) })
    }

    static func objectReader(of stream: StreamSpec) -> ObjectReader {
        { object in try PageSlicer.record(object, of: stream) }
    }
}

extension RebuildProgress {
    fileprivate var line: String { "rebuilding the index · file \(files + 1) of \(fileCount) · \(records) versions" }
}
