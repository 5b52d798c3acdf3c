/// What a command that changes files did, or would do.
protocol ChangeReport: Encodable {
    var isDryRun: Bool { get }
    var text: String { get }
}

extension CommonOptions {
    /// Says what was asked for on stdout, and what was done to a person alone.
    func tell(_ report: some ChangeReport) throws {
        if json {
            try Console.output(JSONText.pretty(report))
        } else if report.isDryRun {
            try Console.output(report.text)
        } else if Console.isErrorTerminal {
            Console.log("info", report.text)
        }
    }
}
